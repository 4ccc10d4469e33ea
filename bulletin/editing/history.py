"""What the past editions teach: by week, by rule and by team, never by person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low

from bulletin.editing.rules import BARE, RULE, Rule, signature
from bulletin.editing.stays import SETTLED, Stay, stays
from bulletin.model.edition import Edition, Item, ItemState, Reason
from bulletin.model.harvest import State
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.model.week import Week

WEEKS = 12
"""Weeks that are looked back on, this one included."""
LONG = 4
"""Weeks on the list after which a finding had its time: the page says to close it or wait."""
ENOUGH = 8
"""Findings that had their time before a rule is proposed to be retuned.

Where a rule's findings get settled one time in three, eight in a row that do not come about by
chance less than one time in twenty: (2/3)⁸ is 0.04.
"""


def history(editions: Sequence[Edition], rules: Sequence[Rule]) -> History:
    """Look back. `editions` are one a week, this week's first; `rules` are those that judge now.

    What lies more than 12 weeks back is left out.
    """
    this = editions[0].week
    seen = sorted(
        (one for one in editions if this.weeks_since(one.week) < WEEKS), key=lambda one: one.week
    )
    found = stays(seen)
    due, soon = _soon(found)
    late = [stay.weeks for stay in found if _is_settled(stay) and stay.settled_soon is False]
    listed = [stay.item for stay in found if _is_listed(stay, this)]
    return History(
        before=_tally((stay for stay in found if stay.joined is None), this),
        cohorts=_cohorts(found, seen),
        rules=_rules(found, seen, rules),
        teams=_teams(found, this),
        oldest=_oldest(listed).key if listed else None,
        due=due,
        soon=soon,
        late=median_low(late) if late else None,
    )


def _oldest(items: Sequence[Item]) -> Item:
    return min(items, key=lambda item: (-item.weeks, -item.severity, item.key))


def _is_listed(stay: Stay, this: Week) -> bool:
    return stay.item.state.on_list and stay.last == this


def _is_settled(stay: Stay) -> bool:
    return stay.item.state in SETTLED


def _soon(found: Iterable[Stay]) -> tuple[int, int]:
    """Return of how many it is known what the following week brought, and how many it settled."""
    known = [stay.settled_soon for stay in found if stay.settled_soon is not None]
    return len(known), sum(known)


def _tally(found: Iterable[Stay], this: Week) -> Tally:
    counts = Counter(_end(stay, this) for stay in found)
    return Tally(
        joined=counts.total(),
        fixed=counts[ItemState.FIXED],
        cleared=counts[ItemState.CLEARED],
        dropped=counts[ItemState.DROPPED],
        waived=counts[ItemState.WAIVED],
        open=counts[ItemState.CARRIED],
        unknown=counts[ItemState.UNKNOWN],
    )


def _end(stay: Stay, this: Week) -> ItemState:
    """Return how a stay ended; `carried` stands for every way of being there still."""
    state = stay.item.state
    if not state.on_list:
        return state
    is_seen = stay.last == this and not stay.item.is_dark
    return ItemState.CARRIED if is_seen else ItemState.UNKNOWN


def _cohorts(found: Sequence[Stay], seen: Sequence[Edition]) -> tuple[Cohort, ...]:
    first, this = seen[0].week, seen[-1].week
    made = {edition.week: edition for edition in seen}
    joined: dict[Week, list[Stay]] = {}
    for stay in found:
        if stay.joined is not None:
            joined.setdefault(stay.joined, []).append(stay)
    weeks = (first.shift(n) for n in range(this.weeks_since(first) + 1))
    return tuple(_cohort(week, made, joined.get(week, []), this) for week in weeks)


def _cohort(week: Week, made: Mapping[Week, Edition], joined: Sequence[Stay], this: Week) -> Cohort:
    edition = made.get(week)
    if edition is None:
        return Cohort(week=week, tally=None)
    due, soon = _soon(joined)
    is_due = week.shift(1) in made and due == len(joined)
    return Cohort(
        week=week,
        tally=_tally(joined, this),
        soon=soon if is_due else None,
        is_whole=all(coverage.state is State.KNOWN for coverage in edition.coverage),
    )


def _teams(found: Sequence[Stay], this: Week) -> tuple[TeamRecord, ...]:
    teams: dict[str | None, list[Stay]] = {}
    for stay in found:
        teams.setdefault(stay.item.owner, []).append(stay)
    ranked = sorted(teams.items(), key=lambda told: (told[0] is None, told[0] or ""))
    return tuple(_team(name, mine, this) for name, mine in ranked)


def _team(name: str | None, mine: Sequence[Stay], this: Week) -> TeamRecord:
    due, soon = _soon(mine)
    listed = [stay.item for stay in mine if _is_listed(stay, this)]
    oldest = _oldest(listed) if listed else None
    return TeamRecord(
        team=name,
        tally=_tally(mine, this),
        due=due,
        soon=soon,
        oldest=oldest.key if oldest else None,
        weeks=oldest.weeks if oldest else None,
    )


def _rules(
    found: Sequence[Stay], seen: Sequence[Edition], rules: Sequence[Rule]
) -> tuple[RuleRecord, ...]:
    findings: dict[str, list[Stay]] = {}
    names: dict[str, str] = {}
    for stay in found:
        spoke = {_setting(r): _rule(r) for _, item in stay.told for r in item.reasons}
        for setting, rule in spoke.items():
            findings.setdefault(setting, []).append(stay)
            names[setting] = rule
    judging = {signature(rule): _knobs(rule) for rule in rules}
    at_rest = _settled_at_rest(seen)
    this = seen[-1].week
    made = []
    for setting, mine in findings.items():
        tally = _tally(mine, this)
        left = [stay.weeks for stay in mine if not stay.item.state.on_list]
        made.append(
            RuleRecord(
                rule=names[setting],
                setting=setting,
                tally=tally,
                weeks=median_low(left) if left else None,
                knobs=judging.get(setting, ()),
                retune=setting in judging
                and setting not in at_rest
                and not tally.settled
                and not tally.unknown
                and _had_their_time(mine, setting),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.tally.joined, one.setting)))


def _had_their_time(mine: Sequence[Stay], setting: str) -> bool:
    """Whether enough of a rule's findings had their time, and half of them at least."""
    ripe = sum(_had_its_time(stay, setting) for stay in mine)
    return ripe >= ENOUGH and 2 * ripe >= len(mine)


def _had_its_time(stay: Stay, setting: str) -> bool:
    """Whether a finding was on the list for four weeks, or people decided against it earlier."""
    item = stay.item
    if item.state is ItemState.WAIVED or item.why == "declined":
        return True
    held = [one for _, one in stay.told if one.state.on_list]
    return sum(setting in map(_setting, one.reasons) for one in held) >= LONG


def _settled_at_rest(seen: Iterable[Edition]) -> set[str]:
    """Return the rules whose findings were fixed or cleared while they rested under a waiver."""
    rested = (item for edition in seen for item in edition.waived if item.state in SETTLED)
    return {_setting(reason) for item in rested for reason in item.reasons}


def _rule(reason: Reason) -> str:
    return reason.rule.removesuffix(BARE)


def _setting(reason: Reason) -> str:
    """Return the rule with its settings; the first editions did not keep them."""
    return reason.setting or _rule(reason)


def _knobs(rule: Rule) -> tuple[str, ...]:
    names = getattr(rule, "__dataclass_fields__", ())
    return tuple(name for name in names if name not in RULE)
