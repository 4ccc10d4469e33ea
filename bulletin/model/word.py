"""A person's word about an item. Words are only added; what stands follows from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bulletin.model.edition import Waiver
from bulletin.model.facts import FactKey


class Said(StrEnum):
    """What a word does."""

    WAIVED = "waived"
    """The item rests until a day, for a reason."""
    WITHDRAWN = "waiver withdrawn"
    ASSIGNED = "assigned"
    """The item is a team's, whatever its source says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody said of an item, and when, in UTC."""

    said: Said
    key: FactKey
    author: str
    at: datetime
    until: date | None = None
    """For `waived`: the last day on which it rests."""
    text: str = ""
    """The reason of a waiver, or the name of a team."""
    handle: str = ""
    """The source's own id of what had that key then; none in words that older versions filed."""


def waivers(words: Iterable[Word]) -> dict[FactKey, Waiver]:
    """Return the waiver that stands for each key: the last word on it, unless that withdrew it."""
    standing = _last(words, Said.WAIVED, Said.WITHDRAWN)
    return {
        key: Waiver(
            key=key,
            until=word.until,
            reason=word.text,
            author=word.author,
            at=word.at,
            handle=word.handle,
        )
        for key, word in standing.items()
        if word.until is not None
    }


def teams(words: Iterable[Word]) -> dict[FactKey, str]:
    """Return the team that each key was last assigned to."""
    return {key: word.text for key, word in _last(words, Said.ASSIGNED).items()}


def _last(words: Iterable[Word], *kinds: Said) -> dict[FactKey, Word]:
    """Return the last word of these kinds on each key, in whatever order they come.

    Of two at the same moment, the one that sorts last counts.
    """
    ordered = sorted(words, key=lambda w: (w.at, w.said, str(w.until), w.text, w.author, w.handle))
    return {word.key: word for word in ordered if word.said in kinds}
