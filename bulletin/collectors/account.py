"""The account of one call to a collector: what it cost, and what it could not learn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bulletin.model.facts import Fact
from bulletin.model.harvest import Coverage, Gap, Harvest, Missing, Moved, State
from bulletin.wire.http import Budget, Refused


@dataclass(slots=True, kw_only=True)
class Account:
    """Gaps and coverage of one call. Of its requests only those since it was opened count."""

    source: str
    kinds: tuple[str, ...]
    unit: str
    """What its coverage counts."""
    budget: Budget
    as_of: datetime
    spent: int = field(init=False)
    gaps: list[Gap] = field(default_factory=list)
    closed_too: bool = False
    """Whether the search also covered what came and went within the window."""
    left_out: int = 0
    """Less pressing facts that the settings do not ask for; at least so many."""

    def __post_init__(self) -> None:
        self.spent = self.budget.requests

    @property
    def is_whole(self) -> bool:
        """Whether no gap so far hides whole facts."""
        return all(gap.parts for gap in self.gaps)

    def note(self, refused: Refused, parts: tuple[str, ...] = (), **counts: int | None) -> None:
        """File a gap, unless the same is filed already."""
        gap = refused.gap(self.source, self.kinds, parts=parts, **counts)
        if all(
            (gap.reason, gap.detail, gap.parts) != (g.reason, g.detail, g.parts) for g in self.gaps
        ):
            self.gaps.append(gap)

    def harvest(
        self,
        facts: Sequence[Fact] = (),
        *,
        seen: int,
        expected: int | None,
        moved: Sequence[Moved] = (),
        missing: Sequence[Missing] = (),
        dark: bool = False,
    ) -> Harvest:
        """Close the account. `dark` says that nothing is known."""
        known = State.KNOWN if self.is_whole else State.PARTIAL
        coverage = Coverage(
            source=self.source,
            kinds=self.kinds,
            state=State.UNKNOWN if dark else known,
            seen=0 if dark else seen,
            expected=expected,
            unit=self.unit,
            as_of=self.as_of,
            requests=self.budget.requests - self.spent,
            closed_too=self.closed_too,
            left_out=self.left_out,
        )
        harvest = Harvest(
            source=self.source,
            facts=tuple(facts),
            gaps=tuple(self.gaps),
            coverage=coverage,
            moved=tuple(moved),
            missing=tuple(missing),
        )
        return self.budget.timekeeper.told(harvest)
