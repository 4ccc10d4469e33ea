"""ISO weeks and the windows of time that an edition speaks of."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self

from bulletin.model.spelling import Spelled

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
YEARS = range(1900, 9000)
"""Arithmetic needs room on both sides of a year."""
SPELLING = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open interval `[start, end)`, both in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.end.utcoffset() != timedelta(0):
            msg = "a window is in UTC"
            raise ValueError(msg)
        if self.end <= self.start:
            msg = "a window ends after it starts"
            raise ValueError(msg)

    @property
    def hours(self) -> float:
        """Real hours: 168, or 167 and 169 in the weeks that change the clocks."""
        return (self.end - self.start) / timedelta(hours=1)

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The weekday (Monday is 0) and the local time at which a week closes."""

    weekday: int
    time: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Thursday 10:00`. Raises ValueError for anything else."""
        day, _, clock = text.strip().partition(" ")
        if day.capitalize() not in WEEKDAYS:
            msg = f"'{day}' is no weekday; write it as in 'Thursday 10:00'"
            raise ValueError(msg)
        try:
            return cls(WEEKDAYS.index(day.capitalize()), time.fromisoformat(clock.strip()))
        except ValueError:
            msg = f"'{clock}' is no time of day; write it as in 'Thursday 10:00'"
            raise ValueError(msg) from None

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {self.time:%H:%M}"

    @property
    def cron(self) -> str:
        """The five fields of a crontab, in whatever zone that has."""
        return f"{self.time.minute} {self.time.hour} * * {self.cron_day}"

    @property
    def cron_day(self) -> int:
        """The day as cron counts, Sunday being 0."""
        return (self.weekday + 1) % 7


@dataclass(frozen=True, slots=True, order=True)
class Week(Spelled):
    """An ISO 8601 week. It has no time zone of its own: `window` asks for one."""

    year: int
    number: int

    def __post_init__(self) -> None:
        try:
            date.fromisocalendar(self.year, self.number, 1)
            known = self.year in YEARS
        except ValueError:
            known = False
        if not known:
            msg = f"{self.year} has no week {self.number}"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-W48`. Raises ValueError for anything else."""
        match = SPELLING.fullmatch(text)
        if match is None:
            msg = f"'{text}' is no ISO week; write it as in '2026-W48'"
            raise ValueError(msg)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Self:
        """Return the week that `moment` lies in for somebody who lives in `zone`."""
        year, number, _ = moment.astimezone(zone).isocalendar()
        return cls(year, number)

    def shift(self, weeks: int) -> "Week":
        """Return the week so many weeks later, or earlier if negative."""
        monday = date.fromisocalendar(self.year, self.number, 1) + timedelta(weeks=weeks)
        year, number, _ = monday.isocalendar()
        return Week(year, number)

    def weeks_since(self, earlier: "Week") -> int:
        """Count the weeks from `earlier` to this one: 0 for the same week."""
        monday = date.fromisocalendar(self.year, self.number, 1)
        return (monday - date.fromisocalendar(earlier.year, earlier.number, 1)).days // 7

    def closes(self, zone: tzinfo, cutoff: Cutoff) -> datetime:
        """Return the moment of this week's cut-off, in UTC.

        A local time that the spring change skips is read with the offset before the
        change, one that the autumn change repeats as the first of the two (PEP 495).
        """
        day = date.fromisocalendar(self.year, self.number, cutoff.weekday + 1)
        return datetime.combine(day, cutoff.time, zone).astimezone(UTC)

    def window(self, zone: tzinfo, cutoff: Cutoff) -> Window:
        """Return `[last week's cut-off, this week's cut-off)`."""
        return Window(self.shift(-1).closes(zone, cutoff), self.closes(zone, cutoff))
