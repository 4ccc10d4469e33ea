"""A person's word. Words are only added; what stands follows from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bulletin.model.edition import Waiver
from bulletin.model.facts import Decision, FactKey, Life
from bulletin.model.week import Week

MEETING = "meeting"
"""The source of what people decide; no source in the settings is called so."""
DECISION = "decision"
"""Its kind of fact."""
AHEAD = 1
"""Weeks after its own by which a decision is due, unless somebody says otherwise."""


class Said(StrEnum):
    """What a word does."""

    WAIVED = "waived"
    """The item rests until a day, for a reason."""
    WITHDRAWN = "waiver withdrawn"
    ASSIGNED = "assigned"
    """The item is a team's, whatever its source says."""
    DECIDED = "decided"
    """The meeting decided something, which is an item from now on."""
    DONE = "done"
    """A decision was carried out."""
    GIVEN_UP = "given up"
    """A decision will not be carried out, for a reason."""
    UNFOLDED = "unfolded"
    """The item stands alone, whatever it names and whoever names it."""
    REFOLDED = "unfolding withdrawn"


class Origin(StrEnum):
    """Where a word was written, if not on the command line or in the room."""

    FILE = "file"
    """`ledger.toml`."""
    NOTES = "notes"
    """The notes that people keep in a page."""


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
    """A reason, the name of a team, what was decided, or how it was done."""
    handle: str = ""
    """The source's own id of what had that key then; none in words that older versions filed."""
    owner: str | None = None
    """For `decided`: the team that does it."""
    due: Week | None = None
    """For `decided`: the edition by which it is to be done."""
    about: FactKey | None = None
    """For `decided`: the item that it is about."""
    origin: Origin | None = None


def decision_key(week: Week, number: int) -> FactKey:
    """Return the key of the week's decision of this number, counted from 1."""
    return FactKey(MEETING, DECISION, f"{week}-{number}")


def week_of(key: FactKey) -> Week:
    """Return the week whose meeting took the decision of this key."""
    return Week.parse(key.subject.rpartition("-")[0])


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


def decisions(words: Iterable[Word], web: str | None = None) -> tuple[Decision, ...]:
    """Return every decision as it stands after all words, by key.

    `web` is the address that the editions are served at. A decision that was given up is
    declined; one that was decided again after that is open again.
    """
    words = tuple(words)
    standing = _last(words, Said.DECIDED, Said.DONE, Said.GIVEN_UP)
    lives = {Said.DONE: Life.DONE, Said.GIVEN_UP: Life.DECLINED}
    made = []
    for key, word in _last(words, Said.DECIDED).items():
        last = standing[key]
        life = lives.get(last.said, Life.OPEN)
        week = week_of(key)
        made.append(
            Decision(
                key=key,
                handle=key.subject,
                title=word.text,
                url=f"{web}/{week}/index.html" if web else "",
                life=life,
                owner=word.owner,
                due=word.due or week.shift(AHEAD),
                decided=word.at,
                closed=None if life is Life.OPEN else last.at,
                about=word.about,
                outcome="" if life is Life.OPEN else last.text,
            )
        )
    return tuple(sorted(made, key=lambda decision: decision.key))


def apart(words: Iterable[Word]) -> frozenset[FactKey]:
    """Return the keys that somebody wants told alone, and nobody has taken that back."""
    standing = _last(words, Said.UNFOLDED, Said.REFOLDED)
    return frozenset(key for key, word in standing.items() if word.said is Said.UNFOLDED)


def _last(words: Iterable[Word], *kinds: Said) -> dict[FactKey, Word]:
    """Return the last word of these kinds on each key, in whatever order they come.

    Of two at the same moment, the one that sorts last counts.
    """
    ordered = sorted(words, key=lambda word: (word.at, word.said, str(word.until), repr(word)))
    return {word.key: word for word in ordered if word.said in kinds}
