"""Every REST answer of the sandbox, against the service's own document."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.contracts import documents
from tests.contracts.traffic import traffic

pytestmark = pytest.mark.e2e

DOCUMENTS = {"jira": documents.jira, "sentry": documents.sentry}
ISSUES = "GET /api/0/organizations/{organization_id_or_slug}/issues/"
EXPANDED = (
    *("derivedData", "inbox", "integrationIssues", "latestEventHasAttachments", "owners"),
    *("sentryAppIssues", "sessionCount"),
)
CHANGELOGS = "POST /rest/api/3/changelog/bulkfetch"
ENTRY = "$.issueChangeLogs[].changeHistories[]"
QUIRKS = {
    # The document demands what Sentry sends only where `expand` asks for it, and we do not.
    "sentry": {f"{ISSUES} $[]: '{name}' is a required property" for name in EXPANDED},
    # Jira writes null for a field that was or became empty, and the document has no null at all.
    "jira": {
        f"{CHANGELOGS} {ENTRY}.items[].{name}: None {said}"
        for name in ("from", "fromString", "to", "toString")
        for said in ("for not nullable", "is not of type 'string'")
    }
    # Jira writes offsets without a colon, which RFC 3339 does not allow and the document promises.
    | {
        f"{place}: a moment is not a 'date-time'"
        for place in (
            f"{CHANGELOGS} {ENTRY}.created",
            "GET /rest/api/3/serverInfo $.buildDate",
            "GET /rest/api/3/serverInfo $.serverTime",
        )
    },
}
"""Where the documents are wrong about their own services: the only places, and each with why."""
FIELDS = {
    "status": "StatusDetails",
    "assignee": "UserDetails",
    "priority": "Priority",
    "components": "ProjectComponent",
}
"""What Jira's document has a schema for; to `fields` itself it gives none."""


def faults(kind, exchange):
    document = DOCUMENTS[kind]()
    name = document.operation(exchange).name
    for fault in document.faults_of_answer(exchange):
        yield f"{name} {same(fault)}"


def same(fault):
    """Return a fault without the numbers and moments that tell it from others of its kind."""
    fault = re.sub(r"\[\d+\]", "[]", fault)
    return re.sub(r"'\d{4}-\d\d-\d\dT[\d:.]+[+-]\d{4}'", "a moment", fault)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_sandbox_answers_as_documented_but_for_the_quirks_of_the_documents(kind):
    found = Counter(fault for one in traffic(kind) for fault in faults(kind, one))
    assert set(found) == QUIRKS[kind]


def test_the_fields_of_an_issue_are_as_documented():
    document = documents.jira()
    tried = Counter()
    for one in traffic("jira"):
        for issue in one.answer.get("issues", ()) if isinstance(one.answer, dict) else ():
            if [*issue["fields"]] == ["created"]:
                continue  # a number that is looked up: no more is asked of it
            for name, schema in FIELDS.items():
                value = issue["fields"][name]
                for part in value if isinstance(value, list) else [value]:
                    if part is not None:
                        reference = {"$ref": f"#/components/schemas/{schema}"}
                        assert [*document.faults(reference, part)] == []
                        assert [*document.strangers(reference, part)] == []
                        tried[name] += 1
    assert set(tried) == set(FIELDS)


@pytest.mark.parametrize(
    ("kind", "end", "tamper", "said"),
    [
        ("jira", "/serverInfo", lambda body: body | {"mood": "good"}, "'mood' was unexpected"),
        ("jira", "/serverInfo", lambda body: body | {"buildNumber": "7"}, "not of type 'integer'"),
        ("jira", "/field", lambda body: {"values": body}, "is not of type 'array'"),
        ("jira", "/search/jql", lambda body: body | {"issues": [{"id": 7}]}, "7 is not of type"),
        ("sentry", "/projects/", lambda body: [body[0] | {"mood": ""}], "has no such field"),
        ("sentry", "/issues/", lambda body: [body[0] | {"status": "asleep"}], "is not one of"),
        ("sentry", "/issues/", lambda body: [body[0] | {"shortId": None}], "not nullable"),
        ("sentry", "/issues/", lambda body: [body[0] | {"lastSeen": "now"}], "not a 'date-time'"),
        ("sentry", "/recircle/", lambda body: {**body, "links": {}}, "'regionUrl' is a required"),
    ],
)
def test_an_answer_that_was_tampered_with_is_found(kind, end, tamper, said):
    honest = next(one for one in traffic(kind) if one.path.endswith(end) and one.answer)
    new = set(faults(kind, replace(honest, answer=tamper(honest.answer)))) - QUIRKS[kind]
    assert said in " | ".join(new)
