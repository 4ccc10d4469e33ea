"""The numbers of the week: never zero for unknown, and a history with its holes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bulletin.model.edition import Edition, Figure
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Harvest, State
from bulletin.model.week import Week
from tests.builders import (
    DAY,
    NOW,
    WEEK,
    closing,
    edited,
    error,
    filed,
    gap,
    harvest,
    incident,
    pull_request,
    window,
)

OPENING = window().start


def figure(edition: Edition, name: str) -> Figure:
    (found,) = [one for one in edition.figures if one.name == name]
    return found


def names(edition: Edition) -> set[str]:
    return {one.name for one in edition.figures}


def quiet(count: int, week: Week, state: State = State.KNOWN) -> Harvest:
    """Return a week with so many open incidents that no rule flags."""
    now = closing(week)
    facts = [incident(f"INC-{n}", opened=now - DAY, updated=now) for n in range(count)]
    gaps = () if state is State.KNOWN else (gap("jira"),)
    return harvest("jira", facts, state=state, gaps=gaps, as_of=now)


def year(counts: Sequence[int | None], state: State = State.UNKNOWN) -> Edition:
    """Print one edition a week, this week's last, and return that; None is a week in `state`."""
    past: list[Edition] = []
    for back, count in zip(range(len(counts) - 1, -1, -1), counts, strict=True):
        week = WEEK.shift(-back)
        brought = quiet(2, week, state) if count is None else quiet(count, week)
        past.insert(0, edited([brought], [filed(one) for one in past], week=week))
    return past[0]


def test_the_week_is_counted_from_its_facts() -> None:
    edition = edited(
        [
            harvest(
                "jira",
                [
                    incident("INC-1", opened=OPENING),
                    incident("INC-2", opened=OPENING - DAY),
                    incident("INC-3", opened=NOW - DAY, life=Life.DONE, resolved=NOW - DAY),
                    incident("INC-4", opened=NOW - 9 * DAY, life=Life.DECLINED, resolved=OPENING),
                    incident("INC-5", opened=NOW - 9 * DAY, life=Life.DONE, resolved=NOW),
                    incident("INC-6", opened=OPENING, drill=True),
                ],
            ),
            harvest(
                "sentry",
                [
                    error("SHOP-1", events=40, first_seen=OPENING),
                    error("SHOP-2", events=2, first_seen=NOW),
                ],
            ),
            harvest(
                "github",
                [pull_request("acme/shop#1"), pull_request("acme/shop#2", life=Life.DONE)],
            ),
        ]
    )
    assert {one.name: one.value for one in edition.figures} == {
        "incidents_open": 2,
        "incidents_opened": 2,
        "incidents_resolved": 1,
        "errors_events": 42,
        "errors_new": 1,
        "pull_requests_open": 1,
    }
    assert {one.section for one in edition.figures} == {"incidents", "errors", "pull_requests"}


@pytest.mark.parametrize("source", ["jira", "sentry", "github"])
def test_unknown_is_never_zero(source: str) -> None:
    dark = harvest(source, gaps=(gap(source),), state=State.UNKNOWN)
    edition = edited([dark])
    assert edition.figures
    assert {(one.value, one.state) for one in edition.figures} == {(None, State.UNKNOWN)}
    assert {one.history[-1] for one in edition.figures} == {None}


def test_a_kind_that_no_source_was_asked_for_has_no_figure() -> None:
    assert names(edited([harvest("github")])) == {"pull_requests_open"}


def test_zero_that_is_known_is_zero() -> None:
    edition = edited([harvest("jira"), harvest("sentry")])
    assert figure(edition, "incidents_open").value == 0
    assert figure(edition, "errors_events").value == 0


def test_a_partial_count_is_printed_as_partial_and_kept_out_of_the_history() -> None:
    part = figure(edited([quiet(3, WEEK, State.PARTIAL)]), "incidents_open")
    assert (part.value, part.state, part.history) == (3, State.PARTIAL, (None,))


@pytest.mark.parametrize("state", [State.PARTIAL, State.STALE, State.UNKNOWN])
def test_a_week_that_was_not_known_is_a_hole_in_the_history(state: State) -> None:
    found = figure(year([4, None, 3], state), "incidents_open")
    assert found.history == (4, None, 3)
    assert found.before is None


def test_a_week_without_an_edition_is_a_hole_in_the_history() -> None:
    old = edited([quiet(5, WEEK.shift(-3))], week=WEEK.shift(-3))
    last = edited([quiet(4, WEEK.shift(-1))], [filed(old)], week=WEEK.shift(-1))
    now = edited([quiet(1, WEEK)], [filed(last), filed(old)])
    assert figure(now, "incidents_open").history == (5, None, 4, 1)


