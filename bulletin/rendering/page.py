"""What a page asks of an edition: the same facts, in the order in which they are printed."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from bulletin.model.edition import Edition, Figure, Filed, Item, ItemState, Section
from bulletin.model.facts import Decision, FactKey, Incident, Life
from bulletin.model.fold import Fold
from bulletin.model.front import Correction, Heading, Remark, Service, Sky
from bulletin.model.harvest import Coverage, Gap, State
from bulletin.model.word import DECISION

EARLY = timedelta(hours=24)
PRESSING = 3
"""Weeks on the list after which an item is printed above the fold."""
LONG = 4
"""Weeks on the list after which it must be fixed, waived or closed."""
TYPED = re.compile(r"[\w.:/#+-]{1,200}", re.ASCII)
"""Keys that anybody can type, and that mean nothing to a shell once they are quoted."""
CAME = ("new", "first_seen", "reopened", "unwaived")
LEFT = ("fixed", "cleared", "dropped", "waived")
AGES = ("first", "second", "third", "longer")
"""Names of an item's age on the list, as `ListWeek.ages` counts them."""

Credits = tuple[tuple[str, tuple[Item, ...]], ...]
"""Teams, each with its items."""

MOODS = (
    "source-dark",
    "all-quiet",
    "many-fixed",
    "nothing-fixed",
    "list-shrank",
    "list-grew",
    "some-fixed",
    "first-edition",
)
"""Situations of the week as a whole."""
SMALL_AD = "small-ad"
HISTORY = "history"
"""The section of the numbers of the list's past."""


