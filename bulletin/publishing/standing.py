"""What stands on a wiki where a page of ours belongs, and what has to be written there."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Parcel, Receipt
from bulletin.notes import Fence, outside, with_notes
from bulletin.publishing.answers import is_passing, told
from bulletin.wire.refused import Refused

ATTEMPTS = 3
"""How often a page is written before whoever wins every race is left alone."""


class NotNowError(Exception):
    """It may be otherwise in an hour, and whatever was written is found then: try it again."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}. {hint}")


@dataclass(frozen=True, slots=True)
class Mark:
    """Which edition a page holds."""

    week: str
    revision: int
    digest: str

    @classmethod
    def among(cls, found: Iterable[re.Match[str]]) -> Self | None:
        """Return the mark of a page by the stamps in it, but for those in its notes.

        The stamps have the groups `week`, `revision` and `digest`. None unless there is one.
        """
        every = [*found]
        if len(every) != 1:
            return None
        week, revision, digest = every[0].group("week", "revision", "digest")
        return cls(week, int(revision), digest)


def is_there(ours: Mark | None, theirs: Mark | None, name: str) -> bool:
    """Say whether the page that stands there is our edition already; else it gives way to it.

    Raises `BulletinError` for somebody's own page, for another week's, for a newer edition, and
    where ours has no mark to be known by afterwards.
    """
    if ours is None:
        raise BulletinError(
            f"the page for {name} does not say which edition it is",
            "Put the mark back that a theme took out of the wiki's template, and draft again.",
        )
    if theirs is None:
        raise BulletinError(
            f"{name} is a page that the bulletin did not write",
            "Name another page in the settings, or move that one away; then publish again.",
        )
    if theirs.week != ours.week:
        raise BulletinError(
            f"{name} holds the edition of another week, {theirs.week}",
            "Name another page in the settings, or move that one away; then publish again.",
        )
    if theirs.digest != ours.digest and theirs.revision > ours.revision:
        raise BulletinError(
            f"{name} holds a newer edition, revision {theirs.revision}",
            "Nothing is to be done: the older one would only take its place.",
        )
    return theirs.digest == ours.digest


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a page of ours is known in a wiki's markup. No foreign text can be written so."""

    stamp: re.Pattern[str]
    """Groups `week`, `revision` and `digest`."""
    fence: Fence

    def mark(self, page: str) -> Mark | None:
        """Return the mark of a page; None where it is not ours. Notes hold none."""
        with suppress(BulletinError):  # raised where nobody can say where the notes are
            page = outside(page, self.fence)
        return Mark.among(self.stamp.finditer(page))

    def woven(self, page: str, standing: str, name: str) -> str | None:
        """Return what to write, with the notes that people left; None where it is there already.

        Raises `BulletinError` as `is_there` does, and where nobody can say where the notes are.
        """
        if not standing.strip():
            return page
        if is_there(self.mark(page), self.mark(standing), name):
            return None
        return with_notes(page, standing, self.fence)


@dataclass(frozen=True, slots=True)
class Brought:
    """How a parcel came to a wiki."""

    fate: Fate
    detail: str
    reference: str
    """Where it can be found."""


@contextmanager
def looking_again(lost: Exception | None) -> Iterator[None]:
    """Read what stands there once the answer to a writing was lost, if it was.

    Raises `NotNowError` with what was said then, whatever is said now: the page may stand there.
    """
    try:
        yield
    except Exception as error:
        if lost is None:
            raise
        if isinstance(lost, Refused):
            raise NotNowError(lost.detail, lost.hint) from error
        name = type(lost).__name__
        raise NotNowError(f"the wiki did not say it took it ({name})", "Try again.") from error


def attempt(channel: str, parcel: Parcel, host: str, bring: Callable[[], Brought]) -> Receipt:
    """Try to bring a parcel, and say how it ended. Raises `BulletinError` where it is refused."""
    try:
        brought = bring()
    except NotNowError as error:
        brought = Brought(Fate.DEFERRED, str(error), parcel.reference)
    except Refused as refused:
        if not is_passing(refused):
            raise told(refused, host) from None
        detail = f"{refused.detail}. {refused.hint}"
        brought = Brought(Fate.DEFERRED, detail, parcel.reference)
    return Receipt(
        channel=channel,
        target=parcel.target,
        fate=brought.fate,
        reference=brought.reference,
        detail=brought.detail,
    )


def tried(host: str, look: Callable[[], str]) -> str:
    """Look at a wiki, and say what was found. Raises `BulletinError` where it does not answer."""
    try:
        return look()
    except NotNowError as error:
        raise BulletinError(f"{host} takes nothing now", str(error)) from None
    except Refused as refused:
        raise told(refused, host) from None
