"""An open incident that nobody has taken."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUnowned:
    """An open incident that nobody has taken."""

    id: ClassVar = "incident-unowned"
    kind: ClassVar = "incident"
    needs: ClassVar = ("assigned",)

    days: int = 1
    """Days that an incident may wait for somebody."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        days = scene.age(fact.opened)
        if fact.life is not Life.OPEN or days <= self.days:
            return None
        if fact.assigned is None:
            return CANNOT_TELL
        if fact.assigned:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=fact.severity or Severity.MEDIUM)
