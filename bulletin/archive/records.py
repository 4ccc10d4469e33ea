"""What the archive hands out besides editions."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from bulletin.archive import codec
from bulletin.model.delivery import Artifact, Delivery, DeliveryState, Mode, Parcel
from bulletin.model.facts import FactKey
from bulletin.model.week import Week
from bulletin.model.word import Origin, Said, Word

MORE = ("owner", "due", "about", "origin")
"""Parts of a word that are written only where there is something in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list of editions."""

    week: Week
    revision: int
    number: int
    mode: Mode
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


def written(word: Word) -> str:
    """Return a word as the log holds it: one JSON object."""
    told = {
        "key": str(word.key),
        "author": word.author,
        "until": word.until.isoformat() if word.until else None,
        "text": word.text,
        "handle": word.handle,
        **{name: str(value) for name in MORE if (value := getattr(word, name)) is not None},
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def read(event: Event) -> Word:
    """Return the word that a line of the log holds.

    Raises ValueError, KeyError or TypeError for what `written` did not write.
    """
    told = json.loads(event.detail)
    return Word(
        said=Said(event.what),
        key=FactKey.parse(told["key"]),
        author=told["author"],
        at=event.at,
        until=date.fromisoformat(told["until"]) if told["until"] else None,
        text=told["text"],
        handle=told.get("handle", ""),
        owner=told.get("owner"),
        due=Week.parse(told["due"]) if "due" in told else None,
        about=FactKey.parse(told["about"]) if "about" in told else None,
        origin=Origin(told["origin"]) if "origin" in told else None,
    )


def delivery(row: Row[Any]) -> Delivery:
    """Read a row of the outbox, joined with the body that it shares."""
    return Delivery(
        edition=row.edition,
        week=row.week,
        mode=Mode(row.mode),
        channel=row.channel,
        kind=row.kind,
        parcel=Parcel(
            target=row.target,
            reference=row.reference,
            title=row.title,
            head=row.head,
            body=row.body,
        ),
        size=row.size,
        state=DeliveryState(row.state),
        committed=row.committed,
        attempts=row.attempts,
        recoveries=row.recoveries,
        next_at=row.next_at,
        detail=row.detail,
        at=row.at,
    )
