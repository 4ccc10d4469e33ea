"""Every REST request that is made, against the service's own document.

Jira Data Center publishes no such document: jira820 stands in for it, in tests/e2e.
"""

import json
from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from tests.contracts import documents
from tests.contracts.traffic import traffic

pytestmark = pytest.mark.e2e

DOCUMENTS = {"github": documents.github, "jira": documents.jira, "sentry": documents.sentry}
MADE = {
    "github": {"POST /app/installations/{installation_id}/access_tokens"},
    "jira": {
        "GET /rest/api/3/serverInfo",
        "GET /rest/api/3/myself",
        "GET /rest/api/3/field",
        "GET /rest/api/3/search/jql",
        "POST /rest/api/3/issue/bulkfetch",
        "POST /rest/api/3/changelog/bulkfetch",
    },
    "sentry": {
        "GET /api/0/organizations/{organization_id_or_slug}/",
        "GET /api/0/organizations/{organization_id_or_slug}/projects/",
        "GET /api/0/organizations/{organization_id_or_slug}/issues/",
        "GET /api/0/organizations/{organization_id_or_slug}/issues/{issue_id}/",
    },
}
LIST = "/api/0/organizations/{organization_id_or_slug}/issues/"
UNDOCUMENTED = {f"GET {LIST} has no parameter group in its query"}
"""Sentry's own pages send `group` beside the documented `query`, which says the same."""


def rest(kind):
    return [one for one in traffic(kind) if one.path != "/graphql"]


def faults(kind, exchange):
    return [*DOCUMENTS[kind]().faults_of_request(exchange)]


def one_to(kind, end, **fields):
    """Return the first request of that path, with something changed."""
    return replace(next(one for one in rest(kind) if one.path.endswith(end)), **fields)


@pytest.mark.parametrize("kind", MADE)
def test_every_kind_of_request_is_made(kind):
    document = DOCUMENTS[kind]()
    assert {document.operation(one).name for one in rest(kind)} == MADE[kind]


@pytest.mark.parametrize("kind", MADE)
def test_every_request_is_in_the_document_as_it_was_made(kind):
    found = Counter(fault for one in rest(kind) for fault in faults(kind, one))
    assert set(found) == (UNDOCUMENTED if kind == "sentry" else set())


def test_a_look_up_at_sentry_says_in_the_documented_query_what_it_says_in_the_other():
    found = 0
    for one in rest("sentry"):
        if "group=" in one.query:
            assert "query=issue.id" in one.query
            found += 1
    assert found


ENDS = {"jira": "search/jql", "sentry": "/issues/", "github": "access_tokens"}


@pytest.mark.parametrize("kind", ENDS)
def test_a_parameter_that_is_not_in_the_document_is_found(kind):
    known = one_to(kind, ENDS[kind])
    strange = replace(known, query=f"{known.query}&page=2")
    new = set(faults(kind, strange)) - set(faults(kind, known))
    assert [fault.partition(" has ")[2] for fault in new] == ["no parameter page in its query"]


@pytest.mark.parametrize(
    ("kind", "end", "changes", "said"),
    [
        ("jira", "search/jql", {"query": "maxResults=many"}, "'many' is not of type 'integer'"),
        ("jira", "search/jql", {"query": "failFast=perhaps"}, "'perhaps' is not of type 'boolean'"),
        ("jira", "search/jql", {"query": "jql=a&jql=b"}, "jql is there 2 times"),
        ("jira", "search/jql", {"path": "/rest/api/3/sarch"}, "is not in the document"),
        ("jira", "search/jql", {"path": "/rest/api/3/search"}, "is deprecated"),
        ("jira", "search/jql", {"method": "PATCH"}, "is not in the document"),
        ("jira", "search/jql", {"headers": {"accept": "text/html"}}, "text/html was asked for"),
        ("jira", "search/jql", {"headers": {"authorization": "Bearer x"}}, "signed with bearer"),
        ("jira", "issue/bulkfetch", {"body": b""}, "must have a body"),
        ("jira", "issue/bulkfetch", {"body": b'{"issueIdsOrKeys": [1]}'}, "1 is not of type"),
        ("jira", "issue/bulkfetch", {"body": b'{"fields": []}'}, "'issueIdsOrKeys' is a required"),
        ("jira", "issue/bulkfetch", {"body": b'{"issueIdsOrKeys": [], "size": 1}'}, "'size' was"),
        ("sentry", "/issues/", {"query": "sort=fame"}, "'fame' is not one of"),
        ("sentry", "/issues/", {"query": "start=yesterday"}, "'yesterday' is not a 'date-time'"),
        ("sentry", "/issues/", {"query": "cursor="}, "should be non-empty"),
        ("sentry", "/issues/", {"headers": {"authorization": "Basic x"}}, "signed with basic"),
        ("github", "access_tokens", {"body": b'{"repository_ids": ["x"]}'}, "is not of type"),
        ("github", "access_tokens", {"body": b'{"repositoryIds": [1]}'}, "has no such field"),
        ("github", "access_tokens", {"path": "/app/installations/x/access_tokens"}, "of type"),
    ],
)
def test_whatever_else_is_not_in_the_document_is_found_too(kind, end, changes, said):
    wrong = one_to(kind, end)
    wrong = replace(
        wrong, **changes | {"headers": dict(wrong.headers) | changes.get("headers", {})}
    )
    assert said in " | ".join(faults(kind, wrong))


def test_nobody_is_asked_for_more_than_a_page_holds():
    """The documents say no maximum; the services do: more is cut, or refused."""
    sizes = {
        int(value)
        for kind in ("jira", "sentry")
        for one in rest(kind)
        for name, value in parse_qsl(one.query)
        if name in {"maxResults", "limit", "per_page"}
    }
    assert sizes
    assert max(sizes) <= 100
    bulk = [json.loads(one.body) for one in rest("jira") if one.path.endswith("bulkfetch")]
    assert bulk
    assert all(len(one["issueIdsOrKeys"]) <= 1000 for one in bulk)
