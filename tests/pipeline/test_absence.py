"""The dead man's switch: silent while all is well, and never when it is not."""

import sqlite3
from contextlib import closing

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from click.testing import CliRunner

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.model.delivery import DeliveryState, Mode
from bulletin.pipeline import absence
from bulletin.pipeline.absence import watch
from bulletin.pipeline.deciding import resolve
from bulletin.pipeline.running import run
from bulletin.pipeline.sending import plan, publish
from bulletin.status import look
from tests.builders import NOW, WEEK
from tests.delivery.newsroom import PIGEONS
from tests.e2e.serving import free_port
from tests.monitoring.desk import FILES, HOUR, filed, listener, out, settings, told

LATE = NOW + 3 * HOUR
SECOND = '[[publish]]\nkind = "files"\nname = "wall"\nfolder = "wall"\n'


def missing(bulletin, at=LATE):
    found = watch(bulletin, at)
    assert found is not None
    assert str(found).count("\n") == 1
    assert str(WEEK) in found.problem
    return found.problem


def test_it_is_silent_before_the_hour_and_after_everything_has_left(tmp_path):
    bulletin = settings(tmp_path)
    assert watch(bulletin, NOW + HOUR) is None
    assert watch(bulletin, NOW - HOUR) is not None  # last week's never left

    out(bulletin)

    assert watch(bulletin, LATE) is None
    assert watch(bulletin, NOW + 6 * 24 * HOUR) is None


@pytest.mark.parametrize("more", [f'skip = ["{WEEK}"]', 'holidays = "GB"\ncutoff = "Friday 10:00"'])
def test_it_is_silent_in_a_week_without_an_edition(tmp_path, more):
    """Skipped by name; or, in the second case, not silent, since that Friday is no holiday."""
    bulletin = settings(tmp_path, more)
    found = watch(bulletin, NOW + 30 * HOUR)
    assert (found is None) == ("skip" in more)


def test_it_is_silent_on_a_public_holiday(tmp_path):
    """Thursday 24 December is none in France; Friday 25 December is."""
    christmas = NOW + 36 * 24 * HOUR
    thursday = settings(tmp_path, 'holidays = "FR"')
    assert watch(thursday, christmas - 20 * HOUR) is not None
    friday = settings(tmp_path, 'holidays = "FR"\ncutoff = "Friday 10:00"')
    assert watch(friday, christmas + 12 * HOUR) is None


def test_an_edition_that_was_never_made_is_missing(tmp_path):
    bulletin = settings(tmp_path)
    Archive.open(bulletin.archive, create=True).close()

    assert "holds no edition" in missing(bulletin)


def test_a_draft_is_no_edition_that_left(tmp_path):
    bulletin = settings(tmp_path)
    filed(bulletin, Mode.PREVIEW)

    assert "only a draft" in missing(bulletin)


def test_an_edition_that_is_filed_and_went_nowhere_is_missing(tmp_path):
    bulletin = settings(tmp_path)
    filed(bulletin)

    assert "files ready" in missing(bulletin)


def test_what_is_missing_is_counted_and_named(tmp_path):
    bulletin = settings(tmp_path, publish=FILES + SECOND)
    (tmp_path / "wall").write_bytes(b"")
    out(bulletin)

    assert "1 of 2 missing: wall refused" in missing(bulletin)


def test_an_uncertain_delivery_is_missing_until_a_person_has_looked(tmp_path):
    bulletin = settings(tmp_path)
    filed(bulletin)
    with Archive.open(bulletin.archive) as archive:
        (one,) = plan(bulletin, WEEK)[1]
        archive.outbox.put([one], NOW)
        assert archive.outbox.claim(one.key, 1, NOW)
        assert archive.outbox.commit(one.key, 1, NOW)
    run(bulletin, clock=lambda: NOW + HOUR)
    assert "uncertain" in missing(bulletin)

    resolve(bulletin, one.key, DeliveryState.SENT, author="ada", now=LATE)
    assert watch(bulletin, LATE) is None


def test_what_a_person_let_be_is_not_missing_and_what_came_too_late_is(tmp_path):
    bulletin = settings(tmp_path, publish=FILES + SECOND)
    (tmp_path / "wall").write_bytes(b"")
    out(bulletin)
    resolve(bulletin, str(tmp_path / "wall"), DeliveryState.CANCELLED, author="ada", now=LATE)
    assert watch(bulletin, LATE) is None

    again = settings(tmp_path, 'archive = "sqlite:///other.db"')
    filed(again)
    with Archive.open(again.archive) as archive:
        archive.outbox.put(plan(again, WEEK)[1], NOW)
    run(again, clock=lambda: NOW + 25 * HOUR)
    assert "files cancelled" in missing(again, NOW + 26 * HOUR)


