"""What becomes of an archive in a file when file, folder, disk or run go wrong."""

import shutil
import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest

from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from bulletin.model.week import Week
from tests.archive.samples import BUNDLE, filed, put, rendering

FILE_WITH_CRASH = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bulletin.archive.store import Archive
from tests.archive.samples import filed, put, rendering

def die_at(step):
    seen = 0
    def count(*_):
        nonlocal seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "after_cursor_execute", count)
    event.listen(Engine, "commit", count)

for step in range(1, 200):
    child = os.fork()
    if child == 0:
        die_at(step)
        with Archive.open(sys.argv[1].replace("STEP", str(step)), create=True) as archive:
            put(archive, filed(), rendering(), rendering("deck.pdf", b"%PDF" * 5000))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        print(step, os.WEXITSTATUS(status))
        break
"""

FILE_MANY = """
import os, signal, sys, time
from bulletin.archive.store import Archive
from tests.archive.samples import filed, put, rendering

for turn in range(20):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with Archive.open(sys.argv[1].replace("TURN", str(turn)), create=True) as archive:
            for revision in range(1, 10_000):
                put(archive, filed(revision=revision), rendering(body=b"page" * 20_000))
                os.write(writing, b".")
    os.close(writing)
    told = os.read(reading, 1)
    time.sleep(0.0071 * turn)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 1000):
        told += more
    print(turn, len(told), flush=True)
"""

TRY = """
import os, sys, tempfile
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from tests.archive.samples import filed, put, rendering

# Rights mean nothing to root: import all there is, then be nobody.
if "nobody" in sys.argv and os.geteuid() == 0:
    with tempfile.TemporaryDirectory() as folder:
        with Archive.open(f"sqlite:///{folder}/warm.db", create=True) as archive:
            put(archive, filed())
    os.setuid(65534)
try:
    with Archive.open(sys.argv[1], create=True) as archive:
        found = [entry.revision for entry in archive.editions()]
        put(archive, filed(revision=2), rendering(body=b"page" * 200_000))
except BulletinError as error:
    print(error, found if "found" in globals() else "")
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bulletin.db"


@pytest.fixture
def kept(sqlite, path):
    """An archive with one edition; yields its bytes."""
    with Archive.open(sqlite, create=True) as archive:
        put(archive, filed(), rendering())
    return path.read_bytes()


def refusal(address):
    """Return what a person reads who opens the archive and the edition in it."""
    with pytest.raises(BulletinError) as caught, Archive.open(address, create=True) as archive:
        archive.latest(Week(2026, 48))
    assert str(caught.value).count("\n") == 1
    return str(caught.value)


