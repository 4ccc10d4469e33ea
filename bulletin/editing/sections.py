"""The parts of the page: how much of each kind of fact is known, and what presses most in it."""

from collections.abc import Collection, Mapping, Sequence

from bulletin.editing.figures import SECTIONS
from bulletin.editing.folding import folded, gravity
from bulletin.editing.knowledge import Finding
from bulletin.model.edition import Item, ItemState, Section
from bulletin.model.facts import FactKey, Severity
from bulletin.model.fold import Fold
from bulletin.model.harvest import Harvest, State

ORDER = (
    ItemState.REOPENED,
    ItemState.PERSISTING,
    ItemState.NEW,
    ItemState.FIRST_SEEN,
    ItemState.CARRIED,
    ItemState.UNKNOWN,
)
"""Of what is as grave and as old, what moved comes first."""


def states_of(harvests: Sequence[Harvest]) -> dict[str, State]:
    """Return how much of each kind of fact is known: as much as its least known source."""
    order = (State.KNOWN, State.STALE, State.PARTIAL, State.UNKNOWN)
    states: dict[str, State] = {}
    for kind in SECTIONS:
        of_kind = [h.coverage.state for h in harvests if kind in h.coverage.kinds]
        if not of_kind:
            continue
        worst = max(of_kind, key=order.index)
        mixed = worst is State.UNKNOWN and any(state is not worst for state in of_kind)
        states[kind] = State.PARTIAL if mixed else worst
    return states


def sections_of(
    states: Mapping[str, State],
    items: Sequence[Item],
    findings: Collection[Finding],
    folds: Sequence[Fold],
    room: int,
) -> tuple[Section, ...]:
    """Return a section of each kind that was asked for or stands on the list, in page order.

    A section holds `room` keys and counts the rest; what is told under another is counted apart.
    """
    sections: list[Section] = []
    under, graver = folded(folds), gravity(folds, items)
    for kind, name in SECTIONS.items():
        listed = [item for item in items if item.kind == kind and item.state.on_list]
        if kind not in states and not listed:
            continue
        alone = [item for item in listed if item.key not in under]
        pressing = sorted(alone, key=lambda item: _pressing(item, graver.get(item.key)))
        keys = tuple(item.key for item in pressing)
        sections.append(
            Section(
                name=name,
                kind=kind,
                state=states.get(kind, State.UNKNOWN),
                keys=keys[:room],
                left_out=len(keys[room:]),
                blind=sum(1 for f in findings if f.fact.type == kind and f.blind),
                folded=len(listed) - len(alone),
            )
        )
    return tuple(sections)


def _pressing(item: Item, graver: Severity | None) -> tuple[int, int, int, FactKey]:
    """Order items: the gravest, then the longest on the list, then what moved, then by key.

    An item is as grave as the gravest that is told under it.
    """
    return (-(graver or item.severity), -item.weeks, ORDER.index(item.state), item.key)
