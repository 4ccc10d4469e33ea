"""The meeting's agenda: what fits its slot, minute by minute, and what waits in the appendix."""

from dataclasses import dataclass
from enum import StrEnum

from bulletin.model.facts import FactKey


class Place(StrEnum):
    """A part of the meeting, in its order."""

    GONE = "gone"
    """What left the list: read out, with thanks."""
    STAYED = "stayed"
    """What last week's list holds still."""
    CROSSED = "crossed"
    """What came and is grave, and numbers that left their limits."""
    WHEEL = "wheel"
    """The deep dive of the team that the wheel chose."""
    QUESTIONS = "questions"
    """The decisions to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Something that is talked about, and for how long."""

    minutes: int
    key: FactKey | None = None
    """The item."""
    figure: str | None = None
    """Or the number's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of the meeting."""

    place: Place
    minutes: int
    """In all; at least those of its talks."""
    talks: tuple[Talk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wedge:
    """A team on the wheel."""

    team: str
    weight: int
    """Weeks since it was chosen last, at most 12; 12 for one that never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """The weighted choice of the team that shows something in depth.

    With the wedges laid out by name, each as wide as its weight, it stops at the SHA-256 of the
    seed, as a number, modulo the sum of the weights.
    """

    seed: str
    wedges: tuple[Wedge, ...]
    """By name."""
    excused: tuple[str, ...] = ()
    """Teams with a grave incident open: they have other things to do."""
    chosen: str
    topic: FactKey | None = None
    """The most pressing item of the chosen team, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What fits the meeting's slot."""

    minutes: int
    """Of the whole slot."""
    slots: tuple[Slot, ...] = ()
    appendix: tuple[FactKey, ...] = ()
    """Items on the list that are not talked about, most pressing first."""
    crowded: int = 0
    """How many of those would need the room, and there is no time for them."""
    wheel: Wheel | None = None
    questions: int = 0
    """How many of the edition's questions, from the first, there is time for."""

    @property
    def used(self) -> int:
        """The minutes that its parts take."""
        return sum(slot.minutes for slot in self.slots)
