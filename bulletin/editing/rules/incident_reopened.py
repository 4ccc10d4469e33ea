"""An incident that was closed too early: it is open again."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReopened:
    """An incident that was closed too early: it stays listed until it is closed again."""

    id: ClassVar = "incident-reopened"
    kind: ClassVar = "incident"
    needs: ClassVar = ("reopened",)

    days: int = 28
    """Days after which a reopening is old news; an item already listed for it stays."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        held = scene.held(fact.key, self.id)
        if fact.reopened is None:
            return CANNOT_TELL if held else None
        days = scene.age(fact.reopened)
        if days > self.days and not held:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=max(fact.severity or Severity.LOW, Severity.MEDIUM))