def whole(path):
    """Check an archive by SQLite's own means and ours; return its revisions."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    with Archive.open(f"sqlite:///{path}") as archive:
        entries = archive.editions()
        for entry in entries:
            assert archive.get(entry.digest) is not None
            assert archive.renderings(entry.digest)
            assert archive.bundle(codec.digest(BUNDLE)) == BUNDLE
        assert len(archive.events()) == len(entries)
        assert list(archive.faults()) == []
    return [entry.revision for entry in entries]


def test_every_commit_is_on_the_disk_and_every_reference_is_held(sqlite):
    """`synchronous=FULL` and foreign keys, on each connection."""
    with Archive.open(sqlite, create=True) as archive, archive._engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda good: b"\xff" * 100 + good[100:], "is no database"),
        (lambda _: b"just a text, mistaken for the archive\n" * 40, "is no database"),
        (lambda good: good[:5000], "is damaged"),
        (lambda good: good[:4096] + b"\xff" * (len(good) - 4096), "is damaged"),
        (lambda _: b"", "is an empty file"),
        (lambda good: good.replace(b'"tone":"dry"', b'"tone":"dru"'), "the archive is damaged"),
    ],
    ids=["header", "text", "cut off", "pages", "empty", "one letter"],
)
def test_a_damaged_file_is_refused_and_kept(sqlite, path, kept, damage, words):
    """Never repaired, never made anew: a new one would forget what was sent."""
    bad = damage(kept)
    assert bad != kept
    path.write_bytes(bad)

    assert words in refusal(sqlite)
    assert path.read_bytes() == bad


def test_every_flipped_byte_is_noticed_or_harmless(sqlite, path, kept):
    """Anywhere in the file: what is read is what was filed, or `faults` tells why it is not.

    One place is nobody's to check: the moment of filing, which is in no digest.
    """
    noticed = 0
    for offset in range(0, len(kept), 499):
        flipped = bytearray(kept)
        flipped[offset] ^= 0x20
        path.write_bytes(flipped)
        try:
            with Archive.open(sqlite) as archive:
                faults = list(archive.faults())
                read = archive.get(filed().digest), archive.latest(Week(2026, 48))
        except BulletinError:
            noticed += 1
        else:
            noticed += bool(faults)
            assert faults or read == (filed(), filed()), offset

    assert noticed > 5


def test_a_whole_archive_has_no_faults(sqlite, kept):
    with Archive.open(sqlite) as archive:
        assert list(archive.faults()) == []


def test_other_peoples_databases_are_left_alone(sqlite, path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    before = path.read_bytes()

    assert "tables of something else" in refusal(sqlite)
    assert path.read_bytes() == before


def test_a_folder_that_is_missing_is_not_made(tmp_path):
    """A slip in the settings would begin an empty archive elsewhere."""
    said = refusal(f"sqlite:///{tmp_path}/nowhere/bulletin.db")

    assert "cannot be opened" in said
    assert "with its folder" in said
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").touch()

    assert "cannot be opened" in refusal(f"sqlite:///{tmp_path}/file/bulletin.db")


def test_an_archive_that_is_a_folder_is_told(sqlite, path):
    path.mkdir()

    assert "cannot be opened" in refusal(sqlite)


@pytest.fixture
def open_folder():
    """A folder that any user can reach; pytest's own are closed to others."""

    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_an_archive_that_may_only_be_read_is_read_and_not_written(open_folder, start):
    """Whoever may only read can list and show; filing says what is missing."""
    path = open_folder / "bulletin.db"
    with Archive.open(f"sqlite:///{path}", create=True) as archive:
        put(archive, filed(), rendering())
    before = path.read_bytes()
    path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    open_folder.chmod(0o555)

    out, problems = start(TRY, f"sqlite:///{path}", "nobody").communicate(timeout=60)

    assert "may not be written to\n" in out, problems
    assert out.endswith("[1]\n")
    assert path.read_bytes() == before


def test_an_archive_cannot_be_made_where_nothing_may_be_written(open_folder, start):
    open_folder.chmod(0o555)

    out, problems = start(TRY, f"sqlite:///{open_folder}/bulletin.db", "nobody").communicate(
        timeout=60
    )

    assert "cannot be opened\n" in out, problems
    assert list(open_folder.iterdir()) == []


def test_a_disk_without_room_loses_nothing_that_was_filed(sqlite, path, kept, start):
    """The limit is on the size of a file, which fails a write as a full disk does."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({len(kept) + 9000},) * 2)"

    out, problems = start(limit + TRY, sqlite).communicate(timeout=60)

    assert out.count("\n") == 2, problems
    assert "the disk failed" in out or "no room left" in out
    assert whole(path) == [1]


def test_a_run_killed_at_any_step_files_all_or_nothing(tmp_path, start):
    """kill -9 before and after every statement and commit, from making the archive on."""
    for step in range(1, 200):
        (tmp_path / str(step)).mkdir()

    out, problems = start(FILE_WITH_CRASH, f"sqlite:///{tmp_path}/STEP/bulletin.db").communicate(
        timeout=300
    )

    assert out, problems
    last, status = map(int, out.split())
    assert status == 0, problems
    assert last > 40
    made = {step: tmp_path / str(step) / "bulletin.db" for step in range(1, last)}
    filed_then = {step: whole(path) for step, path in made.items() if path.exists()}
    assert [] in filed_then.values()
    assert set(map(tuple, filed_then.values())) <= {(), (1,)}
    for path in list(made.values())[::10]:
        with Archive.open(f"sqlite:///{path}", create=True) as archive:
            put(archive, filed(), rendering(), rendering("deck.pdf", b"%PDF" * 5000))
        assert whole(path) == [1]


def test_a_run_killed_at_any_moment_files_all_or_nothing(tmp_path, start):
    """kill -9 out of the blue, also inside a commit; what was told as filed is there."""
    out, problems = start(FILE_MANY, f"sqlite:///{tmp_path}/TURN.db").communicate(timeout=300)

    turns = [tuple(map(int, line.split())) for line in out.splitlines()]
    assert len(turns) == 20, problems
    for turn, told in turns:
        filed_then = len(whole(tmp_path / f"{turn}.db"))
        assert filed_then in {told, told + 1}
