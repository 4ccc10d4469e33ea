"""The front page's furniture: what the desk says beside the items, in no language."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bulletin.model.facts import FactKey
from bulletin.model.week import Week

Words = dict[str, str | int]
"""Values for a sentence of the catalogue: text or whole numbers, since plurals need numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A pattern of the catalogue and its words."""

    pattern: str
    """The catalogue's id, such as `heading.gone`."""
    words: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The gravest or best fact, as a pattern of the catalogue and its words."""

    pattern: str
    """The catalogue's id, such as `headline.fixed`."""
    words: Words
    key: FactKey | None = None
    line: str | None = None
    """Id of the voice's own wording, which has the same words; None prints the catalogue's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A dry line, by id: the situation it stands for and, if any, the item beside it."""

    situation: str
    line: str
    key: FactKey | None = None
    words: Words = field(default_factory=dict)
    """Values for the line's placeholders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a part of the page has to say: its finding, and what follows from it."""

    place: str
    """`gone`, `stayed`, `figures` or a kind of fact."""
    title: Sentence
    so_what: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A decision for the meeting to take, worded as a question."""

    asks: Sentence
    key: FactKey | None = None
    """The item that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The chart beside the lead: events a day of one error, or of all that were read."""

    key: FactKey | None
    title: str
    """The error's own title; empty for all errors."""
    days: tuple[int | None, ...]
    """Events per day (UTC), oldest first; None is a day that is not known."""
    until: date
    """The last of them."""
    so_far: bool
    """Whether the last day was not over when the services were asked."""
    marked: int | None = None
    """Index of this week's highest day, if it leaves the limits of the days before the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWeek:
    """The list as one edition had it: its items by how many weeks they had been on it."""

    week: Week
    ages: tuple[int, int, int, int] | None
    """Items in their first, second, third, and fourth or later week; None without an edition."""

    @property
    def total(self) -> int | None:
        """Items on the list, if there was an edition."""
        return None if self.ages is None else sum(self.ages)


class Sky(StrEnum):
    """How a service stands, worst first."""

    STORM = "storm"
    """An incident of high or critical severity is open, or such an error is on the list."""
    RAIN = "rain"
    """An incident is open, or something on the list arrived or got worse."""
    CLOUD = "cloud"
    """Something on the list concerns it."""
    FOG = "fog"
    """Nothing on the list, but a source that could tell was not known."""
    SUN = "sun"
    """Everything was read, and nothing on the list concerns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service, as incidents and errors name it, and what is on the list about it."""

    name: str
    sky: Sky
    incidents: int
    """Open incidents, drills left out."""
    errors: int
    """Errors on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """The event that the season leads to, counted from the day under the edition's name."""

    event: str
    days: int
    """Until the event; 0 on the day, below zero behind it."""
    freeze_days: int | None = None
    """Until the code freeze; 0 or below while it holds. None without one, or when it is over."""
    total: int | None = None
    """Days from the season's start to the event, if a start is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An item that an earlier edition counted as gone, and that is back."""

    key: FactKey
    week: Week
    """The edition that said so."""
    state: str
    """What it said: fixed, cleared or dropped."""
