"""A decision that is said to be carried out, while what it was about is open."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Item, Reason
from bulletin.model.facts import Decision, Life, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionUnkept:
    """A decision that is said to be carried out, while what it was about is still open.

    Where nobody can say whether it is, nobody can say that the decision did its work.
    """

    id: ClassVar = "decision-unkept"
    kind: ClassVar = "decision"
    needs: ClassVar[tuple[str, ...]] = ()

    def judge(self, fact: Decision, scene: Scene) -> Verdict:
        if fact.life is not Life.DONE or fact.about is None:
            return None
        about = scene.renamed.get(fact.about, fact.about)
        match scene.lives.get(about):
            case Life.UNKNOWN:
                return CANNOT_TELL
            case Life.DONE | Life.DECLINED | None:
                return None
            case Life.OPEN:
                pass
        reason = Reason(rule=self.id, words={"about": about.subject})
        return Flag(reason=reason, severity=Severity.MEDIUM)


def is_unkept(item: Item) -> bool:
    """Whether an item of the list is a decision that is said to be done, and is not."""
    return item.state.on_list and any(reason.rule == DecisionUnkept.id for reason in item.reasons)
