"""Every archive that a released version made opens in this one, with all that was in it."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import inspect, text

from bulletin import pipeline
from bulletin.archive import migrating, schema
from bulletin.archive.connection import connect, parse_address
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.demo import LAST
from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from tests.archive import company, freezing, samples

RELEASED = sorted(path.name for path in freezing.RELEASED.iterdir())

STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"

def upgrade():
    on_server = op.get_bind().dialect.name == "postgresql"
    if on_server:
        op.execute("DROP TRIGGER edition_only_grows ON edition")
    # "always" makes the table anew on SQLite and drops the old one, with its triggers.
    with op.batch_alter_table("edition", recreate="always" if not on_server else "auto") as table:
        table.add_column(sa.Column("weight", sa.Integer()))
    op.execute("UPDATE edition SET weight = length(body)")
    {fault}
    if on_server:
        op.execute(
            "CREATE TRIGGER edition_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edition "
            "FOR EACH STATEMENT EXECUTE FUNCTION bulletin_only_grows()"
        )
    else:
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER edition_no_{{deed.lower()}} BEFORE {{deed}} ON edition "
                f"BEGIN SELECT RAISE(ABORT, 'the archive only grows'); END"
            )
"""


@pytest.fixture(scope="module")
def demo_company():
    with company.opened() as opened:
        yield opened


@pytest.fixture(params=RELEASED)
def release(request):
    """The folder of one released version."""
    return freezing.RELEASED / request.param


@pytest.fixture
def expected(release):
    return json.loads((release / "expected.json").read_text())


@pytest.fixture
def thawed(address, release, tmp_path):
    """An archive as that version left it; yields its address."""
    if address.startswith("sqlite"):
        freezing.thaw_sqlite(release, tmp_path / "bulletin.db")
    else:
        freezing.thaw_postgresql(release, address)
    return address


@pytest.fixture
def next_step(tmp_path, monkeypatch):
    """Adds a migration after the last one, which may break after it has moved the data."""

    def add(fault="pass"):
        (tmp_path / "steps").mkdir(exist_ok=True)
        step = STEP.format(head=head(), fault=fault)
        (tmp_path / "steps" / "9999_weight.py").write_text(step)
        known = migrating.settings

        def settings():
            config = known()
            config.set_main_option("path_separator", "newline")
            own = "bulletin.archive:migrations/versions"
            config.set_main_option("version_locations", f"{own}\n{tmp_path / 'steps'}")
            return config

        monkeypatch.setattr(migrating, "settings", settings)
        monkeypatch.setattr(migrating, "HEAD", "9999")

    return add


def head():
    return ScriptDirectory.from_config(migrating.settings()).get_current_head()


def rows(address, query):
    with connect(parse_address(address)).begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def everything(address):
    """Return every row of every table that is there, and the tables themselves."""
    with connect(parse_address(address)).begin() as connection:
        tables = inspect(connection).get_table_names()
    held = {
        table: sorted(map(repr, rows(address, f"SELECT * FROM {table}")))  # noqa: S608  (our own tables)
        for table in tables
    }
    if address.startswith("sqlite"):
        return held, rows(address, "SELECT type, name, sql FROM sqlite_master ORDER BY name")
    columns = "SELECT table_name, column_name FROM information_schema.columns"
    return held, rows(address, f"{columns} WHERE table_schema = 'public' ORDER BY 1, 2")


def ask(settings, *words):
    return CliRunner().invoke(main, ["--config", str(settings), *words])


def test_a_released_archive_holds_what_it_held(thawed, expected):
    """Every edition by its digest, every page, every line of the log; nothing is damaged."""
    with Archive.open(thawed) as archive:
        assert company.told(archive) == expected
        assert list(archive.faults()) == []
    assert len(expected["editions"]) >= 4
    assert any(edition["revision"] > 1 for edition in expected["editions"])


def test_a_released_archive_is_read_and_written_by_every_command(
    thawed, expected, demo_company, tmp_path, text_only
):
    """A further week is judged against the last one of the release."""
    settings = company.write_settings(demo_company, tmp_path, thawed)
    last = expected["editions"][0]

    assert len(ask(settings, "list").stdout.splitlines()) == len(expected["editions"])
    for week in {edition["week"] for edition in expected["editions"]}:
        assert ask(settings, "ledger", week).exit_code == 0
        assert json.loads(ask(settings, "show", week, "--json").stdout)["week"] == week
        verified = ask(settings, "verify", week)
        lines = verified.stderr.splitlines()
        assert verified.exit_code == 0 or re.match("They were made by .*; this is ", lines[-1])
    following = LAST.shift(1)
    moment = company.closing(following)
    demo_company.travel(moment)
    loaded = company.load_settings(settings)
    made = pipeline.draft(loaded, week=following, now=moment, render=False)
    assert made.filed.edition.previous == last["digest"]
    assert made.filed.edition.ledger.open_then == last["on the list"]


