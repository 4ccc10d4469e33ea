"""The account of one call to the collector: issues, gaps, and the facts that came of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bulletin.collectors.account import Account
from bulletin.collectors.bugsink.client import UPDATE
from bulletin.collectors.bugsink.reading import Json, parse_issue, parse_total
from bulletin.collectors.values import parse_moment
from bulletin.model.facts import ErrorTrend
from bulletin.model.harvest import Cause
from bulletin.model.week import Window
from bulletin.wire.clocks import refuse_future
from bulletin.wire.refused import Refused

KINDS = ("error",)
HOPELESS = frozenset({Cause.REFUSED, Cause.UNREACHABLE, Cause.TOO_SLOW, Cause.RATE_LIMITED})
"""What the next request would meet as well."""


@dataclass(slots=True, kw_only=True)
class Haul(Account):
    """What one call to the collector has brought so far."""

    kinds: tuple[str, ...] = KINDS
    window: Window
    issues: dict[str, Json] = field(default_factory=dict)
    """As Bugsink wrote them, by id."""
    unreadable: int = 0

    def add(self, rows: Sequence[Any]) -> None:
        """Take issues in, each as it was told last."""
        for row in rows:
            match row:
                case {"id": str(handle)}:
                    self.issues[handle] = row
                case _:
                    self.unreadable += 1

    def fired(self, rows: Sequence[Any]) -> list[Any]:
        """Return the issues that fired since the window began; one that does not say stays."""
        moments = [parse_moment(r.get("last_seen")) if isinstance(r, dict) else None for r in rows]
        start = self.window.start
        return [row for row, at in zip(rows, moments, strict=True) if at is None or at >= start]

    def total(self, fact: ErrorTrend) -> int:
        """Return how often an error ever fired."""
        return parse_total(self.issues[fact.handle]) or 0

    def facts(self, web: str, projects: dict[int, str]) -> list[ErrorTrend]:
        """Read the issues, those that ever fired most first; what cannot be read is counted."""
        facts = []
        for row in self.issues.values():
            try:
                fact = parse_issue(row, self.source, web, projects)
                refuse_future(fact, self.as_of)
            except ValueError:
                self.unreadable += 1
                continue
            facts.append(fact)
        if self.unreadable:
            said = f"{self.unreadable} errors could not be read"
            total = len(facts) + self.unreadable
            self.note(Refused(Cause.CHANGED_SHAPE, said, UPDATE), seen=len(facts), expected=total)
        return sorted(facts, key=lambda fact: (-self.total(fact), fact.handle))
