"""How it stands, in words, as JSON and as metrics."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bulletin import telling
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.errors import BulletinError
from bulletin.model.delivery import DeliveryState
from bulletin.pipeline.deciding import resolve
from bulletin.status import look
from tests.builders import NOW, WEEK
from tests.monitoring.desk import HOUR, filed, out, settings

LIGHT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bulletin import config, telling
from bulletin.status import look
found = look(config.load(Path(sys.argv[1])), datetime(2026, 11, 20, tzinfo=UTC))
telling.as_metrics(found)
sys.exit(" ".join(sorted(set(sys.argv[2:]) & set(sys.modules))) or 0)
"""


def claimed(bulletin, *, recovered=True):
    """Leave the delivery as a run does that dies after the point of no return."""
    filed(bulletin)
    from bulletin.pipeline import sending  # noqa: PLC0415  (its plan is what is put in)

    _, deliveries, _ = sending.plan(bulletin, WEEK)
    with Archive.open(bulletin.archive) as archive:
        archive.outbox.put(deliveries, NOW)
        for one in deliveries:
            archive.outbox.claim(one.key, 1, NOW)
            archive.outbox.commit(one.key, 1, NOW)
        if recovered:
            archive.outbox.recover(NOW + HOUR)


def said(bulletin, at):
    return "\n".join(telling.lines(bulletin, look(bulletin, at)))


def test_an_edition_that_is_out_is_told_with_how_late_it_was(tmp_path):
    bulletin = settings(tmp_path)
    out(bulletin)

    found = look(bulletin, NOW + 30 * HOUR)

    assert (found.last_out, found.lateness_seconds, found.exit_code) == (WEEK, 600, 0)
    told = said(bulletin, NOW + 30 * HOUR)
    assert f"Delivery   {WEEK} files sent: {tmp_path / 'site'}" in told
    assert "was everywhere 0 h 10 min after the cut-off" in told
    assert f"Next       {WEEK.shift(1)}, due Thursday 2026-11-26 10:00 CET" in told
    assert "Home       here" in told


def test_an_edition_that_is_not_out_grows_later(tmp_path):
    bulletin = settings(tmp_path)
    filed(bulletin)

    assert look(bulletin, NOW + 3 * HOUR).lateness_seconds == 3 * 3600
    assert "is not everywhere, 3 h 00 min" in said(bulletin, NOW + 3 * HOUR)
    assert "too late to leave by itself" in said(bulletin, NOW + 25 * HOUR)


def test_a_week_without_an_edition_is_not_late(tmp_path):
    bulletin = settings(tmp_path, f'skip = ["{WEEK}", "{WEEK.shift(1)}"]')
    filed(bulletin)

    found = look(bulletin, NOW + 3 * HOUR)

    assert (found.lateness_seconds, found.ahead.week) == (0, WEEK.shift(2))
    assert "the settings skip it" in said(bulletin, NOW + 3 * HOUR)


def test_what_waits_for_a_person_is_told_with_the_key_that_resolve_takes(tmp_path):
    bulletin = settings(tmp_path)
    claimed(bulletin)
    found = look(bulletin, NOW + 2 * HOUR)
    assert found.exit_code == 4
    assert found.counts[DeliveryState.UNCERTAIN] == 1
    assert "--arrived | --resend | --drop" in said(bulletin, NOW + 2 * HOUR)

    (row,) = telling.as_json(found)["asking"]
    resolve(bulletin, row["key"], DeliveryState.SENT, author="ada", now=NOW + 3 * HOUR)

    assert look(bulletin, NOW + 4 * HOUR).exit_code == 0


def test_what_waited_in_an_earlier_week_is_not_forgotten(tmp_path):
    bulletin = settings(tmp_path)
    claimed(bulletin)

    assert "uncertain" in said(bulletin, NOW + 14 * 24 * HOUR)
    assert look(bulletin, NOW + 14 * 24 * HOUR).exit_code == 4


def test_a_label_cannot_break_out_of_its_quotes():
    sample = 'a"} 9\nb\\'
    (line,) = list(telling._written("x", "X.", [({"source": sample}, 1)]))[2:]
    assert line == r'bulletin_x{source="a\"} 9\nb\\"} 1'


@pytest.mark.parametrize("body", [None, b"no database", b""], ids=["missing", "damaged", "empty"])
def test_an_archive_that_cannot_be_read_is_a_failure(tmp_path, body):
    settings(tmp_path)
    if body is not None:
        (tmp_path / "bulletin.db").write_bytes(body)

    done = CliRunner().invoke(main, ["--config", str(tmp_path / "bulletin.toml"), "status"])

    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2


def test_it_imports_nothing_heavy(tmp_path):
    filed(settings(tmp_path))
    heavy = ["apprise", "babel", "github", "jinja2", "jira", "requests", "sentry_sdk", "weasyprint"]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, tmp_path / "bulletin.toml", *heavy],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_no_edition_yet_is_told(tmp_path):
    bulletin = settings(tmp_path)
    Archive.open(bulletin.archive, create=True).close()

    assert said(bulletin, NOW).startswith("No edition yet.")
    with pytest.raises(BulletinError):
        look(settings(tmp_path, 'archive = "sqlite:///other.db"'), NOW)


def test_what_a_dead_run_has_in_its_hands_is_told_with_since_when(tmp_path):
    """Nothing looks at a process: the next run does, under the lock."""
    bulletin = settings(tmp_path)
    claimed(bulletin, recovered=False)

    told = said(bulletin, NOW + HOUR)

    assert f"Delivery   {WEEK} files sending: " in told
    assert "since Thursday 2026-11-19 10:00 CET; if no run is at it, the next one says" in told


def test_who_let_an_edition_go_is_told(tmp_path):
    bulletin = settings(tmp_path)
    out(bulletin)
    assert "Approved" not in said(bulletin, NOW + HOUR)
    with Archive.open(bulletin.archive) as archive:
        digest = archive.editions()[0].digest
        archive.gate.approve(digest, "Grace", "Ada", NOW)
        archive.gate.approve(digest, "Mary", "Ada", NOW + HOUR)

    assert "Approved   by Grace, Mary" in said(bulletin, NOW + HOUR)
    found = telling.as_json(look(bulletin, NOW + HOUR))
    assert found["edition"]["approvers"] == ["Grace", "Mary"]


def test_the_command_knows_what_the_settings_name(tmp_path):
    """It reads the settings without their plugs, which are heavy; not without their names."""
    out(settings(tmp_path))
    words = ["--config", str(tmp_path / "bulletin.toml"), "status", "--json"]
    told = json.loads(CliRunner().invoke(main, words).stdout)
    assert told["last_out"] == str(WEEK)
