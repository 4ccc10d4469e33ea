"""Sentry's JSON, read without a server: documented shapes, and shapes that are none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.collectors.sentry.reading import (
    Reading,
    fires_from_releases,
    is_going,
    is_ours,
    parse_buckets,
    parse_count,
    parse_cursor,
    parse_daily,
    parse_issue,
    parse_moment,
    parse_readable,
    parse_release,
    parse_resolution,
    parse_team,
    parse_total,
    parse_users,
)
from bulletin.model.facts import ErrorTrend
from bulletin.model.week import Window

START = datetime(2026, 11, 12, 9, tzinfo=UTC)
READING = Reading(
    "sentry", "https://sentry.io", "acme", Window(START, datetime(2026, 11, 19, 9, tzinfo=UTC))
)
ISSUE = {
    "id": "41",
    "shortId": "SHOP-1A",
    "title": "KeyError",
    "permalink": "https://acme.sentry.io/issues/41/?referrer=x",
    "status": "unresolved",
    "substatus": "escalating",
    "level": "error",
    "project": {"slug": "shop"},
    "count": "150",
    "userCount": 12,
    "firstSeen": "2026-11-12T09:30:00Z",
    "lastSeen": "2026-11-18T10:00:00Z",
    "lifetime": {"firstSeen": "2026-01-02T03:04:05Z", "lastSeen": "2026-11-18T10:00:00.5Z"},
    "stats": {
        "auto": [[int(START.timestamp()) // 21600 * 21600 + 21600 * n, n] for n in range(29)]
    },
    "assignedTo": {"type": "team", "id": "1", "name": "checkout"},
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_an_issue_of_the_documented_shape():
    fact = parse_issue(ISSUE, READING, windowed=True)
    assert fact.url == "https://acme.sentry.io/issues/41/"
    assert fact.first_seen == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fact.last_seen == datetime(2026, 11, 18, 10, 0, 0, 500000, tzinfo=UTC)
    assert (fact.events, fact.users, fact.substatus) == (150, 12, "escalating")
    assert sum(fact.daily) == parse_total(parse_buckets(ISSUE["stats"]), READING.window)


def test_an_old_server_has_no_substatus_no_lifetime_and_no_series():
    old = {k: v for k, v in ISSUE.items() if k not in {"substatus", "lifetime", "stats"}}
    fact = parse_issue(old, READING, windowed=True)
    assert fact.substatus is None
    assert fact.first_seen == datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    assert fact.daily == ()


@given(st.dictionaries(st.sampled_from(sorted(ISSUE)), json_values), st.booleans())
def test_whatever_a_field_holds_an_issue_is_read_or_refused(changes, windowed):
    try:
        fact = parse_issue(ISSUE | changes, READING, windowed=windowed)
    except ValueError:
        return
    assert isinstance(fact, ErrorTrend)
    assert hash(fact)
    assert fact.url.startswith("https://")
    assert fact.events is None or fact.events >= 0


@given(json_values)
def test_what_is_no_answer_at_all_breaks_nothing(value):
    for parse in (parse_count, parse_buckets, parse_moment, parse_team, parse_cursor):
        try:
            parse(value)
        except ValueError:
            assert parse is parse_cursor
    with pytest.raises(ValueError, match="an issue without"):
        parse_issue(value, READING, windowed=True)
    for parse in (parse_resolution, parse_release, fires_from_releases, is_going):
        parse({"activity": value, "lastRelease": value, "statusDetails": value, "status": value})
    assert parse_readable([value]) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("150", 150), (15, 15), ("0", 0), ("-1", None), ("", None), (True, None), ("1e3", None)],
)
def test_a_count_is_a_string_of_digits(value, expected):
    assert parse_count(value) == expected


def test_no_users_among_events_means_that_no_event_names_one():
    assert parse_users(0, 10) is None
    assert parse_users(0, 0) == 0
    assert parse_users(3, 10) == 3
    assert parse_users(None, 10) is None


def test_the_days_of_a_window_add_up_to_its_steps():
    day = 86400
    first = int(datetime(2026, 11, 12, tzinfo=UTC).timestamp())
    steps = [[first + n * day // 4, 1] for n in range(-4, 40)]
    buckets = parse_buckets({"auto": steps})
    assert parse_daily(buckets, READING.window) == (2, 4, 4, 4, 4, 4, 4, 2)
    assert parse_total(buckets, READING.window) == 28


def test_steps_longer_than_a_day_say_nothing_of_days():
    steps = [[int(START.timestamp()) + n * 3 * 86400, 1] for n in range(3)]
    assert parse_daily(parse_buckets({"auto": steps}), READING.window) == ()


def test_no_series_is_not_a_sum_of_zero():
    assert parse_total(parse_buckets({}), READING.window) is None
    assert parse_total(parse_buckets({"auto": [[1, None]]}), READING.window) is None


def test_the_last_of_several_resolutions_counts():
    entry = {"type": "set_resolved", "dateCreated": "2026-11-01T00:00:00Z"}
    later = {"type": "set_resolved_in_release", "dateCreated": "2026-11-13T00:00:00Z"}
    noise = {"type": "note", "dateCreated": "2026-11-14T00:00:00Z"}
    assert parse_resolution({"activity": [noise, entry, later]}) == datetime(
        2026, 11, 13, tzinfo=UTC
    )


def test_the_last_page_has_a_next_link_too():
    last = {"next": {"url": "x", "results": "false", "cursor": "0:100:0"}}
    assert parse_cursor(last) is None
    assert parse_cursor({"next": last["next"] | {"results": "true"}}) == "0:100:0"
    assert parse_cursor({}) is None


@pytest.mark.parametrize(
    ("address", "site", "ours"),
    [
        ("https://us.sentry.io", "https://sentry.io", True),
        ("https://de.sentry.io", "https://us.sentry.io", True),
        ("https://acme.sentry.io/issues/1/", "https://acme.sentry.io", True),
        ("https://sentry.io", "https://us.sentry.io", True),
        ("https://eu.sentry.acme.example", "https://sentry.acme.example", True),
        ("https://acme.example", "https://sentry.acme.example", False),
        ("https://evilsentry.io", "https://sentry.io", False),
        ("https://sentry.io.evil.example", "https://sentry.io", False),
        ("http://us.sentry.io", "https://sentry.io", False),
        ("https://us.sentry.io:8443", "https://sentry.io", False),
        ("https://me:pw@us.sentry.io", "https://sentry.io", False),
        ("http://localhost:1", "https://sentry.io", False),
        ("https://us.sentry.io", "http://localhost:9000", False),
        ("http://localhost:9000/x", "http://localhost:9000", True),
        ("http://localhost:9001", "http://localhost:9000", False),
        ("https://us.sentry.io:x", "https://sentry.io", False),
        ("https://[", "https://sentry.io", False),
        ("", "https://sentry.io", False),
    ],
)
def test_the_token_and_the_links_stay_on_the_configured_site(address, site, ours):
    assert is_ours(address, site) is ours


@pytest.mark.parametrize(
    ("annotations", "links"),
    [
        ([], ()),
        (None, ()),
        ("INC-42", ()),
        (
            [{"displayName": "INC-42", "url": "https://acme.atlassian.net/browse/INC-42?a=1"}],
            ("INC-42", "https://acme.atlassian.net/browse/INC-42"),
        ),
        (
            [{"displayName": "acme/shop#7", "url": "https://github.com/acme/shop/issues/7"}],
            ("https://github.com/acme/shop/issues/7",),
        ),
        ([{"displayName": "see INC-42", "url": "javascript:alert(1)"}], ()),
        (['<a href="https://x.example">INC-42</a>', None, {"displayName": 7, "url": None}], ()),
    ],
)
def test_the_tickets_that_an_issue_is_linked_to(annotations, links):
    fact = parse_issue(ISSUE | {"annotations": annotations}, READING, windowed=True)
    assert fact.links == links


@pytest.mark.parametrize(
    ("status", "details", "undeployed"),
    [
        ("resolved", {"inNextRelease": True}, True),
        ("resolved", {"inUpcomingRelease": True}, True),
        ("resolved", {"inCommit": {"id": "f00"}}, True),
        ("resolved", {"inCommit": "f00"}, True),
        ("resolved", {"inRelease": "shop@2"}, False),
        ("resolved", {"inNextRelease": False}, False),
        ("resolved", {}, False),
        ("resolved", None, False),
        ("resolved", ["inNextRelease"], False),
        ("unresolved", {"inNextRelease": True}, False),
    ],
)
def test_what_was_resolved_in_what_is_yet_to_come_is_not_deployed(status, details, undeployed):
    issue = ISSUE | {"status": status, "statusDetails": details}
    assert parse_issue(issue, READING, windowed=True).undeployed is undeployed


@given(json_values, json_values)
def test_links_and_details_of_any_shape_are_read(annotations, details):
    issue = ISSUE | {"annotations": annotations, "statusDetails": details}
    assert isinstance(parse_issue(issue, READING, windowed=True), ErrorTrend)
