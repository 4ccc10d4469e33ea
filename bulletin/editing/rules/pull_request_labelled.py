"""An open pull request that somebody has labelled as pressing."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import Life, PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestLabelled:
    """An open pull request that somebody has labelled as pressing; drafts and bots included."""

    id: ClassVar = "pull-request-labelled"
    kind: ClassVar = "pull_request"
    needs: ClassVar[tuple[str, ...]] = ()

    labels: tuple[str, ...] = ("blocker", "urgent", "black-friday")
    """Labels that put a pull request on the list; upper and lower case are alike."""
    days: int = 1
    """Days that it may be open before it is listed."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN or scene.age(fact.created) < self.days:
            return None
        wanted = {label.casefold() for label in self.labels}
        found = sorted(label for label in fact.labels if label.casefold() in wanted)
        if not found:
            return None
        reason = Reason(rule=self.id, words={"label": found[0]})
        return Flag(reason=reason, severity=Severity.HIGH)
