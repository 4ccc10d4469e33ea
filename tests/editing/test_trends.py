"""What a difference is worth: limits by hand and by law, and better or worse."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bulletin.editing.trends import Limits, limits, trend, week_by_week
from bulletin.model.edition import Item, ItemState, Reason, Trend
from bulletin.model.facts import Severity
from bulletin.model.week import Week
from tests.builders import WEEK, incident

COUNTS = st.lists(st.integers(0, 100_000), min_size=6, max_size=12)
OPPOSITE = {Trend.WORSE: Trend.BETTER, Trend.BETTER: Trend.WORSE, Trend.SAME: Trend.SAME}
EXAMPLE = [10, 14, 9, 13, 12, 8]
"""Mean 11; moving ranges 4, 5, 4, 1, 4: mean 3.6, times 2.66 is 9.576."""


def test_the_limits_of_an_example_worked_out_by_hand() -> None:
    assert limits(EXAMPLE) == Limits(lower=1.42, upper=20.58)


def test_the_lower_limit_of_a_count_is_never_below_zero() -> None:
    assert limits([0, 9, 0, 9, 0, 9]) == Limits(lower=0.0, upper=28.44)


@pytest.mark.parametrize("known", range(6))
def test_with_fewer_than_six_known_weeks_no_limits_are_drawn(known: int) -> None:
    assert limits(EXAMPLE[:known]) is None
    assert limits([*EXAMPLE[:known], None, None, None, None]) is None


def test_a_hole_is_not_bridged() -> None:
    """The step from 5 to 905 happened while nobody looked: it is no moving range."""
    assert limits([5, 5, 5, None, 905, 905, 905]) == Limits(lower=455.0, upper=455.0)
    assert limits([5, 5, 5, 905, 905, 905]) == Limits(lower=0.0, upper=933.8)


def test_without_two_weeks_side_by_side_no_limits_are_drawn() -> None:
    assert limits([1, None, 2, None, 3, None, 4, None, 5, None, 6]) is None


@given(COUNTS)
def test_limits_contain_the_mean_and_are_never_upside_down(counts: list[int]) -> None:
    found = limits(counts)
    assert found is not None
    mean = sum(counts) / len(counts)
    assert 0 <= found.lower <= mean + 0.0051
    assert mean - 0.0051 <= found.upper


@given(COUNTS, st.integers(2, 50))
def test_limits_scale_with_the_data(counts: list[int], factor: int) -> None:
    """Events in thousands have thousandfold limits: a unit is no signal."""
    one, many = limits(counts), limits([count * factor for count in counts])
    assert one is not None
    assert many is not None
    rounding = 0.0051 * (factor + 1)
    assert many.upper == pytest.approx(one.upper * factor, abs=rounding)
    assert many.lower == pytest.approx(one.lower * factor, abs=rounding)


@given(COUNTS, st.integers(0, 1000))
def test_limits_move_with_the_data(counts: list[int], more: int) -> None:
    one, moved = limits(counts), limits([count + more for count in counts])
    assert one is not None
    assert moved is not None
    assert moved.upper == pytest.approx(one.upper + more, abs=0.02)


@given(COUNTS, st.integers(0, 12))
def test_a_week_that_is_not_known_at_either_end_changes_nothing(counts: list[int], n: int) -> None:
    assert limits([None] * n + counts + [None] * n) == limits(counts)


def test_weeks_without_a_count_are_holes() -> None:
    year_end = [(Week(2026, 52), 4), (Week(2027, 2), 7)]
    assert week_by_week(year_end) == (4, None, None, 7)
    assert week_by_week(()) == ()


def item(*reasons: Reason, severity: Severity = Severity.MEDIUM) -> Item:
    fact = incident()
    return Item(
        key=fact.key,
        kind="incident",
        handle=fact.handle,
        title=fact.title,
        url=fact.url,
        owner=None,
        severity=severity,
        state=ItemState.NEW,
        trend=None,
        since=WEEK,
        weeks=1,
        reasons=reasons,
    )


def reason(measure: int | None, unit: str | None, rule: str = "a") -> Reason:
    return Reason(rule=rule, measure=measure, unit=unit)


def moved(then: Reason, now: Reason, days: int = 7) -> Trend:
    return trend(item(then), Severity.MEDIUM, [now], days)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["events", "lines", "steps"]))
def test_a_way_there_is_the_opposite_of_the_way_back(then: int, now: int, unit: str) -> None:
    """A rise that counts as worse counts as better when it is undone."""
    there = moved(reason(then, unit), reason(now, unit))
    assert moved(reason(now, unit), reason(then, unit)) is OPPOSITE[there]


@given(st.integers(0, 400), st.integers(0, 60), st.integers(-200, 200))
def test_more_age_than_the_calendar_gives_is_the_opposite_of_less(
    then: int, days: int, more: int
) -> None:
    ahead = moved(reason(then, "days"), reason(then + days + more, "days"), days)
    behind = moved(reason(then, "days"), reason(then + days - more, "days"), days)
    assert ahead is OPPOSITE[behind]


@given(st.sampled_from(Severity), st.sampled_from(Severity), st.integers(0, 999))
def test_severity_speaks_first_and_the_same_both_ways(
    then: Severity, now: Severity, events: int
) -> None:
    assume(then is not now)
    quiet, loud = reason(0, "events"), reason(events, "events")
    there = trend(item(quiet, severity=then), now, [loud], 7)
    assert there is (Trend.WORSE if now > then else Trend.BETTER)
    assert trend(item(loud, severity=now), then, [quiet], 7) is OPPOSITE[there]


@given(st.integers(0, 10**6), st.sampled_from(["events", "lines", "steps", "days"]))
def test_what_did_not_change_is_the_same(measure: int, unit: str) -> None:
    assert moved(reason(measure, unit), reason(measure, unit), days=0) is Trend.SAME


@pytest.mark.parametrize(
    ("then", "now", "unit", "expected"),
    [
        (100, 128, "events", Trend.SAME),
        (100, 131, "events", Trend.WORSE),
        (131, 100, "events", Trend.BETTER),
        (10_000, 12_500, "events", Trend.SAME),
        (10_000, 12_501, "events", Trend.WORSE),
        (0, 4, "events", Trend.SAME),
        (0, 5, "events", Trend.WORSE),
        (1000, 1100, "lines", Trend.SAME),
        (1000, 1101, "lines", Trend.WORSE),
        (1101, 1000, "lines", Trend.BETTER),
        (3, 4, "steps", Trend.WORSE),
        (10, 17, "days", Trend.SAME),
        (10, 18, "days", Trend.SAME),
        (10, 19, "days", Trend.WORSE),
        (10, 16, "days", Trend.SAME),
        (10, 15, "days", Trend.BETTER),
        (None, 9, "events", Trend.SAME),
        (9, None, "events", Trend.SAME),
    ],
)
def test_each_unit_has_its_own_noise(
    then: int | None, now: int | None, unit: str, expected: Trend
) -> None:
    """Two roots of the sum or a quarter for events, a tenth for lines, a day for days."""
    assert moved(reason(then, unit), reason(now, unit)) is expected


def test_a_reason_that_came_is_worse_and_one_that_went_is_better() -> None:
    one, other = reason(None, None, "a"), reason(None, None, "b")
    assert trend(item(one), Severity.MEDIUM, [one, other], 7) is Trend.WORSE
    assert trend(item(one, other), Severity.MEDIUM, [one], 7) is Trend.BETTER
    assert trend(item(one), Severity.MEDIUM, [other], 7) is Trend.WORSE


def test_one_reason_that_got_worse_outweighs_one_that_got_better() -> None:
    then = item(reason(1, "steps", "a"), reason(9, "steps", "b"))
    mixed = [reason(2, "steps", "a"), reason(1, "steps", "b")]
    assert trend(then, Severity.MEDIUM, mixed, 7) is Trend.WORSE


def test_a_word_that_is_missing_this_week_makes_no_new_reason() -> None:
    """A sentence without the number of users is the same reason, told shorter."""
    full = reason(100, "events", "error-new")
    bare = replace(full, rule="error-new.bare")
    assert moved(full, bare) is Trend.SAME
    assert moved(bare, full) is Trend.SAME


def test_hours_that_only_one_edition_tells_scale_nothing() -> None:
    then, now = reason(400, "events"), reason(400, "events")
    assert moved(replace(then, hours=168), now) is Trend.SAME
    assert moved(then, replace(now, hours=16)) is Trend.SAME
