"""The shelf, from an archive and a folder."""

import gc
from dataclasses import replace

import pytest

from bulletin.archive.codec import file
from bulletin.archive.store import Archive
from bulletin.model.delivery import Mode
from bulletin.model.edition import Edition
from bulletin.pipeline import printing
from bulletin.rendering.bundle import Bundle
from tests.menagerie import AS_OF, WEEK, everything

BUNDLE = Bundle.read()


@pytest.fixture
def archive(tmp_path):
    with Archive.open(f"sqlite:///{tmp_path}/a.db", create=True) as opened:
        for back in range(5):
            edition = replace(everything().edition, week=WEEK.shift(-back), bundle=BUNDLE.digest)
            opened.file(file(edition), BUNDLE.digest, BUNDLE.dumps(), AS_OF)
        yield opened


def shelf(archive, output, mode=None):
    made = printing.render_shelf(archive, output, WEEK, BUNDLE, "en", mode)
    return {artifact.name: artifact.body.decode() for artifact in made}


def test_what_has_a_folder_is_linked_and_all_is_told(archive, tmp_path):
    (tmp_path / "2026-W45").mkdir()
    files = shelf(archive, tmp_path)
    assert set(files) == {"index.html", "feed.xml", "items.html"}
    assert "2026-W47/index.html" in files["index.html"]
    assert "2026-W45/index.html" in files["index.html"]
    assert "2026-W46/index.html" not in files["index.html"]
    assert files["feed.xml"].count("<entry>") == 2
    assert "week 43: still there" in files["items.html"]


def test_a_folder_of_one_mode_tells_what_was_brought_there(archive, tmp_path):
    """A draft that was made since has not been brought to the readers."""
    draft = replace(everything().edition, mode=Mode.PREVIEW, bundle=BUNDLE.digest, revision=3)
    archive.file(file(draft), BUNDLE.digest, BUNDLE.dumps(), AS_OF)

    assert "[PREVIEW]" in shelf(archive, tmp_path)["feed.xml"]
    assert "[PREVIEW]" not in shelf(archive, tmp_path, Mode.LIVE)["feed.xml"]


def test_a_rehearsal_stands_for_no_week_but_on_its_own_shelf(archive, tmp_path):
    """Its pages are not in the folder that readers know."""
    rehearsal = replace(everything().edition, mode=Mode.REHEARSAL, bundle=BUNDLE.digest, revision=3)
    archive.file(file(rehearsal), BUNDLE.digest, BUNDLE.dumps(), AS_OF)

    stamped = [
        "[REHEARSAL]" in shelf(archive, tmp_path, mode)["feed.xml"] for mode in (None, *Mode)
    ]

    assert stamped == [False, False, True, False]


def test_the_shelf_is_bounded_and_says_so(archive, tmp_path, monkeypatch):
    (tmp_path / "2026-W43").mkdir()
    monkeypatch.setattr(printing, "SHELF", 3)
    files = shelf(archive, tmp_path)
    assert "1 older edition is in the archive" in files["index.html"]
    assert "week 44" not in files["items.html"]


def test_editions_are_forgotten_as_they_are_read(archive, tmp_path, monkeypatch):
    """Sixty whole editions at once would be the most memory that a run takes."""
    alive = []

    def watched(week, mode=None):
        gc.collect()
        alive.append(sum(isinstance(thing, Edition) for thing in gc.get_objects()))
        return type(archive).latest(archive, week, mode)

    monkeypatch.setattr(archive, "latest", watched)
    gc.collect()
    gc.freeze()  # only what is made from here on is counted
    shelf(archive, tmp_path)
    assert len(alive) == 5
    # The newest stays to the end, as filed and as spoken: the index tells its history.
    assert max(alive) - alive[0] <= 3
    assert len(set(alive[2:])) == 1, "and no other does"
