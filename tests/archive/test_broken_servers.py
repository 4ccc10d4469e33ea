"""PostgreSQL that is not there, says no, or goes away: two lines, no password, nothing changed."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import event, make_url, text

from bulletin.archive import connection as connections
from bulletin.archive.connection import connect, parse_address, writer
from bulletin.archive.schema import REVISIONS, metadata
from bulletin.archive.store import Archive
from tests.archive import asking, company, postgres

FOR_EACH = "FOR EACH STATEMENT EXECUTE FUNCTION play()"


@pytest.fixture(scope="module")
def whole(server, tmp_path_factory):
    """A filled archive to copy, what every command says of it, and the rows in it."""
    folder = tmp_path_factory.mktemp("whole")
    with postgres.database(server) as template:
        with company.opened() as opened:
            asking.fill(opened, folder, template)
        yield SimpleNamespace(name=make_url(template).database, rows=rows(template))


@pytest.fixture
def filled(server, whole):
    """The address of a copy."""
    name = f"copy_of_{whole.name}"
    postgres.execute(server, f"CREATE DATABASE {name} TEMPLATE {whole.name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={server}"
    postgres.execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ask(tmp_path, monkeypatch, text_only):
    """Asks every command about an address."""
    asking.stand_in_the_next_week(monkeypatch)
    return lambda address: asking.Reader.of(tmp_path / "desk", address).ask_all()


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """Drafts the next week into an address."""
    asking.stand_in_the_next_week(monkeypatch)
    return lambda address: asking.Reader.of(tmp_path / "desk", address).ask("draft")


def rows(address):
    """Return every row of every table."""
    with connect(parse_address(address)).begin() as connection:
        return {
            table: sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}"))))  # noqa: S608  (our own tables)
            for table in (*metadata.tables, REVISIONS)
        }


def contents(address):
    """Return the whole database as text; the dump's own lines differ every time."""
    return [line for line in postgres.dump(address).splitlines() if not line.startswith("\\")]


def execute(address, *statements):
    url = make_url(address)
    postgres.execute(url.query["host"], *statements, database=url.database)


def test_a_whole_archive_answers_every_command(filled, ask, whole):
    """The control: nothing is refused, and the draft adds an edition."""
    assert rows(filled) == whole.rows

    answers = ask(filled)

    assert {name: a.code for name, a in answers.items()} == {
        "list": 0, "show": 0, "ledger": 0, "verify": 0, "draft": 3,
    }  # fmt: skip
    assert len(rows(filled)["edition"]) == len(whole.rows["edition"]) + 1


def elsewhere(**changes):
    return lambda address: make_url(address).set(**changes).render_as_string(hide_password=False)


UNREACHABLE = {
    "down": lambda address: address.replace("host=/", "host=/nowhere/"),
    "wrong host": elsewhere(host="127.0.0.1", port=9, query={}),
    "unknown host": elsewhere(host="database.invalid", query={}),
    "no database": elsewhere(database="journal_of_nobody"),
    "wrong password": elsewhere(username="bot", password="hunter3"),
    "no password": elsewhere(username="bot"),
    "no such user": elsewhere(username="nobody", password="hunter3"),
}


@pytest.mark.parametrize("fault", UNREACHABLE)
def test_a_server_that_cannot_be_reached_is_told_without_the_password(filled, ask, whole, fault):
    answers = ask(UNREACHABLE[fault](filled))

    assert {a.code for a in answers.values()} == {1}, answers
    assert all("cannot be reached" in a.refused for a in answers.values()), answers
    assert not any("hunter" in a.refused for a in answers.values())
    assert rows(filled) == whole.rows


def newer(address):
    execute(address, "UPDATE bulletin_revision SET version_num = '9999'")
    return address


def foreign(address):
    execute(address, f"DROP TABLE {REVISIONS}")
    return address


def without_rights(address):
    return elsewhere(username="bot", password="hunter2")(address)


REFUSING = {
    "newer": (newer, "made by a newer version"),
    "no revision": (foreign, "tables of something else"),
    "no rights": (without_rights, "refuses its user"),
}


