"""What the past editions teach: what became of everything that they pointed at, counted."""

from dataclasses import dataclass

from bulletin.model.facts import FactKey
from bulletin.model.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of so many stays on the list.

    A stay begins in the edition that an item joins the list in and ends in the one that it leaves
    it in. An item that comes back begins another; one that is renamed goes on with its own.
    """

    joined: int = 0
    fixed: int = 0
    cleared: int = 0
    dropped: int = 0
    waived: int = 0
    open: int = 0
    """Still on the list, and seen there."""
    unknown: int = 0
    """On the list when it was last seen, and its source is dark."""

    def __post_init__(self) -> None:
        left = self.fixed + self.cleared + self.dropped + self.waived
        if left + self.open + self.unknown != self.joined:
            msg = f"a tally does not add up: {self}"
            raise ValueError(msg)

    @property
    def settled(self) -> int:
        """Fixed or cleared."""
        return self.fixed + self.cleared


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What joined the list in one week, and what has become of it."""

    week: Week
    tally: Tally | None
    """None is a week without an edition."""
    soon: int | None = None
    """Fixed or cleared by the following week. None where that is not known of all of them: the
    week is not over, had no edition, or one of their sources was dark."""
    is_whole: bool = True
    """Whether every source was known in the week: else more may have joined than was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """What a rule's findings led to. A finding is one rule that points at one stay."""

    rule: str
    """Its id."""
    setting: str
    """The rule with its settings, as it spoke: with others it counts apart."""
    tally: Tally
    weeks: int | None
    """Median weeks on the list of what has left it; None where nothing has."""
    knobs: tuple[str, ...] = ()
    """Names of its settings; empty where it has none, or judges with these no more."""
    retune: bool = False
    """Whether it pointed often enough, for long enough, and nobody settled any of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRecord:
    """What became of a team's items: the team that each had when it left, or has now."""

    team: str | None
    """None is nobody's yet."""
    tally: Tally
    due: int
    """Stays of which it is known what the week after they joined brought."""
    soon: int
    """Those of them that were fixed or cleared in it."""
    oldest: FactKey | None = None
    """The longest on the list."""
    weeks: int | None = None
    """Its weeks on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Up to 12 weeks of the list, this one included, looked back on from this edition."""

    before: Tally
    """What was on the list already when the first of these editions was made."""
    cohorts: tuple[Cohort, ...]
    """One a week, oldest first, this week last."""
    rules: tuple[RuleRecord, ...]
    """The most findings first."""
    teams: tuple[TeamRecord, ...]
    """By name, what is nobody's last."""
    oldest: FactKey | None
    """The longest on the list."""
    due: int
    """Stays of which it is known what the week after they joined brought."""
    soon: int
    """Those of them that were fixed or cleared in it."""
    late: int | None
    """Median weeks on the list of what was fixed or cleared later; None for nothing."""

    @property
    def retune(self) -> tuple[RuleRecord, ...]:
        """The rules that should be set otherwise, or switched off."""
        return tuple(record for record in self.rules if record.retune)
