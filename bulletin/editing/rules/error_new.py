"""An error first seen this week, and loud from the start."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import BARE, CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import ErrorTrend, Life, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorNew:
    """An error first seen this week, and loud; it stays listed until it is half as loud."""

    id: ClassVar = "error-new"
    kind: ClassVar = "error"
    needs: ClassVar = ("events", "first_seen")

    events: int = 100
    """Events in the week from which a new error is loud."""

    def judge(self, fact: ErrorTrend, scene: Scene) -> Verdict:
        held = scene.held(fact.key, self.id)
        if fact.life is not Life.OPEN:
            return None
        if not held and fact.first_seen is None:
            return CANNOT_TELL
        if not held and not scene.is_fresh(fact.key, fact.first_seen):
            return None
        if fact.events is None:
            return CANNOT_TELL
        if held and fact.events < self.events / 2 * scene.share:
            return scene.quiet()
        if not held and fact.events < self.events * max(1.0, scene.share):
            return None
        words: Words = {"events": fact.events}
        if fact.users is not None:
            words["users"] = fact.users
        reason = Reason(
            rule=self.id if fact.users is not None else self.id + BARE,
            measure=fact.events,
            unit="events",
            words=words,
        )
        grave = fact.level == "fatal"
        return Flag(reason=reason, severity=Severity.HIGH if grave else Severity.MEDIUM)
