"""A decision that has not been carried out yet."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import BARE, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Decision, Life, Severity

DAYS = 7
"""Days of a week: decisions are due by editions, lateness is told in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOpen:
    """A decision of the meeting, until somebody says that it was carried out.

    It is as grave when it is late as when it was taken: a waiver that was given to it holds.
    """

    id: ClassVar = "decision-open"
    kind: ClassVar = "decision"
    needs: ClassVar[tuple[str, ...]] = ()

    def judge(self, fact: Decision, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        late = DAYS * scene.week.weeks_since(fact.due)
        if late < 0:
            reason = Reason(rule=self.id + BARE, words={"due": fact.due.number})
        else:
            reason = Reason(rule=self.id, measure=late, unit="days", words={"days": late})
        return Flag(reason=reason, severity=Severity.MEDIUM)
