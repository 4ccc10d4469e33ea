"""The pure readers, on documented shapes and on everything else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.collectors.github.haul import Haul
from bulletin.collectors.github.parse import (
    ChangedShape,
    Checks,
    parse_checks,
    parse_default_owner,
    parse_pull_request,
    parse_url,
)
from bulletin.collectors.github.search import EPOCH, QUERY_LENGTH, created_since, places
from bulletin.collectors.github.wire import seconds_to_wait
from bulletin.model.harvest import Cause

PAGES = "https://github.com"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def node(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "id": "PR_1",
        "number": 12,
        "title": "Faster cart",
        "url": "https://github.com/acme/shop/pull/12",
        "state": "OPEN",
        "isDraft": False,
        "createdAt": "2026-11-01T12:00:00Z",
        "updatedAt": "2026-11-01T12:00:00Z",
        "closedAt": None,
        "additions": 1,
        "deletions": 2,
        "changedFiles": 3,
        "mergeable": "UNKNOWN",
        "reviewDecision": None,
        "author": None,
        "repository": {"id": "R_1", "nameWithOwner": "acme/shop", "isArchived": False},
        "labels": None,
        "reviews": None,
        "opinions": None,
        "timelineItems": {"nodes": []},
    }
    return given | fields


def parse(**fields: Any):
    return parse_pull_request(node(**fields), "github", PAGES)


def test_what_github_leaves_out_is_left_out():
    fact = parse()
    assert (fact.by_bot, fact.labels, fact.reviews, fact.last_review) == (False, (), 0, None)
    assert (fact.mergeable, fact.ready, fact.checks) == (None, None, None)
    assert (fact.created, fact.last_activity) == (NOON, NOON)


@pytest.mark.parametrize(
    ("decision", "opinions", "review"),
    [
        ("APPROVED", ["CHANGES_REQUESTED"], "approved"),
        ("REVIEW_REQUIRED", [], "review_required"),
        (None, ["APPROVED"], "approved"),
        (None, ["CHANGES_REQUESTED"], "changes_requested"),
        (None, [], "none"),
        ("BLESSED", [], None),
    ],
)
def test_without_a_decision_the_last_opinion_counts(decision, opinions, review):
    nodes = [{"state": opinion} for opinion in opinions]
    assert parse(reviewDecision=decision, opinions={"nodes": nodes}).review == review


def test_a_title_is_bounded_and_never_empty():
    assert len(parse(title="x" * 5000).title) == 300
    assert parse(title="\u200b").title == "acme/shop#12"


@pytest.mark.parametrize(
    "said",
    [
        "javascript:alert(1)",
        "https://github.com.evil.example/acme/shop/pull/12",
        "https://github.com@evil.example/",
        "http://github.com/acme/shop/pull/12",
        "https://github.com/acme/shop/pull/12\n",
        'https://github.com/a" onclick="b c',
        "https://github.com/" + "x" * 600,
        None,
        7,
    ],
)
def test_an_address_that_is_not_under_the_pages_is_replaced_by_our_own(said):
    built = "https://github.com/acme/shop/pull/12"
    assert parse_url(said, PAGES, "acme/shop/pull/12") == built


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("SUCCESS", "passing"),
        ("FAILURE", "failing"),
        ("ERROR", "failing"),
        ("PENDING", "pending"),
        ("EXPECTED", "pending"),
        ("ASLEEP", None),
    ],
)
def test_the_state_of_checks_is_read_from_the_last_commit(state, word):
    commit = {"committedDate": "2026-11-01T13:00:00+01:00", "statusCheckRollup": {"state": state}}
    assert parse_checks({"commits": {"nodes": [{"commit": commit}]}}) == Checks(word, NOON)


@pytest.mark.parametrize(
    ("places_of_it", "owner"),
    [
        ({"hidden": {"text": "* @acme/cart"}}, "cart"),
        ({"top": {"text": "*\t@lou @acme/cart # us\n"}}, "cart"),
        ({"docs": {"text": "* @acme/cart\n* @acme/pay\n"}}, "pay"),
        ({"hidden": {"text": "* @lou"}, "top": {"text": "* @acme/cart"}}, None),
        ({"hidden": {"text": "* @acme/cart\n*\n"}}, None),
        ({"hidden": {"text": "# * @acme/cart\n*.py @acme/pay"}}, None),
        ({"hidden": {"text": "* @acme/<b>"}}, None),
        ({"hidden": {}, "top": {"text": "* @acme/cart"}}, "cart"),
        ({}, None),
    ],
)
def test_codeowners_names_a_team_for_everything_or_none(places_of_it, owner):
    assert parse_default_owner(places_of_it) == owner


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(node())), json)
def test_a_field_of_any_other_shape_is_told_and_never_a_crash(field, value):
    try:
        fact = parse(**{field: value})
    except ChangedShape:
        return
    assert fact.url.startswith(f"{PAGES}/")
    assert len(fact.title) <= 5 * 300


names = st.from_regex(r"[a-z]{1,20}/[a-z]{1,60}", fullmatch=True)


@given(st.none() | st.just("acme"), st.lists(names, max_size=60))
def test_searches_are_short_and_together_name_every_repository(organization, repositories):
    terms = list(places(organization, repositories))
    created = f" {created_since(EPOCH)}"
    query = " is:pr is:open archived:false sort:created-asc"
    assert all(len(one + query + created) <= QUERY_LENGTH for one in terms)
    named = [word for one in terms for word in one.split()]
    outside = {r for r in repositories if not (organization and r.startswith("acme/"))}
    expected = {f"repo:{r}" for r in outside} | ({"org:acme"} if organization else set())
    assert sorted(named) == sorted(expected)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON.timestamp()) + 30)}, 31),
        ({"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "4102444800"}, 60.0),
        ({}, 60.0),
    ],
)
def test_how_long_to_wait_is_read_as_github_documents_it(headers, seconds):
    assert seconds_to_wait(headers, 1, NOON) == seconds


@pytest.mark.parametrize("handle", ["", "PR 1", "\ud800", "PR_é", "x" * 501, 7])
def test_an_id_that_would_not_come_back_from_the_archive_is_none(handle):
    with pytest.raises(ChangedShape):
        parse(id=handle)


def test_of_two_of_the_same_number_one_is_kept_and_the_other_is_a_gap():
    haul = Haul("github", NOON)
    haul.read([node(), node(id="PR_2")], PAGES)
    assert [fact.handle for fact in haul.facts.values()] == ["PR_1"]
    assert [(gap.reason, gap.seen, gap.expected) for gap in haul.gaps] == [
        (Cause.CHANGED_SHAPE, 1, 2)
    ]


def test_of_a_branch_and_a_commit_only_what_looks_like_a_key_is_kept():
    assert parse(headRefName="camille/inc-42-empty-index").branch_names == ("inc-42",)
    assert parse().branch_names == ()
    commit = {"committedDate": "2026-11-01T12:00:00Z", "statusCheckRollup": None}
    told = {"commits": {"nodes": [{"commit": commit | {"messageHeadline": "INC-42: by Camille"}}]}}
    assert parse_checks(told) == Checks("none", NOON, ("INC-42",))
    assert parse_checks({"commits": {"nodes": [{"commit": commit}]}}) == Checks("none", NOON)


@pytest.mark.parametrize("branch", [7, ["inc-42"], {"name": "inc-42"}])
def test_a_branch_that_is_no_text_is_another_shape(branch):
    with pytest.raises(ChangedShape):
        parse(headRefName=branch)
