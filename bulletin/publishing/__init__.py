"""Publishers: an issue in, a receipt out. Each is idempotent by edition and fails alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Delivery, Parcel, Receipt
from bulletin.model.edition import Filed

Commit = Callable[[], None]
"""Files that the point of no return is passed: call it right before the target may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An edition with all that was made of it, ready to leave."""

    filed: Filed
    language: str
    artifacts: tuple[Artifact, ...]
    """What was made of it; a format that failed is missing."""
    shelf: Callable[[Path], Sequence[Artifact]]
    """The pages that list the editions laid out in a folder, this one included."""
    unmade: tuple[BulletinError, ...] = ()
    """What a channel asked for after the edition was printed, and could not be made."""

    def artifact(self, name: str) -> Artifact | None:
        """Return the artifact of this name, unless it could not be made."""
        return next((one for one in self.artifacts if one.name == name), None)


class Publisher(Protocol):
    """Brings an edition to the places of one channel.

    `from_settings(settings, name, bulletin)` builds it of its own `Settings`, the configured name
    and the whole of `bulletin.toml`. Nothing is reached, and no secret read, before `deliver`.
    """

    channel: str

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats that are made because this channel brings them, besides those of every edition.

        One that is made for somebody has their name behind a colon: `team-email:checkout`.
        """
        ...

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Return what goes where in the edition's mode; nothing where this mode has no target.

        The same issue gives the same parcels. Raises `BulletinError` where what has to be brought
        could not be made.
        """
        ...

    def deliver(self, delivery: Delivery, issue: Issue, commit: Commit) -> Receipt:
        """Bring one parcel to its target, as it was packed.

        Where the target cannot be asked afterwards whether it has it, `commit` is called right
        before it may, and what it raises is let through: nothing may leave then. What can be asked,
        and takes the same thing twice without a trace, never calls it. Refuses a target that the
        delivery's mode may not reach, whatever was packed.
        Raises `BulletinError` where nothing arrived and a person must act.
        """
        ...

    def check(self) -> str:
        """Try address and credentials, change nothing, and say what was found.

        Raises `BulletinError` with what to do.
        """
        ...
