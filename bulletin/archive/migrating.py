"""Brings an archive to the tables of today, or refuses it untouched."""

import os
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, column, inspect, select, table

from bulletin.archive.connection import (
    RESTORE,
    TROUBLES,
    connect,
    file_of,
    place,
    told,
    writer,
)
from bulletin.archive.schema import REVISIONS, metadata
from bulletin.errors import BulletinError

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic takes longer to import than an archive of today to open, so whoever needs it imports it.
HEAD = "0002"
"""The last step, after which an archive has the tables of today."""


def settings() -> "Config":
    """Return Alembic's settings: there is no `alembic.ini`, the steps lie in the package."""
    from alembic.config import Config  # noqa: PLC0415  (see HEAD)

    config = Config()
    config.set_main_option("script_location", "bulletin.archive:migrations")
    return config


def prepare(url: URL, *, create: bool) -> Engine:
    """Return an engine on an archive with the tables of today.

    Raises `BulletinError` where there is none and `create` does not ask for one, where it is
    something else, and where it was made by a newer version; it is then left as it was.
    """
    path = file_of(url)
    if path is not None:
        _find(url, path, create=create)
    engine = connect(url)
    with told(url):
        with engine.begin() as connection:
            ready = _is_current(connection, url, create=create)
        if not ready:
            _bring_up(engine, path)
        if path is not None:
            with engine.begin() as connection:
                _look_through(connection, path, whole=create)
    return engine


def upgrade(connection: Connection) -> None:
    """Run the steps that are missing, inside the connection's transaction."""
    from alembic import command  # noqa: PLC0415  (see HEAD)

    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _bring_up(engine: Engine, path: Path | None) -> None:
    """Run the missing steps, all or none. Of a file a copy as it was is left beside it."""
    with writer(engine).connect() as connection:
        if path is not None:
            # A step that makes a table anew drops the old one, to which others still refer. The
            # switch works outside a transaction alone, and ends with this connection.
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if path is not None:
                _copy(path, path.with_name(f"{path.name}.{_revision(connection)}.backup"))
            upgrade(connection)
            if path is not None and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise BulletinError(
                    f"{path} cannot be brought up to date: some rows refer to what is not there",
                    RESTORE,
                )


def _copy(path: Path, to: Path) -> None:
    """Copy an archive while its writers wait. Raises `BulletinError` where it cannot be."""
    beside = to.with_name(f".{to.name}.{uuid4().hex}")
    try:
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(beside)) as target,
        ):
            source.backup(target)
        beside.replace(to)
    except (OSError, sqlite3.Error) as error:
        raise BulletinError(
            f"{to} cannot be written: before its tables change, the archive is copied ({error})",
            "Let bulletin write to the folder and free some space. Nothing was changed.",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def _look_through(connection: Connection, path: Path, *, whole: bool) -> None:
    # A damaged index hides an edition without a word, and the next one would be judged without it.
    # The small table is looked through at every opening, the whole file before it is written to.
    said = connection.exec_driver_sql(f"PRAGMA integrity_check({1 if whole else 'edition'})")
    fault = said.scalar()
    if fault != "ok":
        code = re.search(r"error code=(\d+)", str(fault))
        unread = code is not None and int(code[1]) & 0xFF == sqlite3.SQLITE_IOERR
        damage = (f"is damaged ({_first_line(fault)})", RESTORE)
        what, hint = TROUBLES["SQLITE_IOERR"] if unread else damage
        raise BulletinError(f"the archive {path} {what}", hint)


def _first_line(fault: object) -> str:
    lines = [line for line in str(fault).splitlines() if not line.startswith("***")]
    return (lines or ["unreadable"])[0][:100]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(REVISIONS):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(REVISIONS)))


def _steps() -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  (see HEAD)

    return {step.revision for step in ScriptDirectory.from_config(settings()).walk_revisions()}


def _is_current(connection: Connection, url: URL, *, create: bool) -> bool:
    # First the tables: whoever is making the archive at this moment writes both in one commit,
    # and tables without a revision would look like something else.
    tables = set(inspect(connection).get_table_names())
    revision = _revision(connection)
    if revision == HEAD:
        return True
    if revision is not None:
        if revision not in _steps():
            raise BulletinError(
                f"the archive {place(url)} was made by a newer version of bulletin",
                "Update bulletin. Nothing was changed.",
            )
        return False
    if tables & set(metadata.tables) or (file_of(url) and tables):
        raise BulletinError(
            f"{place(url)} holds tables of something else, not an archive",
            "Name another database under `archive`. Nothing was changed.",
        )
    if not create:
        raise _none_yet(url)
    return False


def _none_yet(url: URL) -> BulletinError:
    return BulletinError(
        f"there is no archive {place(url)} yet",
        "File a first edition with `bulletin draft`, or correct `archive` in the settings.",
    )


def _find(url: URL, path: Path, *, create: bool) -> None:
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        if not create:
            raise _none_yet(url) from None
        _make(url, path)
    except OSError as error:
        raise BulletinError(
            f"the archive {path} cannot be opened ({error.strerror})",
            "Let the user that runs bulletin read and write it.",
        ) from error
    else:
        if size == 0:
            # An archive is never empty: making a new one in its place would hide the loss.
            raise BulletinError(
                f"the archive {path} is an empty file",
                "Restore it from a backup, or delete it to begin a new archive.",
            )


def _make(url: URL, path: Path) -> None:
    # Made beside its place and linked into it: a crash leaves no half-made archive behind, and
    # of two that begin at once the first stays.
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        engine = connect(url.set(database=str(beside)), make=True)
        with told(url), writer(engine).begin() as connection:
            upgrade(connection)
        with suppress(FileExistsError):
            os.link(beside, path)
    except OSError as error:
        raise BulletinError(
            f"the archive {path} cannot be made ({error.strerror})",
            "Check that the folder exists and that the user that runs bulletin may write to it.",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()
