"""An incident that has been open for too long."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOld:
    """An incident that has been open for too long."""

    id: ClassVar = "incident-old"
    kind: ClassVar = "incident"
    needs: ClassVar[tuple[str, ...]] = ()

    days: int = 14
    """Days that an incident may stay open."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        days = scene.age(fact.opened)
        if fact.life is not Life.OPEN or days <= self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=fact.severity or Severity.MEDIUM)
