"""The numbers of the week, each with its history and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin.editing.trends import limits
from bulletin.model.edition import Edition, Figure, Item, ItemState, Ledger
from bulletin.model.facts import ErrorTrend, Fact, Incident, Life, PullRequest
from bulletin.model.harvest import Coverage, State
from bulletin.model.week import Week, Window

WEEKS = 12
"""Weeks of history that a figure carries, this one included."""

SECTIONS = {"incident": "incidents", "error": "errors", "pull_request": "pull_requests"}
"""Kind of fact → the section that speaks of it, in the order of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number that was counted, before it is held against its history."""

    name: str
    kind: str
    value: int | None
    """None where nobody could count."""
    is_whole: bool = True
    """Whether nothing is missing from it, as far as the source was known."""
    higher_is: str = "worse"
    flows: bool = True
    """Whether it counts what happened in the span, and not what stands at its end."""


def figures(
    *,
    week: Week,
    span: Window,
    is_over: bool,
    is_week: bool,
    on_time: bool,
    facts: Sequence[Fact],
    coverage: Sequence[Coverage],
    states: dict[str, State],
    items: Sequence[Item],
    ledger: Ledger,
    past: Sequence[Edition],
) -> tuple[Figure, ...]:
    """Count the week. `states` says how much of each kind of fact is known.

    What flows in a week is incomplete until the week `is_over`: "at least", and in no history. It
    is held against other weeks only where the span `is_week`. `on_time` says that the last edition
    was made a week ago.
    """
    counts = [
        *_incidents(facts, coverage, span, is_over=is_over),
        *_errors(facts, coverage, span, is_over=is_over),
        *_pull_requests(facts),
    ]
    made = [
        _figure(week, past, count, coverage, states, is_week=is_week)
        for count in counts
        if count.kind in states
    ]
    return (*made, *_settled(week, past, items, ledger, states, on_time=on_time and is_over))


def _incidents(
    facts: Sequence[Fact], coverage: Sequence[Coverage], span: Window, *, is_over: bool
) -> list[Count]:
    mine = [f for f in facts if isinstance(f, Incident) and not f.drill]
    still = sum(1 for f in mine if f.life is Life.OPEN)
    counts = [Count(name="incidents_open", kind="incident", value=still, flows=False)]
    if not all(c.closed_too for c in coverage if "incident" in c.kinds):
        return counts
    opened = sum(1 for f in mine if f.opened in span)
    resolved = sum(1 for f in mine if f.life is Life.DONE and f.resolved in span)
    return [
        *counts,
        Count(name="incidents_opened", kind="incident", value=opened, is_whole=is_over),
        Count(
            name="incidents_resolved",
            kind="incident",
            value=resolved,
            is_whole=is_over,
            higher_is="neither",
        ),
    ]


def _errors(
    facts: Sequence[Fact], coverage: Sequence[Coverage], span: Window, *, is_over: bool
) -> list[Count]:
    mine = [f for f in facts if isinstance(f, ErrorTrend)]
    loud = [f.events for f in mine if f.events is not None]
    left_out = any(c.left_out for c in coverage if "error" in c.kinds)
    new = sum(1 for f in mine if f.first_seen in span)
    return [
        Count(
            name="errors_events",
            kind="error",
            value=sum(loud) if loud or not mine else None,
            is_whole=is_over and len(loud) == len(mine) and not left_out,
        ),
        Count(
            name="errors_new",
            kind="error",
            value=new,
            is_whole=is_over and all(f.first_seen is not None for f in mine),
        ),
    ]


def _pull_requests(facts: Sequence[Fact]) -> list[Count]:
    still = sum(1 for f in facts if isinstance(f, PullRequest) and f.life is Life.OPEN)
    return [
        Count(
            name="pull_requests_open",
            kind="pull_request",
            value=still,
            higher_is="neither",
            flows=False,
        )
    ]


def _figure(
    week: Week,
    past: Sequence[Edition],
    count: Count,
    coverage: Sequence[Coverage],
    states: dict[str, State],
    *,
    is_week: bool,
) -> Figure:
    state = states[count.kind]
    if count.value is None:
        state = State.UNKNOWN
    elif state is State.KNOWN and not count.is_whole:
        state = State.PARTIAL
    sources = _sources(coverage, count.kind)
    like = [edition for edition in past if _sources(edition.coverage, count.kind) == sources]
    earlier = earlier_values(week, like, count.name)
    is_like = is_week or not count.flows
    routine = limits(earlier) if is_like else None
    return Figure(
        name=count.name,
        section=SECTIONS[count.kind],
        value=None if state is State.UNKNOWN else count.value,
        unit="count",
        state=state,
        history=(*earlier, count.value if state is State.KNOWN and is_like else None),
        lower=routine.lower if routine else None,
        upper=routine.upper if routine else None,
        higher_is=count.higher_is,
    )


def _sources(coverage: Sequence[Coverage], kind: str) -> frozenset[str]:
    """Return who counts: a number of two services is not compared with a number of one."""
    return frozenset(one.source for one in coverage if kind in one.kinds)


def _settled(
    week: Week,
    past: Sequence[Edition],
    items: Sequence[Item],
    ledger: Ledger,
    states: dict[str, State],
    *,
    on_time: bool,
) -> tuple[Figure, ...]:
    """Of last week's list, as far as it is known, the share that was fixed or cleared, in percent.

    This is the number that the meeting lives for: what was pointed at is fixed by the following
    week. Items that are unknown this week stand on neither side of the fraction. Whole it is only
    a week after the last edition, no later and no earlier.
    """
    if not past:
        return ()
    dark = sum(1 for item in items if item.state is ItemState.UNKNOWN and not item.unwaived)
    known = ledger.open_then - dark
    value = round(100 * (ledger.fixed + ledger.cleared) / known) if known else None
    is_whole = on_time and not dark and State.STALE not in states.values()
    earlier = earlier_values(week, past, "settled")
    routine = limits(earlier)
    figure = Figure(
        name="settled",
        section="ledger",
        value=value,
        unit="percent",
        state=State.UNKNOWN if value is None else State.KNOWN if is_whole else State.PARTIAL,
        history=(*earlier, value if is_whole else None),
        lower=routine.lower if routine else None,
        upper=min(100.0, routine.upper) if routine else None,
        higher_is="better",
    )
    return (figure,)


def earlier_values(week: Week, past: Sequence[Edition], name: str) -> tuple[int | None, ...]:
    """Return the values of the weeks before, oldest first; a week without an edition is a hole."""
    known = {
        edition.week: figure.history[-1]
        for edition in past
        for figure in edition.figures
        if figure.name == name
    }
    weeks = [week.shift(-back) for back in range(WEEKS - 1, 0, -1)]
    values = [known.get(one) for one in weeks]
    first = next((i for i, one in enumerate(weeks) if any(e.week == one for e in past)), len(weeks))
    return tuple(values[first:])
