"""An error that rises beyond its routine variation."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.trends import limits, week_by_week
from bulletin.model.edition import Item, Reason, Words
from bulletin.model.facts import ErrorTrend, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRising:
    """An error that rises beyond its routine variation.

    With at least 6 known earlier weeks: above the upper natural process limit (XmR). With fewer:
    `factor` times last week. A listed item is held against the weeks before it was listed, so
    that a new level does not become routine by being printed.
    """

    id: ClassVar = "error-rising"
    kind: ClassVar = "error"
    needs: ClassVar = ("events", "events_before")

    events: int = 100
    """Events in the week below which a rise is not worth a line."""
    factor: float = 2.0
    """How many times last week, while fewer than 6 earlier weeks are known."""

    def judge(self, fact: ErrorTrend, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        if fact.events is None:
            return CANNOT_TELL
        if fact.events < self.events:
            return None
        held = scene.held(fact.key, self.id)
        weekly = scene.weekly.get(fact.key, ())
        earlier = week_by_week([one for one in weekly if not held or one[0] < held.since])
        before = self._before(held) if held else fact.events_before
        if before is None and earlier:
            before = earlier[-1]
        if before is None:
            return CANNOT_TELL
        routine = limits(earlier)
        limit = routine.upper if routine else self.factor * before
        # From nothing to something is for `error-new`: no ratio stands on zero.
        if fact.events <= limit or (routine is None and before == 0):
            return None
        words: Words = {
            "events": fact.events,
            "before": before,
            "limit": round(limit),
        }
        reason = Reason(rule=self.id, measure=fact.events, unit="events", words=words)
        return Flag(reason=reason, severity=Severity.MEDIUM)

    def _before(self, held: Item) -> int | None:
        words = next((r.words for r in held.reasons if r.rule == self.id), {})
        before = words.get("before")
        return before if isinstance(before, int) else None
