"""An incident that is open and grave."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Incident, Life, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSevere:
    """An incident that is open and grave."""

    id: ClassVar = "incident-severe"
    kind: ClassVar = "incident"
    needs: ClassVar = ("severity",)

    at_least: Literal["low", "medium", "high", "critical"] = "high"
    """The mildest severity that is pointed at."""

    def judge(self, fact: Incident, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        if fact.severity is None:
            return CANNOT_TELL
        if fact.severity < Severity[self.at_least.upper()]:
            return None
        words: Words = {"severity": fact.severity.name.lower(), "days": scene.age(fact.opened)}
        reason = Reason(rule=self.id, measure=int(fact.severity), unit="steps", words=words)
        return Flag(reason=reason, severity=fact.severity)
