"""What is printed, for whom, and what became of it at the door."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How serious an edition is. It is part of the edition, of its subject and of every page."""

    PREVIEW = "preview"
    """A draft: figures may change, and only editors may be shown it."""
    REHEARSAL = "rehearsal"
    """The whole way, to the recipients of the rehearsal alone."""
    LIVE = "live"

    def covers(self, other: "Mode") -> bool:
        """Say whether whoever may do this may do `other`: live covers all, preview only itself."""
        ranks = tuple(Mode)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One rendered file of an edition. `name` is a plain file name without a folder."""

    name: str
    media_type: str
    body: bytes


def letter_name(team: str) -> str:
    """Return the name of the artifact that is a team's letter.

    A team whose name is no plain one of small letters has some of its SHA-256 behind it: no two
    teams share a file.
    """
    ascii_ = unicodedata.normalize("NFKD", team.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:40]
    mark = "" if name and name == team else f"-{hashlib.sha256(team.encode()).hexdigest()[:8]}"
    return f"email.{name}{mark}.eml"


LETTERS = re.compile(r"email\.[a-z0-9-]+\.eml")
"""The names of teams' letters; everybody's is `email.eml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one channel brings to one target. Its bytes are frozen before the first attempt."""

    target: str
    """An address, a page or a folder: what a person is shown, and part of the delivery's key."""
    reference: str = ""
    """What it can be found by afterwards, where that is known beforehand: a Message-ID."""
    title: str = ""
    """The line that its readers see first, such as a subject."""
    head: bytes = b""
    """The bytes that are this target's own."""
    body: bytes = b""
    """The bytes that other targets may share; what is brought is the head, then these."""


class Fate(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    ALREADY_THERE = "already_there"
    DEFERRED = "deferred"
    """Not taken for now; nothing is there, and it is tried again."""
    REFUSED = "refused"
    """Not taken; nothing is there, and it is not tried again by itself."""
    UNCERTAIN = "uncertain"
    """It may be there, and nobody can say: it is not tried again until a person has looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one channel did with one delivery."""

    channel: str
    target: str
    fate: Fate
    reference: str
    """Where it can be found: a path, an address, a message id."""
    detail: str = ""


NOBODY = "nobody"
"""What the log calls a channel that has nobody to bring an edition to."""
TOO_LATE = "too late"
"""The detail of a delivery that nobody dropped: its week was over before it arrived."""


class DeliveryState(StrEnum):
    """Where a delivery stands, by `docs/delivery.md`."""

    READY = "ready"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self not in {self.READY, self.SENDING, self.DEFERRED}

    @property
    def waits_for_a_person(self) -> bool:
        """Whether nothing happens to it until somebody has looked."""
        return self in {self.UNCERTAIN, self.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edition on its way to one target of one channel, as the outbox holds it."""

    edition: str
    """The edition's digest."""
    week: str
    mode: Mode
    channel: str
    """The configured name of the channel, which may change."""
    parcel: Parcel
    kind: str
    """The kind of the channel, which tells whether two are the same way to one target."""
    size: int = 0
    """Bytes of the head and the body, also where the body was not read."""
    state: DeliveryState = DeliveryState.READY
    committed: bool = False
    """Whether the point of no return was passed: from there on the target may have it."""
    attempts: int = 0
    recoveries: int = 0
    """How often a run died with it in its hands."""
    next_at: datetime | None = None
    """Not before this moment, in UTC."""
    detail: str = ""
    """What the target said last."""
    at: datetime | None = None
    """When it came to stand there, in UTC."""

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it: it arrived, or a person let it be."""
        dropped = self.state is DeliveryState.CANCELLED and self.detail != TOO_LATE
        return dropped or self.state is DeliveryState.SENT

    @property
    def key(self) -> str:
        """What makes it the same delivery, whatever its channel is called: there is never a second
        of this key.
        """
        return f"{self.edition}|{self.kind}|{self.parcel.target}"
