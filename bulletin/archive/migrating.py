"""Brings an archive to the tables of today, or refuses it untouched."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, inspect

from bulletin.archive.connection import connect, file_of, place, told, writer
from bulletin.archive.schema import REVISIONS, metadata
from bulletin.errors import BulletinError


def settings() -> Config:
    """Return Alembic's settings: there is no `alembic.ini`, the steps lie in the package."""
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
            with writer(engine).begin() as connection:
                upgrade(connection)
    return engine


def upgrade(connection: Connection) -> None:
    """Run the steps that are missing, inside the connection's transaction."""
    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_current(connection: Connection, url: URL, *, create: bool) -> bool:
    # First the tables: whoever is making the archive at this moment writes both in one commit,
    # and tables without a revision would look like something else.
    tables = set(inspect(connection).get_table_names())
    steps = ScriptDirectory.from_config(settings())
    context = MigrationContext.configure(connection, opts={"version_table": REVISIONS})
    revision = context.get_current_revision()
    if revision == steps.get_current_head():
        return True
    if revision is not None:
        if revision not in {step.revision for step in steps.walk_revisions()}:
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
        engine = connect(url.set(database=str(beside)))
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
