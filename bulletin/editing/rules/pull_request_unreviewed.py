"""A pull request that nobody has looked at."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import CANNOT_TELL, Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestUnreviewed:
    """A pull request that nobody has looked at."""

    id: ClassVar = "pull-request-unreviewed"
    kind: ClassVar = "pull_request"
    needs: ClassVar = ("review",)

    days: int = 3
    """Days that a pull request may wait for its first review, from when it left draft."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        days = scene.age(fact.ready or fact.created)
        if not awaits(fact) or days <= self.days or fact.reviews:
            return None
        if fact.review is None:
            return CANNOT_TELL
        if fact.review in {"approved", "changes_requested"}:
            return None
        reason = Reason(rule=self.id, measure=days, unit="days", words={"days": days})
        return Flag(reason=reason, severity=Severity.MEDIUM)
