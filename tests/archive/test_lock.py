"""One run at a time, on either database."""

import os
import signal
import time

import pytest

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError, LockedError
from tests.archive.samples import filed, put

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
