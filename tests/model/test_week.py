"""Weeks: their names, their arithmetic and their windows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.model.week import Cutoff, Week, Window

PARIS = ZoneInfo("Europe/Paris")
THURSDAY = Cutoff.parse("Thursday 10:00")

weeks = st.dates().filter(lambda d: 1915 < d.year < 8980).map(
    lambda d: Week(d.isocalendar().year, d.isocalendar().week)
)  # fmt: skip


@given(week=weeks)
def test_a_week_is_read_as_it_is_written(week: Week) -> None:
    assert Week.parse(str(week)) == week


@given(week=weeks, by=st.integers(-600, 600))
def test_shifting_there_and_back_leads_home(week: Week, by: int) -> None:
    assert week.shift(by).shift(-by) == week
    assert week.shift(by).weeks_since(week) == by


@given(week=weeks)
def test_windows_touch_and_never_overlap(week: Week) -> None:
    window = week.window(PARIS, THURSDAY)
    assert window.end == week.shift(1).window(PARIS, THURSDAY).start
    assert window.hours in {167, 168, 169}


@pytest.mark.parametrize(
    ("name", "hours"), [("2026-W14", 167), ("2026-W44", 169), ("2026-W45", 168)]
)
def test_weeks_that_change_the_clocks_last_their_real_hours(name: str, hours: int) -> None:
    assert Week.parse(name).window(PARIS, THURSDAY).hours == hours


def test_2026_has_a_week_53() -> None:
    assert Week(2026, 52).shift(1) == Week(2026, 53)
    assert Week(2026, 53).shift(1) == Week(2027, 1)
    assert Week.of(datetime(2027, 1, 1, tzinfo=UTC), PARIS) == Week(2026, 53)


@pytest.mark.parametrize("text", ["2026-48", "2026-W54", "W48", "2025-W53", "2026-W00", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="week"):
        Week.parse(text)


@pytest.mark.parametrize("text", ["Thursday", "Thirsday 10:00", "Thursday 25:00", "10:00"])
def test_what_is_no_cutoff_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as in"):
        Cutoff.parse(text)


def test_a_window_is_half_open_and_in_utc() -> None:
    window = Week(2026, 47).window(PARIS, THURSDAY)
    assert window.start in window
    assert window.end not in window
    assert None not in window
    assert window.end == datetime(2026, 11, 19, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="UTC"):
        Window(window.start.astimezone(PARIS), window.end.astimezone(PARIS))
    with pytest.raises(ValueError, match="after"):
        Window(window.end, window.start)


def test_a_cutoff_in_the_hour_that_spring_skips_is_still_a_moment() -> None:
    cutoff = Cutoff.parse("Sunday 02:30")
    closes = Week(2026, 13).closes(PARIS, cutoff)
    assert closes - Week(2026, 12).closes(PARIS, cutoff) == timedelta(hours=168)
