"""The calendar: 520 weeks in five zones, started at any moment; one answer to each week."""

from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random  # noqa: TID251  (seeded: moments that nobody chose)
from zoneinfo import ZoneInfo

import pytest

from bulletin.config import Bulletin
from bulletin.model.week import Cutoff, Week
from bulletin.pipeline import calendar

ZONES = ("Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC")
FIRST, WEEKS = Week(2024, 50), 520
MINUTE = timedelta(minutes=1)


def settings(zone="Europe/Paris", cutoff="Thursday 10:00", **fields):
    return Bulletin(zone=zone, meeting="Thursday 10:00", cutoff=cutoff, **fields)


def starts(rng, asked):
    """Yield the moments at which something starts a run, over the whole time: cron, reboots and
    people; 0, 1 or 20 times a week, and outages of up to five weeks.
    """
    week = FIRST
    while week < FIRST.shift(WEEKS):
        due = calendar.of(asked, week)
        if rng.random() < 0.03:
            week = week.shift(rng.randint(1, 5))
            continue
        for _ in range(rng.choice([0, 1, 1, 1, 2, 20])):
            lean = rng.choice([0, rng.uniform(0, 24), rng.uniform(-100, 60), rng.uniform(23, 25)])
            yield due.opens + timedelta(hours=lean)
        week = week.shift(1)


def live(asked, moments):
    """Do what a run does with the calendar, at every moment; returns every answer it gave."""
    since = first = calendar.last_closed(asked, moments[0]).shift(1)
    answers, told = [], set()
    for now in moments:
        missed = calendar.missed(asked, now, first, told)
        given = [(one.week, "none" if one.reason else "skipped") for one in missed]
        due = calendar.due(asked, now)
        if not due.reason and due.opens <= now < due.closes and due.week not in told:
            given.append((due.week, "edition"))
        answers += given
        told.update(week for week, _ in given)
        first = max(first, calendar.last_closed(asked, now).shift(-60))  # a year is enough
    return since, answers


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cutoff", ["Thursday 10:00", "Sunday 02:30"])
def test_every_week_of_ten_years_gets_one_answer(zone, cutoff):
    """Weeks of 167 and 169 hours, week 53, leap days, holidays and skipped weeks among them."""
    rng = Random(f"{zone} {cutoff}")  # noqa: S311  (seeded)
    weeks = [FIRST.shift(n) for n in range(WEEKS)]
    asked = settings(zone, cutoff, skip=tuple(rng.sample(weeks, 20)), holidays="FR")
    moments = sorted(starts(rng, asked))

    since, answers = live(asked, moments)

    told = dict(answers)
    answerable = {w for w in weeks if since <= w <= calendar.last_closed(asked, moments[-1])}
    assert answerable <= told.keys()
    assert len(told) == len(answers)
    for due in (calendar.of(asked, week) for week in answerable):
        next_start = bisect_left(moments, due.opens)
        came = next_start < len(moments) and moments[next_start] < due.closes
        expected = "none" if due.reason else "edition" if came else "skipped"
        assert told[due.week] == expected, due
    kinds = Counter(told.values())
    assert kinds["edition"] > 250
    assert kinds["skipped"] > 30
    assert kinds["none"] >= 20
    assert any(week.number == 53 for week in told)


def test_weeks_whose_answers_are_forgotten_are_answered_twice():
    """The control: the same life with a memory of nothing."""
    asked = settings()
    since, answers = live(asked, sorted(starts(Random(1), asked)))  # noqa: S311  (seeded)
    again = calendar.missed(asked, calendar.of(asked, FIRST.shift(WEEKS)).opens, since, ())

    assert {one.week for one in again} & {week for week, kind in answers if kind == "edition"}


@pytest.mark.parametrize("zone", ZONES)
def test_the_same_week_is_due_from_its_cut_off_to_the_next(zone):
    """To the minute on both sides, in every week of two years."""
    asked = settings(zone)
    for n in range(104):
        due = calendar.of(asked, FIRST.shift(n))
        assert calendar.due(asked, due.opens).week == due.week
        assert calendar.due(asked, due.opens - MINUTE).week == due.week.shift(-1)
        local = due.opens.astimezone(ZoneInfo(zone))
        assert (local.strftime("%A %H:%M"), Week.of(due.opens, local.tzinfo)) == (
            "Thursday 10:00", due.week,
        )  # fmt: skip
        assert due.closes - due.opens == timedelta(hours=24)


@pytest.mark.parametrize(
    ("cutoff", "week", "opens"),
    [
        ("Sunday 02:30", Week(2026, 13), "2026-03-29T01:30"),  # skipped in Paris: read as 03:30
        ("Sunday 02:30", Week(2026, 43), "2026-10-25T00:30"),  # there twice: the first
        ("Sunday 02:00", Week(2026, 43), "2026-10-25T00:00"),
        ("Thursday 10:00", Week(2026, 53), "2026-12-31T09:00"),
        ("Thursday 10:00", Week(2028, 9), "2028-03-02T09:00"),  # the week of a 29 February
    ],
)
def test_a_cut_off_that_the_clocks_skip_or_repeat_is_one_moment(cutoff, week, opens):
    asked = settings(cutoff=cutoff)

    assert calendar.of(asked, week).opens == datetime.fromisoformat(opens).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_windows_never_overlap_and_the_host_s_own_zone_means_nothing(zone, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # UTC+14
    asked = settings(zone, cutoff="Sunday 02:30", lateness_hours=120)
    for n in range(WEEKS):
        due = calendar.of(asked, FIRST.shift(n))
        following = calendar.of(asked, FIRST.shift(n + 1))
        assert due.closes < following.opens
        assert (following.opens - due.opens) / timedelta(hours=1) in {167, 168, 169}


def test_a_holiday_counts_where_the_meeting_is():
    """14 July 2026 is a Tuesday; in Auckland it is an ordinary one."""
    french = settings(cutoff="Tuesday 10:00", holidays="FR")
    kiwi = settings("Pacific/Auckland", cutoff="Tuesday 10:00", holidays="NZ")

    assert "public holiday (National Day)" in calendar.of(french, Week(2026, 29)).reason
    assert calendar.of(kiwi, Week(2026, 29)).reason == ""
    assert calendar.of(settings(holidays="FR"), Week(2026, 29)).reason == ""


def test_a_region_has_holidays_of_its_own():
    """Epiphany is none in Berlin and one in Munich."""
    epiphany = Week(2026, 2)
    told = {
        region: calendar.of(settings(cutoff="Tuesday 10:00", holidays=region), epiphany).reason
        for region in ("DE-BE", "DE-BY")
    }

    assert told["DE-BE"] == ""
    assert "Epiphany" in told["DE-BY"]


def test_a_cut_off_of_its_own_moves_the_window_and_not_the_meeting():
    asked = settings(cutoff="Wednesday 18:00")

    assert calendar.of(asked, Week(2026, 47)).opens == datetime(2026, 11, 18, 17, tzinfo=UTC)
    assert asked.meeting == Cutoff(3, time(10))
