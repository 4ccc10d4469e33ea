"""What became of every item: the rules that decide it, in the order in which they speak.

Absence is never a fix. An item leaves the list by a named door only: the source said that it is
done (`fixed`) or will not be (`dropped`), it was seen and no rule flags it (`cleared`), or a person
gave it time (`waived`). Everything else stays.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bulletin.editing.departed import Departed
from bulletin.editing.knowledge import DESK, Finding, Knowledge, is_same
from bulletin.editing.rules import BARE, Flag, Rule, signature
from bulletin.editing.trends import trend
from bulletin.model.edition import (
    UNDEPLOYED,
    VOIDED,
    Edition,
    Item,
    ItemState,
    Ledger,
    Reason,
    Trend,
    Waiver,
)
from bulletin.model.facts import Decision, ErrorTrend, Fact, FactKey, Incident, Life
from bulletin.model.harvest import Gap
from bulletin.model.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The list after this week: what stands on it, what left it, what rests, and the sum."""

    items: tuple[Item, ...]
    waived: tuple[Item, ...]
    ledger: Ledger


@dataclass(slots=True, kw_only=True)
class LedgerKeeper:
    """Keeps the list from one edition to the next. Holds no more than it was given."""

    week: Week
    today: date
    """The day of the edition where the team lives; a waiver holds through its last day."""
    as_of: datetime
    knowledge: Knowledge
    past: Sequence[Edition]
    """Earlier editions, one a week, newest first."""
    rules: Mapping[str, Rule]
    """The rules that judged, by id."""
    hours: int
    """The hours that events were counted in."""
    waivers: Mapping[FactKey, Waiver] = field(default_factory=dict)
    assigned: Mapping[FactKey, str] = field(default_factory=dict)
    """Items that a person gave to a team: for that word no source is needed."""
    _settings: Mapping[str, str] = field(init=False)
    """Each rule with its settings, as it speaks now, by id."""

    def __post_init__(self) -> None:
        self._settings = {name: signature(rule) for name, rule in self.rules.items()}

    def keep(self) -> Kept:
        """Decide every item's state and add it all up."""
        before = self.past[0] if self.past else None
        names = self.knowledge.names
        followed = [(names.followed(was), was) for was in (before.followed if before else ())]
        items: list[Item] = []
        resting: list[Item] = []
        taken: set[FactKey] = set()
        # Where two become one, the one whose id it is stays; the other leaves under its own name.
        for item, was in sorted(followed, key=lambda pair: _is_moved(*pair)):
            rested = was.state is ItemState.WAIVED
            if item.key in taken:
                kept = _merged(was)
            else:
                kept = self._wake(item, was, before) if rested else self._follow(item, was, before)
                if not self._is_free(kept):
                    taken.add(kept.key)
            (resting if rested and not kept.state.on_list else items).append(kept)
        resting += [item for item in items if item.state is ItemState.WAIVED]
        departed = Departed.of(self.past, names)
        for key, finding in self.knowledge.findings.items():
            if not finding.flags or key in taken:
                continue
            item = self._arrive(key, finding, before, departed.find(key, finding.fact.handle))
            (resting if item.state is ItemState.WAIVED else items).append(item)
        return Kept(
            items=tuple(sorted(items, key=lambda item: item.key)),
            waived=tuple(sorted(resting, key=lambda item: item.key)),
            ledger=_add_up(sum(was.state.on_list for _, was in followed), items),
        )

    def _is_free(self, item: Item) -> bool:
        """Whether an item that left gives its name to another subject."""
        return self.knowledge.names.is_taken(item.key, item.handle)

    def _follow(self, item: Item, was: Item, before: Edition | None) -> Item:
        """Decide about an item of last week's list; `was` is the item under its name of then."""
        finding = self.knowledge.finding(item)
        now = self._described(item, finding)
        state, why = self._state(item, was, finding, before)
        waiver = self._waiver(item) if state.on_list else None
        trend = self._trend(item, now, finding)
        # It was let rest by whoever read the last edition: to have grown older since is no news.
        since_read = self._trend(item, now, finding, aged=False) if waiver else None
        voided = since_read is Trend.WORSE
        if waiver is not None and not voided:
            return replace(
                now,
                state=ItemState.WAIVED,
                trend=None,
                why=None,
                waiver=waiver,
                unwaived=False,
                unknown_since=None,
            )
        unknown = state is ItemState.UNKNOWN
        return replace(
            now,
            state=state,
            why=why or (VOIDED if voided else None),
            trend=trend,
            weeks=item.weeks + 1 if state.on_list else item.weeks,
            unknown_since=(item.unknown_since or self.week) if unknown else None,
            unwaived=False,
            voided=waiver.at if waiver else item.voided,
        )

    def _wake(self, item: Item, was: Item, before: Edition | None) -> Item:
        """Decide about an item that rested: what may rest no longer is back on the list."""
        finding = self.knowledge.finding(item)
        now = self._described(item, finding)
        state, why = self._state(item, was, finding, before)
        waiver, trend = self._waiver(item), self._trend(item, now, finding)
        rests = waiver is not None and trend is not Trend.WORSE
        is_over = state in {ItemState.FIXED, ItemState.DROPPED}
        if is_over or (state is ItemState.CLEARED and not rests):
            return replace(now, state=state, why=why)
        if rests:
            # The wording stays as it was when it was waived: "worse" is judged against that.
            return replace(item, title=now.title, url=now.url, owner=now.owner, waiver=waiver)
        return replace(
            now,
            state=state,
            why=why or (VOIDED if waiver else None),
            trend=trend,
            weeks=item.weeks + 1,
            unknown_since=self.week if state is ItemState.UNKNOWN else None,
            unwaived=True,
            waiver=None,
            voided=waiver.at if waiver else item.voided,
        )

    def _state(
        self, item: Item, was: Item, finding: Finding | None, before: Edition | None
    ) -> tuple[ItemState, str | None]:
        if finding is None:
            missing = self.knowledge.missing
            why = missing.get(was.key) or missing.get(item.key)
            if why is not None:
                return ItemState.DROPPED, why
            if self._is_free(item):
                return ItemState.DROPPED, "unreadable"
            return ItemState.UNKNOWN, self.knowledge.darkness(item.key)
        fact = finding.fact
        if finding.flags:
            closed = fact.life is not Life.OPEN or _came_back(fact, before)
            why = UNDEPLOYED if _waits(fact) else None
            return (ItemState.PERSISTING if closed else ItemState.CARRIED), why
        if fact.life is Life.DECLINED:
            return ItemState.DROPPED, "declined"
        if fact.life is Life.DONE:
            # Closed is not yet fixed while a rule cannot tell whether the symptom is gone.
            if _waits(fact):
                return ItemState.UNKNOWN, UNDEPLOYED
            if finding.blind:
                return ItemState.UNKNOWN, "closed_unverified"
            return ItemState.FIXED, None
        if any(_rule(reason.rule) in finding.blind for reason in item.reasons):
            return ItemState.UNKNOWN, "cannot_tell"
        if isinstance(fact, Incident) and fact.drill:
            return ItemState.DROPPED, "drill"
        if not all(self._stands(reason) for reason in item.reasons):
            return ItemState.DROPPED, "rule_changed"
        return ItemState.CLEARED, None

    def _stands(self, reason: Reason) -> bool:
        """Whether the rule that spoke then judged this week too, with the same settings."""
        setting = self._settings.get(_rule(reason.rule))
        return setting is not None and setting == reason.setting

    def _arrive(
        self, key: FactKey, finding: Finding, before: Edition | None, departed: Item | None
    ) -> Item:
        """Decide about something flagged that last week's list did not hold.

        `departed` is how it left the list lately, if it did.
        """
        if departed is not None:
            state = ItemState.REOPENED
        elif self._was_dark(key, finding, before):
            state = ItemState.FIRST_SEEN
        else:
            state = ItemState.NEW
        item = Item(
            key=key,
            kind=key.kind,
            handle=finding.fact.handle,
            title=finding.fact.title,
            url=finding.fact.url,
            owner=finding.fact.owner,
            severity=finding.severity,
            state=state,
            trend=None,
            since=departed.since if departed else self.week,
            weeks=(departed.weeks if departed else 0) + 1,
            reasons=self._dated(finding, departed.reasons if departed else ()),
            formerly=departed.formerly if departed else (),
            why=UNDEPLOYED if _waits(finding.fact) else None,
            voided=departed.voided if departed else None,
        )
        waiver = self._waiver(item)
        return replace(item, state=ItemState.WAIVED, why=None, waiver=waiver) if waiver else item

    def _waiver(self, item: Item) -> Waiver | None:
        """Return the waiver that is in force: not past its day, and not voided before.

        One that was given to another subject, which had the name before or has it since, is not
        for this one.
        """
        given = (self.waivers.get(key) for key in (item.key, *item.formerly))
        waiver = next((one for one in given if one and is_same(one.handle, item.handle)), None)
        if waiver is None or self.today > waiver.until:
            return None
        return None if item.voided is not None and waiver.at <= item.voided else waiver

    def _described(self, item: Item, finding: Finding | None) -> Item:
        """Return the item in this week's words where there are any, else in last week's."""
        if finding is None:
            return replace(item, owner=self.assigned.get(item.key, item.owner))
        reasons, severity = item.reasons, item.severity
        if finding.flags:
            # What a rule said and can no longer tell is not taken back.
            kept = [r for r in item.reasons if _rule(r.rule) in finding.blind]
            reasons = (*self._dated(finding, item.reasons), *kept)
            severity = max(r.severity for r in reasons if r.severity)
        fact = finding.fact
        return replace(
            item,
            handle=fact.handle,
            title=fact.title,
            url=fact.url,
            owner=fact.owner or item.owner,
            severity=severity,
            reasons=reasons,
        )

    def _dated(self, finding: Finding, earlier: Sequence[Reason]) -> tuple[Reason, ...]:
        """Return this week's reasons, each with the week in which its rule first spoke."""
        since = {_rule(reason.rule): reason.since for reason in earlier}
        return tuple(
            replace(
                flag.reason,
                since=since.get(_rule(flag.reason.rule)) or self.week,
                severity=flag.severity,
                setting=self._settings[_rule(flag.reason.rule)],
                at=self.as_of,
                hours=self.hours,
            )
            for flag in finding.flags
        )

    def _trend(
        self, item: Item, now: Item, finding: Finding | None, *, aged: bool = True
    ) -> Trend | None:
        """Compare an item with what it was when each of its reasons was last looked at.

        Unless `aged`, a rule that joined because of mere age does not count.
        """
        if finding is None or not finding.flags:
            return None
        if isinstance(finding.fact, Decision):
            return Trend.SAME  # late, or said to be done: it is the same promise
        then, told = (
            [reason for reason in reasons if _rule(reason.rule) not in finding.blind]
            for reasons in (item.reasons, now.reasons)
        )
        gravest = max((r.severity for r in then if r.severity), default=item.severity)
        was = replace(item, reasons=tuple(then), severity=gravest)
        severity = finding.severity
        if not aged:
            spoke = {_rule(reason.rule) for reason in item.reasons}
            told = [one for one in told if _rule(one.rule) in spoke or one.unit != "days"]
            severity = max((one.severity for one in told if one.severity), default=gravest)
        return trend(was, severity, told, days=0)

    def _was_dark(self, key: FactKey, finding: Finding, before: Edition | None) -> bool:
        """Whether last week could not have flagged this: then it cannot be called new."""
        if isinstance(finding.fact, Decision):
            return False  # what people decided is never in the dark
        if before is None:
            return True
        if all(c.source != key.source or key.kind not in c.kinds for c in before.coverage):
            return True
        gaps = [gap for gap in before.gaps if gap.source in {key.source, DESK}]
        if any(gap.hides(key.kind) for gap in gaps):
            return True
        return all(self._was_blind(flag, before, gaps) for flag in finding.flags)

    def _was_blind(self, flag: Flag, before: Edition, gaps: Sequence[Gap]) -> bool:
        """Whether this rule, as it is set now, could not have spoken last week."""
        rule = self.rules[_rule(flag.reason.rule)]
        if self._settings[rule.id] not in before.rules:
            return True
        parts = (rule.id, *rule.needs)
        return any(gap.blinds(rule.kind, part) for gap in gaps for part in parts)


