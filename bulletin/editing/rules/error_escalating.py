"""An error that the tracker itself calls escalating."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import ErrorTrend, Life, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEscalating:
    """An error that the tracker calls escalating; it stays listed until it is half as loud."""

    id: ClassVar = "error-escalating"
    kind: ClassVar = "error"
    needs: ClassVar = ("substatus", "events")

    events: int = 50
    """Events in the week below which it is not worth a line."""

    def judge(self, fact: ErrorTrend, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        held = scene.held(fact.key, self.id)
        if fact.substatus is None and not held:
            return CANNOT_TELL
        if fact.substatus != "escalating" and not held:
            return None
        if fact.events is None:
            return CANNOT_TELL
        if held and fact.events < self.events / 2 * scene.share:
            return scene.quiet()
        if not held and fact.events < self.events * max(1.0, scene.share):
            return None
        words: Words = {"events": fact.events}
        reason = Reason(rule=self.id, measure=fact.events, unit="events", words=words)
        return Flag(reason=reason, severity=Severity.HIGH)
