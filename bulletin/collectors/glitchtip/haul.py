"""The account of one call to the collector: issues, gaps, and the facts that came of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bulletin.collectors.account import Account
from bulletin.collectors.glitchtip.reading import (
    Days,
    Json,
    Reading,
    daily,
    midnight,
    parse_exact,
    parse_issue,
)
from bulletin.collectors.values import NUMBER, parse_moment
from bulletin.model.facts import ErrorTrend
from bulletin.model.harvest import Cause
from bulletin.wire.clocks import refuse_future
from bulletin.wire.refused import Refused

KINDS = ("error",)
UPDATE = "Update bulletin, or ask whoever runs the service what changed."


@dataclass(slots=True, kw_only=True)
class Haul(Account):
    """What one call to the collector has brought so far."""

    kinds: tuple[str, ...] = KINDS
    reading: Reading
    issues: dict[str, Json] = field(default_factory=dict)
    """As GlitchTip wrote them, by id."""
    unreadable: int = 0

    def add(self, rows: Sequence[Any]) -> None:
        """Take issues in, each as it was told last."""
        for row in rows:
            match row:
                case {"id": str(number)} if NUMBER.fullmatch(number):
                    self.issues[number] = row
                case _:
                    self.unreadable += 1

    def fired(self, rows: Sequence[Any]) -> list[Any]:
        """Return the issues that fired since the first day that counts; one that does not say
        stays.
        """
        moments = [parse_moment(r.get("lastSeen")) if isinstance(r, dict) else None for r in rows]
        start = midnight(self.reading.window.start)
        return [row for row, at in zip(rows, moments, strict=True) if at is None or at >= start]

    def facts(self) -> list[ErrorTrend]:
        """Read the issues, without their counts; those that cannot be read are counted."""
        facts = []
        for row in self.issues.values():
            try:
                fact = parse_issue(row, self.reading)
                refuse_future(fact, self.as_of)
            except ValueError:
                self.unreadable += 1
                continue
            facts.append(fact)
        if self.unreadable:
            said = f"{self.unreadable} errors could not be read"
            total = len(facts) + self.unreadable
            self.note(Refused(Cause.CHANGED_SHAPE, said, UPDATE), seen=len(facts), expected=total)
        return facts

    def counted(self, fact: ErrorTrend, days: Days | None) -> ErrorTrend:
        """Add what its days tell, where it is not known without them.

        Of the week before they tell another number than was printed of an error that was new then.
        """
        assert fact.first_seen is not None
        exact = parse_exact(self.issues[fact.handle], fact, self.reading)
        now = () if days is None else daily(days, fact.first_seen, self.reading)
        return replace(
            fact,
            events=sum(now) if exact is None and now else exact,
            events_before=0 if fact.first_seen >= self.reading.window.start else None,
            daily=now,
        )
