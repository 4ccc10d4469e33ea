"""One run at a time. The lock is the kernel's or the server's own: it ends with its process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bulletin.archive.connection import RUNNING, connect, file_of, parse_address, place, told
from bulletin.errors import BulletinError, LockedError


@contextmanager
def run_lock(url: str) -> Iterator[None]:
    """Hold the archive's lock while a run lasts. It is never waited for.

    On SQLite it is a file beside the archive, on PostgreSQL an advisory lock of a session of its
    own (which a pooler that hands out transactions would break). Raises `LockedError` where
    another run holds it, with what is known of that one.
    """
    address = parse_address(url)
    path = file_of(address)
    with _on_server(address) if path is None else _on_file(path):
        yield


def lock_file(path: Path) -> Path:
    """Return the file that is locked. It stays behind, empty or not, and means nothing then."""
    return path.with_name(f"{path.name}.lock")


@contextmanager
def _on_file(path: Path) -> Iterator[None]:
    beside = lock_file(path)
    lock = FileLock(beside, blocking=False, fallback_to_soft=False)
    try:
        beside.parent.stat()  # FileLock would make the folder, and hide a slip in the settings
        lock.acquire()
    except Timeout:
        raise _held(path.name, _holder(beside), f"`fuser {beside}` names it") from None
    except OSError as error:
        raise BulletinError(
            f"the lock {beside} cannot be taken ({error.strerror})",
            "Check that the folder exists and that the user that runs bulletin may write to it.",
        ) from error
    try:
        with suppress(OSError):  # who holds it is a courtesy
            beside.write_text(f"process {os.getpid()} on {os.uname().nodename}", encoding="utf-8")
        yield
    finally:
        lock.release()


def _holder(beside: Path) -> str:
    try:
        return beside.read_text(encoding="utf-8", errors="replace")[:100].strip()
    except OSError:
        return ""


@contextmanager
def _on_server(url: URL) -> Iterator[None]:
    with told(url):
        connection = connect(url).connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        with told(url):
            taken = text(f"SELECT pg_try_advisory_lock({RUNNING})")
            if not connection.execute(taken).scalar():
                raise _held(place(url), _session(connection), "`pg_locks` names it")
        try:
            yield
        finally:
            # The end of the session would do, but the server notices that a little later.
            with suppress(SQLAlchemyError):
                connection.execute(text(f"SELECT pg_advisory_unlock({RUNNING})"))


def _session(connection: Connection) -> str:
    query = text(
        "SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'this host') AS host, "
        "a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objid = :running AND l.database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    row = connection.execute(query, {"running": RUNNING}).first()
    if row is None:
        return ""
    if row.backend_start is None:  # not told to a user without the right to see others' sessions
        return f"session {row.pid} of {row.usename}"
    return f"session {row.pid} of {row.usename} on {row.host}, since {row.backend_start:%H:%M %Z}"


def _held(what: str, who: str, hint: str) -> LockedError:
    by = f" ({who})" if who else ""
    return LockedError(
        f"another run holds the lock of {what}{by}",
        f"Wait until it has ended; {hint}. A killed run lets go by itself.",
    )
