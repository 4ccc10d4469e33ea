"""What the archive promises, on SQLite and on PostgreSQL alike."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from bulletin.archive import codec, schema
from bulletin.archive.connection import connect, parse_address, writer
from bulletin.archive.records import Entry, Event
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError, LockedError, SettingsError
from bulletin.model.delivery import DeliveryState, Mode
from bulletin.model.facts import FactKey
from bulletin.model.week import Week
from bulletin.model.word import Said, Word
from tests.archive.samples import AT, BUNDLE, delivery, filed, put, rendering

ROOT = Path(__file__).resolve().parents[2]
WEEK = Week(2026, 48)
NAMED = codec.digest(BUNDLE)


@pytest.fixture
def archive(address):
    with Archive.open(address, create=True) as opened:
        yield opened


UNCHANGING = tuple(table for table in schema.metadata.tables if table != "delivery")
"""A delivery moves on; nothing else that was written is ever written over."""


def execute(address, *statements):
    """Do to the database what nobody should."""
    with writer(connect(parse_address(address), make=True)).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def unguarded(address, *statements):
    """Do it with the triggers out of the way, as a fault of the disk would."""
    if address.startswith("sqlite"):
        away = [f"DROP TRIGGER {table}_no_update" for table in UNCHANGING]
    else:
        away = [f"DROP TRIGGER {table}_only_grows ON {table}" for table in UNCHANGING]
    execute(address, *away, *statements)


def test_an_edition_comes_back_as_it_was_filed(archive):
    """By week, by digest and by the beginning of its digest."""
    made = filed()

    assert put(archive, made)

    assert archive.latest(Week(2026, 48)) == made
    assert archive.get(made.digest) == made
    assert archive.bundle(made.edition.bundle) == BUNDLE


def test_what_was_not_filed_is_nothing(archive):
    """Unknown is None, not an error and not an empty edition."""
    assert archive.latest(Week(2026, 48)) is None
    assert archive.get("0" * 64) is None
    assert archive.bundle("0" * 64) is None
    assert archive.before(Week(2026, 48), 8) == ()
    assert archive.editions() == ()
    assert archive.renderings("0" * 64) == ()


def test_it_is_still_there_when_opened_again(address):
    """Opening an archive a second time neither makes it anew nor asks to make it."""
    with Archive.open(address, create=True) as first:
        put(first, filed())

    with Archive.open(address) as second:
        assert second.latest(Week(2026, 48)) == filed()


def test_filing_the_same_bytes_again_changes_nothing(archive):
    """A run that is started twice files once."""
    assert put(archive, filed())
    lines = archive.editions(), archive.events()

    assert not put(archive, filed())

    assert (archive.editions(), archive.events()) == lines


def test_other_bytes_for_a_revision_that_is_filed_are_refused(archive):
    """An edition is corrected by a new revision, never in its place."""
    put(archive, filed(title="As printed"))

    with pytest.raises(BulletinError, match="2026-W48 revision 1 is filed already") as caught:
        put(archive, filed(title="As wished"))

    assert "revision 2" in caught.value.hint
    assert [entry.title for entry in archive.editions()] == ["As printed"]


def test_the_latest_revision_stands_for_its_week(archive):
    put(archive, filed(revision=2, title="Corrected"))
    put(archive, filed(revision=1))

    assert archive.latest(Week(2026, 48)) == filed(revision=2, title="Corrected")


def test_the_weeks_before_come_newest_first_each_in_its_last_revision(archive):
    """Across the end of a year with 53 weeks; the week itself and later ones are left out."""
    for week, revision in [
        ("2026-W51", 1), ("2026-W52", 1), ("2026-W52", 2), ("2026-W53", 1),
        ("2027-W01", 1), ("2027-W02", 1),
    ]:  # fmt: skip
        put(archive, filed(week, revision))

    assert archive.before(Week(2027, 1), 2) == (filed("2026-W53"), filed("2026-W52", 2))
    assert archive.before(Week(2026, 51), 2) == ()


def test_the_list_names_every_edition_newest_first(archive):
    """Revisions too; nothing of a body is read for it."""
    for made in (filed("2026-W47"), filed("2026-W48"), filed("2026-W48", 2)):
        put(archive, made)

    assert archive.editions()[0] == Entry(
        week=Week(2026, 48),
        revision=2,
        number=7,
        mode=Mode.PREVIEW,
        title="The Journal",
        digest=filed(revision=2).digest,
        filed_at=AT,
    )
    assert [(str(e.week), e.revision) for e in archive.editions()] == [
        ("2026-W48", 2), ("2026-W48", 1), ("2026-W47", 1),
    ]  # fmt: skip


def test_bulletins_that_share_an_archive_do_not_see_each_other(address):
    with (
        Archive.open(address, create=True, bulletin="shop") as shop,
        Archive.open(address, bulletin="search") as search,
    ):
        put(shop, filed(title="Shop"))
        put(search, filed(title="Search"))

        assert shop.latest(Week(2026, 48)) == filed(title="Shop")
        assert [entry.title for entry in search.editions()] == ["Search"]
        assert shop.get(filed(title="Search").digest) is None
        assert len(shop.events()) == 1

        with pytest.raises(BulletinError, match="filed under the bulletin 'shop'"):
            put(search, filed("2026-W48", title="Shop"))


def test_templates_are_kept_once_for_all_the_editions_made_with_them(archive, address):
    put(archive, filed("2026-W47"))
    put(archive, filed("2026-W48"))

    with connect(parse_address(address)).begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM bundle")).scalar() == 1


def test_an_edition_is_filed_with_what_was_made_of_it(archive):
    """In one go, by language and name, with what made it."""
    page, mail = rendering(), rendering("email.txt", b"\x00\xffhello", "fr")
    put(archive, filed(), mail, page)

    assert archive.renderings(filed().digest) == (page, mail)


def test_a_filing_that_fails_halfway_files_nothing(archive):
    """The edition, its templates, its log line and its pages, or none of them."""
    nameless = replace(rendering("deck.pdf"), engine=None)

    with pytest.raises(BulletinError, match="refused what was asked"):
        put(archive, filed(), rendering(), nameless)

    assert (archive.editions(), archive.events()) == ((), ())
    assert archive.bundle(filed().edition.bundle) is None
    assert archive.renderings(filed().digest) == ()


def test_more_may_be_kept_later_and_the_first_record_stands(archive):
    """What was made and sent is never replaced by what would be made today."""
    made = filed()
    put(archive, made, rendering(body=b"as sent"))
    page, deck = rendering(body=b"as of today"), rendering(name="deck.pdf", body=b"%PDF")

    assert not put(archive, made, page, deck)

    kept = {r.artifact.name: r.artifact.body for r in archive.renderings(made.digest)}
    assert kept == {"index.html": b"as sent", "deck.pdf": b"%PDF"}


def test_a_digest_must_be_that_of_its_bytes(archive):
    """What is misnamed is not filed, be it the edition or its templates."""
    made = filed()
    named = codec.digest(BUNDLE)

    with pytest.raises(ValueError, match="SHA-256 of its bytes"):
        archive.file(replace(made, digest="0" * 64), named, BUNDLE, AT)
    with pytest.raises(ValueError, match="SHA-256 of its bytes"):
        archive.file(made, named, BUNDLE + b"!", AT)
    with pytest.raises(ValueError, match="the templates that it names"):
        archive.file(made, codec.digest(b"others"), b"others", AT)

    assert archive.editions() == ()


def test_the_log_keeps_what_a_person_said(archive):
    """Hostile text too: no database holds NUL or half a surrogate pair everywhere."""
    put(archive, filed())
    later = datetime(2026, 11, 26, 10, 30, 15, 250_000, tzinfo=UTC)

    archive.record(later, "approved", "fine by me \x00\ud83d'; DROP TABLE edition --")

    assert archive.events() == (
        Event(at=AT, what="filed", detail=f"2026-W48 r1 {filed().digest}"),
        Event(at=later, what="approved", detail="fine by me ?'; DROP TABLE edition --"),
    )


def test_a_moment_without_a_zone_is_not_logged(archive):
    with pytest.raises(StatementError, match="without a zone"):
        archive.record(AT.replace(tzinfo=None), "approved", "")

    assert archive.events() == ()


@pytest.mark.parametrize(
    ("deed", "table"),
    [
        *(("DELETE FROM {table}", table) for table in schema.metadata.tables),
        *(("UPDATE {table} SET {column} = {column}", table) for table in UNCHANGING),
    ],
)
def test_the_database_itself_refuses_to_forget(archive, address, table, deed):
    """Also to whoever opens it with another program."""
    put(archive, filed(), rendering())
    archive.outbox.put([delivery()], AT)
    archive.gate.approve(filed().digest, "Ada", "Bob", AT)
    archive.gate.settle_in("here", AT)
    column = next(iter(schema.metadata.tables[table].columns)).name

    with pytest.raises(DBAPIError, match="the archive only grows"):
        execute(address, deed.format(table=table, column=column))

    assert len(archive.renderings(filed().digest)) == len(archive.editions()) == 1
    assert len(archive.outbox.deliveries()) == 1
    assert archive.gate.approvers(filed().digest) == ("Ada",)
    assert archive.gate.home() == "here"


@pytest.mark.parametrize(
    ("fault", "read"),
    [
        ("UPDATE edition SET body = bundle.body FROM bundle", lambda a, d: a.get(d)),
        ("UPDATE edition SET body = bundle.body FROM bundle", lambda a, _: a.latest(WEEK)),
        ("UPDATE edition SET week = '2026-W47'", lambda a, d: a.get(d)),
        ("UPDATE edition SET revision = 2", lambda a, d: a.get(d)),
        ("UPDATE edition SET week = 'soon'", lambda a, _: a.editions()),
        ("UPDATE bundle SET body = edition.body FROM edition", lambda a, _: a.bundle(NAMED)),
        ("UPDATE rendering SET body = edition.body FROM edition", lambda a, d: a.renderings(d)),
    ],
    ids=["body by digest", "body by week", "week", "revision", "no week", "templates", "page"],
)  # fmt: skip
def test_a_body_that_is_not_what_was_filed_is_never_handed_out(archive, address, fault, read):
    """The digest is checked on every reading, and the row against its body."""
    put(archive, filed(), rendering())
    unguarded(address, fault)

    with pytest.raises(BulletinError, match="the archive is damaged: "):
        read(archive, filed().digest)
    assert any("damaged" in fault for fault in archive.faults())


def test_frozen_bytes_that_are_not_what_was_put_in_are_never_handed_out(archive, address):
    """Where they are not asked for, the delivery is told all the same."""
    put(archive, filed(), rendering())
    archive.outbox.put([delivery()], AT)
    assert list(archive.faults()) == []
    unguarded(address, "UPDATE payload SET body = edition.body FROM edition")

    for read in (archive.outbox.deliveries, partial(archive.outbox.get, delivery().key)):
        with pytest.raises(BulletinError, match="the archive is damaged: the bytes of the deliver"):
            read()
    assert len(archive.outbox.deliveries(whole=False)) == 1
    assert any("the delivery to ada@example.org" in fault for fault in archive.faults())


def test_the_log_is_read_by_what_its_lines_are_called(archive):
    for what in ("one", "two", "three", "one"):
        archive.record(AT, what, what.upper())

    assert [event.detail for event in archive.events("one", "three")] == ["ONE", "THREE", "ONE"]
    assert len(archive.events()) == 4


def test_an_archive_that_is_not_there_is_not_made_by_looking(address):
    with pytest.raises(BulletinError, match="there is no archive"):
        Archive.open(address)
    with pytest.raises(BulletinError, match="there is no archive"):
        Archive.open(address)


def test_an_archive_of_a_newer_version_is_left_as_it_is(archive, address):
    """It is refused, told apart from damage, and works again with the version it belongs to."""
    put(archive, filed())
    execute(address, "UPDATE bulletin_revision SET version_num = '9999'")

    with pytest.raises(BulletinError, match="made by a newer version") as caught:
        Archive.open(address, create=True)

    assert "Update bulletin" in caught.value.hint
    execute(address, "UPDATE bulletin_revision SET version_num = '0001'")
    assert archive.latest(Week(2026, 48)) == filed()


def test_a_database_of_something_else_is_left_as_it_is(address):
    """Its table has a name of ours."""
    execute(address, "CREATE TABLE event (mine integer)")

    with pytest.raises(BulletinError, match="tables of something else"):
        Archive.open(address, create=True)

    execute(address, "INSERT INTO event VALUES (1)")


def test_the_migrations_make_the_tables_that_the_code_reads(archive, address):
    with connect(parse_address(address)).begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.REVISIONS, "compare_type": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_a_writer_that_waited_too_long_is_told_so(archive, address, monkeypatch):
    """Exit code 75: somebody else is writing, and nothing was lost."""
    monkeypatch.setattr("bulletin.archive.connection.PATIENCE_SECONDS", 1)
    with (
        Archive.open(address) as hasty,
        writer(connect(parse_address(address))).begin(),
        pytest.raises(LockedError, match="being written to by another program") as caught,
    ):
        put(hasty, filed())

    assert caught.value.exit_code == 75
    assert put(archive, filed())


def test_reading_waits_for_no_writer(archive, address):
    put(archive, filed())

    with writer(connect(parse_address(address))).begin():
        assert archive.latest(Week(2026, 48)) == filed()


def test_processes_that_file_at_once_file_once(address, start):
    """All of them make the archive, all of them file; exactly one edition is new."""
    code = (
        "import sys; from bulletin.archive.store import Archive\n"
        "from tests.archive.samples import filed, put, rendering\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "with Archive.open(sys.argv[1], create=True) as a:\n"
        "    print(put(a, filed(), rendering()))\n"
    )
    processes = [start(code, address, stdin=subprocess.PIPE) for _ in range(4)]
    assert {process.stdout.readline() for process in processes} == {"ready\n"}

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60) for process in processes]

    assert sorted(out.strip() for out, _ in told) == ["False", "False", "False", "True"], told
    with Archive.open(address) as archive:
        assert len(archive.editions()) == len(archive.events()) == 1


@pytest.mark.parametrize(
    "address_",
    ["", "nonsense", "mysql://root:hunter2@host/x", "sqlite://", "sqlite:///:memory:",
     "postgresql+psycopg2://u:hunter2@host/x", "http://u:hunter2@host/"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(address_):
    with pytest.raises(SettingsError) as caught:
        Archive.open(address_)

    assert "hunter2" not in str(caught.value)
    assert str(caught.value).count("\n") == 1


def test_a_server_that_is_not_there_is_told_in_two_lines_without_its_password(tmp_path):
    url = f"postgresql://bot:hunter2@/journal?host={tmp_path}"

    with pytest.raises(BulletinError, match="journal cannot be reached") as caught:
        Archive.open(url, create=True)

    assert "hunter2" not in str(caught.value)
    assert str(caught.value).count("\n") == 1


def test_an_archive_moves_to_another_database_as_the_page_tells_it(sqlite, postgresql):
    """With its digests, templates and files, what people said, and what was delivered."""
    with Archive.open(sqlite, create=True) as old:
        for made in (filed("2026-W47"), filed("2026-W48"), filed("2026-W48", 2)):
            put(old, made, rendering())
        said = Word(said=Said.WAIVED, key=FactKey("jira", "incident", "INC-1"), author="Ada", at=AT)
        old.say(said)
        old.outbox.put([delivery(edition=filed(), state=DeliveryState.SENT)], AT)
    page = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(from datetime.*?)```", page, re.DOTALL)

    exec(code.replace("sqlite:///bulletin.db", sqlite), {"NEW": postgresql})  # noqa: S102  (the page of this very project)

    with Archive.open(sqlite) as old, Archive.open(postgresql) as new:
        assert new.editions() == old.editions()
        assert new.words() == old.words() == (said,)
        assert [(one.key, one.state) for one in new.outbox.deliveries()] == [
            (one.key, one.state) for one in old.outbox.deliveries()
        ]
        assert list(new.faults()) == []


def test_a_backup_taken_by_sqlite_is_an_archive(sqlite, tmp_path):
    """`VACUUM INTO`, while the archive is open."""
    with Archive.open(sqlite, create=True) as archive:
        put(archive, filed(), rendering())
        with archive._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.connection.execute(f"VACUUM INTO '{tmp_path}/backup.db'")

    with Archive.open(f"sqlite:///{tmp_path}/backup.db") as backup:
        assert backup.latest(WEEK) == filed()
        assert list(backup.faults()) == []
