"""A bulletin.toml in a folder of its own, and the editions that are made from it."""

from datetime import datetime
from pathlib import Path

from click.testing import CliRunner, Result

from bulletin import config, registry
from bulletin.cli import main
from bulletin.model.edition import Edition, Item
from bulletin.model.week import Week
from bulletin.pipeline.drafting import draft
from bulletin.pipeline.pressing import Printed

HEAD = """
title = "The Proving Ground"
zone = "Europe/Paris"
meeting = "{meeting}"
archive = "sqlite:///bulletin.db"
output = "out"
"""
GITHUB = """
[[source]]
kind = "github"
api = "{url}"
token = {{ env = "E2E_TOKEN" }}
{more}
"""
BUGSINK = """
[[source]]
kind = "bugsink"
site = "{url}"
token = {{ env = "E2E_BUGSINK_TOKEN" }}
{more}
"""
JIRA = """
[[source]]
kind = "jira"
site = "{url}"
token = {{ env = "E2E_TOKEN" }}
{more}
"""


class Newsroom:
    """Makes editions from sources and rules, each a table in TOML."""

    def __init__(self, folder: Path, *tables: str, meeting: str = "Thursday 10:00") -> None:
        self.path = folder / "bulletin.toml"
        self.path.write_text(HEAD.format(meeting=meeting) + "".join(tables), encoding="utf-8")

    def draft(self, now: datetime, *, render: bool = False) -> Printed:
        """Draft the edition of the week that closes at `now`, or did a moment ago."""
        settings = config.load(self.path, registry.kinds())
        return draft(settings, week=Week.of(now, settings.zone), now=now, render=render)

    def edition(self, now: datetime) -> Edition:
        return self.draft(now).filed.edition

    def run(self, *words: str) -> Result:
        """Run the command as a person would."""
        return CliRunner().invoke(main, [words[0], "--config", str(self.path), *words[1:]])


def states(edition: Edition) -> dict[str, str]:
    """Return the state of every item by its subject."""
    return {item.key.subject: str(item.state) for item in edition.items}


def items(edition: Edition) -> dict[str, Item]:
    return {item.key.subject: item for item in edition.items}
