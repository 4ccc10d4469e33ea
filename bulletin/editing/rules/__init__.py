"""Rules: one file each. A rule looks at one fact and says why, if so, the list should hold it.

A rule is a frozen dataclass whose fields are its settings, so that a rule and its settings are one
thing: `[rules.<id>]` in `bulletin.toml` fills the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol

from bulletin.model.edition import Item, Reason
from bulletin.model.facts import FactKey, Severity
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

    window: Window
    as_of: datetime
    listed: Mapping[FactKey, Item] = field(default_factory=dict)
    """Last week's list, under this week's keys."""
    weekly: Mapping[FactKey, tuple[tuple[Week, int], ...]] = field(default_factory=dict)
    """Events of each error in earlier known weeks, oldest first."""

    def age(self, moment: datetime) -> int:
        """Return the whole days from `moment` until the services were asked; never negative."""
        return max(0, (self.as_of - moment) // timedelta(days=1))

    def held(self, key: FactKey, rule: str) -> Item | None:
        """Return last week's item of this key, if it stood on the list because of this rule."""
        item = self.listed.get(key)
        if item is None or all(reason.rule.removesuffix(BARE) != rule for reason in item.reasons):
            return None
        return item


BARE = ".bare"
"""Ends a reason's id where the fact lacks an optional word; the catalogue has that sentence too."""


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
