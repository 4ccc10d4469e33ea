"""Every command that opens the archive, asked as a person would, and what may come of it."""

import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from click.testing import CliRunner

from bulletin import pipeline
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.demo import LAST
from bulletin.pipeline import drafting
from tests.archive import company

NEXT = LAST.shift(1)
ASKING = {
    "draft": ("draft", "--week", str(NEXT), "--json"),
    "list": ("list", "--json"),
    "show": ("show", str(LAST), "--json"),
    "ledger": ("ledger", "--json"),
    "verify": ("verify", str(LAST), "--json"),
}

SETTINGS = """
title = "The Journal"
zone = "Europe/Paris"
meeting = "Thursday 10:00"
archive = { env = "BULLETIN_TEST_ARCHIVE" }
output = "out"

[[source]]
kind = "sentry"
organization = "recircle"
token = { env = "PATH" }
"""


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    said: str
    refused: str


@dataclass(frozen=True)
class Reader:
    """A person with settings that name one archive."""

    settings: Path

    @classmethod
    def of(cls, folder: Path, address: str) -> "Reader":
        """Write settings that name one archive, and a service that nobody will ask."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "bulletin.toml"
        path.write_text(SETTINGS)
        os.environ["BULLETIN_TEST_ARCHIVE"] = address
        return cls(path)

    def ask(self, command: str) -> Answer:
        """Run one command, and hold a refusal to its form."""
        result = CliRunner().invoke(main, ["--config", str(self.settings), *ASKING[command]])
        refused = ""
        if result.exit_code not in {0, 3}:
            lines = result.stderr.strip().splitlines()
            assert len(lines) == 2, (command, result.exception, result.stderr)
            assert lines[0].startswith("bulletin: ")
            refused = result.stderr
        said = result.stdout
        if command == "draft" and not refused:
            said = json.loads(said)["digest"]
        return Answer(result.exit_code, said, refused)

    def ask_all(self) -> dict[str, Answer]:
        """Run every command; the draft comes last, since it alone may write."""
        return {command: self.ask(command) for command in sorted(ASKING, reverse=True)}


def stand_in_the_next_week(monkeypatch) -> None:
    """Let `bulletin draft` run at the cut-off of the next week, ask no service, print nothing."""
    fixed = partial(pipeline.draft, now=company.closing(NEXT), render=False)
    monkeypatch.setattr(pipeline, "draft", fixed)
    monkeypatch.setattr(drafting, "gather", lambda *_: ())


def fill(opened, folder: Path, address: str) -> None:
    """File two weeks of the demo company, with their pages, and a correction."""
    settings = company.load_settings(company.write_settings(opened, folder, address))
    weeks = [LAST.shift(-1), LAST]
    company.draft_weeks(opened, settings, weeks, company.light_bundle())
    with Archive.open(address) as archive:
        assert list(archive.faults()) == []
