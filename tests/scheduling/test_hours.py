"""Whether what is printed starts the program in time: the crons are played through a year."""

from datetime import UTC, timedelta

import pytest

from bulletin import config
from bulletin.model.week import Week
from bulletin.pipeline import calendar
from bulletin.scheduling.hours import Hours

ZONES = ("Europe/Paris", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe")
CUTOFFS = ("Thursday 10:00", "Monday 00:30", "Sunday 23:45", "Wednesday 18:15")
WEEKS = [Week(2026, 1).shift(n) for n in range(104)]
MINUTE = timedelta(minutes=1)


def made(zone, cutoff, **more):
    given = {"zone": zone, "cutoff": cutoff, **more}
    return config.Bulletin.model_validate(given)


def field(text, low, high):
    """Return what one field of a crontab allows."""
    found = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = low, high
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


def starts(lines, begin, end, zone=UTC):
    """Play crontab lines from one moment to another, as a cron does whose clock is in `zone`."""
    fields = [line.split() for line in lines]
    parsed = [(field(m, 0, 59), field(h, 0, 23), field(d, 0, 6)) for m, h, _, _, d in fields]
    found = []
    moment = begin
    while moment < end:
        local = moment.astimezone(zone)
        now = (local.minute, local.hour, local.isoweekday() % 7)
        if any(all(n in f for n, f in zip(now, line, strict=True)) for line in parsed):
            found.append(moment)
        moment += MINUTE
    return found


def late(settings, week, lines, zone=UTC):
    """Return minutes from the cut-off to the first start, and how many follow in time."""
    due = calendar.of(settings, week)
    found = starts(lines, due.opens, due.opens + timedelta(hours=3), zone)
    return (found[0] - due.opens) / MINUTE if found else None, len(found)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_crons_in_utc_start_it_soon_after_every_cut_off(zone, cutoff):
    """Sampled weeks of two years, both halves of each, the weeks of change among them."""
    settings = made(zone, cutoff)
    lines = list(Hours(settings).utc())
    for week in [*WEEKS[::13], Week(2026, 13), Week(2026, 14), Week(2026, 43), Week(2026, 44)]:
        first, count = late(settings, week, lines)
        assert first is not None, week
        assert first <= 60
        assert count >= 6


def test_a_cron_of_one_offset_would_miss_half_of_the_year():
    """The control: what most people write."""
    settings = made("Europe/Paris", "Thursday 10:00")
    naive = ["0 9 * * 4"]
    assert late(settings, Week(2026, 3), naive)[0] == 0
    assert late(settings, Week(2026, 30), naive)[0] == 60
    eastern = ["0 8 * * 4"]
    assert late(settings, Week(2026, 3), eastern)[0] is None


@pytest.mark.parametrize("machine", ZONES)
@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_a_cron_without_a_zone_starts_it_wherever_the_machine_is(machine, cutoff):
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (the machine's zone, in these tests alone)

    settings = made("Europe/Paris", cutoff)
    hours = Hours(settings)
    lines = [f"*/{hours.every} * * * {hours.wide_days}"]
    for week in [*WEEKS[::26], Week(2026, 13), Week(2026, 44)]:
        first, count = late(settings, week, lines, ZoneInfo(machine))
        assert first is not None
        assert first <= 20
        assert count >= 8


def test_the_days_after_are_those_of_lateness():
    assert Hours(made("UTC", "Thursday 10:00")).days_after == (5,)
    assert Hours(made("UTC", "Thursday 10:00", lateness_hours=13)).days_after == ()
    assert Hours(made("UTC", "Thursday 10:00", lateness_hours=120)).days_after == (5, 6, 0, 1, 2)
    assert Hours(made("UTC", "Thursday 10:00", lateness_hours=120)).wide_days == "*"


def test_the_watch_looks_by_the_hour_and_before_it_is_too_late():
    told = [str(one) for one in Hours(made("UTC", "Sunday 23:00")).watches]
    assert told == ["Monday 01:00", "Monday 22:00"]
