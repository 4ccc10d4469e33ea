"""The stays of items on the list, put together from what each edition said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bulletin.editing.knowledge import is_same
from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.week import Week

JOINS = frozenset({ItemState.NEW, ItemState.FIRST_SEEN, ItemState.REOPENED})
SETTLED = frozenset({ItemState.FIXED, ItemState.CLEARED})

Subject = tuple[str, str, str]


@dataclass(slots=True, kw_only=True)
class Stay:
    """One stay on the list: from the edition that an item joined it in to the one it left it in."""

    joined: Week | None
    """None where it was on the list before the first edition that was looked at."""
    told: list[tuple[Week, Item]] = field(default_factory=list)
    """The item as each edition had it, oldest first."""

    @property
    def item(self) -> Item:
        """The item as it was last told of."""
        return self.told[-1][1]

    @property
    def last(self) -> Week:
        """The week in which it was last told of."""
        return self.told[-1][0]

    @property
    def weeks(self) -> int:
        """Editions whose list held it; all that ever did, where its beginning was not seen."""
        if self.joined is None:
            return self.item.weeks
        return sum(item.state.on_list for _, item in self.told)

    @property
    def settled_soon(self) -> bool | None:
        """Whether it was fixed or cleared by the week after it joined; None where nobody knows."""
        if self.joined is None or len(self.told) == 1:
            return None
        week, item = self.told[1]
        if week != self.joined.shift(1) or item.is_dark:
            return None
        return item.state in SETTLED


def subject_of(item: Item) -> Subject:
    """Return what an item is known by whatever it is called: its own id, else its key."""
    return (item.key.source, item.key.kind, item.handle or item.key.subject)


def stays(editions: Sequence[Edition]) -> list[Stay]:
    """Return every stay that these editions tell of. They are one a week, oldest first."""
    found: list[Stay] = []
    open_: dict[Subject, Stay] = {}
    for edition in editions:
        went_on: dict[Subject, Stay] = {}
        for item in sorted(edition.items, key=_joins):
            stay = None if _joins(item) else _taken(item, open_)
            if stay is None:
                stay = Stay(joined=edition.week if _joins(item) else None)
                found.append(stay)
            stay.told.append((edition.week, item))
            if item.state.on_list:
                went_on[subject_of(item)] = stay
        open_ = went_on
    return found


def _joins(item: Item) -> bool:
    return item.unwaived or item.state in JOINS


def _taken(item: Item, open_: dict[Subject, Stay]) -> Stay | None:
    """Take the stay that an item goes on with. Merged into another, it has the other's id, and
    last week's name for its last former one; names alone tell nothing, since others may bear them.
    """
    stay = open_.pop(subject_of(item), None)
    if stay is not None:
        return stay
    for subject, other in open_.items():
        was = other.item
        is_merged = item.formerly[-1:] == (was.key,)
        is_nameless = was.key == item.key and is_same(was.handle, item.handle)
        if is_merged or is_nameless:
            return open_.pop(subject)
    return None
