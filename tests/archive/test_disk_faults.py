"""A disk that fails at any write: the kernel's own answers, put in the way by strace."""

import re
import shutil
import subprocess
import sys

import pytest

from bulletin.archive.store import Archive
from tests.archive.conftest import ROOT
from tests.archive.samples import filed, put, rendering

TRY = """
import sys
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from tests.archive.samples import filed, put, rendering

try:
    with Archive.open(sys.argv[1]) as archive:
        put(archive, filed(revision=2), rendering(body=b"page" * 9000))
    print("filed")
except BulletinError as error:
    print(error.exit_code, str(error).count("\\n"), error.problem)
"""
FAULTS = {
    "no room, once": ("pwrite64:error=ENOSPC:when=3", "no room left"),
    "no room from then on": ("pwrite64:error=ENOSPC:when=5+", "no room left"),
    "quota": ("pwrite64:error=EDQUOT:when=3", "the disk failed"),
    "input/output": ("pwrite64:error=EIO:when=2", "the disk failed"),
    "read-only now": ("pwrite64:error=EROFS:when=3", "the disk failed"),
    "not synced": ("fdatasync,fsync:error=EIO:when=2", "the disk failed"),
    # A page that cannot be read while it looks into the schema is a damaged one to SQLite.
    "not read": ("pread64:error=EIO:when=10", "the disk failed|is damaged"),
}
EVERY_TIME = {"no room, once", "input/output", "not synced"}


def traced(*words):
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", *words],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def strace():
    if not shutil.which("strace") or traced("true").returncode:
        pytest.skip("strace is not here or may not trace")


@pytest.fixture
def kept(sqlite, tmp_path):
    """An archive with one edition; yields its bytes."""
    with Archive.open(sqlite, create=True) as archive:
        put(archive, filed(), rendering())
    return (tmp_path / "bulletin.db").read_bytes()


def test_without_a_fault_it_is_filed(sqlite, kept):
    """The control: being watched does not hurt."""
    done = traced("-e", "trace=pwrite64", sys.executable, "-c", TRY, sqlite)

    assert done.stdout == "filed\n", done.stderr


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, marks=[] if name in EVERY_TIME else pytest.mark.nightly)
        for name in FAULTS
    ],
)
def test_a_disk_that_fails_loses_nothing_that_was_filed(sqlite, tmp_path, kept, fault):
    """In two lines; the next to open the archive finds it as it was."""
    played, words = FAULTS[fault]

    done = traced("-P", tmp_path / "bulletin.db", "-P", tmp_path / "bulletin.db-journal",
                  "-e", f"inject={played}", sys.executable, "-c", TRY, sqlite)  # fmt: skip

    assert done.stdout.startswith("1 1 "), done.stdout + done.stderr
    assert re.search(words, done.stdout)
    with Archive.open(sqlite) as archive:
        assert [entry.revision for entry in archive.editions()] == [1]
        assert list(archive.faults()) == []
    assert (tmp_path / "bulletin.db").read_bytes() == kept
