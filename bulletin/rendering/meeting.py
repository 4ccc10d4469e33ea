"""The meeting as the templates see it: its parts, minute by minute, and the words for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from bulletin.model.agenda import Place, Slot
from bulletin.model.edition import Figure, Item
from bulletin.model.front import Question
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.page import Page
from bulletin.rendering.words import Words

EXCUSED = 4
"""Teams that the wheel left out which are named."""
NAME = 24
TITLE = 70
Talked = tuple[tuple[Item, int], ...]
"""Items, each with its minutes."""
Counted = tuple[tuple[Figure, int], ...]
"""Numbers, each with its minutes."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The agenda of one edition; an old one, made before there were any, has no parts."""

    page: Page
    words: Words

    def slot(self, place: str) -> Slot | None:
        """Return a part of the meeting, if there is time for it."""
        slots = self.page.edition.agenda.slots if self.page.edition.agenda else ()
        return next((slot for slot in slots if slot.place == place), None)

    def talked(self, place: str) -> Talked:
        """Return the items that a part of the meeting talks about, each with its minutes."""
        slot = self.slot(place)
        talks = slot.talks if slot else ()
        return tuple((self.page.item(talk.key), talk.minutes) for talk in talks if talk.key)

    def counted(self, place: str) -> Counted:
        """Return the numbers that a part of the meeting talks about, each with its minutes."""
        slot = self.slot(place)
        named = {figure.name: figure for figure in self.page.edition.figures}
        talks = slot.talks if slot else ()
        return tuple((named[talk.figure], talk.minutes) for talk in talks if talk.figure)

    def slides(self, place: str, rows: int) -> tuple[tuple[Talked, Counted], ...]:
        """Return what a part of the meeting talks about in slides of so many rows, items first."""
        items, figures = self.talked(place), self.counted(place)
        made = []
        for start in range(0, len(items) + len(figures), rows):
            end = start + rows
            past = max(0, start - len(items))
            made.append((items[start:end], figures[past : max(0, end - len(items))]))
        return tuple(made)

    @property
    def calm(self) -> int:
        """How many of the items that stayed are not talked about."""
        told = {item.key for item, _ in self.talked(Place.STAYED)}
        return sum(1 for item in self.page.stayed if item.key not in told)

    def untold(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Return items with those first that no part of the meeting talks about."""
        slots = self.page.edition.agenda.slots if self.page.edition.agenda else ()
        told = {talk.key for slot in slots for talk in slot.talks}
        return tuple(sorted(items, key=lambda item: item.key in told))

    def asked(self, rows: int) -> tuple[Question, ...]:
        """Return the questions that there is time for; `rows` of them where nobody counted."""
        edition = self.page.edition
        return edition.questions[: (edition.agenda.questions or rows) if edition.agenda else rows]

    def starts(self, place: str) -> int:
        """Return the minute in which a part of the meeting begins, from 0."""
        slots = self.page.edition.agenda.slots if self.page.edition.agenda else ()
        before = takewhile(lambda slot: slot.place != place, slots)
        return sum(slot.minutes for slot in before)

    def about(self, slot: Slot) -> Safe:
        """Say what a part of the meeting is about."""
        t, page = self.words, self.page
        edition = page.edition
        match slot.place:
            case Place.GONE:
                return t("agenda.gone.about", n=len(page.gone))
            case Place.QUESTIONS:
                every = len(edition.questions) + edition.questions_left_out
                return t("agenda.questions.about", n=slot.minutes, of=every)
            case Place.WHEEL:
                wheel = edition.agenda.wheel if edition.agenda else None
                topics = [clip(item.title, TITLE) for item, _ in self.talked(Place.WHEEL)]
                about = topics[0] if topics else t("wheel.free")
                team = clip(wheel.chosen, NAME) if wheel else ""
                return t("agenda.wheel.about", team=team, about=about)
            case _:
                items, numbers = len(self.talked(slot.place)), len(self.counted(slot.place))
                parts = [t("agenda.items", n=items)] if items else []
                parts += [t("agenda.numbers", n=numbers)] if numbers else []
                return t.listing(parts)

    def excused(self) -> Safe:
        """Say which teams the wheel left out, and why."""
        agenda = self.page.edition.agenda
        excused = agenda.wheel.excused if agenda and agenda.wheel else ()
        named = [clip(team, NAME) for team in excused[:EXCUSED]]
        more = len(excused) - len(named)
        every = [*named, self.words("wheel.more", n=more)] if more else named
        return self.words("wheel.excused", n=len(excused), teams=self.words.listing(every))

    def waiting(self) -> Safe:
        """Say how much waits in the appendix, and whether it waits for want of time."""
        agenda, t = self.page.edition.agenda, self.words
        if agenda is None or not agenda.appendix:
            return t("agenda.appendix.none")
        if agenda.crowded:
            return t("agenda.crowded", n=agenda.crowded, waiting=len(agenda.appendix))
        return t("agenda.appendix", n=len(agenda.appendix))
