"""The life of a group of errors, hour by hour."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from bulletin.sandbox.world.change import Change, digest

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorState:
    """A group of errors at one moment."""

    status: str = "unresolved"
    """unresolved, resolved or ignored."""
    substatus: str | None
    resolved: datetime | None = None
    next_release: bool = False
    """Whether it was resolved in a release that is yet to come."""
    ignored: datetime | None = None
    release: str


@dataclass(frozen=True, kw_only=True)
class ErrorStory:
    """A group of errors: changes `resolve`, `regress`, `escalate`, `ignore`, `ongoing`, `release`,
    and `volume`, which sets the events per day from that moment on. To `resolve next` is to do so
    in the next release.
    """

    short_id: str
    project: str
    title: str
    culprit: str = ""
    level: str = "error"
    team: str | None = None
    release: str = "storefront@26.38.0"
    first_seen: datetime
    per_day: int
    users_share: float = 0.6
    """Different users per event."""
    ticket: str = ""
    """The incident that somebody linked it to."""
    changes: tuple[Change, ...] = ()

    @property
    def number(self) -> str:
        """The immutable numeric id."""
        return str(4_000_000 + int(digest(self.short_id)[:5], 16))

    def at(self, moment: datetime) -> ErrorState | None:
        """Return its state, or None before it was first seen."""
        if moment < self.first_seen:
            return None
        fresh = "new" if moment - self.first_seen < 7 * DAY else "ongoing"
        state = ErrorState(substatus=fresh, release=self.release)
        words = {"regress": "regressed", "escalate": "escalating", "ongoing": "ongoing"}
        for change in self.changes:
            if change.at > moment or change.what == "volume":
                continue
            match change.what:
                case "resolve":
                    state = replace(
                        state,
                        status="resolved",
                        substatus=None,
                        resolved=change.at,
                        next_release=change.value == "next",
                        ignored=None,
                    )
                case "ignore":
                    state = replace(
                        state,
                        status="ignored",
                        substatus="archived_until_escalating",
                        resolved=None,
                        ignored=change.at,
                    )
                case "regress" | "escalate" | "ongoing":
                    state = replace(
                        state,
                        status="unresolved",
                        substatus=words[change.what],
                        resolved=None,
                        next_release=False,
                        ignored=None,
                    )
                case "release":
                    state = replace(state, release=change.value)
                case _:
                    msg = f"an error has no '{change.what}'"
                    raise ValueError(msg)
        return state

    def events(self, start: datetime, end: datetime) -> int:
        """Count its events in `[start, end)`, by whole hours."""
        first = max(0, (start - self._dawn) // HOUR)
        past_last = max(first, -((self._dawn - end) // HOUR))
        return self._until(past_last) - self._until(first)

    def last_seen(self, moment: datetime) -> datetime | None:
        """Return its last event before `moment`, to the hour; None before the first."""
        if moment < self.first_seen:
            return None
        total = self._until((moment - self._dawn) // HOUR + 1)
        if not total:
            return self.first_seen
        hour = self._dawn + (bisect_left(self._running, total) - 1) * HOUR
        return min(moment, hour + timedelta(minutes=41))

    @property
    def _dawn(self) -> datetime:
        return self.first_seen.replace(minute=0, second=0, microsecond=0)

    @cached_property
    def _running(self) -> list[int]:
        """Events before each hour since the first; grows as far as anybody asked."""
        return [0]

    def _until(self, hours: int) -> int:
        while len(self._running) <= hours:
            hour = self._dawn + (len(self._running) - 1) * HOUR
            self._running.append(self._running[-1] + _wobble(self.short_id, hour, self._rate(hour)))
        return self._running[hours]

    def _rate(self, hour: datetime) -> int:
        rate = self.per_day
        for change in self.changes:
            if change.what == "volume" and change.at <= hour:
                rate = int(change.value)
        return rate


def _wobble(name: str, hour: datetime, per_day: int) -> int:
    """Spread a day's events over its hours, busier in the evening, never quite even."""
    if not per_day:
        return 0
    shape = (2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 5, 5, 6, 7, 8, 8, 6, 4, 3)
    dice = int(digest(name, hour.isoformat())[:6], 16)
    exact = per_day * shape[hour.hour] / sum(shape) * (0.75 + 0.5 * (dice % 1000) / 1000)
    return int(exact) + (1 if dice // 1000 % 1000 / 1000 < exact % 1 else 0)
