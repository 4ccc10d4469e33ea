"""Corrections: what an earlier edition counted as gone, and is back."""

from collections.abc import Sequence

from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.front import Correction

GONE = frozenset({ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED})


def corrections(items: Sequence[Item], past: Sequence[Edition]) -> tuple[Correction, ...]:
    """Return a correction for each item that came back. `past` is newest first."""
    back = (item for item in items if item.state is ItemState.REOPENED)
    return tuple(one for item in back for one in _last_word(item, past))


def _last_word(item: Item, past: Sequence[Edition]) -> tuple[Correction, ...]:
    names = {item.key, *item.formerly}
    for edition in past:
        for then in edition.items:
            if then.key in names and then.state in GONE:
                return (Correction(key=item.key, week=edition.week, state=str(then.state)),)
    return ()
