"""The agenda: last week's items first, then what crossed a limit; the rest waits in the appendix.

How long a thing is talked about follows from how it stands, and nothing is talked about beyond the
meeting's slot: the sum of the minutes never exceeds it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import accumulate

from bulletin.editing.rules.decision_unkept import is_unkept
from bulletin.model.agenda import Agenda, Place, Slot, Talk, Wedge, Wheel
from bulletin.model.edition import Edition, Figure, Item, ItemState, Trend
from bulletin.model.facts import Fact, Incident, Life, Severity
from bulletin.model.front import Question
from bulletin.model.week import Week
from bulletin.model.word import DECISION

STAYED = frozenset({ItemState.CARRIED, ItemState.PERSISTING, ItemState.UNKNOWN})
CAME = frozenset({ItemState.NEW, ItemState.FIRST_SEEN, ItemState.REOPENED})
OLD = 3
"""Weeks on the list from which an item is talked about however calm it is."""
STUCK = 4
"""Weeks on the list from which it takes longer."""
DEEP = 30
"""Minutes of a meeting from which there is time for a deep dive."""
SHARE = {Place.WHEEL: 4, Place.QUESTIONS: 6, Place.CROSSED: 3}
"""The part of the slot that each may have at most: a quarter, a sixth; what crossed a limit is
kept a third of what is left for items."""
LONGEST = 15
"""Minutes of a deep dive at most."""
DECIDED = 6
"""Decisions that a meeting takes at most; a slide holds as many."""
FULL = 12
"""Weeks after which a team weighs as much as one that was never chosen."""


def agenda(
    *,
    week: Week,
    minutes: int,
    items: Sequence[Item],
    facts: Sequence[Fact],
    figures: Sequence[Figure],
    questions: Sequence[Question],
    teams: Iterable[str],
    past: Sequence[Edition],
    seed: str,
) -> Agenda:
    """Fit the week into a meeting of so many minutes.

    `seed` is what nobody could know when the teams and their weights were set: the digest of the
    edition before. `past` is one edition a week, newest first.
    """
    ranked = sorted(items, key=_pressing)
    gone = any(item.state in {ItemState.FIXED, ItemState.CLEARED} for item in items)
    wheel = _wheel(week, ranked, facts, teams, past, seed) if minutes >= DEEP else None
    fixed = {
        Place.GONE: int(gone),
        Place.WHEEL: min(LONGEST, minutes // SHARE[Place.WHEEL]) if wheel else 0,
        Place.QUESTIONS: min(len(questions), DECIDED, minutes // SHARE[Place.QUESTIONS]),
    }
    left = max(0, minutes - sum(fixed.values()))
    stayed = [_talk(item) for item in ranked if _is_due(item) or _asks(item)]
    crossed = [_talk(item) for item in ranked if _came_loud(item)]
    crossed += [Talk(minutes=1, figure=figure.name) for figure in figures if figure.is_worse]
    kept = min(_sum(crossed), left // SHARE[Place.CROSSED])
    first = _fitting(stayed, left - kept)
    then = _fitting(crossed, left - _sum(first))
    slots = (
        Slot(place=Place.GONE, minutes=fixed[Place.GONE]),
        Slot(place=Place.STAYED, minutes=_sum(first), talks=first),
        Slot(place=Place.CROSSED, minutes=_sum(then), talks=then),
        Slot(
            place=Place.WHEEL,
            minutes=fixed[Place.WHEEL],
            talks=_deep(wheel, fixed[Place.WHEEL]),
        ),
        Slot(place=Place.QUESTIONS, minutes=fixed[Place.QUESTIONS]),
    )
    told = {talk.key for talk in (*first, *then)}
    return Agenda(
        minutes=minutes,
        slots=tuple(slot for slot in slots if slot.minutes),
        appendix=tuple(i.key for i in ranked if i.state.on_list and i.key not in told),
        crowded=sum(1 for talk in (*stayed, *crossed) if talk.key and talk.key not in told),
        wheel=wheel,
        questions=fixed[Place.QUESTIONS],
    )


def _pressing(item: Item) -> tuple[int, int, object]:
    return (-item.severity, -item.weeks, item.key)


def _is_grave(item: Item) -> bool:
    return item.severity >= Severity.HIGH


def _is_due(item: Item) -> bool:
    """Whether an item is a decision of the last meetings that should be done by now, or is said to
    be and is not.
    """
    late = any(reason.measure is not None for reason in item.reasons)
    return item.kind == DECISION and item.state.on_list and (late or is_unkept(item))


def _came_loud(item: Item) -> bool:
    """Whether an item came that is grave, or that is back in its third week or later."""
    loud = _is_grave(item) or item.weeks >= OLD
    return item.state in CAME and loud and not _is_due(item)


def _asks(item: Item) -> bool:
    """Whether an item that stayed needs the room: the calm ones wait in the appendix."""
    if item.state not in STAYED:
        return False
    moved = item.trend is Trend.WORSE or item.state is not ItemState.CARRIED
    return moved or _is_grave(item) or item.weeks >= OLD or item.owner is None


def _talk(item: Item) -> Talk:
    """Give a minute to an item, two to one that is stuck or nobody's, three to a grave incident."""
    if item.kind == "incident" and _is_grave(item):
        return Talk(minutes=3, key=item.key)
    stuck = item.weeks >= STUCK or item.state is ItemState.PERSISTING or is_unkept(item)
    long = stuck or item.severity is Severity.CRITICAL or (_is_grave(item) and item.owner is None)
    return Talk(minutes=2 if long else 1, key=item.key)


