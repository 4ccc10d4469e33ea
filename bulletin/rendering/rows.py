"""The rows of the page of items: each item's life as marks, and as the words for them."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey
from bulletin.model.week import Week
from bulletin.rendering.escape import Html, Safe
from bulletin.rendering.lives import Life, Stand, anchor, passed
from bulletin.rendering.masked import tell
from bulletin.rendering.words import Words

LETTERS = {
    ItemState.NEW: "+",
    ItemState.FIRST_SEEN: "+",
    ItemState.REOPENED: "±",
    ItemState.UNKNOWN: "?",
    ItemState.PERSISTING: "!",
    ItemState.FIXED: "✓",
    ItemState.CLEARED: "○",
    ItemState.DROPPED: "\u00d7",
    ItemState.WAIVED: "…",
}
"""What stands in a mark; an item that was still there has its weeks on the list there."""
LONG = 4
"""Weeks from which a mark is as dark as it gets."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item, as it is printed."""

    item: Item
    title: str
    owner: str | None
    anchor: str
    earlier: tuple[tuple[str, FactKey], ...]
    """Anchors and names that it had before."""
    since: Week
    last: Week
    is_here: bool
    """Whether it stands in the newest edition."""
    folder: str
    """The folder of the edition where it last stood; empty without one."""
    marks: Html
    told: Safe


class Rows:
    """Makes the rows one by one, as the page is printed."""

    def __init__(
        self,
        lives: Sequence[Life],
        newest: Week,
        words: Words,
        printed: Container[Week] | None,
    ) -> None:
        self._lives = lives
        self._newest = newest
        self._words = words
        self._printed = printed
        self._mark = cache(self._mark_of)
        self._told = cache(self._told_of)

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._lives)

    def __len__(self) -> int:
        return len(self._lives)

    @property
    def legend(self) -> tuple[tuple[Html, Safe], ...]:
        """Every mark with the words that it stands for."""
        t = self._words
        shown = ((state, Stand(state, 1)) for state in ItemState if state is not ItemState.CARRIED)
        states = [(self._drawn(stand), t(f"state.{state}")) for state, stand in shown]
        said = {2: t("legend.carried", n=2), 3: t("legend.carried", n=3), LONG: t("legend.longer")}
        ages = [(self._drawn(Stand(ItemState.CARRIED, n)), words) for n, words in said.items()]
        return (states[0], *ages, *states[1:], (_hole(), t("legend.hole")))

    def _row(self, life: Life) -> Row:
        item, t = life.item, self._words
        stands = [(week, life.stands.get(week)) for week in passed(life)]
        folder = str(life.last) if self._printed is None or life.last in self._printed else ""
        return Row(
            item=item,
            title=tell(item.title, t),
            owner=tell(item.owner, t) if item.owner is not None else None,
            anchor=anchor(item.key),
            earlier=tuple((anchor(key), key) for key in sorted(life.formerly)),
            since=life.since,
            last=life.last,
            is_here=life.last == self._newest,
            folder=folder,
            marks=Html("").join(self._mark(week.number, stand) for week, stand in stands),
            told=t.safe(", ").join(
                self._told(week.number, stand) for week, stand in stands if stand
            ),
        )

    def _mark_of(self, week: int, stand: Stand | None) -> Html:
        return _hole() if stand is None else self._drawn(stand, self._told(week, stand))

    def _told_of(self, week: int, stand: Stand) -> Safe:
        state = self._words(f"state.{stand.state}")
        return self._words("items.mark", week=week, state=state)

    def _drawn(self, stand: Stand, told: object = "") -> Html:
        letter = LETTERS.get(stand.state) or self._words.number(stand.weeks)
        look = Html("{} a{}").format(stand.state, min(LONG, stand.weeks))
        title = Html(' title="{}"').format(told) if told else Html("")
        return Html('<i class="{}"{}>{}</i>').format(look, title, letter)


def _hole() -> Html:
    return Html('<i class="hole"></i>')
