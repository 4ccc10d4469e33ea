"""The numbers of the week, each with its history and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from bulletin.editing.looking_back import is_counted
from bulletin.editing.trends import limits
from bulletin.model.edition import Edition, Figure, Item, Ledger
from bulletin.model.facts import ErrorTrend, Fact, Incident, Life, PullRequest
from bulletin.model.harvest import Coverage, Gap, State
from bulletin.model.week import Week, Window

WEEKS = 12
"""Weeks of history that a figure carries, this one included."""

SECTIONS = {
    "incident": "incidents",
    "error": "errors",
    "pull_request": "pull_requests",
    "decision": "decisions",
}
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
    gaps: Sequence[Gap],
    states: dict[str, State],
    items: Sequence[Item],
    ledger: Ledger,
    past: Sequence[Edition],
    told: Sequence[Edition],
) -> tuple[Figure, ...]:
    """Count the week. `states` says how much of each kind of fact is known.

    What flows in a week is incomplete until the week `is_over`: "at least", and in no history. It
    is held against other weeks only where the span `is_week`. `on_time` says that the last edition
    was made a week ago. Of the `past` editions those are `told` that people have read.

    Of a week that is told afterwards what flows is in the history too, where the services remember
    all of it; what stood at its end is not, since that has no date.
    """
    counted = frozenset(one.source for one in coverage if is_counted(one, gaps))
    counts = [
        *_incidents(facts, coverage, span, is_over=is_over),
        *_errors(facts, coverage, span, is_over=is_over),
        *_pull_requests(facts),
    ]
    made = [
        _figure(week, past, count, coverage, states, counted=counted, is_week=is_week)
        for count in counts
        if count.kind in states
    ]
    return (*made, *_settled(week, told, items, ledger, states, on_time=on_time and is_over))


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
    is_known = all(f.life is not Life.UNKNOWN for f in mine)
    return [
        *counts,
        Count(name="incidents_opened", kind="incident", value=opened, is_whole=is_over),
        Count(
            name="incidents_resolved",
            kind="incident",
            value=resolved,
            is_whole=is_over and is_known,
            higher_is="neither",
        ),
    ]


def _errors(
    facts: Sequence[Fact], coverage: Sequence[Coverage], span: Window, *, is_over: bool
) -> list[Count]:
    """Count errors but those that people have declined to look at: whether one of those is among
    the facts depends on the source, and on last week's list.
    """
    mine = [f for f in facts if isinstance(f, ErrorTrend) and f.life is not Life.DECLINED]
    loud = [f.events for f in mine if f.events is not None]
    left_out = any(c.left_out for c in coverage if "error" in c.kinds)
    new = [f for f in mine if f.first_seen in span]
    # Of a past moment, an error without a count is one that may have been declined by then.
    is_sure = all(f.life is not Life.UNKNOWN or f.events is not None for f in new)
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
            value=len(new),
            is_whole=is_over and is_sure and all(f.first_seen is not None for f in mine),
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
    counted: frozenset[str],
    is_week: bool,
) -> Figure:
    state = states[count.kind]
    sources = _sources(coverage, count.kind)
    is_remembered = state is State.STALE and count.flows and sources <= counted
    if count.value is None:
        state = State.UNKNOWN
    elif (state is State.KNOWN or is_remembered) and not count.is_whole:
        state = State.PARTIAL
    is_told = state is State.KNOWN or (is_remembered and count.is_whole)
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
        history=(*earlier, count.value if is_told and is_like else None),
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
    dark = sum(1 for item in items if item.is_dark and not item.unwaived)
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
