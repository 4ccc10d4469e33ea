"""A team's share of an edition: what is its own on the list, what of it left, what is asked."""

from collections import Counter
from dataclasses import dataclass

from bulletin.model.edition import Item, ItemState, Section
from bulletin.model.front import Question
from bulletin.rendering.page import LONG, Page


@dataclass(frozen=True, slots=True)
class Share:
    """What one team reads of an edition; every number is of its own items alone."""

    page: Page
    team: str

    def is_ours(self, item: Item) -> bool:
        """Whether an item is this team's."""
        return item.owner == self.team

    @property
    def listed(self) -> tuple[Item, ...]:
        """Every item of the team that is on the list."""
        return tuple(i for i in self.page.edition.items if self.is_ours(i) and i.state.on_list)

    def items(self, section: Section) -> tuple[Item, ...]:
        """Return the team's items of a section, in its order; what it has no room for comes last.

        What is told under another stays in its own right where that is not this team's: nobody
        looks for their work under somebody else's.
        """
        ours = {item.key for item in self.listed}
        told = {
            part.key for fold in self.page.edition.folds if fold.head in ours for part in fold.parts
        }
        places = {key: place for place, key in enumerate(section.keys)}
        mine = [i for i in self.listed if i.kind == section.kind and i.key not in told]
        last = len(places)
        return tuple(
            sorted(mine, key=lambda i: (places.get(i.key, last), -i.severity, -i.weeks, i.key))
        )

    @property
    def gone(self) -> tuple[Item, ...]:
        """Items of the team that left the list this week, save the waived."""
        return tuple(filter(self.is_ours, self.page.gone))

    @property
    def waived(self) -> tuple[Item, ...]:
        """Items of the team that rest under a waiver."""
        return tuple(filter(self.is_ours, self.page.waived))

    @property
    def questions(self) -> tuple[Question, ...]:
        """The meeting's questions that are about an item of the team."""
        ours = {item.key for item in self.listed}
        return tuple(one for one in self.page.edition.questions if one.key in ours)

    @property
    def fates(self) -> tuple[tuple[str, int], ...]:
        """What became of what the team had on last week's list: fate and number, none zero."""
        items = filter(self.is_ours, self.page.edition.items)
        found = Counter(fate for item in items if (fate := _fate(item)))
        return tuple((name, found[name]) for name in FATES if found[name])

    @property
    def pointed(self) -> int:
        """How many of the team's items last week's list held."""
        return sum(n for _, n in self.fates)

    @property
    def fixed(self) -> int:
        """How many of them were fixed."""
        return dict(self.fates).get("fixed", 0)

    @property
    def long(self) -> int:
        """How many of the team's items are on the list for the fourth week or longer."""
        return sum(1 for item in self.listed if item.weeks >= LONG)

    @property
    def unowned(self) -> int:
        """How many items on the list have no team, or one that the settings do not name."""
        edition = self.page.edition
        return sum(1 for i in edition.items if i.owner not in edition.teams and i.state.on_list)

    @property
    def is_whole(self) -> bool:
        """Whether everything was seen and judged: only then is nothing nothing."""
        edition = self.page.edition
        judged = not any(section.blind for section in edition.sections)
        return judged and self.page.complete and not edition.gaps


FATES = ("fixed", "cleared", "dropped", "waived", "stayed", "unknown")
LEFT = frozenset({ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED, ItemState.WAIVED})
HELD = frozenset({ItemState.CARRIED, ItemState.UNKNOWN, ItemState.PERSISTING})


def _fate(item: Item) -> str:
    """Return what became of an item of last week's list; empty for one that was not on it."""
    if item.state in LEFT:
        return str(item.state)
    if item.state not in HELD or item.unwaived:
        return ""
    return "unknown" if item.is_dark else "stayed"
