"""A pull request whose reviewer asked for changes, and nothing came."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChangesIdle:
    """A pull request whose reviewer asked for changes, and nothing came."""

    id: ClassVar = "pull-request-changes-idle"
    kind: ClassVar = "pull_request"
    needs: ClassVar = ("review", "last_activity")

    days: int = 4
    """Days that requested changes may wait for an answer."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        if not awaits(fact):
            return None
        if fact.last_activity is None:
            return CANNOT_TELL
        days = scene.age(fact.last_activity)
        if days <= self.days:
            return None
        if fact.review is None:
            return CANNOT_TELL
        if fact.review != "changes_requested":
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=Severity.MEDIUM)
