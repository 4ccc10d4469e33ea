"""A pull request too big for anybody to review well."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import Flag, Scene, Verdict
from bulletin.editing.rules.pull_requests import awaits
from bulletin.model.edition import Reason
from bulletin.model.facts import PullRequest, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestBig:
    """A pull request too big for anybody to review well."""

    id: ClassVar = "pull-request-big"
    kind: ClassVar = "pull_request"
    needs: ClassVar[tuple[str, ...]] = ()

    lines: int = 1000
    """Lines added and removed that a pull request may have."""
    days: int = 1
    """Days that it may be open before it is listed."""

    def judge(self, fact: PullRequest, scene: Scene) -> Verdict:
        lines = fact.additions + fact.deletions
        if not awaits(fact) or lines <= self.lines or scene.age(fact.created) < self.days:
            return None
        words: Words = {"lines": lines, "files": fact.files}
        reason = Reason(rule=self.id, measure=lines, unit="lines", words=words)
        return Flag(reason=reason, severity=Severity.LOW)
