"""When it has to be started: from the cut-off on, several times. The program decides what is due.

A schedule that knows the team's zone is told local times; one that knows UTC alone gets every hour
that the zone's offsets can make of them; one that has a zone of its own gets whole days.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bulletin.config import Bulletin
from bulletin.model.week import WEEKDAYS, Cutoff

WEEK_MINUTES = 7 * 24 * 60
DAY_MINUTES = 24 * 60
YEAR = 2026
"""A year whose offsets are looked at: rules of summer time change seldom, and both are covered."""
CLOSE_HOURS = 4
"""Hours after the cut-off in which starts in UTC come close together."""


class Hours:
    """The moments of a week at which the bulletin is started, in every manner that it is said."""

    def __init__(self, settings: Bulletin) -> None:
        closes = settings.closes
        self._settings = settings
        self._opens = _minute(closes)
        self.every = settings.schedule.every_minutes
        self.minute, self.hour = closes.time.minute, closes.time.hour
        self.preview = settings.schedule.preview

    @property
    def zone(self) -> str:
        return self._settings.zone.key

    @property
    def day(self) -> int:
        """The cut-off's day as cron counts, Sunday being 0."""
        return self._settings.closes.cron_day

    @property
    def days_after(self) -> tuple[int, ...]:
        """The days after it on which an edition may still leave, as cron counts."""
        last = self._opens % DAY_MINUTES + self._settings.lateness_hours * 60
        return tuple((self.day + n) % 7 for n in range(1, (last - 1) // DAY_MINUTES + 1))

    @property
    def wide_days(self) -> str:
        """Those days and one on either side, wherever the machine's own clock stands."""
        days = {(self.day - 1) % 7, self.day, *self.days_after}
        days.add(((self.days_after or (self.day,))[-1] + 1) % 7)
        return "*" if len(days) == 7 else ",".join(map(str, sorted(days)))  # noqa: PLR2004  (a week)

    @property
    def watches(self) -> tuple[Cutoff, ...]:
        """When to look whether it is out: by the hour, and before it is too late."""
        first = self._settings.monitor.after_hours * 60
        last = (self._settings.lateness_hours - 1) * 60
        return tuple(self._after(minutes) for minutes in sorted({first, max(first, last)}))

    def _after(self, minutes: int) -> Cutoff:
        at = (self._opens + minutes) % WEEK_MINUTES
        clock = datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=at % DAY_MINUTES)
        return Cutoff(at // DAY_MINUTES, clock.time())

    def calendar(self) -> Iterator[str]:
        """Yield systemd's words for every start, in the team's zone."""
        yield calendar_time(self._settings.closes, self.zone)
        day = calendar_day(self.day)
        yield f"{day} *-*-* {self.hour:02}..23:00/{self.every}:00 {self.zone}"
        if self.days_after:
            days = ",".join(calendar_day(day) for day in self.days_after)
            yield f"{days} *-*-* *:05:00 {self.zone}"

    def calendar_watches(self) -> tuple[str, ...]:
        """Return systemd's words for every look, in the team's zone."""
        return tuple(calendar_time(moment, self.zone) for moment in self.watches)

    def cron_close(self) -> str:
        """Return the fields of a crontab for the cut-off's own day, in the team's zone."""
        return f"*/{self.every} {self.hour}-23 * * {self.day}"

    def utc(self) -> Iterator[str]:
        """Yield crontab lines in UTC, at minutes that few others take, for all offsets."""
        close = {self._after(60 * n) for n in range(CLOSE_HOURS)}
        far = {self._after(60 * n) for n in range(CLOSE_HOURS, self._settings.lateness_hours, 4)}
        yield from _lines("13,33,53", self._in_utc(close))
        yield from _lines("43", self._in_utc(far) - self._in_utc(close))

    def _in_utc(self, moments: set[Cutoff]) -> set[tuple[int, int]]:
        found = set()
        for moment in moments:
            for week in range(1, 53):
                day = date.fromisocalendar(YEAR, week, moment.weekday + 1)
                local = datetime.combine(day, moment.time, self._settings.zone)
                at = local.astimezone(UTC)
                found.add((at.isoweekday() % 7, at.hour))
        return found


def calendar_time(moment: Cutoff, zone: str) -> str:
    """Return a moment of the week as systemd writes it."""
    return f"{WEEKDAYS[moment.weekday][:3]} *-*-* {moment.time:%H:%M}:00 {zone}"


def calendar_day(day: int) -> str:
    """Return cron's number of a day as systemd's name of it."""
    return WEEKDAYS[(day - 1) % 7][:3]


def _minute(moment: Cutoff) -> int:
    return moment.weekday * DAY_MINUTES + moment.time.hour * 60 + moment.time.minute


def _lines(minutes: str, hours: set[tuple[int, int]]) -> Iterator[str]:
    for day in sorted({day for day, _ in hours}):
        mine = sorted(hour for other, hour in hours if other == day)
        yield f"{minutes} {','.join(map(str, mine))} * * {day}"
