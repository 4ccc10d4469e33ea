"""What Sentry remembers of past weeks: events for as long as it keeps them, and since when what is
ignored today has been ignored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bulletin.collectors.sentry.reading import Json, parse_ignoring
from bulletin.collectors.sentry.round import Round
from bulletin.collectors.sentry.settings import SentrySettings
from bulletin.model.facts import ErrorTrend, Life
from bulletin.model.harvest import Cause, Gap
from bulletin.model.week import Window
from bulletin.wire.refused import Refused

IGNORINGS = 20
"""How many ignored errors are looked at one by one, however many weeks are told."""

Places = tuple[list[str], int | None, int | None, tuple[Gap, ...]]
"""The projects to ask for, how many those are of how many, and what is amiss with them."""


def past_queries(window: Window, settings: SentrySettings) -> Sequence[tuple[str, int]]:
    """Return what is searched for in a past window, and how many of each at most.

    What an error is today says little of what it was: the ignored and the resolved count as well.
    """
    start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (window.start, window.end))
    limit = settings.limit
    return (
        ("is:unresolved", min(settings.top, limit)),
        (f"firstSeen:>={start} firstSeen:<{end}", limit),
        ("is:resolved", limit),
        ("is:ignored", limit),
    )


def refuse_forgotten(window: Window, as_of: datetime, days: int) -> None:
    """Raise `Refused` for a window that Sentry no longer holds all of."""
    if window.start < as_of - timedelta(days=days):
        raise Refused(
            Cause.AFTERWARDS,
            f"the week began {(as_of - window.start).days} days ago: events are kept for {days}",
            "Set `retention` if this Sentry keeps them for longer.",
        )


def note_forgotten(now: Round, facts: Sequence[ErrorTrend], days: int) -> None:
    """Tell of a past week in which nothing at all fired: that is not believed."""
    if facts or not now.is_whole:
        return
    said = f"not one error in a whole week: does this Sentry keep events for {days} days?"
    now.note(Refused(Cause.AFTERWARDS, said, "Set `retention` to the days that it does."))


@dataclass(slots=True)
class Ignorings:
    """Since when errors are ignored, each asked for once."""

    ask: Callable[[str], Json]
    """Fetches an issue with its history, by its id. Raises `Refused`."""
    known: dict[str, datetime | None] = field(default_factory=dict)

    def dated(self, now: Round, facts: Sequence[ErrorTrend]) -> list[ErrorTrend]:
        """Date the ignored ones, the most frequent first."""
        ignored = [fact for fact in facts if fact.life is Life.DECLINED]
        for fact in sorted(ignored, key=lambda fact: -(fact.events or 0)):
            if fact.handle in self.known or len(self.known) >= IGNORINGS:
                continue
            try:
                self.known[fact.handle] = parse_ignoring(self.ask(fact.handle))
            except Refused as refused:
                now.note(refused, ("resolved",))
                break
        return [
            replace(fact, resolved=self.known.get(fact.handle))
            if fact.life is Life.DECLINED
            else fact
            for fact in facts
        ]