def _fitting(talks: Sequence[Talk], room: int) -> tuple[Talk, ...]:
    """Return the talks that fit, in their order; a long one is made short before it is left out."""
    taken: list[Talk] = []
    for talk in talks:
        free = room - sum(one.minutes for one in taken)
        if free <= 0:
            break
        taken.append(talk if talk.minutes <= free else Talk(minutes=free, key=talk.key))
    return tuple(taken)


def _sum(talks: Iterable[Talk]) -> int:
    return sum(talk.minutes for talk in talks)


def _deep(wheel: Wheel | None, minutes: int) -> tuple[Talk, ...]:
    return (Talk(minutes=minutes, key=wheel.topic),) if wheel and wheel.topic else ()


def _wheel(  # noqa: PLR0917  (each is a different thing, and there is one call)
    week: Week,
    items: Sequence[Item],
    facts: Sequence[Fact],
    teams: Iterable[str],
    past: Sequence[Edition],
    seed: str,
) -> Wheel | None:
    """Choose a team; None where there is none that could come."""
    busy = {
        fact.owner
        for fact in facts
        if isinstance(fact, Incident) and fact.life is Life.OPEN and not fact.drill
        if fact.severity is None or fact.severity >= Severity.HIGH
    }
    busy |= {i.owner for i in items if i.kind == "incident" and i.state.on_list and _is_grave(i)}
    named = sorted(set(teams))
    wedges = tuple(
        Wedge(team=team, weight=_weight(team, week, past)) for team in named if team not in busy
    )
    if not wedges:
        return None
    chosen = _stop(wedges, seed)
    mine = (i for i in items if i.owner == chosen and i.state.on_list)
    topic = next((item.key for item in mine), None)
    excused = tuple(team for team in named if team in busy)
    return Wheel(seed=seed, wedges=wedges, excused=excused, chosen=chosen, topic=topic)


def _weight(team: str, week: Week, past: Sequence[Edition]) -> int:
    chosen = (
        week.weeks_since(edition.week)
        for edition in past
        if edition.agenda is not None
        and edition.agenda.wheel is not None
        and edition.agenda.wheel.chosen == team
    )
    return min(FULL, next(chosen, FULL))


def _stop(wedges: Sequence[Wedge], seed: str) -> str:
    ends = list(accumulate(wedge.weight for wedge in wedges))
    at = int(sha256(seed.encode()).hexdigest(), 16) % ends[-1]
    return wedges[bisect_right(ends, at)].team
