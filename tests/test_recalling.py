"""The history in the terminal: the same numbers as on the pages."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.facts import Life, Severity
from bulletin.recalling import history_lines
from bulletin.rendering.bundle import Bundle
from tests.builders import NOW, WEEK, edited, filed, harvest, incident, policy

BUNDLE = Bundle.read()
BODY = BUNDLE.dumps()
OPEN = incident("INC-1", severity=Severity.HIGH)
DONE = incident("INC-1", severity=Severity.HIGH, life=Life.DONE)
STAYS = incident("INC-2", severity=Severity.HIGH, title="It\x1b[31m stays")


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "bulletin.toml").write_text(
        f'title = "J"\narchive = "sqlite:///{tmp_path}/journal.db"\n'
    )
    made = Bulletin.model_validate({"archive": f"sqlite:///{tmp_path}/journal.db"})
    past = []
    with Archive.open(made.archive, create=True) as archive:
        for back, facts in ((3, [OPEN, STAYS]), (1, [DONE, STAYS]), (0, [STAYS])):
            edition = edited(
                [harvest("jira", facts)],
                past,
                week=WEEK.shift(-back),
                policy=policy(bundle=BUNDLE.digest),
            )
            past.insert(0, filed(edition))
            archive.file(past[0], BUNDLE.digest, BODY, NOW)
    return made


def test_the_history_is_told_in_tables(settings):
    told = list(history_lines(settings, None, as_json=False))
    assert (
        told[0]
        == "2026-W44 to 2026-W47: too early to say what becomes of it within a week of joining"
    )
    assert told[1] == "oldest: 3 wk, no team, jira:incident:INC-2  It[31m stays"
    words = [" ".join(line.split()) for line in told]
    assert "week joined fixed cleared dropped waived open unknown by the next" in words
    assert "2026-W44 2 1 0 0 0 1 0 unknown" in words
    assert "2026-W45 no edition" in words
    assert "2026-W47 0 0 0 0 0 0 0 to come" in words
    assert "no team 2 1 0 0 0 1 0 3 wk" in words
    assert any(line.startswith("incident-severe(at_least='high') 2 1 0 0 0 1 0") for line in words)


def test_as_json_it_is_the_editions_own(settings, tmp_path):
    (line,) = history_lines(settings, None, as_json=True)
    with Archive.open(settings.archive) as archive:
        body = archive.find(None).body
    assert json.loads(line) == json.loads(body)["history"]


def test_the_command_tells_it(settings, tmp_path):
    config = ["--config", str(tmp_path / "bulletin.toml"), "ledger", "--history"]
    ran = CliRunner().invoke(main, config)
    assert ran.exit_code == 0
    assert ran.output.startswith("2026-W44 to 2026-W47")
    both = CliRunner().invoke(main, [*config, "--explain", "INC-1"])
    assert both.exit_code == 2


def test_an_edition_of_before_the_history_was_kept_says_so(settings, monkeypatch):
    find = Archive.find

    def old(archive, week):
        found = find(archive, week)
        return replace(found, edition=replace(found.edition, history=None))

    monkeypatch.setattr(Archive, "find", old)
    with pytest.raises(BulletinError, match="before the history was kept"):
        list(history_lines(settings, None, as_json=False))