def test_the_history_starts_with_the_first_edition_and_is_twelve_weeks_long() -> None:
    assert figure(year([1, 2]), "incidents_open").history == (1, 2)
    long = figure(year([9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), "incidents_open")
    assert long.history == tuple(range(1, 13))


def test_limits_stand_on_six_known_weeks_before_this_one() -> None:
    short = figure(year([4, 5, 4, 5, 4, 30]), "incidents_open")
    assert (short.lower, short.upper, short.is_signal) == (None, None, False)
    drawn = figure(year([4, 5, 4, 5, 4, 5, 30]), "incidents_open")
    assert (drawn.lower, drawn.upper) == (1.84, 7.16)
    assert drawn.is_signal
    assert not figure(year([4, 5, 4, 5, 4, 5, 7]), "incidents_open").is_signal


def test_a_partial_value_is_no_signal() -> None:
    """At least two, where two is what could be seen: below the limits proves nothing."""
    found = figure(year([90, 91, 90, 91, 90, 91, None], State.PARTIAL), "incidents_open")
    assert found.lower is not None
    assert (found.value, found.is_signal) == (2, False)


def test_what_came_and_went_is_left_out_where_the_search_covers_open_ones_alone() -> None:
    open_only = quiet(2, WEEK)
    open_only = replace(open_only, coverage=replace(open_only.coverage, closed_too=False))
    assert names(edited([open_only])) == {"incidents_open"}


def test_errors_that_do_not_say_how_often_they_fired_make_the_sum_partial() -> None:
    some = [error("SHOP-1", events=40), error("SHOP-2", events=None)]
    found = figure(edited([harvest("sentry", some)]), "errors_events")
    assert (found.value, found.state, found.history) == (40, State.PARTIAL, (None,))
    none = figure(edited([harvest("sentry", some[1:])]), "errors_events")
    assert (none.value, none.state) == (None, State.UNKNOWN)


SEVERE = [incident(f"INC-{n}", severity=Severity.HIGH) for n in range(1, 4)]


def settled(*now: object, gaps: bool = False) -> Figure:
    """Return the figure of a week after one that listed three grave incidents."""
    last = edited([harvest("jira", SEVERE)], week=WEEK.shift(-1))
    found = [one for one in now if not isinstance(one, int)]
    brought = harvest("jira", found, gaps=(gap("jira"),) if gaps else ())
    return figure(edited([brought], [filed(last)]), "settled")


def test_the_first_edition_settles_nothing_because_nothing_was_listed() -> None:
    assert "settled" not in names(edited([harvest("jira", SEVERE)]))


def test_settled_is_the_share_of_last_weeks_list_that_was_fixed_or_cleared() -> None:
    fixed = replace(SEVERE[0], life=Life.DONE)
    cleared = replace(SEVERE[1], severity=Severity.LOW)
    found = settled(fixed, cleared, SEVERE[2])
    assert (found.value, found.unit, found.state) == (67, "percent", State.KNOWN)
    assert settled(*SEVERE).value == 0


def test_declined_is_on_the_list_and_not_settled() -> None:
    found = settled(replace(SEVERE[0], life=Life.DECLINED), SEVERE[1], SEVERE[2])
    assert found.value == 0


def test_settled_leaves_out_what_is_unknown_and_says_so() -> None:
    """Of three, one is fixed, one stands and one is dark: a half of what is known."""
    found = settled(replace(SEVERE[0], life=Life.DONE), SEVERE[1], gaps=True)
    assert (found.value, found.state) == (50, State.PARTIAL)
    assert found.history[-1] is None


def test_settled_is_unknown_where_all_of_the_list_is_dark() -> None:
    found = settled(gaps=True)
    assert (found.value, found.state, found.history[-1]) == (None, State.UNKNOWN, None)


def test_settled_is_unknown_where_the_list_was_empty() -> None:
    last = edited([harvest("jira")], week=WEEK.shift(-1))
    assert figure(edited([harvest("jira")], [filed(last)]), "settled").value is None


def test_higher_is_worse_but_for_what_is_settled() -> None:
    last = edited([harvest("jira")], week=WEEK.shift(-1))
    edition = edited([harvest(s) for s in ("jira", "sentry", "github")], [filed(last)])
    assert {one.name: one.higher_is for one in edition.figures} == {
        "incidents_open": "worse",
        "incidents_opened": "worse",
        "incidents_resolved": "neither",
        "errors_events": "worse",
        "errors_new": "worse",
        "pull_requests_open": "neither",
        "settled": "better",
    }