@dataclass(frozen=True, slots=True)
class Page:
    """An edition as the templates see it. It holds no words and no opinion of its own."""

    filed: Filed

    @property
    def edition(self) -> Edition:
        """The edition itself."""
        return self.filed.edition

    def item(self, key: FactKey) -> Item:
        """Return the item of this key."""
        named = [i for i in chain(self.edition.items, self.edition.waived) if i.key == key]
        return min(named, key=lambda item: not item.state.on_list)

    def index(self, key: FactKey) -> int:
        """Return the place of an item among all, by which a script finds it: no foreign word."""
        return self.edition.items.index(self.item(key))

    def items(self, section: Section) -> tuple[Item, ...]:
        """Return the items that a section prints, in its order."""
        return tuple(self.item(key) for key in section.keys)

    @property
    def pressing(self) -> tuple[Item, ...]:
        """Items in their third week or later, longest first; none that is told under another."""
        stay = (i for i in self.edition.items if i.state.on_list and i.weeks >= PRESSING)
        stay = (i for i in stay if i.key not in self._folded)
        return tuple(sorted(stay, key=lambda i: (-i.weeks, -i.severity, i.key)))

    @property
    def returned(self) -> tuple[Item, ...]:
        """The pressing that last week's list did not hold: back again, or from a rest."""
        stayed = {item.key for item in self.stayed}
        return tuple(item for item in self.pressing if item.key not in stayed)

    def way_out(self, item: Item) -> str:
        """Return the command that lets an item rest; empty before its fourth week.

        The key's last part is a stranger's word: where it is not plain letters, none is named.
        """
        if item.weeks < LONG or not item.state.on_list:
            return ""
        key = shlex.quote(str(item.key)) if TYPED.fullmatch(str(item.key)) else "KEY"
        return f"bulletin waive {key} --until DATE --reason TEXT"

    @property
    def gone(self) -> tuple[Item, ...]:
        """Items that left the list this week, save the waived: fixed, cleared, then dropped.

        The gravest of each come first.
        """
        order = (ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED)
        gravest = sorted(self.edition.items, key=lambda item: (-item.severity, item.key))
        return tuple(_pick(gravest, *order))

    @property
    def fates(self) -> tuple[tuple[str, int], ...]:
        """What became of last week's list: fate and number, none of them zero.

        The numbers add up to the ledger's `open_then`.
        """
        ledger = self.edition.ledger
        unknown = sum(1 for i in self._held if i.is_dark)
        left = tuple((name, getattr(ledger, name)) for name in LEFT)
        gone = sum(n for _, n in left)
        stayed = ledger.open_then - gone - unknown
        return tuple(
            (name, n) for name, n in (*left, ("stayed", stayed), ("unknown", unknown)) if n
        )

    @property
    def credits(self) -> Credits:
        """What was fixed, by team: most first. What was only cleared is still open."""
        return _by_team(self._fixed)

    @property
    def relieved(self) -> Credits:
        """What was cleared, by team: most first."""
        return _by_team(self._cleared)

    @property
    def unrelieved(self) -> int:
        """How many of the cleared had no owner."""
        return sum(1 for item in self._cleared if item.owner is None)

    @property
    def is_thankful(self) -> bool:
        """Whether any team's items were fixed or cleared."""
        return bool(self.credits or self.relieved)

    @property
    def credited(self) -> int:
        """How many of the fixed had an owner."""
        return sum(1 for item in self._fixed if item.owner is not None)

    @property
    def uncredited(self) -> int:
        """How many of the fixed had none."""
        return len(self._fixed) - self.credited

    @property
    def tiles(self) -> tuple[Figure, ...]:
        """The numbers of the week."""
        return tuple(one for one in self.edition.figures if one.section != HISTORY)

    @property
    def of_the_list(self) -> tuple[Figure, ...]:
        """The numbers of the list's past, which stand beside what it teaches."""
        return tuple(one for one in self.edition.figures if one.section == HISTORY)

    @property
    def _fixed(self) -> tuple[Item, ...]:
        return tuple(_pick(self.gone, ItemState.FIXED))

    @property
    def _cleared(self) -> tuple[Item, ...]:
        return tuple(_pick(self.gone, ItemState.CLEARED))

    def unlisted(self, section: Section) -> int:
        """Return how many open subjects of a section's kind are on no list; drills do not count."""
        listed = {item.key for item in self.edition.followed}
        return sum(
            1
            for fact in self.edition.facts
            if fact.type == section.kind
            and fact.life is Life.OPEN
            and fact.key not in listed
            and not (isinstance(fact, Incident) and fact.drill)
        )

    def came_back(self, item: Item) -> bool:
        """Whether an item was off the list between the first time and now."""
        return item.weeks <= self.edition.week.weeks_since(item.since)

    def heading(self, place: str) -> Heading | None:
        """Return what a part of the page has to say."""
        return next((one for one in self.edition.headings if one.place == place), None)

    def under(self, *skies: Sky) -> tuple[Service, ...]:
        """Return the services under one of these skies."""
        return tuple(one for one in self.edition.services if one.sky in skies)

    @property
    def sky(self) -> Sky | None:
        """The worst sky, if any service was named."""
        return self.edition.services[0].sky if self.edition.services else None

    @property
    def address(self) -> str:
        """Where this edition can be read; empty if that is not known."""
        return f"{self.edition.web}/{self.edition.week}/index.html" if self.edition.web else ""

    @property
    def corrected(self) -> tuple[tuple[Item, Correction], ...]:
        """Items that an earlier edition counted as gone, each with what it said."""
        return tuple((self.item(one.key), one) for one in self.edition.corrections)

    @property
    def stayed(self) -> tuple[Item, ...]:
        """Items of last week's list that are on this week's, longest first; none that is told
        under another.
        """
        held = (i for i in self._held if i.key not in self._folded)
        return tuple(sorted(held, key=lambda i: (-i.weeks, -i.severity, i.key)))

    @property
    def stayed_folded(self) -> int:
        """How many of last week's that are still on the list are told under another."""
        return sum(1 for item in self._held if item.key in self._folded)

    @property
    def _held(self) -> tuple[Item, ...]:
        stay = (ItemState.CARRIED, ItemState.UNKNOWN, ItemState.PERSISTING)
        return tuple(item for item in _pick(self.edition.items, *stay) if not item.unwaived)

    def outcome(self, item: Item) -> str:
        """Return how a decision that left the list ended, in people's words; empty if unsaid."""
        if item.kind != DECISION or item.state.on_list:
            return ""
        fact = self.edition.fact(item.key)
        return fact.outcome if isinstance(fact, Decision) else ""

    def fold(self, item: Item) -> Fold | None:
        """Return what is told under an item of the list."""
        if not item.state.on_list:
            return None
        return next((fold for fold in self.edition.folds if fold.head == item.key), None)

    def heads(self, section: Section) -> tuple[FactKey, ...]:
        """Return what a section's folded items are told under, each once."""
        listed = {item.key for item in self.edition.items if item.state.on_list}
        return tuple(
            fold.head
            for fold in self.edition.folds
            if any(part.key.kind == section.kind and part.key in listed for part in fold.parts)
        )

    @property
    def _folded(self) -> frozenset[FactKey]:
        return frozenset(part.key for fold in self.edition.folds for part in fold.parts)

    @property
    def waived(self) -> tuple[Item, ...]:
        """Every item that rests under a waiver, each once."""
        both = chain(self.edition.waived, _pick(self.edition.items, ItemState.WAIVED))
        return tuple({item.key: item for item in both}.values())

    def came(self) -> tuple[tuple[str, int], ...]:
        """Return the ledger's additions that are not zero: name and number."""
        return self._terms(CAME)

    def left(self) -> tuple[tuple[str, int], ...]:
        """Return the ledger's subtractions that are not zero: name and number."""
        return self._terms(LEFT)

    def _terms(self, names: Iterable[str]) -> tuple[tuple[str, int], ...]:
        terms = ((name, getattr(self.edition.ledger, name)) for name in names)
        return tuple((name, n) for name, n in terms if n)

    @property
    def is_open(self) -> bool:
        """Whether the services were asked before the week closed."""
        return self.edition.as_of < self.edition.window.end

    @property
    def is_early(self) -> bool:
        """Whether so much of the week was still to come that what flows is not counted whole."""
        return self.edition.as_of < self.edition.window.end - EARLY

    @property
    def all_clear(self) -> bool:
        """Whether there is nothing to point at, and everything was seen."""
        sections = self.edition.sections
        return (
            bool(sections)
            and not self.edition.gaps
            and not any(section.blind for section in sections)
            and self.edition.ledger.open_now == 0
            and all(self.is_clear(section) for section in sections)
        )

    def is_clear(self, section: Section) -> bool:
        """Whether a section is known and has nothing to point at."""
        listed = section.keys or section.left_out or section.folded
        return section.state is State.KNOWN and not listed

    @property
    def masked_secrets(self) -> int:
        """How many secrets were taken out of what the services said."""
        return sum(note.count for note in self.edition.masked if not note.personal)

    @property
    def masked_personal(self) -> int:
        """How many pieces of personal data were taken out of what the services said."""
        return sum(note.count for note in self.edition.masked if note.personal)

    @property
    def complete(self) -> bool:
        """Whether every section is known."""
        return all(section.state is State.KNOWN for section in self.edition.sections)

    def gaps(self, section: Section) -> tuple[Gap, ...]:
        """Return the gaps that hide facts of a section."""
        sources = {c.source for c in self.coverage(section)}
        return tuple(
            gap
            for gap in self.edition.gaps
            if gap.hides(section.kind) and (gap.source in sources or section.kind in gap.kinds)
        )

    def coverage(self, section: Section) -> tuple[Coverage, ...]:
        """Return the coverage of the sources that a section draws from."""
        return tuple(c for c in self.edition.coverage if section.kind in c.kinds)

    def dark(self, section: Section) -> tuple[Coverage, ...]:
        """Return the coverage of those of a section's sources that are not fully known."""
        return tuple(c for c in self.coverage(section) if c.state is not State.KNOWN)

    def remarks(self, *situations: str) -> tuple[Remark, ...]:
        """Return the remarks that stand beside no item, for these situations."""
        loose = (r for r in self.edition.remarks if r.key is None)
        return tuple(r for r in loose if r.situation in situations)

    @property
    def mood(self) -> tuple[Remark, ...]:
        """The remark on the week as a whole."""
        return self.remarks(*MOODS)

    def remark(self, item: Item) -> Remark | None:
        """Return the remark beside an item."""
        beside = (r for r in self.edition.remarks if r.situation != SMALL_AD)
        return next((r for r in beside if r.key == item.key), None)

    @property
    def ads(self) -> tuple[tuple[Item, Remark], ...]:
        """The small ads: flagged pull requests, each with its line."""
        ads = (r for r in self.edition.remarks if r.situation == SMALL_AD)
        return tuple((self.item(r.key), r) for r in ads if r.key is not None)


def _by_team(items: Iterable[Item]) -> Credits:
    teams: dict[str, list[Item]] = {}
    for item in items:
        if item.owner is not None:
            teams.setdefault(item.owner, []).append(item)
    ranked = sorted(teams.items(), key=lambda t: (-len(t[1]), t[0]))
    return tuple((team, tuple(mine)) for team, mine in ranked)


def _pick(items: Iterable[Item], *states: ItemState) -> Iterable[Item]:
    held = tuple(items)
    return (item for state in states for item in held if item.state is state)
