"""One way to a database, whichever it is: settings of the connection, locks, and plain words."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bulletin.errors import BulletinError, LockedError, SettingsError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5
"""How long a writer waits for another."""
WRITING = 0x62756C6C
RUNNING = 0x62756C6D
"""Keys of PostgreSQL's advisory locks: one for a transaction that writes, one for a whole run."""

UNTOUCHED = "Nothing was changed."
RESTORE = f"{UNTOUCHED} Restore it from a backup."
TROUBLES = {
    "SQLITE_NOTADB": ("is no database, or its first page is damaged", RESTORE),
    "SQLITE_CORRUPT": ("is damaged", RESTORE),
    "SQLITE_READONLY": (
        "may not be written to",
        "Let the user that runs bulletin write to the file and to its folder.",
    ),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "Check that it is there with its folder, and that the user of bulletin may write to both.",
    ),
    "SQLITE_FULL": ("has no room left on its disk", f"{UNTOUCHED} Free some space and run again."),
    "SQLITE_IOERR": (
        "could not be read or written: the disk failed",
        "Look at the disk, then run again: what was filed before is kept.",
    ),
    "25006": ("may not be written to: the database is read-only", "Name a writable database."),
    "42501": ("refuses its user", "Grant the user the right to create and fill tables."),
    "53100": ("has no room left on its disk", f"{UNTOUCHED} Free some space and run again."),
    "XX00": ("is damaged", RESTORE),
    "57P": (
        "ended the connection",
        "See that the database is up, then run again: what was filed before is kept.",
    ),
}
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01")


def parse_address(text: str) -> URL:
    """Read the setting `archive`. Raises `SettingsError`, which never shows a password."""
    remedy = 'Write `archive = "sqlite:///bulletin.db"` or "postgresql+psycopg://user@host/name".'
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError("the archive's address cannot be read", remedy) from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise SettingsError(f"an archive cannot be kept in {url.drivername[:40]}", remedy)
    if file_of(url) is None and url.get_backend_name() == "sqlite":
        raise SettingsError("an archive in memory would be forgotten", remedy)
    return url


def file_of(url: URL) -> Path | None:
    """Return the file that SQLite keeps the archive in; None for a server."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def place(url: URL) -> str:
    """Return where the archive is, for a person to read: never a password."""
    return str(file_of(url) or f"{url.host or 'localhost'}/{url.database}")


def connect(url: URL, *, make: bool = False) -> Engine:
    """Return an engine whose transactions wait for each other where they write.

    A file that is not there is an error, unless it is to be made: one that is deleted during a run
    must not come back empty.

    Transactions of `writer(engine)` are taken one at a time, so that they may look before they
    write; the others read and take no lock.
    """
    sqlite = url.get_backend_name() == "sqlite"
    settings = {"timeout": PATIENCE_SECONDS} if sqlite else _session_settings(url)
    try:
        engine = create_engine(
            _opened(url, make=make), poolclass=NullPool, hide_parameters=True, connect_args=settings
        )
    except ModuleNotFoundError:
        raise SettingsError(
            "the archive is on PostgreSQL, whose driver is not installed",
            "Install it: pip install 'bulletin[postgres]'",
        ) from None
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite if sqlite else _begin_on_postgresql)
    return engine


def _opened(url: URL, *, make: bool) -> URL:
    path = file_of(url)
    if path is None:
        return url
    mode = {"uri": "true", "mode": "rwc" if make else "rw"}
    return url.set(database=f"file:{quote(str(path))}", query={**url.query, **mode})


def _session_settings(url: URL) -> dict[str, Any]:
    # Kept alive from both ends: a host that vanished must not hold the run's lock for hours.
    alive = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3}
    ours = {"lock_timeout": f"{PATIENCE_SECONDS}s", **{f"tcp_{k}": v for k, v in alive.items()}}
    theirs = url.query.get("options", "")
    options = [theirs] if isinstance(theirs, str) else theirs
    options = [*(f"-c {name}={value}" for name, value in ours.items()), *options]
    return {"connect_timeout": 10, **alive, "options": " ".join(options)}


def writer(engine: Engine) -> Engine:
    """Return the same engine, for transactions that write."""
    return engine.execution_options(writes=True)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver would begin a transaction of its own, too late, and end it before a CREATE TABLE.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_on_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_on_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING})")


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turn the database's own errors into `BulletinError`, and a lock held too long into
    `LockedError`.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _words(url, error.orig if isinstance(error, DBAPIError) else error) from error


def _words(url: URL, error: object) -> BulletinError:
    where = f"the archive {place(url)}"
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    if name is None and url.get_backend_name() == "postgresql":
        return BulletinError(
            f"{where} cannot be reached",
            "Check the address, the network and the credentials of the database.",
        )
    code = str(name or "SQLITE_CORRUPT")  # without a name: text that is no UTF-8
    if code.startswith(BUSY):
        return LockedError(
            f"{where} is being written to by another program",
            "Wait until that one has ended, then run again.",
        )
    for known, (what, hint) in TROUBLES.items():
        if code.startswith(known):
            return BulletinError(f"{where} {what}", hint)
    log.info("%s: %s", where, error)
    return BulletinError(
        f"{where} refused what was asked ({type(error).__name__}, {code})",
        f"{UNTOUCHED} Run again with --verbose: the log has the details.",
    )
