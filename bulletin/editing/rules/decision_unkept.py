"""A decision that is said to be carried out, while what it was about is open."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Decision, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionUnkept:
    """A decision that is said to be carried out, while what it was about is still open."""

    id: ClassVar = "decision-unkept"
    kind: ClassVar = "decision"
    needs: ClassVar[tuple[str, ...]] = ()

    def judge(self, fact: Decision, scene: Scene) -> Verdict:
        if fact.life is not Life.DONE or fact.about is None:
            return None
        about = scene.renamed.get(fact.about, fact.about)
        if about not in scene.open:
            return None
        reason = Reason(rule=self.id, words={"about": about.subject})
        return Flag(reason=reason, severity=Severity.MEDIUM)
