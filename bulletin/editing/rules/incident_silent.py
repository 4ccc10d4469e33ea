"""An open incident whose ticket nobody has touched for days."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSilent:
    """An open incident whose ticket nobody has touched for days."""

    id: ClassVar = "incident-silent"
    kind: ClassVar = "incident"
    needs: ClassVar = ("updated",)

    days: int = 5
    """Days that an open incident may go without an update."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        if fact.updated is None:
            return CANNOT_TELL
        days = scene.age(fact.updated)
        if days <= self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=fact.severity or Severity.LOW)
