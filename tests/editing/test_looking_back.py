"""What the rules may look back at: only what an edition knew counts as known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bulletin.editing.knowledge import Names
from bulletin.editing.looking_back import is_counted, scene_of
from bulletin.model.facts import Life
from bulletin.model.harvest import Cause, State
from bulletin.model.week import Window
from tests.builders import DAY, NOW, WEEK, closing, edited, error, gap, harvest, incident, window

LAST = WEEK.shift(-1)
ERRORS = ("sentry", "error")


def known_since(*gaps):
    edition = edited([harvest("sentry", gaps=gaps)], week=LAST)
    return scene_of(WEEK, window(), NOW, (), [edition], Names.of((), ())).known_since


@pytest.mark.parametrize(
    "hidden",
    [
        {},
        {"kinds": ("error",)},
        {"parts": ("events",)},
        {"kinds": ("error",), "parts": ("first_seen",)},
    ],
)
def test_a_week_of_which_something_was_hidden_is_not_known(hidden) -> None:
    assert ERRORS not in known_since(gap("sentry", **hidden))


@pytest.mark.parametrize(
    "beside",
    [
        {"kinds": ("incident",)},
        {"parts": ("release",)},
        {"kinds": ("incident",), "parts": ("events",)},
    ],
)
def test_what_is_hidden_of_something_else_leaves_a_week_known(beside) -> None:
    assert known_since(gap("sentry", **beside)) == {ERRORS: window(LAST).end}


def test_the_newest_edition_that_knew_counts() -> None:
    older = edited([harvest("sentry")], week=WEEK.shift(-2))
    dark = edited([harvest("sentry", gaps=(gap("sentry"),), state=State.UNKNOWN)], week=LAST)
    scene = scene_of(WEEK, window(), NOW, (), [dark, older], Names.of((), ()))
    assert scene.known_since == {ERRORS: older.span.end}
    newer = replace(dark, gaps=())
    assert scene_of(WEEK, window(), NOW, (), [newer, older], Names.of((), ())).known_since == {
        ERRORS: newer.span.end
    }


# What was counted and what was done, under this week's names.


def looked_back(*editions, facts=()):
    return scene_of(WEEK, window(), NOW, facts, editions, Names.of((), facts))


def test_counts_are_scaled_to_a_week_and_kept_by_the_name_of_today() -> None:
    first = edited([harvest("sentry", [error("A-1", handle="1", events=80)])], week=LAST)
    longer = replace(first, span=Window(first.span.end - timedelta(days=14), first.span.end))
    renamed = error("B-1", handle="1")
    assert looked_back(longer, facts=[renamed]).weekly == {renamed.key: ((LAST, 40),)}
    stranger = error("A-1", handle="2")
    assert looked_back(longer, facts=[stranger]).weekly == {}


def test_what_last_week_printed_is_known_if_it_told_that_week_and_no_other() -> None:
    found = [harvest("sentry", [error("A-1", handle="1", events=80)])]
    last, renamed = edited(found, week=LAST), error("B-1", handle="1")
    assert looked_back(last, facts=[renamed]).printed == {renamed.key: 80}
    assert looked_back(last, facts=[error("A-1", handle="2")]).printed == {}
    longer = replace(last, span=Window(last.span.end - timedelta(days=14), last.span.end))
    early = edited(found, week=LAST, as_of=closing(LAST) - 3 * DAY)
    older = edited(found, week=WEEK.shift(-2))
    for other in (longer, early, older):
        assert looked_back(other, facts=[renamed]).printed == {}


def test_a_week_that_was_drafted_early_counts_for_nothing_and_hides_no_other() -> None:
    found = [harvest("jira", [incident()]), harvest("sentry", [error(events=80)])]
    older = edited(found, week=WEEK.shift(-3))
    early = edited(found, week=WEEK.shift(-2), as_of=closing(WEEK.shift(-2)) - 3 * DAY)
    newer = edited(found, week=LAST)
    weeks = [week for week, _ in looked_back(newer, early, older).weekly[error().key]]
    assert weeks == [WEEK.shift(-3), LAST]


def test_what_was_done_is_remembered_by_the_name_of_today_and_of_nobody_else() -> None:
    done = edited([harvest("sentry", [error("A-1", handle="1", life=Life.DONE)])], week=LAST)
    renamed, stranger = error("B-1", handle="1"), error("A-1", handle="2")
    assert looked_back(done).closed == {error("A-1").key}
    assert looked_back(done, facts=[renamed]).closed == {renamed.key}
    assert looked_back(done, facts=[stranger]).closed == frozenset()


def test_what_was_open_all_the_time_was_not_closed() -> None:
    listed = error("A-1", handle="1", events=900, first_seen=closing(LAST) - DAY)
    edition = edited([harvest("sentry", [listed, error("A-2", handle="2")])], week=LAST)
    assert [item.key for item in edition.items] == [listed.key]
    assert looked_back(edition).closed == frozenset()


AFTER = {"reason": Cause.AFTERWARDS}
STALE = harvest("sentry", state=State.STALE).coverage


@pytest.mark.parametrize(
    ("coverage", "gaps", "counted"),
    [
        (harvest("sentry").coverage, (), True),
        (harvest("sentry", state=State.PARTIAL).coverage, (), False),
        (STALE, (), False),
        (STALE, (gap("sentry", **AFTER),), True),
        (STALE, (gap("sentry", **AFTER), gap("sentry")), False),
        (STALE, (gap("sentry"),), False),
        (STALE, (gap("sentry", parts=("checks",), **AFTER),), False),
        (STALE, (gap("sentry", **AFTER), gap("sentry", parts=("checks",))), True),
        (STALE, (gap("jira", **AFTER),), False),
        (STALE, (gap("sentry", **AFTER), gap("jira")), True),
    ],
)
def test_what_happened_can_be_counted_afterwards_where_only_that_is_lacking(
    coverage, gaps, counted
) -> None:
    """What a part of lacks, or another source, changes nothing; any other gap of its own does."""
    assert is_counted(coverage, gaps) is counted
