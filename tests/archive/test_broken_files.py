"""A broken archive in a file: two lines, the right exit code, and nothing changed.

Every command that opens the archive is asked, and every fault is held against the whole archive.
"""

import hashlib
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from bulletin import registry
from bulletin.archive import connection as connections
from bulletin.archive.store import Archive
from bulletin.pipeline import drafting
from tests.archive import asking, company

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An archive with three editions, and what every command says of it."""
    folder = tmp_path_factory.mktemp("whole")
    with company.opened() as opened, pytest.MonkeyPatch.context() as patched:
        asking.fill(opened, folder, f"sqlite:///{folder}/bulletin.db")
        body = (folder / "bulletin.db").read_bytes()
        for name in set(registry.RENDERERS) - set(company.FORMATS):
            patched.delitem(registry.RENDERERS, name)
        asking.stand_in_the_next_week(patched)
        reader = asking.Reader.of(folder / "desk", f"sqlite:///{folder}/bulletin.db")
        return SimpleNamespace(body=body, answers=reader.ask_all())


@pytest.fixture
def reader(tmp_path, sqlite, monkeypatch, text_only):
    asking.stand_in_the_next_week(monkeypatch)
    return asking.Reader.of(tmp_path / "desk", sqlite)


@pytest.fixture
def path(tmp_path, whole):
    path = tmp_path / "bulletin.db"
    path.write_bytes(whole.body)
    return path


def beside(path):
    """Return what lies in the folder and is no lock and no settings."""
    return {p.name for p in path.parent.iterdir() if not p.name.endswith((".lock", "desk"))}


def run_sql(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        for statement in statements:
            opened.execute(statement)


def test_a_whole_archive_answers_every_command(whole, path, reader):
    """The control: without a fault nothing is refused, twice with the same words."""
    answers = reader.ask_all()

    assert answers == whole.answers
    assert {name: a.code for name, a in answers.items()} == {
        "list": 0, "show": 0, "ledger": 0, "verify": 0, "draft": 3,
    }  # fmt: skip


def newer(path):
    run_sql(path, "UPDATE bulletin_revision SET version_num = '9999'")


def foreign(path):
    path.unlink()
    run_sql(path, "CREATE TABLE recipes (name)")


def folder(path):
    path.unlink()
    path.mkdir()


def hide_the_last_edition(path):
    """Take the last week's entry out of the index that finds it, as a damaged page would."""
    run_sql(
        path,
        "PRAGMA writable_schema=ON",
        "CREATE TABLE other (bulletin, week, revision, UNIQUE (bulletin, week, revision))",
        "INSERT INTO other SELECT bulletin, week, revision FROM edition WHERE week < '2026-W47'",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name ="
        " 'sqlite_autoindex_other_1') WHERE tbl_name = 'edition' AND name ="
        " 'sqlite_autoindex_edition_2'",
    )


