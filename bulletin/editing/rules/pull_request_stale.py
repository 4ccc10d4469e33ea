"""A pull request in which nothing has moved for days."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestStale:
    """A pull request in which nothing has moved for days."""

    id: ClassVar = "pull-request-stale"
    kind: ClassVar = "pull_request"
    needs: ClassVar = ("last_activity",)

    days: int = 7
    """Days that a pull request may lie still."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        if not awaits(fact):
            return None
        if fact.last_activity is None:
            return CANNOT_TELL
        days = scene.age(fact.last_activity)
        if days <= self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=Severity.LOW)
