"""What the archive hands out besides editions."""

from dataclasses import dataclass
from datetime import datetime

from bulletin.archive import codec
from bulletin.model.delivery import Artifact
from bulletin.model.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list of editions."""

    week: Week
    revision: int
    number: int
    title: str
    digest: str
    filed_at: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """An artifact as it was made, and by what."""

    language: str
    engine: str
    """Names and versions of what made it, as the renderer tells them."""
    artifact: Artifact

    @property
    def sha256(self) -> str:
        """The SHA-256 of the artifact's bytes, in hexadecimal."""
        return codec.digest(self.artifact.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the log: what happened, and when, in UTC."""

    at: datetime
    what: str
    detail: str
