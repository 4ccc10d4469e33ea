"""An error that was resolved and has come back."""

from dataclasses import dataclass
from typing import ClassVar

from bulletin.editing.rules import BARE, CANNOT_TELL, Flag, Scene, Verdict
from bulletin.model.edition import Reason
from bulletin.model.facts import ErrorTrend, Life, Severity
from bulletin.model.front import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRegressed:
    """An error that was resolved and has come back; it stays listed until it is quiet.

    Either the tracker says so, or, where it has no word for it, an earlier edition saw it resolved.
    """

    id: ClassVar = "error-regressed"
    kind: ClassVar = "error"
    needs: ClassVar = ("substatus", "events")

    events: int = 10
    """Events in the week below which it counts as quiet."""

    def judge(self, fact: ErrorTrend, scene: Scene) -> Verdict:
        if fact.life is not Life.OPEN:
            return None
        held = scene.held(fact.key, self.id)
        came_back = fact.substatus is None and fact.key in scene.closed
        if fact.substatus is None and not came_back and not held:
            return CANNOT_TELL
        if fact.substatus != "regressed" and not came_back and not held:
            return None
        if fact.events is None:
            return CANNOT_TELL
        if fact.events < self.events * scene.share:
            return scene.quiet() if held else None
        words: Words = {"events": fact.events}
        if fact.release is not None:
            words["release"] = fact.release
        reason = Reason(
            rule=self.id if fact.release is not None else self.id + BARE,
            measure=fact.events,
            unit="events",
            words=words,
        )
        return Flag(reason=reason, severity=Severity.MEDIUM)
