"""One run at a time, on either database."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError, LockedError
from tests.archive import postgres
from tests.archive.samples import filed, put

ROUNDS = 5
RACE = """
import os, sys
from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from tests.archive.samples import filed, put, rendering

def run(turn, tell, end):
    try:
        with run_lock(sys.argv[1]), Archive.open(sys.argv[1], create=True) as archive:
            put(archive, filed(revision=turn), rendering())
            os.write(tell, b"worked,")
            os.read(end, 1)
    except BulletinError as error:
        lines = str(error).splitlines()
        held = "another run holds" in lines[0] and len(lines) == 2
        os.write(tell, f"{error.exit_code} {held},".encode())

for turn in range(1, int(sys.argv[2]) + 1):
    begin, end, told = os.pipe(), os.pipe(), os.pipe()
    children = []
    for _ in range(8):
        children.append(os.fork())
        if children[-1] == 0:
            os.close(begin[1]), os.close(end[1])
            os.read(begin[0], 1)
            run(turn, told[1], end[0])
            os._exit(0)
    os.close(begin[1])
    lines = b""
    while lines.count(b",") < 8:
        lines += os.read(told[0], 1000)
    os.close(end[1])
    for child in children:
        os.waitpid(child, 0)
    print(*sorted(lines.decode().strip(",").split(",")), sep=",", flush=True)
"""

HOLD = """
import sys, time
from bulletin.archive.lock import run_lock

with run_lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(address, start):
    """Another process, which holds the lock."""
    process = start(HOLD, address)
    assert process.stdout.readline() == "held\n", process.stderr.read()
    return process


def test_a_second_run_is_refused_at_once(address, holder):
    """Exit code 75, in two lines that say who holds it."""
    before = time.monotonic()

    with pytest.raises(LockedError, match="another run holds the lock of") as caught:
        run_lock(address).__enter__()

    assert time.monotonic() - before < 2
    assert caught.value.exit_code == 75
    who = f"process {holder.pid}" if address.startswith("sqlite") else "of postgres on this host"
    assert who in caught.value.problem
    assert str(caught.value).count("\n") == 1


def test_a_killed_run_lets_go_at_once(address, holder):
    """kill -9: the kernel or the server frees it, nobody cleans up."""
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    before = time.monotonic()

    while True:
        try:
            with run_lock(address):
                break
        except LockedError:  # a server takes a moment to see that its client is gone
            assert time.monotonic() - before < 2
            time.sleep(0.02)


def test_the_lock_ends_with_its_block_and_with_an_error(address):
    with pytest.raises(ZeroDivisionError), run_lock(address):
        1 / 0  # noqa: B018  (it raises, on purpose)
    with run_lock(address), pytest.raises(LockedError), run_lock(address):
        pass
    with run_lock(address):
        pass


def test_a_run_files_under_its_own_lock(address):
    """The lock is apart from the writers' turns: it is not in its own way."""
    with run_lock(address), Archive.open(address, create=True) as archive:
        assert put(archive, filed())


def test_a_lock_file_left_behind_means_nothing(sqlite, tmp_path):
    """A restored backup brings one along."""
    (tmp_path / "bulletin.db.lock").write_text("process 1 on another machine")

    with run_lock(sqlite):
        assert f"process {os.getpid()}" in (tmp_path / "bulletin.db.lock").read_text()


def test_a_lock_that_cannot_be_taken_is_told(tmp_path):
    """No folder, or a link to somewhere else: never a lock that is none."""
    (tmp_path / "target").write_text("mine")
    (tmp_path / "bulletin.db.lock").symlink_to(tmp_path / "target")

    for address in (f"sqlite:///{tmp_path}/nowhere/x.db", f"sqlite:///{tmp_path}/bulletin.db"):
        with pytest.raises(BulletinError, match="cannot be taken") as caught:
            run_lock(address).__enter__()
        assert str(caught.value).count("\n") == 1
    assert (tmp_path / "target").read_text() == "mine"


def test_of_eight_runs_at_once_one_works(address, start):
    """Round after round: seven end with 75, and the archive holds one edition more."""
    out, problems = start(RACE, address, ROUNDS).communicate(timeout=120)

    assert out.splitlines() == [",".join(["75 True"] * 7 + ["worked"])] * ROUNDS, problems
    with Archive.open(address) as archive:
        assert [entry.revision for entry in archive.editions()] == [*range(ROUNDS, 0, -1)]
        assert len(archive.events()) == ROUNDS


def test_without_the_lock_all_eight_would_work(address, start):
    """The control: the same race with a lock that is none."""
    free = "from contextlib import nullcontext as run_lock"
    code = RACE.replace("from bulletin.archive.lock import run_lock", free)

    out, problems = start(code, address, 1).communicate(timeout=120)

    assert out == ",".join(["worked"] * 8) + "\n", problems


def test_a_lock_whose_session_was_ended_is_free_and_the_edition_is_filed_once(postgresql, start):
    """The server ends it under a run: another may begin, and only one of them can file."""
    with run_lock(postgresql), Archive.open(postgresql, create=True) as first:
        socket = make_url(postgresql).query["host"]
        query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
        postgres.execute(socket, query)
        with run_lock(postgresql), Archive.open(postgresql) as second:
            assert put(second, filed())
        with pytest.raises(BulletinError, match="filed already, with other bytes") as caught:
            put(first, filed(title="A moment later"))

    assert "Run again" in caught.value.hint


def test_a_lock_file_deleted_under_a_run_lets_another_in_and_one_of_them_files(sqlite, tmp_path):
    """Nobody can hold what has no name any more: the archive itself takes one edition."""
    with run_lock(sqlite), Archive.open(sqlite, create=True) as first:
        (tmp_path / "bulletin.db.lock").unlink()
        with run_lock(sqlite), Archive.open(sqlite) as second:
            assert put(second, filed())
            with pytest.raises(BulletinError, match="filed already, with other bytes"):
                put(first, filed(title="A moment later"))
            assert [entry.title for entry in second.editions()] == [filed().edition.title]


def test_another_user_of_the_same_archive_is_told_who_holds_it(server, postgresql):
    """Without the right to see others' sessions: their number and name are all there is."""
    url = make_url(postgresql)
    theirs = url.set(username="bot", password="hunter2").render_as_string(hide_password=False)

    with run_lock(postgresql), pytest.raises(LockedError, match=r"\(session \d+ of postgres\)"):
        run_lock(theirs).__enter__()
    with run_lock(theirs), pytest.raises(LockedError, match="of bot on this host"):
        run_lock(postgresql).__enter__()


def test_archives_on_one_server_have_locks_of_their_own(server):
    with (
        postgres.database(server) as one,
        postgres.database(server) as other,
        run_lock(one),
        run_lock(other),
    ):
        pass


def test_a_folder_that_may_only_be_read_is_told(start):
    """The lock lies beside the archive, and a run must be able to make it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    code = (
        "import os, sys; from bulletin.archive.lock import run_lock\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: run_lock(sys.argv[1]).__enter__()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )

    out, problems = start(code, f"sqlite:///{folder}/bulletin.db").communicate(timeout=60)

    assert out.startswith("BulletinError the lock "), problems
    assert "cannot be taken (Permission denied)\n" in out
    assert out.count("\n") == 2
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)
