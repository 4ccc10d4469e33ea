"""An error that rises beyond its routine variation."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from bulletin.editing.rules import BARE, CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.trends import limits, week_by_week
from bulletin.model.edition import Reason
from bulletin.model.facts import ErrorTrend, Life, Severity
from bulletin.model.front import Words
from bulletin.model.week import Week


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
        held = scene.held(fact.key, self.id)
        weekly = scene.weekly.get(fact.key, ())
        limit = self._limit(fact, held, weekly)
        if limit is None:
            return CANNOT_TELL
        share = scene.share if held else max(1.0, scene.share)
        if fact.events < self.events * share or fact.events <= limit * share:
            return scene.quiet() if held else None
        words: Words = {"events": fact.events, "limit": round(limit)}
        before = _before(fact, weekly)
        if before is not None:
            words["before"] = before
        recounted = scene.recounted(fact)
        if recounted is not None:
            words["printed"] = recounted
        reason = Reason(
            rule=self.id if before is not None else self.id + BARE,
            measure=fact.events,
            unit="events",
            words=words,
        )
        return Flag(reason=reason, severity=Severity.MEDIUM)

    def _limit(
        self, fact: ErrorTrend, held: Reason | None, weekly: Sequence[tuple[Week, int]]
    ) -> float | None:
        """Return what would still be routine, or None where nobody can tell."""
        first = held.since if held else None
        routine = limits(week_by_week([one for one in weekly if first is None or one[0] < first]))
        if routine is not None:
            return routine.upper
        if held is not None:
            said = held.words.get("limit")
            return float(said) if isinstance(said, int) else None
        before = _before(fact, weekly)
        # From nothing to something is for `error-new`: no ratio stands on zero.
        return None if before is None else self.factor * before or inf


def _before(fact: ErrorTrend, weekly: Sequence[tuple[Week, int]]) -> int | None:
    """Return the events of the week before, as the tracker has them, else as we last printed."""
    return weekly[-1][1] if fact.events_before is None and weekly else fact.events_before
