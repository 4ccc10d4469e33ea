"""A pull request that can no longer be merged as it is."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestConflicting:
    """A pull request that can no longer be merged as it is, and that nobody is working on."""

    id: ClassVar = "pull-request-conflicting"
    kind: ClassVar = "pull_request"
    needs: ClassVar = ("mergeable", "last_activity")

    days: int = 2
    """Days without activity before a conflict is pointed at."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        if not awaits(fact):
            return None
        if fact.mergeable is None or fact.last_activity is None:
            return CANNOT_TELL
        days = scene.age(fact.last_activity)
        if fact.mergeable != "conflicting" or days < self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=Severity.LOW)
