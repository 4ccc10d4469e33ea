"""Rules: one file each. A rule looks at one fact and says why, if so, the list should hold it.

A rule is a frozen dataclass whose fields are its settings, so that a rule and its settings are one
thing: `[rules.<id>]` in `bulletin.toml` fills the fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol

from bulletin.model.edition import Item, Reason
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Life, Severity
from bulletin.model.week import Week, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A rule's finding about one fact."""

    reason: Reason
    severity: Severity


class Blind(Enum):
    """A rule's answer where the fact lacks what it needs: neither yes nor no."""

    CANNOT_TELL = "cannot_tell"


CANNOT_TELL = Blind.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class Broken:
    """What the pipeline answers in the place of a rule that raised: it stops no other."""

    error: str
    """The kind of exception; the log has the rest."""


Verdict = Flag | Blind | Broken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a rule may consult besides the fact."""

    week: Week
    span: Window
    """What the edition speaks of: counts of facts are counts in it."""
    as_of: datetime
    listed: Mapping[FactKey, Item] = field(default_factory=dict)
    """Last week's list and what rests under a waiver, under this week's keys."""
    weekly: Mapping[FactKey, tuple[tuple[Week, int], ...]] = field(default_factory=dict)
    """Events of each error in earlier known weeks, oldest first, under this week's keys."""
    printed: Mapping[FactKey, int] = field(default_factory=dict)
    """Events of each error as the edition of the week before had them, under this week's keys."""
    closed: frozenset[FactKey] = frozenset()
    """What was done, and not declined or listed since, under this week's keys."""
    known_since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """Source and kind → until when it was last known; absent where it never was."""
    lives: Mapping[FactKey, Life] = field(default_factory=dict)
    """What each source says of a subject, under this week's keys; `unknown` of what last week's
    list held, or a decision is about, and nobody spoke of."""
    renamed: Mapping[FactKey, FactKey] = field(default_factory=dict)
    """Keys that were followed until now → those of today, where they differ."""

    def age(self, moment: datetime) -> int:
        """Return the whole days from `moment` until the services were asked; never negative."""
        return max(0, (self.as_of - moment) // timedelta(days=1))

    def recounted(self, fact: ErrorTrend) -> int | None:
        """Return what we printed of an error last week, if its source counts that week otherwise
        now; None where nothing is contradicted.
        """
        printed = self.printed.get(fact.key)
        return None if fact.events_before in {None, printed} else printed

    @property
    def share(self) -> float:
        """How much of a week the span is, such as 1.0: levels a week are scaled by it."""
        return self.span.hours / WEEK_HOURS

    def quiet(self) -> "Verdict":
        """Return what to say of a listed error that is quiet: part of a week proves nothing."""
        return CANNOT_TELL if self.share < WHOLE else None

    def is_fresh(self, key: FactKey, moment: datetime | None) -> bool:
        """Whether something began since its source was last known: this week, or in the dark."""
        if moment is None:
            return False
        start = self.known_since.get((key.source, key.kind), self.span.start)
        return min(start, self.span.start) <= moment < self.span.end

    def held(self, key: FactKey, rule: str) -> Reason | None:
        """Return why last week's list held this key, if it did because of this rule."""
        item = self.listed.get(key)
        reasons = item.reasons if item is not None else ()
        return next((r for r in reasons if r.rule.removesuffix(BARE) == rule), None)


WEEK_HOURS = 168
WHOLE = 0.85
"""The share of a week from which its silence means something."""
BARE = ".bare"
"""Ends a reason's id where the fact lacks an optional word; the catalogue has that sentence too."""


RULE = frozenset({"id", "kind", "needs"})
"""What every rule says of itself; the rest are its settings."""

Judge = Callable[["Rule", Fact, "Scene"], Verdict]
"""Lets a rule judge a fact; the pipeline's own catches what the rule raises."""


def judge(rule: "Rule", fact: Fact, scene: Scene) -> Verdict:
    """Let a rule judge a fact, and let pass what it raises."""
    return rule.judge(fact, scene)


def signature(rule: "Rule") -> str:
    """Return a rule's id with its settings, as in `pull-request-stale(days=7)`."""
    names = getattr(rule, "__dataclass_fields__", ())
    settings = [f"{name}={getattr(rule, name)!r}" for name in names if name not in RULE]
    return f"{rule.id}({', '.join(settings)})"


class Rule(Protocol):
    """What the desk asks of a rule."""

    @property
    def id(self) -> str:
        """The name that the settings and the catalogue know it by."""
        ...

    @property
    def kind(self) -> str:
        """The kind of fact that it judges."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Fields of the fact that a source may be unable to tell."""
        ...

    def judge(self, fact: Any, scene: Scene) -> Verdict:
        """Judge one fact of the rule's kind."""
        ...
