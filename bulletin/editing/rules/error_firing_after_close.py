"""An error that was closed and fires on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from bulletin.editing.rules import BARE, CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import ErrorTrend, Life, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFiringAfterClose:
    """An error that was closed and fires on: closed is not fixed."""

    id: ClassVar = "error-firing-after-close"
    kind: ClassVar = "error"
    needs: ClassVar = ("resolved", "last_seen")

    hours: int = 1
    """Hours after the closing in which stragglers are forgiven."""

    def judge(self, fact: ErrorTrend, scene: Scene) -> Verdict:
        if fact.life is not Life.DONE:
            return None
        if fact.last_seen is None:
            return CANNOT_TELL
        if fact.last_seen < min(scene.span.start, scene.as_of - timedelta(days=7)):
            return None
        if fact.resolved is None:
            return CANNOT_TELL
        if fact.last_seen <= fact.resolved + timedelta(hours=self.hours):
            return None
        days = scene.age(fact.resolved)
        words: Words = {"days": days}
        if fact.events is not None:
            words["events"] = fact.events
        reason = Reason(
            rule=self.id if fact.events is not None else self.id + BARE,
            measure=fact.events,
            unit="events",
            words=words,
        )
        return Flag(reason=reason, severity=Severity.HIGH)
