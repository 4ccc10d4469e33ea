"""The lives of the items: what every edition said of each, week by week."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain

from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.facts import FactKey
from bulletin.model.week import Week


def anchor(key: FactKey) -> str:
    """Return the id of an item's row in `items.html`: the same for ever, and never foreign text."""
    return f"i{sha256(str(key).encode('utf-8', 'replace')).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Stand:
    """How an item stood in one edition."""

    state: ItemState
    weeks: int
    """Editions whose list had held it by then."""


@dataclass(slots=True)
class Life:
    """One item, as the last edition that had it knew it."""

    item: Item
    since: Week
    formerly: set[FactKey] = field(default_factory=set)
    stands: dict[Week, Stand] = field(default_factory=dict)
    """Newest first."""

    @property
    def last(self) -> Week:
        """The week of the last edition that had it."""
        return next(iter(self.stands))

    @property
    def first(self) -> Week:
        """The week of the first edition, of those that were read, that had it."""
        return next(reversed(self.stands))


class Register:
    """Every item that the editions pointed at. It keeps no edition."""

    def __init__(self) -> None:
        self._lives: dict[FactKey, Life] = {}
        self._renamed: dict[FactKey, FactKey] = {}

    def add(self, edition: Edition) -> None:
        """Enter an edition. The newest comes first, and each week once."""
        for item in chain(edition.items, edition.waived):
            key = self._renamed.get(item.key, item.key)
            life = self._lives.get(key)
            if life is None:
                life = self._lives[key] = Life(item, item.since)
            for old in item.formerly:
                self._renamed[old] = key
                life.formerly.add(old)
            life.since = min(life.since, item.since)
            life.stands.setdefault(edition.week, Stand(item.state, item.weeks))

    def __len__(self) -> int:
        return len(self._lives)

    def ranked(self) -> list[Life]:
        """Return the lives, those that were in the last edition first, the longest first."""

        def rank(life: Life) -> tuple[object, ...]:
            item = life.item
            return (not item.state.on_list, -item.weeks, -item.severity, item.key)

        by_age = sorted(self._lives.values(), key=rank)
        return sorted(by_age, key=lambda life: life.last, reverse=True)


def passed(life: Life) -> Iterator[Week]:
    """Return the weeks of a life, oldest first, those in which no edition had it included."""
    return (life.first.shift(n) for n in range(life.last.weeks_since(life.first) + 1))
