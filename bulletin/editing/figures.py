"""The numbers of the week, each with its history and its limits."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bulletin.editing.trends import limits
from bulletin.model.edition import Edition, Figure, Item, ItemState, Ledger
from bulletin.model.facts import ErrorTrend, Fact, Incident, Life, PullRequest
from bulletin.model.harvest import Coverage, State
from bulletin.model.week import Week, Window

WEEKS = 12
"""Weeks of history that a figure carries, this one included."""


def figures(
    *,
    week: Week,
    window: Window,
    facts: Sequence[Fact],
    coverage: Sequence[Coverage],
    states: dict[str, State],
    items: Sequence[Item],
    ledger: Ledger,
    past: Sequence[Edition],
) -> tuple[Figure, ...]:
    """Count the week. `states` says how much of each kind of fact is known."""
    incidents = [f for f in facts if isinstance(f, Incident) and not f.drill]
    errors = [f for f in facts if isinstance(f, ErrorTrend)]
    pulls = [f for f in facts if isinstance(f, PullRequest)]
    closed_too = all(c.closed_too for c in coverage if "incident" in c.kinds)
    loud = [e.events for e in errors if e.events is not None]
    counted: list[tuple[str, str, int | None, bool]] = [
        ("incidents_open", "incident", _count(incidents, lambda f: f.life is Life.OPEN), True),
        (
            "incidents_opened",
            "incident",
            _count(incidents, lambda f: f.opened in window),
            closed_too,
        ),
        (
            "incidents_resolved",
            "incident",
            _count(incidents, lambda f: f.life is not Life.OPEN and f.resolved in window),
            closed_too,
        ),
        ("errors_events", "error", sum(loud) if loud or not errors else None, True),
        ("errors_new", "error", _count(errors, lambda f: f.first_seen in window), True),
        ("pull_requests_open", "pull_request", _count(pulls, lambda f: f.life is Life.OPEN), True),
    ]
    known = {name: states[kind] for name, kind, _, _ in counted if kind in states}
    if known.get("errors_events") is State.KNOWN and len(loud) < len(errors):
        # Some do not say how often they fired: the sum of the others is "at least".
        known["errors_events"] = State.PARTIAL
    made = [
        _figure(week, past, name=name, kind=kind, value=value, state=known[name])
        for name, kind, value, asked in counted
        if name in known and asked
    ]
    return (*made, *_settled(week, past, items, ledger))


F = TypeVar("F", bound=Fact)


def _count(facts: Iterable[F], is_counted: Callable[[F], bool]) -> int:
    return sum(1 for fact in facts if is_counted(fact))


def _figure(
    week: Week, past: Sequence[Edition], *, name: str, kind: str, value: int | None, state: State
) -> Figure:
    if state is State.UNKNOWN:
        value = None
    earlier = _history(week, past, name)
    routine = limits(earlier)
    return Figure(
        name=name,
        section=SECTIONS[kind],
        value=value,
        unit="count",
        state=state if value is not None else State.UNKNOWN,
        history=(*earlier, value if state is State.KNOWN else None),
        lower=routine.lower if routine else None,
        upper=routine.upper if routine else None,
        higher_is="neither" if name in {"incidents_resolved", "pull_requests_open"} else "worse",
    )


def _settled(
    week: Week, past: Sequence[Edition], items: Sequence[Item], ledger: Ledger
) -> tuple[Figure, ...]:
    """Of last week's list, as far as it is known, the share that was fixed or cleared, in percent.

    This is the number that the meeting lives for: what was pointed at is fixed by the following
    week. Items that are unknown this week stand on neither side of the fraction.
    """
    if not past:
        return ()
    dark = sum(1 for item in items if item.state is ItemState.UNKNOWN and not item.unwaived)
    known = ledger.open_then - dark
    value = round(100 * (ledger.fixed + ledger.cleared) / known) if known else None
    earlier = _history(week, past, "settled")
    routine = limits(earlier)
    figure = Figure(
        name="settled",
        section="ledger",
        value=value,
        unit="percent",
        state=State.UNKNOWN if value is None else State.PARTIAL if dark else State.KNOWN,
        history=(*earlier, None if dark else value),
        lower=routine.lower if routine else None,
        upper=min(100.0, routine.upper) if routine else None,
        higher_is="better",
    )
    return (figure,)


def _history(week: Week, past: Sequence[Edition], name: str) -> tuple[int | None, ...]:
    """Return the values of the weeks before, oldest first; a week without an edition is a hole."""
    known = {
        edition.week: figure.value
        for edition in past
        for figure in edition.figures
        if figure.name == name and figure.state is State.KNOWN
    }
    weeks = [week.shift(-back) for back in range(WEEKS - 1, 0, -1)]
    values = [known.get(one) for one in weeks]
    first = next((i for i, one in enumerate(weeks) if any(e.week == one for e in past)), len(weeks))
    return tuple(values[first:])


SECTIONS = {"incident": "incidents", "error": "errors", "pull_request": "pull_requests"}
"""Kind of fact → the section that speaks of it, in the order of the page."""