def test_a_released_archive_gets_the_tables_that_the_code_reads(thawed):
    with Archive.open(thawed), connect(parse_address(thawed)).begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.REVISIONS, "compare_type": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_what_was_filed_before_there_were_modes_is_a_draft_and_may_still_leave(thawed, expected):
    """The outbox is laid beside it; whatever was drafted then can be sent, once somebody does."""
    with Archive.open(thawed) as archive:
        assert {entry.mode for entry in archive.editions()} == {Mode.PREVIEW}
        assert archive.outbox.deliveries() == archive.outbox.waiting() == ()
        assert archive.gate.home() is None
        digest = expected["editions"][0]["digest"]
        sent = samples.delivery(edition=archive.get(digest))
        assert archive.outbox.put([sent], samples.AT) == 1
        assert archive.outbox.claim(sent.key, 1, samples.AT)

    for deed in ("DELETE FROM delivery", "UPDATE payload SET body = body"):
        with pytest.raises(Exception, match="the archive only grows"):
            rows(thawed, deed)


def test_a_step_changes_the_tables_and_no_edition(thawed, expected, next_step):
    """It makes a table anew and moves its data; whatever refers to it still does."""
    before = everything(thawed)
    next_step()

    with Archive.open(thawed) as archive:
        assert company.told(archive) == expected
        assert list(archive.faults()) == []

    assert everything(thawed) != before
    assert rows(thawed, "SELECT count(*) FROM edition WHERE weight = length(body)") == [
        (len(expected["editions"]),)
    ]
    assert rows(thawed, "SELECT version_num FROM bulletin_revision") == [("9999",)]
    with pytest.raises(Exception, match="the archive only grows"):
        rows(thawed, "UPDATE edition SET weight = 0")


@pytest.mark.parametrize(
    "fault",
    ["raise ZeroDivisionError", "op.execute('INSERT INTO nowhere VALUES (1)')"],
    ids=["breaks", "is refused"],
)
def test_a_step_that_fails_half_way_leaves_the_archive_as_it_was(
    thawed, expected, next_step, fault
):
    """After the table was made anew and the data moved: all is taken back."""
    before = everything(thawed)
    next_step(fault)

    with pytest.raises((ZeroDivisionError, BulletinError)):
        Archive.open(thawed)

    assert everything(thawed) == before


def test_a_file_is_copied_before_its_tables_change(sqlite, release, tmp_path, next_step):
    """The copy opens in the version that made it: there is a way back."""
    freezing.thaw_sqlite(release, tmp_path / "bulletin.db")
    before = everything(sqlite)
    next_step()

    Archive.open(sqlite).close()

    (copy,) = tmp_path.glob("*.backup")
    assert re.fullmatch(r"bulletin\.db\.\d{4}\.backup", copy.name)
    assert everything(f"sqlite:///{copy}") == before
    Archive.open(sqlite).close()
    assert list(tmp_path.glob("*.backup")) == [copy]


def test_tables_do_not_change_where_no_copy_can_be_made(sqlite, release, tmp_path, next_step):
    freezing.thaw_sqlite(release, tmp_path / "bulletin.db")
    before = (tmp_path / "bulletin.db").read_bytes()
    ((revision,),) = rows(sqlite, "SELECT version_num FROM bulletin_revision")
    (tmp_path / f"bulletin.db.{revision}.backup").mkdir()
    next_step()

    with pytest.raises(BulletinError, match="before its tables change") as caught:
        Archive.open(sqlite)

    assert str(caught.value).count("\n") == 1
    assert (tmp_path / "bulletin.db").read_bytes() == before


def test_rows_that_refer_to_nothing_are_noticed_after_a_step(sqlite, release, tmp_path, next_step):
    """The control of the switch that lets a step make a table anew."""
    path = tmp_path / "bulletin.db"
    freezing.thaw_sqlite(release, path)
    next_step("op.execute(\"INSERT INTO rendering VALUES ('x', 'en', 'n', 't', 'e', 's', 'b')\")")
    before = path.read_bytes()

    with pytest.raises(BulletinError, match="rows refer to what is not there"):
        Archive.open(sqlite)

    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
