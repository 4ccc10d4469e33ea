"""What stands on a wiki where a page of ours belongs, and what has to be written there."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Parcel, Receipt
from bulletin.notes import Fence, with_notes
from bulletin.publishing.answers import is_passing, told
from bulletin.wire.refused import Refused

ATTEMPTS = 3
"""How often a page is written before whoever wins every race is left alone."""


class NotNowError(Exception):
    """It may be otherwise in an hour: nothing was written, and it is worth trying again."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}. {hint}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a page of ours is known in a wiki's markup. No foreign text can be written so."""

    stamp: re.Pattern[str]
    """Groups `revision` and `digest`."""
    fence: Fence

    def woven(self, page: str, standing: str, name: str) -> str | None:
        """Return what to write, with the notes that people left; None where it is there already.

        Raises `BulletinError` for somebody's own page, for a newer edition, and where nobody can
        say where the notes are.
        """
        if not standing.strip():
            return page
        ours, theirs = self.stamp.search(page), self.stamp.search(standing)
        if theirs is None:
            raise BulletinError(
                f"{name} is a page that the bulletin did not write",
                "Name another page in the settings, or move that one away; then publish again.",
            )
        if ours is not None and ours["digest"] == theirs["digest"]:
            return None
        if ours is not None and int(ours["revision"]) < int(theirs["revision"]):
            raise BulletinError(
                f"{name} holds a newer edition, revision {theirs['revision']}",
                "Nothing is to be done: the older one would only take its place.",
            )
        return with_notes(page, standing, self.fence)


def attempt(
    channel: str, parcel: Parcel, host: str, bring: Callable[[], tuple[Fate, str]]
) -> Receipt:
    """Try to bring a parcel, and say how it ended. Raises `BulletinError` where it is refused."""
    try:
        fate, detail = bring()
    except NotNowError as error:
        fate, detail = Fate.DEFERRED, str(error)
    except Refused as refused:
        if not is_passing(refused):
            raise told(refused, host) from None
        fate, detail = Fate.DEFERRED, f"{refused.detail}. {refused.hint}"
    return Receipt(
        channel=channel,
        target=parcel.target,
        fate=fate,
        reference=parcel.target,
        detail=detail,
    )


def tried(host: str, look: Callable[[], str]) -> str:
    """Look at a wiki, and say what was found. Raises `BulletinError` where it does not answer."""
    try:
        return look()
    except NotNowError as error:
        raise BulletinError(f"{host} takes nothing now", str(error)) from None
    except Refused as refused:
        raise told(refused, host) from None
