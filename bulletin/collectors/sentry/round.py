"""The account of one call to the collector: issues, gaps, and what came of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bulletin.collectors.http import Budget, Refused
from bulletin.collectors.sentry.reading import NUMBER, Json, Reading, is_going, parse_issue
from bulletin.model.facts import ErrorTrend
from bulletin.model.harvest import Cause, Coverage, Gap, Harvest, Missing, Moved, State
from bulletin.model.week import Window

KINDS = ("error",)
UPDATE = "Update bulletin, or ask whoever runs the service what changed."


@dataclass(slots=True)
class Round:
    """What one call to the collector has brought so far."""

    reading: Reading
    budget: Budget
    as_of: datetime
    unit: str
    """What its coverage counts."""
    spent: int = field(init=False)
    issues: dict[str, Json] = field(default_factory=dict)
    """As Sentry wrote them, by id, the most frequent first."""
    unreadable: int = 0
    gaps: list[Gap] = field(default_factory=list)
    answered: int = 0
    """Searches that came to their end."""
    closed_too: bool = False
    left_out: int = 0
    """Less frequent errors that the settings do not ask for; at least so many."""

    def __post_init__(self) -> None:
        self.spent = self.budget.requests

    @property
    def window(self) -> Window:
        """The window that was asked for."""
        return self.reading.window

    @property
    def is_whole(self) -> bool:
        """Whether no gap so far hides errors."""
        return not any(gap.hides("error") for gap in self.gaps)

    def note(self, refused: Refused, parts: tuple[str, ...] = (), **counts: int | None) -> None:
        """File a gap, unless the same is filed already."""
        gap = refused.gap(self.reading.source, KINDS, parts=parts, **counts)
        if all(
            (gap.reason, gap.detail, gap.parts) != (g.reason, g.detail, g.parts) for g in self.gaps
        ):
            self.gaps.append(gap)

    def add(self, rows: Iterable[Any]) -> None:
        """Take issues in, each once, and only errors where the server lists other things too."""
        for row in rows:
            match row:
                case {"issueCategory": str(category)} if category != "error":
                    pass
                case {"id": str(number)} if NUMBER.fullmatch(number):
                    self.issues.setdefault(number, row)
                case _:
                    self.unreadable += 1

    def facts(self, *, windowed: bool) -> list[ErrorTrend]:
        """Read the issues; those that cannot be read are counted."""
        facts = []
        for issue in self.issues.values():
            if is_going(issue):
                continue
            try:
                facts.append(parse_issue(issue, self.reading, windowed=windowed))
            except ValueError:
                self.unreadable += 1
        for missed, parts in (
            (self.unreadable, ()),
            (sum(fact.events is None for fact in facts), ("events",)),
        ):
            if missed:
                what = "counts of errors" if parts else "errors"
                refused = Refused(Cause.CHANGED_SHAPE, f"{missed} {what} could not be read", UPDATE)
                total = len(facts) + self.unreadable
                self.note(refused, parts, seen=total - missed, expected=total)
        return facts

    def harvest(
        self,
        facts: Sequence[ErrorTrend] = (),
        *,
        seen: int,
        expected: int | None,
        moved: Sequence[Moved] = (),
        missing: Sequence[Missing] = (),
        dark: bool = False,
    ) -> Harvest:
        """Close the call's account. `dark` says that nothing is known."""
        known = State.KNOWN if self.is_whole else State.PARTIAL
        coverage = Coverage(
            source=self.reading.source,
            kinds=KINDS,
            state=State.UNKNOWN if dark else known,
            seen=0 if dark else seen,
            expected=expected,
            unit=self.unit,
            as_of=self.as_of,
            requests=self.budget.requests - self.spent,
            closed_too=self.closed_too,
            left_out=self.left_out,
        )
        return Harvest(
            source=self.reading.source,
            facts=tuple(facts),
            gaps=tuple(self.gaps),
            coverage=coverage,
            moved=tuple(moved),
            missing=tuple(missing),
        )
