"""An incident that was opened long ago and is not closed for good."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOld:
    """An incident that was opened long ago and is not closed for good."""

    id: ClassVar = "incident-old"
    kind: ClassVar = "incident"
    needs: ClassVar[tuple[str, ...]] = ()

    days: int = 14
    """Days since it was first opened; closing it in between does not start them anew."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        days = scene.age(fact.opened)
        if fact.life is not Life.OPEN or days <= self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=fact.severity or Severity.MEDIUM)