@pytest.mark.parametrize("fault", REFUSING)
def test_a_database_that_is_not_ours_to_use_is_refused(filled, ask, fault):
    play, words = REFUSING[fault]
    address = play(filled)
    before = contents(filled)

    answers = ask(address)

    assert {a.code for a in answers.values()} == {1}, answers
    assert all(words in a.refused for a in answers.values()), answers
    assert not any("hunter" in a.refused for a in answers.values())
    assert contents(filled) == before


def test_a_database_that_may_only_be_read_is_read_and_not_written(filled, ask, whole):
    """As a replica is: whoever may only read can list and show."""
    answers = ask(f"{filled}&options=-cdefault_transaction_read_only%3Don")

    assert {name: a.code for name, a in answers.items()} == {
        "list": 0, "show": 0, "ledger": 0, "verify": 0, "draft": 1,
    }  # fmt: skip
    assert "the database is read-only" in answers["draft"].refused
    assert rows(filled) == whole.rows


PLAYED = {
    "serialization failure": ("40001", 75, "being written to by another program"),
    "deadlock": ("40P01", 75, "being written to by another program"),
    "full disk": ("53100", 1, "no room left"),
    "out of memory": ("53200", 1, "refused what was asked"),
    "shutdown": ("57P01", 1, "ended the connection"),
    "crash": ("57P02", 1, "ended the connection"),
    "damage": ("XX001", 1, "is damaged"),
}


@pytest.mark.parametrize("fault", PLAYED)
def test_what_the_server_says_at_the_last_insert_takes_back_all_of_it(filled, draft, whole, fault):
    """The log line is written last; the edition and its templates are gone with it."""
    code, exit_code, words = PLAYED[fault]
    execute(
        filled,
        "CREATE FUNCTION play() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'played' USING ERRCODE = '{code}'; END $$",
        f"CREATE TRIGGER play BEFORE INSERT ON event {FOR_EACH}",
    )

    answer = draft(filled)

    assert answer.code == exit_code
    assert words in answer.refused
    assert rows(filled) == whole.rows
    execute(filled, "DROP TRIGGER play ON event")
    assert draft(filled).code == 3


@contextmanager
def ended_at(step, address):
    """End the session from the server's side before its n-th statement; yields the statement."""
    ended, seen = [], 0

    def end(connection, _, statement, *__):
        nonlocal seen
        seen += 1
        if seen == step:
            pid = connection.connection.driver_connection.info.backend_pid
            execute(address, f"SELECT pg_terminate_backend({pid}, 5000)")
            ended.append(statement)

    event.listen(connections.Engine, "before_cursor_execute", end)
    try:
        yield ended
    finally:
        event.remove(connections.Engine, "before_cursor_execute", end)


def test_a_session_ended_at_any_statement_files_all_or_nothing(filled, draft, whole):
    """pg_terminate_backend before every statement of a draft, the lock's among them."""
    fired = 0
    for step in range(1, 100):
        with ended_at(step, filled) as ended:
            answer = draft(filled)
        if not ended or "unlock" in ended[0]:  # by then all is filed
            break
        fired += 1
        assert answer.code == 1
        assert "ended the connection" in answer.refused or "cannot be reached" in answer.refused
        assert rows(filled) == whole.rows

    assert fired >= 10
    assert answer.code == 3
    assert len(rows(filled)["edition"]) == len(whole.rows["edition"]) + 1


def test_an_archive_that_is_locked_for_ever_ends_with_75(filled, ask, whole, monkeypatch):
    """Readers wait for no writer; the draft gives up."""
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 1)
    with writer(connect(parse_address(filled))).begin():
        answers = ask(filled)

    assert {name: a.code for name, a in answers.items()} == {
        "list": 0, "show": 0, "ledger": 0, "verify": 0, "draft": 75,
    }  # fmt: skip
    assert rows(filled) == whole.rows


def test_the_addresss_own_options_are_kept(filled, server):
    """A schema of its own, as shared databases ask for; ours do not push it out."""
    execute(filled, "CREATE SCHEMA apart")
    apart = f"{filled}&options=-csearch_path%3Dapart"

    with Archive.open(apart, create=True) as archive:
        assert archive.editions() == ()
    with connect(parse_address(apart)).begin() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "5s"
    with Archive.open(filled) as archive:
        assert archive.editions() != ()