def agreed(bulletin, at):
    """Say whether the week is out: what the watch says, which the status says as well."""
    is_out = watch(bulletin, at) is None
    assert (look(bulletin, at).last_out == WEEK) == is_out
    return is_out


def test_status_and_watch_agree_on_whether_a_week_is_everywhere(tmp_path):
    """One channel alone, all of them, one that refused, what a person let be, another name."""
    bulletin = settings(tmp_path, publish=FILES + SECOND)
    filed(bulletin)
    publish(bulletin, WEEK, only=["files"], clock=lambda: NOW)
    assert not agreed(bulletin, LATE)
    (tmp_path / "wall").write_bytes(b"")
    publish(bulletin, WEEK, clock=lambda: NOW)
    assert not agreed(bulletin, LATE)

    resolve(bulletin, str(tmp_path / "wall"), DeliveryState.CANCELLED, author="ada", now=LATE)
    assert agreed(bulletin, LATE)
    assert run(bulletin, clock=lambda: LATE).exit_code == 0
    assert agreed(settings(tmp_path, publish=FILES + SECOND.replace("wall", "door", 1)), LATE)


def test_a_channel_that_has_nobody_to_bring_it_to_is_not_waited_for(desk):
    desk.tables = (PIGEONS, PIGEONS.replace('"pigeon"', '"pigeon"\nname = "owl"'))
    desk.write()
    desk.run()

    assert agreed(desk.settings, LATE)


def test_settings_that_name_no_channel_bring_it_nowhere(tmp_path):
    assert "no channel" in missing(settings(tmp_path, publish=""))


def damage(path, how):
    match how:
        case "missing":
            path.unlink()
        case "no database":
            path.write_bytes(b"no database at all " * 500)
        case "empty":
            path.write_bytes(b"")
        case "cut short":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "a folder":
            path.unlink()
            path.mkdir()
        case "an edition changed":
            with closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA ignore_check_constraints = ON")
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                ).fetchall():
                    database.execute(f'DROP TRIGGER "{name}"')
                database.execute("UPDATE edition SET body = X'7b7d'")
                database.commit()


@pytest.mark.parametrize(
    "how",
    ["missing", "no database", "empty", "cut short", "a folder", "an edition changed"],
)
def test_it_tells_when_the_archive_cannot_be_read(tmp_path, how):
    """Nobody can say then that the edition is out, although it is."""
    bulletin = settings(tmp_path)
    out(bulletin)
    assert watch(bulletin, LATE) is None
    damage(tmp_path / "bulletin.db", how)

    assert "not known to be out" in missing(bulletin)


def test_it_works_while_a_run_holds_the_lock(tmp_path):
    bulletin = settings(tmp_path)
    out(bulletin)
    with run_lock(bulletin.archive):
        assert watch(bulletin, LATE) is None


def test_it_tells_when_another_program_holds_the_database(tmp_path, monkeypatch):
    bulletin = settings(tmp_path)
    out(bulletin)
    with closing(sqlite3.connect(tmp_path / "bulletin.db", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert "not known to be out" in missing(bulletin)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:apprise")
def test_the_editors_are_told_by_mail_and_the_monitor_by_a_failure(tmp_path, monkeypatch):
    """By real SMTP, through Apprise; the command says it in two lines and exits with 1."""
    letters = []

    class Box(Message):
        def handle_message(self, message):
            letters.append(message)

    port = free_port()
    post = Controller(Box(), hostname="127.0.0.1", port=port)
    post.start()
    to = f"mailto://127.0.0.1:{port}/?mode=insecure&from=b@acme.example&to=editor@acme.example"
    with listener() as server:
        monkeypatch.setenv("PING", f"{server.url}/hc")
        monkeypatch.setenv("EDITORS", to)
        monkeypatch.setenv("WRONG", "nonsense")
        monkeypatch.setenv("LAX", "mailtos://u:p@acme.example/?verify=no")
        more = 'editors = [{ env = "WRONG" }, { env = "LAX" }, { env = "EDITORS" }]'
        settings(tmp_path, f'[monitor]\nping = {{ env = "PING" }}\n{more}')
        done = CliRunner().invoke(
            main, ["--config", str(tmp_path / "bulletin.toml"), "watch", "--after", "0"]
        )
    post.stop()

    assert done.exit_code == 1
    assert done.stdout == ""
    assert told(server) == [("POST", "/hc/fail", "exit code 1")]
    (letter,) = letters
    assert letter["To"] == "editor@acme.example"
    assert "is not known to be out" in letter["Subject"]


def test_a_fault_of_its_own_is_told_too(tmp_path, monkeypatch, caplog):
    """The net under it: whatever breaks, it does not look as if all were well."""

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(absence, "_missing", broken)
    assert "a fault in bulletin (ZeroDivisionError)" in missing(settings(tmp_path))