FAULTS = {
    "header": (lambda p: p.write_bytes(b"\xff" * 100 + p.read_bytes()[100:]), "is no database"),
    "text": (lambda p: p.write_bytes(b"mistaken for the archive\n" * 900), "is no database"),
    "cut off": (lambda p: p.write_bytes(p.read_bytes()[: 3 * PAGE]), "is damaged"),
    "cut in half": (lambda p: p.write_bytes(p.read_bytes()[: len(p.read_bytes()) // 2]), "damaged"),
    "empty": (lambda p: p.write_bytes(b""), "is an empty file"),
    "folder": (folder, "cannot be opened"),
    "newer": (newer, "made by a newer version"),
    "foreign": (foreign, "tables of something else"),
    "hidden edition": (hide_the_last_edition, "is damaged"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_archive_is_refused_by_every_command(path, reader, fault):
    """Exit code 1: nothing is printed, nothing is repaired, nothing is made anew."""
    play, words = FAULTS[fault]
    play(path)
    before = path.read_bytes() if path.is_file() else None
    lying = beside(path)

    answers = reader.ask_all()

    assert {a.code for a in answers.values()} == {1}, answers
    assert all(words in a.refused for a in answers.values()), answers
    assert (path.read_bytes() if path.is_file() else None) == before
    assert beside(path) == lying


def test_without_the_look_at_its_indexes_a_hidden_edition_would_be_missed(
    path, reader, whole, monkeypatch
):
    """The control of the check on opening: the ledger would be judged against an older week."""
    hide_the_last_edition(path)
    monkeypatch.setattr("bulletin.archive.migrating._look_through", lambda *_, **__: None)

    assert reader.ask("list").said != whole.answers["list"].said


def dice(seed):
    """Return what throws a number below another, the same ones for the same seed."""
    thrown = 0

    def throw(sides):
        nonlocal thrown
        thrown += 1
        return int(hashlib.sha256(f"{seed} {thrown}".encode()).hexdigest(), 16) % sides

    return throw


def flip(body, throw):
    """Return the file with one page damaged: a bit, all bits, nothing left, another's content."""
    pages = len(body) // PAGE
    start = throw(pages) * PAGE
    page = bytearray(body[start : start + PAGE])
    match throw(5):
        case 0 | 1:
            page[throw(PAGE)] ^= 1 << throw(8)
        case 2:
            page = bytearray(byte ^ 0xFF for byte in page)
        case 3:
            page = bytearray(PAGE)
        case _:
            other = throw(pages) * PAGE
            page = body[other : other + PAGE]
    return body[:start] + bytes(page) + body[start + PAGE :]


@pytest.mark.parametrize("turn", range(5))
def test_flipped_pages_are_noticed_or_change_no_answer(path, reader, whole, turn):
    """Fifty pages, ten a turn: each command says what it said before, or refuses in two lines."""
    throw = dice(f"pages {turn}")
    noticed = harmless = 0
    for _ in range(10):
        bad = flip(whole.body, throw)
        for command in ("list", "show", "ledger", "verify", "draft"):
            path.write_bytes(bad)
            answer = reader.ask(command)
            if answer.refused:
                noticed += 1
                assert answer.code == 1
                assert path.read_bytes() == bad
            else:
                harmless += 1
                assert answer == whole.answers[command]

    assert noticed >= 5
    assert harmless >= 5
    assert noticed + harmless == 50


def test_an_archive_that_is_locked_for_ever_ends_with_75(path, reader, monkeypatch):
    """Another program that never lets go: 5 seconds, here a fifth of one."""
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.2)
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answers = reader.ask_all()

    assert {a.code for a in answers.values()} == {75}
    assert path.read_bytes() == before
    assert reader.ask("list").code == 0


def test_a_full_disk_at_any_page_files_nothing(path, reader, whole, monkeypatch):
    """The database may not grow by more than so many pages; at last there is room enough."""
    pages = len(whole.body) // PAGE
    prepare = connections._prepare_sqlite
    fired = 0
    for more in range(0, 400, 19):

        def limited(connection, record, limit=pages + more):
            prepare(connection, record)
            connection.execute(f"PRAGMA max_page_count={limit}")

        monkeypatch.setattr(connections, "_prepare_sqlite", limited)
        answer = reader.ask("draft")
        if not answer.refused:
            break
        fired += 1
        assert (answer.code, "no room left" in answer.refused) == (1, True), answer
        assert path.read_bytes() == whole.body
        assert beside(path) == {"bulletin.db"}

    assert fired >= 3
    assert answer == whole.answers["draft"]


def test_an_archive_deleted_during_a_run_does_not_come_back_empty(path, reader, monkeypatch):
    """What was filed is lost with the file; a new one in its place would hide that."""
    gather = drafting.gather

    def deleting(*words):
        path.unlink()
        return gather(*words)

    monkeypatch.setattr(drafting, "gather", deleting)

    answer = reader.ask("draft")

    assert answer.code == 1
    assert "cannot be opened" in answer.refused
    assert beside(path) == set()


def die_while_writing(path):
    """Leave the file as a run leaves it that is killed half way; returns its journal."""
    columns = "digest, bulletin, week, revision, number, mode, title, filed_at, bundle, body"
    row = f"INSERT INTO edition ({columns}) SELECT ?, '', ?, 1, 9, 'live', 'half', 0, digest, ? "
    row += "FROM bundle"
    with closing(sqlite3.connect(path, isolation_level=None)) as dying:
        dying.execute("PRAGMA cache_size=2")
        dying.execute("BEGIN IMMEDIATE")
        for number in range(100):
            dying.execute(row, (f"{number:064}", f"2027-W{number:02}", bytes(PAGE)))
        half = path.read_bytes()
        journal = path.with_name(f"{path.name}-journal").read_bytes()
        dying.execute("ROLLBACK")
    path.write_bytes(half)
    return journal


def test_a_run_that_died_while_it_wrote_is_taken_back(path, reader, whole):
    """Its journal lies beside the file: the next to open it puts the old pages back."""
    journal = die_while_writing(path)
    path.with_name("bulletin.db-journal").write_bytes(journal)

    assert reader.ask_all() == whole.answers

    assert beside(path) == {"bulletin.db"}
    with Archive.open(f"sqlite:///{path}") as archive:
        assert list(archive.faults()) == []


def test_a_half_written_archive_whose_journal_was_tidied_away_is_refused(path, reader):
    """The control of the test above: the pages were on their way to the disk."""
    die_while_writing(path)
    half = path.read_bytes()

    answers = reader.ask_all()

    assert {answer.code for answer in answers.values()} == {1}, answers
    assert path.read_bytes() == half
