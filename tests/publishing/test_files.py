"""The files channel: whole files, at plain names, once."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Delivery, Fate, Mode, Receipt
from bulletin.publishing import Issue
from bulletin.publishing.files import FilesPublisher, atomic_write, lay_out_files
from tests.archive.samples import filed

LAID_OUT = ("index.html", "feed.xml", "2026-W48/index.html")
ROOT = Path(__file__).parents[2]
WRITE_MANY = """
import os, signal, sys, time
from pathlib import Path
from bulletin.publishing.files import atomic_write

path = Path(sys.argv[1])
for turn in range(30):
    child = os.fork()
    if child == 0:
        for round in range(10_000):
            atomic_write(path, bytes([65 + (turn + round) % 26]) * 300_000)
    time.sleep(0.003 + 0.0017 * turn)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    body = path.read_bytes()
    print(len(body), len(set(body)), flush=True)
"""
FULL = """
import resource, sys
from pathlib import Path
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact
from bulletin.publishing.files import atomic_write, lay_out_files
from tests.archive.samples import filed

resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
small = Artifact(name="email.txt", media_type="text/plain", body=b"new")
large = Artifact(name="deck.pdf", media_type="application/pdf", body=b"%PDF" * 9000)
for attempt in (
    lambda: lay_out_files(Path(sys.argv[1]), filed(), [small, large]),
    lambda: atomic_write(Path(sys.argv[1]) / "index.html", large.body),
):
    try:
        attempt()
    except BulletinError as error:
        print(error)
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=120,
    ).stdout  # fmt: skip


def page(name="index.html", body=b"<p>hello"):
    return Artifact(name=name, media_type="text/html", body=body)


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_edition_is_laid_out_in_a_folder_of_its_week(tmp_path):
    """`<output>/<week>/<name>`; the receipt says where its entrance is."""
    output = tmp_path / "out"

    receipt = lay_out_files(output, filed(), [page(), page("deck.pdf", b"%PDF")])

    assert tree(output) == {"2026-W48/index.html": b"<p>hello", "2026-W48/deck.pdf": b"%PDF"}
    assert receipt == Receipt(
        channel="files",
        target=str(output),
        fate=Fate.DELIVERED,
        reference=str(output / "2026-W48" / "index.html"),
        detail="2 of 2 files written",
    )


def test_publishing_the_same_edition_again_touches_nothing(tmp_path):
    """Not even a time of change, so that nothing downstream wakes up."""
    lay_out_files(tmp_path, filed(), [page()])
    os.utime(tmp_path / "2026-W48" / "index.html", ns=(1, 1))

    receipt = lay_out_files(tmp_path, filed(), [page()])

    assert receipt.fate is Fate.ALREADY_THERE
    assert (tmp_path / "2026-W48" / "index.html").stat().st_mtime_ns == 1


def test_only_what_differs_is_written(tmp_path):
    """A file of the same length too; a stranger's file in the folder is left alone."""
    lay_out_files(tmp_path, filed(), [page(), page("email.txt", b"one")])
    os.utime(tmp_path / "2026-W48" / "index.html", ns=(1, 1))
    (tmp_path / "2026-W48" / "minutes.md").write_bytes(b"by hand")

    receipt = lay_out_files(tmp_path, filed(), [page(), page("email.txt", b"two")])

    assert (receipt.fate, receipt.detail) == (Fate.DELIVERED, "1 of 2 files written")
    assert (tmp_path / "2026-W48" / "index.html").stat().st_mtime_ns == 1
    assert tree(tmp_path / "2026-W48") == {
        "index.html": b"<p>hello", "email.txt": b"two", "minutes.md": b"by hand",
    }  # fmt: skip


def test_files_can_be_read_by_those_that_the_umask_lets(tmp_path):
    """A web server runs as somebody else."""
    lay_out_files(tmp_path, filed(), [page()])
    umask = os.umask(0)
    os.umask(umask)

    mode = (tmp_path / "2026-W48" / "index.html").stat().st_mode

    assert stat.S_IMODE(mode) == 0o666 & ~umask


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../index.html", "a/b", "/etc/passwd", "a\\b", ".hidden", "a\0b", "a\nb",
     "näme", "a b", "x" * 101, "C:x"],
)  # fmt: skip
def test_a_name_that_is_not_plain_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(BulletinError, match="no plain name") as caught:
        lay_out_files(tmp_path / "out", filed(), [page(), page(name)])

    assert str(caught.value).count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_name_given_twice_is_refused(tmp_path):
    with pytest.raises(BulletinError, match="no plain name of its own"):
        lay_out_files(tmp_path, filed(), [page(body=b"one"), page(body=b"two")])

    assert tree(tmp_path) == {}


def test_a_folder_that_is_a_file_is_told_in_two_lines(tmp_path):
    (tmp_path / "out").write_bytes(b"mine")

    with pytest.raises(BulletinError, match="cannot be written") as caught:
        lay_out_files(tmp_path / "out", filed(), [page()])

    assert str(caught.value).count("\n") == 1
    assert tree(tmp_path) == {"out": b"mine"}


def test_a_file_whose_place_is_taken_by_a_folder_stops_nothing_halfway(tmp_path):
    """The files beside it stay as they were, and no scraps are left."""
    lay_out_files(tmp_path, filed(), [page(body=b"old")])
    (tmp_path / "2026-W48" / "deck.pdf").mkdir()

    with pytest.raises(BulletinError, match="cannot be written"):
        lay_out_files(tmp_path, filed(), [page(body=b"new"), page("deck.pdf", b"%PDF")])

    assert tree(tmp_path) == {"2026-W48/index.html": b"old"}


