"""What is printed, and what became of it at the door."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One rendered file of an edition. `name` is a plain file name without a folder."""

    name: str
    media_type: str
    body: bytes


class Fate(StrEnum):
    """What became of a delivery."""

    DELIVERED = "delivered"
    ALREADY_THERE = "already_there"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one channel did with one edition."""

    channel: str
    target: str
    fate: Fate
    reference: str
    """Where it can be found: a path, an address, a message id."""
    detail: str = ""
