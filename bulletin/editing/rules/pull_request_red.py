"""A pull request whose checks have been failing for days."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import BARE, CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestRed:
    """A pull request whose checks have been failing for days."""

    id: ClassVar = "pull-request-red"
    kind: ClassVar = "pull_request"
    needs: ClassVar = ("checks",)

    days: int = 2
    """Days that checks may stay red, counted from the last push."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        if not awaits(fact):
            return None
        if fact.checks is None:
            return CANNOT_TELL
        if fact.checks != "failing":
            return None
        if fact.checks_since is None:
            return Flag(reason=Reason(rule=self.id + BARE), severity=Severity.MEDIUM)
        days = scene.age(fact.checks_since)
        if days <= self.days:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=Severity.MEDIUM)