def test_a_link_is_replaced_and_not_written_through(tmp_path):
    """Whatever it points to belongs to somebody else."""
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "index.html").symlink_to(tmp_path / "theirs")

    assert atomic_write(tmp_path / "index.html", b"ours")

    assert tree(tmp_path) == {"theirs": b"theirs", "index.html": b"ours"}
    assert not (tmp_path / "index.html").is_symlink()


def test_a_disk_without_room_leaves_the_old_files_and_no_scraps(tmp_path):
    """The first file fits, the second does not: neither is replaced."""
    old = {"2026-W48/email.txt": b"old", "2026-W48/deck.pdf": b"old", "index.html": b"old"}
    for name, body in old.items():
        atomic_write(tmp_path / name, body)

    out = run(FULL, tmp_path)

    assert out.count("cannot be written") == 2
    assert out.count("\n") == 4
    assert tree(tmp_path) == old


def test_a_killed_writer_leaves_the_old_bytes_or_the_new(tmp_path):
    """kill -9 at 30 moments: what is read is one of the bodies, whole."""
    path = tmp_path / "index.html"
    path.write_bytes(b"A" * 300_000)

    told = run(WRITE_MANY, path).splitlines()

    assert told == ["300000 1"] * 30


def test_scraps_of_a_killed_run_are_swept_away(tmp_path):
    (tmp_path / "2026-W48").mkdir()
    (tmp_path / "2026-W48" / ".index.html.0123.part").write_bytes(b"<p>hel")

    lay_out_files(tmp_path, filed(), [page()])

    assert tree(tmp_path) == {"2026-W48/index.html": b"<p>hello"}


def test_atomic_write_says_whether_it_wrote(tmp_path):
    """It makes the folder, and leaves the same bytes alone."""
    path = tmp_path / "a" / "feed.xml"

    assert [atomic_write(path, body) for body in (b"1", b"1", b"2")] == [True, False, True]
    assert tree(tmp_path) == {"a/feed.xml": b"2"}


def issue(mode=Mode.LIVE, pages=None):
    edition = replace(filed().edition, mode=mode)
    shelf = (page("index.html", b"<p>all"), page("feed.xml", b"<feed/>"))
    return Issue(
        filed=replace(filed(), edition=edition),
        language="en",
        artifacts=tuple(pages or [page()]),
        shelf=lambda _folder: shelf,
    )


def publisher(base, name="files", **given):
    settings = FilesPublisher.Settings.model_validate(given, context={"base": base})
    bulletin = Bulletin.model_validate({"output": base / "out"})
    return FilesPublisher.from_settings(settings, name, bulletin)


def no_commit():
    raise AssertionError("a folder can be asked what is in it")


def brought(channel, made):
    """Bring an issue wherever the channel packs it for."""
    deliveries = [
        Delivery(
            edition=made.filed.digest,
            week=str(made.filed.edition.week),
            mode=made.filed.edition.mode,
            channel=channel.channel,
            kind="files",
            parcel=parcel,
        )
        for parcel in channel.pack(made)
    ]
    return [channel.deliver(one, made, no_commit) for one in deliveries]


@pytest.mark.parametrize(
    ("given", "mode", "folders"),
    [
        ({}, Mode.LIVE, ["out"]),
        ({}, Mode.REHEARSAL, []),
        ({}, Mode.PREVIEW, []),
        ({"folder": "share"}, Mode.LIVE, ["share"]),
        ({"rehearsal": "trial"}, Mode.REHEARSAL, ["trial"]),
        ({"rehearsal": "trial"}, Mode.LIVE, ["out"]),
        ({"folder": "share", "rehearsal": "trial"}, Mode.PREVIEW, []),
    ],
)
def test_each_mode_has_a_folder_of_its_own_or_none(tmp_path, given, mode, folders):
    """A rehearsal never falls back to the folder of what is live."""
    receipts = brought(publisher(tmp_path, "intranet", **given), issue(mode))

    assert [(one.channel, one.target) for one in receipts] == [
        ("intranet", str(tmp_path / folder)) for folder in folders
    ]
    laid_out = {f"{folder}/{name}" for folder in folders for name in LAID_OUT}
    assert set(tree(tmp_path)) == laid_out


def test_the_edition_and_the_shelf_once_more_change_nothing(tmp_path):
    channel = publisher(tmp_path)
    (first,) = brought(channel, issue())
    for path in tmp_path.rglob("*.*"):
        os.utime(path, ns=(1, 1))

    (second,) = brought(channel, issue())

    assert (first.fate, second.fate) == (Fate.DELIVERED, Fate.ALREADY_THERE)
    assert {path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == {1}


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.REHEARSAL])
def test_a_parcel_for_another_mode_s_folder_is_refused(tmp_path, mode):
    """Whatever was packed: what is not live never reaches the folder of what is."""
    channel = publisher(tmp_path, rehearsal="trial")
    (parcel,) = channel.pack(issue(Mode.LIVE))
    posing = Delivery(
        edition="0" * 64, week="2026-W48", mode=mode, channel="files", kind="files", parcel=parcel
    )

    with pytest.raises(BulletinError, match=f"no folder of the {mode} editions"):
        channel.deliver(posing, issue(mode), no_commit)

    assert tree(tmp_path) == {}


def test_the_check_tries_every_folder_and_leaves_nothing(tmp_path):
    assert "trial can be written to" in publisher(tmp_path, rehearsal="trial").check()
    assert tree(tmp_path) == {}
    (tmp_path / "trial").write_bytes(b"mine")
    with pytest.raises(BulletinError, match="trial cannot be written"):
        publisher(tmp_path, rehearsal="trial").check()