def _rule(reason: str) -> str:
    return reason.removesuffix(BARE)


def _waits(fact: Fact) -> bool:
    """Whether an error was closed by what is merged and not out: nobody can have seen it work."""
    return isinstance(fact, ErrorTrend) and fact.life is Life.DONE and fact.undeployed


def _is_moved(item: Item, was: Item) -> tuple[bool, bool]:
    """Whether an item has another id than a week ago, and whether another name."""
    return (item.handle != was.handle, item.key != was.key)


def _merged(was: Item) -> Item:
    """Return an item that has become part of another: it leaves under its own name."""
    return replace(
        was,
        state=ItemState.DROPPED,
        trend=None,
        why="merged_into",
        unwaived=False,
        unknown_since=None,
    )


def _came_back(fact: Fact, before: Edition | None) -> bool:
    """Whether an incident was closed and reopened since the last edition."""
    if not isinstance(fact, Incident) or fact.reopened is None or before is None:
        return False
    return fact.reopened >= before.as_of


def _add_up(listed: int, items: Sequence[Item]) -> Ledger:
    counts = Counter(item.state for item in items if not item.unwaived)
    return Ledger(
        open_then=listed,
        new=counts[ItemState.NEW],
        first_seen=counts[ItemState.FIRST_SEEN],
        reopened=counts[ItemState.REOPENED],
        unwaived=sum(item.unwaived for item in items),
        fixed=counts[ItemState.FIXED],
        cleared=counts[ItemState.CLEARED],
        dropped=counts[ItemState.DROPPED],
        waived=counts[ItemState.WAIVED],
        open_now=sum(item.state.on_list for item in items),
    )
