"""Our queries, and the sandbox's answers to them, against the schema that GitHub publishes."""

import copy
import json
from collections import Counter

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_enum_type,
    is_union_type,
    parse,
    validate,
)

from bulletin.collectors.github import queries
from bulletin.sandbox.github import schema as sandbox_schema
from tests.contracts import documents
from tests.contracts.answers import faults
from tests.contracts.traffic import traffic

pytestmark = pytest.mark.e2e

QUERIES = {
    "Search": queries.SEARCH,
    "Count": queries.COUNT,
    "PullRequests": queries.PULL_REQUESTS,
    "Checks": queries.CHECKS,
    "Codeowners": queries.CODEOWNERS,
    "Viewer": queries.VIEWER,
    "Scope": queries.scope(organization=True, repositories=2),
    "ScopeOfRepositories": queries.scope(organization=False, repositories=1),
}


@pytest.fixture(scope="module")
def published():
    return documents.github_schema()


@pytest.fixture(scope="module")
def exchanges():
    """Each query of two weeks by its name, with its variables and the sandbox's answer."""
    return [
        (body["query"].split()[1].partition("(")[0], body["query"], body["variables"], one.answer)
        for one in traffic("github")
        if one.path == "/graphql"
        for body in [json.loads(one.body)]
    ]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_against_the_public_schema(published, name):
    assert validate(published, parse(QUERIES[name])) == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_in_the_sandbox(name):
    assert validate(sandbox_schema(), parse(QUERIES[name])) == []


def test_the_sandbox_speaks_a_part_of_the_public_schema_and_nothing_else(published):
    for name, mine in sandbox_schema().type_map.items():
        theirs = published.type_map[name]
        assert type(mine) is type(theirs), name
        if is_enum_type(mine):
            assert set(mine.values) <= set(theirs.values), name
        if is_union_type(mine):
            assert {t.name for t in mine.types} <= {t.name for t in theirs.types}, name
        if isinstance(mine, GraphQLObjectType | GraphQLInterfaceType) and name[:2] != "__":
            for field, what in mine.fields.items():
                public = theirs.fields[field]
                assert str(what.type) == str(public.type), f"{name}.{field}"
                for argument, taken in what.args.items():
                    given = public.args[argument]
                    spelled = f"{name}.{field}({argument})"
                    assert str(taken.type) == str(given.type), spelled
                    assert taken.default_value == given.default_value, spelled


def test_every_query_is_asked(exchanges):
    assert {name for name, *_ in exchanges} == set(QUERIES) - {"ScopeOfRepositories"}


def test_every_query_with_its_variables_and_every_answer_is_as_the_public_schema_says(
    published, exchanges
):
    found = Counter(
        f"{name}: {fault}"
        for name, query, variables, answer in exchanges
        for fault in faults(published, query, variables, answer)
    )
    assert found == {}


def search(exchanges):
    """Return a search that found something, its answer to be tampered with."""
    return next(
        (query, variables, copy.deepcopy(answer))
        for name, query, variables, answer in exchanges
        if name == "Search" and answer["data"]["search"]["nodes"]
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("state", "ASLEEP", "cannot represent value: 'ASLEEP'"),
        ("state", None, "Cannot return null for non-nullable field PullRequest.state"),
        ("additions", "12", "should be 12"),
        ("additions", 2**31, "cannot represent non 32-bit signed integer"),
        ("isDraft", 1, "should be True"),
        ("title", 7, "7 is no text"),
        ("createdAt", "yesterday", "Invalid isoformat"),
        ("createdAt", "2026-11-19T09:00:00", "a moment needs a zone"),
        ("author", [], ""),
        ("labels", {"nodes": [{}]}, "the field is missing"),
        ("mood", "good", "mood: it was not asked for"),
        ("__typename", "Cat", "Cat"),
    ],
)
def test_an_answer_that_was_tampered_with_is_found(published, exchanges, field, value, said):
    query, variables, answer = search(exchanges)
    answer["data"]["search"]["nodes"][0][field] = value
    found = [*faults(published, query, variables, answer)]
    assert found
    assert said in " | ".join(found)


def test_a_field_that_is_left_out_is_found(published, exchanges):
    query, variables, answer = search(exchanges)
    del answer["data"]["search"]["nodes"][0]["mergeable"]
    assert "the field is missing" in " | ".join(faults(published, query, variables, answer))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first": "fifty"}, "Int cannot represent"),
        ({"first": None}, "Expected value of non-null type"),
        ({"q": 7}, "String cannot represent"),
        ({"last": 5}, "there is no variable last"),
    ],
)
def test_a_variable_that_was_tampered_with_is_found(published, exchanges, wrong, said):
    query, variables, answer = search(exchanges)
    assert said in " | ".join(faults(published, query, variables | wrong, answer))


def test_a_query_that_asks_for_what_is_not_there_is_found(published, exchanges):
    query, variables, answer = search(exchanges)
    wrong = query.replace("isDraft", "isDrafty")
    assert "Cannot query field 'isDrafty'" in " | ".join(
        faults(published, wrong, variables, answer)
    )
