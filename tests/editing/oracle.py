"""What an edition must be able to show for every state on its list, told without the ledger's code.

A subject is known by its source and the id that the source itself has for it, whatever it is
called. The witnesses are the week's harvests, what each rule said of each fact, and the editions
before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bulletin.editing.rules import BARE, Blind, Broken, Flag, signature
from bulletin.model.edition import Edition, Item, ItemState, Waiver
from bulletin.model.facts import Fact, FactKey, Incident, Life
from bulletin.model.harvest import Gap
from tests.builders import ZONE
from tests.editing.company import Printed

LATELY = 8
"""Editions within which what comes back is not new."""
Subject = tuple[str, str]
"""Its source, and the source's own id."""


def subject(one: Item | Fact) -> Subject:
    return (one.key.source, one.handle)


def rules_of(item: Item) -> set[str]:
    return {reason.rule.removesuffix(BARE) for reason in item.reasons}


@dataclass(frozen=True)
class Trial:
    """One week's edition, and what speaks for and against it."""

    printed: Printed
    past: Sequence[Edition]
    """The editions before it, newest first."""

    def holds(self) -> None:
        """Raise AssertionError where a state has no evidence, or evidence no state."""
        for item in (*self.edition.items, *self.edition.waived):
            getattr(self, f"_{item.state}")(item)
            self._ages(item)
            self._is_described(item)
        self._nobody_is_lost()
        self._nothing_flagged_is_left_out()
        self._sum()

    @property
    def edition(self) -> Edition:
        return self.printed.edition

    @cached_property
    def facts(self) -> dict[Subject, Fact]:
        return {subject(fact): fact for h in self.printed.harvests for fact in h.facts}

    @cached_property
    def names(self) -> dict[FactKey, str]:
        return {fact.key: fact.handle for fact in self.facts.values()}

    @cached_property
    def moved(self) -> dict[FactKey, FactKey]:
        return {one.old: one.new for h in self.printed.harvests for one in h.moved}

    @cached_property
    def missing(self) -> dict[FactKey, str]:
        return {one.key: one.why for h in self.printed.harvests for one in h.missing}

    @cached_property
    def listed(self) -> tuple[Item, ...]:
        """What was on the list a week ago."""
        return tuple(i for i in self.past[0].items if i.state.on_list) if self.past else ()

    @cached_property
    def resting(self) -> tuple[Item, ...]:
        """What rested a week ago."""
        then = self.past[0].waived if self.past else ()
        return tuple(item for item in then if item.state is ItemState.WAIVED)

    def then(self, item: Item) -> Item | None:
        """Return what this item was a week ago, if it was anything."""
        followed = (*self.listed, *self.resting)
        same = [one for one in followed if subject(one) == subject(item)]
        joined = [one for one in followed if one.key in item.formerly and self._joins(one, item)]
        return next(iter((*same, *joined)), None)

    def _joins(self, then: Item, item: Item) -> bool:
        """Whether the source told that one subject has become another."""
        return self.moved.get(then.key) == item.key and subject(then) not in self.facts

    def flags(self, item: Item | Fact) -> list[Flag]:
        return [v for v in self._verdicts(item).values() if isinstance(v, Flag)]

    def blind(self, item: Item) -> set[str]:
        """Return the rules that could not tell."""
        told = self._verdicts(item).items()
        return {name for name, verdict in told if isinstance(verdict, Blind | Broken)}

    def _verdicts(self, item: Item | Fact):
        fact = self.facts.get(subject(item))
        return self.printed.verdicts.get(fact.key, {}) if fact else {}

    # The states, each with its witnesses.

    def _new(self, item: Item) -> None:
        self._arrived(item)
        assert self._left(item) is None
        assert not self._was_dark(item)

    def _first_seen(self, item: Item) -> None:
        self._arrived(item)
        assert self._left(item) is None
        assert self._was_dark(item)

    def _reopened(self, item: Item) -> None:
        self._arrived(item)
        left = self._left(item)
        assert left is not None
        assert (item.since, item.weeks) == (left.since, left.weeks + 1)
        assert {item.key, *item.formerly} == {item.key, left.key, *left.formerly}
        assert len(set(item.formerly)) == len(item.formerly)
        assert item.voided == left.voided

    def _carried(self, item: Item) -> None:
        fact = self._flagged(item)
        assert fact.life is Life.OPEN
        assert not self._came_back(fact)
        assert item.trend is not None

    def _persisting(self, item: Item) -> None:
        fact = self._flagged(item)
        assert fact.life is not Life.OPEN or self._came_back(fact)

    def _unknown(self, item: Item) -> None:
        assert self.then(item) is not None
        assert not self.flags(item)
        fact, gaps = self.facts.get(subject(item)), self._hiding(self.edition, item.key)
        match item.why:
            case "cannot_tell":
                assert fact is not None
                assert fact.life is Life.OPEN
                assert rules_of(item) & self.blind(item)
            case "closed_unverified":
                assert fact is not None
                assert fact.life is Life.DONE
                assert self.blind(item)
            case "undeployed":
                assert fact is not None
                assert fact.life is Life.DONE
                assert fact.undeployed
            case "not_answered":
                assert fact is None
                assert not gaps
            case _:
                assert fact is None
                assert item.why in {one.reason for one in gaps}

    def _fixed(self, item: Item) -> None:
        self._was_followed(item)
        assert self.facts[subject(item)].life is Life.DONE
        assert not self.flags(item)
        assert not self.blind(item)

    def _cleared(self, item: Item) -> None:
        self._was_followed(item)
        assert self.facts[subject(item)].life is Life.OPEN
        assert not self.flags(item)
        assert not rules_of(item) & self.blind(item)
        assert {reason.setting for reason in item.reasons} <= self._settings

    def _dropped(self, item: Item) -> None:
        self._was_followed(item)
        fact = self.facts.get(subject(item))
        match item.why:
            case "declined":
                assert fact is not None
                assert fact.life is Life.DECLINED
                assert not self.flags(item)
            case "drill":
                assert isinstance(fact, Incident)
                assert fact.drill
            case "rule_changed":
                assert fact is not None
                assert not self.flags(item)
                assert not {reason.setting for reason in item.reasons} <= self._settings
            case "merged_into":
                into = self.moved[item.key]
                heirs = [i for i in (*self.edition.items, *self.edition.waived) if i.key == into]
                assert any(heir.why != "merged_into" for heir in heirs)
                assert fact is None
            case _:
                assert fact is None
                then = self.then(item)
                gone = item.why in {self.missing.get(one.key) for one in (item, then)}
                assert gone or (item.why == "unreadable" and self._is_anothers(item))

    def _waived(self, item: Item) -> None:
        waiver = item.waiver
        assert waiver is not None
        assert item.why is None
        assert self._in_force(waiver)
        assert waiver.key in {item.key, *item.formerly}
        assert waiver.reason == f"for {item.handle}"
        assert item.voided is None or waiver.at > item.voided
        then = self.then(item)
        left = None if then else self._left(item)
        assert item.voided == (left.voided if left else then.voided if then else None)
        if then in self.listed and self.flags(item):
            # Nor worse than when it was read, but for its age.
            spoke = rules_of(then)
            counted = [
                flag
                for flag in self.flags(item)
                if flag.reason.rule.removesuffix(BARE) in spoke or flag.reason.unit != "days"
            ]
            seen = [r for r in then.reasons if r.rule.removesuffix(BARE) not in self.blind(item)]
            gravest = max((r.severity for r in seen), default=then.severity)
            assert max((flag.severity for flag in counted), default=gravest) <= gravest
        if then in self.resting and self.flags(item):
            # Neither graver than when it began to rest, nor for a reason more.
            seen = [r for r in then.reasons if r.rule.removesuffix(BARE) not in self.blind(item)]
            gravest = max((r.severity for r in seen), default=then.severity)
            assert max(flag.severity for flag in self.flags(item)) <= gravest
            if max(flag.severity for flag in self.flags(item)) == gravest and seen:
                assert {f.reason.rule.removesuffix(BARE) for f in self.flags(item)} <= rules_of(
                    then
                )

    # What the witnesses say.

    def _arrived(self, item: Item) -> None:
        assert self.then(item) is None
        assert self.flags(item)
        if item.state is not ItemState.REOPENED:
            assert (item.since, item.weeks) == (self.edition.week, 1)

    def _flagged(self, item: Item) -> Fact:
        self._was_followed(item)
        assert self.flags(item)
        return self.facts[subject(item)]

    def _was_followed(self, item: Item) -> None:
        assert self.then(item) is not None

    def _left(self, item: Item) -> Item | None:
        """Return how it left the list within the last editions, if it did."""
        return next(
            (
                one
                for edition in self.past[:LATELY]
                for one in (*edition.items, *edition.waived)
                if subject(one) == subject(item) and not one.state.on_list
            ),
            None,
        )

    def _was_dark(self, item: Item) -> bool:
        """Whether nobody could have pointed at it a week ago."""
        if not self.past:
            return True
        before, source, kind = self.past[0], item.key.source, item.key.kind
        if not any(c.source == source and kind in c.kinds for c in before.coverage):
            return True
        gaps = [gap for gap in before.gaps if gap.source in {source, "desk"}]
        hidden = {part for gap in gaps if not gap.kinds or kind in gap.kinds for part in gap.parts}
        rules = {rule.id: rule for rule in self.printed.policy.rules}
        spoke = [rules[flag.reason.rule.removesuffix(BARE)] for flag in self.flags(item)]
        mute = [signature(r) not in before.rules or hidden & {r.id, *r.needs} for r in spoke]
        return bool(self._hiding(before, item.key)) or all(mute)

    def _hiding(self, edition: Edition, key: FactKey) -> list[Gap]:
        mine = (gap for gap in edition.gaps if gap.source == key.source and not gap.parts)
        return [gap for gap in mine if not gap.kinds or key.kind in gap.kinds]

    def _came_back(self, fact: Fact) -> bool:
        """Whether it was closed and opened again since the edition before."""
        reopened = fact.reopened if isinstance(fact, Incident) else None
        return reopened is not None and reopened >= self.past[0].as_of

    def _is_anothers(self, item: Item) -> bool:
        return self.names.get(item.key, item.handle) != item.handle

    def _in_force(self, waiver: Waiver) -> bool:
        """Whether it is the last word on its key, and its last day is not over."""
        today = self.edition.as_of.astimezone(ZONE).date()
        return self.printed.policy.waivers.get(waiver.key) == waiver and today <= waiver.until

    @cached_property
    def _settings(self) -> set[str]:
        return {signature(rule) for rule in self.printed.policy.rules}

    # What holds for the list as a whole.

    def _ages(self, item: Item) -> None:
        then = self.then(item)
        if then is not None:
            assert item.since == then.since
            assert item.weeks == then.weeks + item.state.on_list
            assert {then.key, *then.formerly} <= {item.key, *item.formerly}
        was_dark = then is not None and then.state is ItemState.UNKNOWN
        dark = then.unknown_since if was_dark else self.edition.week
        assert item.unknown_since == (dark if item.state is ItemState.UNKNOWN else None)
        if not item.state.on_list:
            assert item.trend is None
            return
        assert item.waiver is None
        assert item.unwaived == (then in self.resting and then is not None)
        standing = self.printed.policy.waivers.get(item.key)
        if standing and standing.handle == item.handle and self._in_force(standing):
            assert item.voided is not None
            assert standing.at <= item.voided
        if self.flags(item):
            earlier = then or self._left(item)
            since = {r.rule.removesuffix(BARE): r.since for r in earlier.reasons} if earlier else {}
            told = {flag.reason.rule.removesuffix(BARE) for flag in self.flags(item)}
            kept = rules_of(then) & self.blind(item) if then else set()
            assert rules_of(item) == told | kept
            for reason in item.reasons:
                name = reason.rule.removesuffix(BARE)
                assert reason.since == since.get(name, self.edition.week)

    def _is_described(self, item: Item) -> None:
        """What is seen is told in this week's words, the gravest reason giving the severity."""
        then, fact = self.then(item), self.facts.get(subject(item))
        if fact is None:
            return
        assert (item.title, item.url) == (fact.title, fact.url)
        team = self.printed.policy.assigned.get(fact.key)
        assert item.owner == (team or (then.owner if then else None))
        if item.state.on_list and self.flags(item):
            assert item.severity == max(reason.severity for reason in item.reasons)

    def _nobody_is_lost(self) -> None:
        for then in self.listed:
            assert len(self._heirs(then, self.edition.items)) == 1
        for then in self.resting:
            back = [item for item in self.edition.items if item.state is not ItemState.WAIVED]
            assert len(self._heirs(then, (*back, *self.edition.waived))) == 1

    def _heirs(self, then: Item, items: Sequence[Item]) -> list[Item]:
        same = [item for item in items if subject(item) == subject(then)]
        joined = [item for item in items if then.key in item.formerly and self._joins(then, item)]
        return same or joined

    def _nothing_flagged_is_left_out(self) -> None:
        followed = Counter(map(subject, self.edition.followed))
        for fact in self.facts.values():
            assert followed[subject(fact)] <= 1
            assert followed[subject(fact)] == 1 or not self.flags(fact)
        keys = Counter(item.key for item in self.edition.followed)
        assert set(keys.values()) <= {1}

    def _sum(self) -> None:
        ledger, items = self.edition.ledger, self.edition.items
        back = {subject(item) for item in items if item.unwaived}
        counts = Counter(item.state for item in items if subject(item) not in back)
        assert ledger.open_then == len(self.listed)
        assert ledger.open_now == sum(item.state.on_list for item in items)
        assert ledger.unwaived == len(back)
        for state in ItemState:
            if state not in {ItemState.CARRIED, ItemState.UNKNOWN, ItemState.PERSISTING}:
                assert getattr(ledger, state) == counts[state]
