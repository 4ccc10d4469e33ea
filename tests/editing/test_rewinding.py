"""Taking facts back: what their own dates tell of a past moment, and nothing that came after it."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.rewinding import losses, rewind
from bulletin.model.facts import Life, Turn
from tests.builders import DAY, NOW, edited, error, harvest, incident, pull_request
from tests.strategies import facts, maybe, moments

THEN = NOW - 14 * DAY
HOUR = timedelta(hours=1)
lives = st.sampled_from([Life.OPEN, Life.DONE, Life.DECLINED])
turns = st.lists(st.builds(Turn, moments, lives), max_size=4).map(sorted).map(tuple)


@st.composite
def told(draw):
    """Draw a fact whose dates need not agree with each other: services contradict themselves."""
    fact = draw(facts)
    dated = [one.name for one in fields(fact) if "datetime" in str(one.type)]
    some = draw(st.lists(st.sampled_from(dated), max_size=4)) if dated else []
    must = {"decided", "opened", "created"}
    given_ = {name: draw(moments if name in must else maybe(moments)) for name in some}
    if fact.type == "incident":
        given_["turns"] = draw(maybe(turns))
    if fact.type == "error":
        given_["substatus"] = draw(st.sampled_from([None, "new", "regressed"]))
    return replace(fact, **given_)


def dates(fact):
    for one in fields(fact):
        value = getattr(fact, one.name)
        if isinstance(value, datetime):
            yield value
    yield from (turn.at for turn in getattr(fact, "turns", None) or ())


@given(told(), moments)
def test_taken_back_to_when_it_was_told_it_is_as_it_was_told(fact, at):
    assert rewind(fact, at, at) == fact


@given(told(), moments, moments)
def test_nothing_is_dated_after_the_moment(fact, one, other):
    then = rewind(fact, min(one, other), max(one, other) + HOUR)
    assert then is None or all(at <= min(one, other) for at in dates(then))


@given(told(), st.tuples(moments, moments, moments).map(sorted))
def test_taken_back_twice_it_stands_as_at_the_earlier(fact, some):
    earlier, later, last = some[0], some[1], some[2] + HOUR
    once = rewind(fact, later, last)
    twice = None if once is None else rewind(once, earlier, later + HOUR)
    assert twice == rewind(fact, earlier, last)


@given(told(), moments, moments)
def test_nothing_is_learnt_by_looking_back(fact, one, other):
    then = rewind(fact, min(one, other), max(one, other) + HOUR)
    if then is not None:
        assert losses(then, then) == ()
        assert then.key == fact.key


def stood(fact):
    return rewind(fact, THEN, NOW)


def test_what_began_later_was_not_there():
    assert stood(incident(opened=THEN + HOUR)) is None
    assert stood(error(first_seen=THEN + HOUR)) is None
    assert stood(pull_request(created=THEN + HOUR)) is None


OLD = {"opened": THEN - 9 * DAY}


@pytest.mark.parametrize(
    ("more", "life", "resolved"),
    [
        ({"life": Life.OPEN}, Life.OPEN, None),
        ({"life": Life.DONE, "resolved": THEN + DAY}, Life.OPEN, None),
        ({"life": Life.DONE, "resolved": THEN - DAY}, Life.DONE, THEN - DAY),
        ({"life": Life.DECLINED, "resolved": THEN - DAY}, Life.DECLINED, THEN - DAY),
        ({"life": Life.DONE, "resolved": None}, Life.UNKNOWN, None),
        ({"life": Life.OPEN, "reopened": THEN + DAY}, Life.UNKNOWN, None),
        ({"life": Life.OPEN, "reopened": THEN - DAY}, Life.OPEN, None),
    ],
)
def test_how_an_incident_stood_by_its_dates(more, life, resolved):
    then = stood(incident(**OLD, **more))
    assert (then.life, then.resolved) == (life, resolved)


def test_a_history_tells_what_the_last_dates_do_not():
    """Closed in the week before, and open again today."""
    closed, back = Turn(THEN - DAY, Life.DONE), Turn(THEN + DAY, Life.OPEN)
    then = stood(incident(**OLD, life=Life.OPEN, reopened=back.at, turns=(closed, back)))
    assert (then.life, then.resolved, then.reopened) == (Life.DONE, THEN - DAY, None)
    assert then.turns == (closed,)


def test_an_incident_that_nobody_touched_since_is_as_it_was():
    still = incident(**OLD, updated=THEN - DAY)
    assert stood(still) == still
    assert losses(still, stood(still)) == ()


def test_of_one_that_was_touched_since_the_undated_fields_are_not_known():
    touched = incident(**OLD, updated=NOW - DAY, status_since=NOW - DAY)
    then = stood(touched)
    assert (then.severity, then.assigned, then.updated, then.status) == (None, None, None, "")
    assert losses(touched, then) == ("severity", "assigned", "status", "updated")
    assert stood(replace(touched, status_since=THEN - DAY)).status == "Open"


@pytest.mark.parametrize(
    ("more", "life"),
    [
        ({"substatus": "new"}, Life.OPEN),
        ({"substatus": "regressed"}, Life.UNKNOWN),
        ({"life": Life.DONE, "resolved": THEN - DAY}, Life.DONE),
        ({"life": Life.DONE, "resolved": THEN + DAY}, Life.UNKNOWN),
        ({"life": Life.DONE, "resolved": THEN - DAY, "last_seen": THEN - DAY}, Life.UNKNOWN),
        ({"life": Life.DECLINED, "resolved": THEN - DAY}, Life.DECLINED),
        ({"life": Life.DECLINED, "resolved": THEN + DAY}, Life.UNKNOWN),
    ],
)
def test_how_an_error_stood(more, life):
    then = stood(error(**more))
    assert (then.life, then.events) == (life, 40)


def test_an_error_that_is_declined_nobody_knows_since_when_is_not_counted():
    then = stood(error(life=Life.DECLINED, daily=(1, 2)))
    assert (then.life, then.events, then.users, then.daily) == (Life.UNKNOWN, None, None, ())


def test_one_that_did_not_fire_counts_nothing_either_way():
    assert stood(error(life=Life.DECLINED, events=0)).events == 0


def test_a_pull_request_that_moved_since_was_open_and_no_more_is_known():
    moved = pull_request(
        created=THEN - 9 * DAY, life=Life.DONE, closed=NOW - DAY, labels=("urgent",)
    )
    then = stood(moved)
    assert (then.life, then.closed, then.labels, then.review) == (Life.OPEN, None, (), None)
    assert losses(moved, then) == (
        "last_activity", "checks", "mergeable", "review", "labels", "draft", "additions",
    )  # fmt: skip
    edition = edited([harvest("github", [replace(then, draft=False)])])
    assert not edition.items
    assert [section.blind for section in edition.sections] == [1]


def test_one_that_did_not_move_since_was_stale_then_too():
    still = pull_request(created=THEN - 30 * DAY, last_activity=THEN - 20 * DAY)
    then = stood(still)
    assert (then.review, then.last_activity) == ("approved", THEN - 20 * DAY)
    assert (then.checks, then.mergeable) == (None, None)


def test_one_that_left_draft_since_was_a_draft():
    assert stood(pull_request(created=THEN - DAY, ready=THEN + DAY)).draft


def test_a_life_that_is_not_known_blinds_every_rule_and_is_no_fix():
    edition = edited([harvest("sentry", [stood(error(events=90_000))])])
    assert not edition.items
    assert [section.blind for section in edition.sections] == [1]
