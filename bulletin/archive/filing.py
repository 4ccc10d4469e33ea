"""The rows that a filing writes. Each function works inside the transaction it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bulletin.archive import schema
from bulletin.archive.records import Rendering
from bulletin.errors import BulletinError
from bulletin.model.edition import Edition, Filed

DRAFTED = "drafted"
"""What the log calls an edition that somebody made and nobody approved yet."""


def columns(edition: Edition) -> dict[str, Any]:
    """Return what the row of an edition repeats of its body, to find it by."""
    return {
        "week": str(edition.week),
        "revision": edition.revision,
        "number": edition.number,
        "mode": str(edition.mode),
        "title": _storable(edition.title),
        "previous": edition.previous,
        "bundle": edition.bundle,
    }


def is_new(connection: Connection, bulletin: str, filed: Filed) -> bool:
    """Say whether an edition is not filed yet. Raises `BulletinError` where its place is taken."""
    edition = schema.edition.c
    week, revision = str(filed.edition.week), filed.edition.revision
    same = select(edition.bulletin).where(edition.digest == filed.digest)
    owner = connection.execute(same).scalar()
    if owner is not None and owner != bulletin:
        raise BulletinError(
            f"this very edition is filed under the bulletin '{owner}'",
            "Give each bulletin of one archive a title of its own.",
        )
    other = select(edition.digest).where(
        edition.bulletin == bulletin,
        edition.week == week,
        edition.revision == revision,
        edition.digest != filed.digest,
    )
    taken = connection.execute(other).scalar()
    if taken is not None:
        raise BulletinError(
            f"{week} revision {revision} is filed already, with other bytes ({taken[:12]})",
            f"Run again, and this becomes revision {revision + 1}: an edition is corrected,"
            " not changed.",
        )
    return owner is None


def insert(
    connection: Connection, bulletin: str, filed: Filed, bundle_body: bytes, at: datetime
) -> None:
    """Write an edition, the templates it was made with unless they are there, and a log line."""
    edition = filed.edition
    held = select(schema.bundle.c.digest).where(schema.bundle.c.digest == edition.bundle)
    if connection.execute(held).first() is None:
        connection.execute(schema.bundle.insert().values(digest=edition.bundle, body=bundle_body))
    row = columns(edition) | {"digest": filed.digest, "body": filed.body}
    connection.execute(schema.edition.insert().values(bulletin=bulletin, filed_at=at, **row))
    log(connection, bulletin, at, "filed", f"{edition.week} r{edition.revision} {filed.digest}")


def keep(connection: Connection, digest: str, renderings: Sequence[Rendering]) -> None:
    """Write what was made of an edition; the first record of a name stands."""
    column = schema.rendering.c
    query = select(column.language, column.name)
    rows = connection.execute(query.where(column.edition == digest))
    held = {(row.language, row.name) for row in rows}
    for made in renderings:
        name = made.artifact.name
        if (made.language, name) not in held:
            held.add((made.language, name))
            connection.execute(
                schema.rendering.insert().values(
                    edition=digest,
                    language=made.language,
                    name=name,
                    media_type=made.artifact.media_type,
                    engine=made.engine,
                    sha256=made.sha256,
                    body=made.artifact.body,
                )
            )


def log(connection: Connection, bulletin: str, at: datetime, what: str, detail: str) -> None:
    """Write a line of the log."""
    connection.execute(
        schema.event.insert().values(bulletin=bulletin, at=at, what=what, detail=_storable(detail))
    )


def _storable(text: str) -> str:
    # PostgreSQL holds no NUL, and neither holds half of a surrogate pair.
    return text.encode("utf-8", "replace").decode().replace("\0", "")
