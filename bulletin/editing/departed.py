"""What left the list lately: what is flagged again soon after is back, and not new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from bulletin.editing.knowledge import Names, is_same
from bulletin.model.edition import Edition, Item
from bulletin.model.facts import FactKey

MEMORY = 8
"""Editions after which something that left the list counts as new again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """What left the list within the last editions, by what it is called this week."""

    items: Mapping[FactKey, Sequence[Item]]
    """As each left, the last departure first."""

    @classmethod
    def of(cls, past: Sequence[Edition], names: Names) -> Self:
        """Look through the last of the editions, newest first, once."""
        items: dict[FactKey, list[Item]] = {}
        for item in _left(past[:MEMORY]):
            items.setdefault(names.now(item.key, item.handle), []).append(item)
        return cls(items=items)

    def find(self, key: FactKey, handle: str) -> Item | None:
        """Return what this is as it last left, with the names that it has had."""
        for item in self.items.get(key, ()):
            if is_same(item.handle, handle):
                renamed = () if item.key == key else (item.key,)
                return replace(item, formerly=(*item.formerly, *renamed))
        return None


def _left(editions: Iterable[Edition]) -> Iterable[Item]:
    for edition in editions:
        for item in (*edition.items, *edition.waived):
            if not item.state.on_list:
                yield item
