"""Corrections: what an earlier edition counted as gone, and is back."""

from collections.abc import Sequence

from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.facts import FactKey
from bulletin.model.front import Correction

GONE = frozenset({ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED})


def corrections(items: Sequence[Item], past: Sequence[Edition]) -> tuple[Correction, ...]:
    """Return a correction for each item that came back. `past` is newest first."""
    back = [item for item in items if item.state is ItemState.REOPENED]
    called: dict[FactKey, list[FactKey]] = {}
    for item in back:
        for name in (item.key, *item.formerly):
            called.setdefault(name, []).append(item.key)
    last: dict[FactKey, Correction] = {}
    for edition in past:
        for then in edition.items:
            if then.state not in GONE:
                continue
            for key in called.get(then.key, ()):
                told = Correction(key=key, week=edition.week, state=str(then.state))
                last.setdefault(key, told)
    return tuple(last[item.key] for item in back if item.key in last)
