"""What a person reads in a terminal: letters, and never a command to it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bulletin.archive.store import Archive
from bulletin.cli import main, printing
from bulletin.errors import BulletinError
from bulletin.model.edition import Filed
from bulletin.model.text import clean
from bulletin.pipeline import Printed
from bulletin.rendering import email
from bulletin.rendering.email import EmailRenderer
from tests.hostile import corpus
from tests.hostile.formats import BUNDLE
from tests.hostile.shapes import Shape, wide

pytestmark = pytest.mark.hostile
FILED_AT = datetime(2026, 11, 19, 10, tzinfo=UTC)
SHAPE = Shape(replace(wide(20, 20, 20, 20).model, bundle=BUNDLE.digest))
SETTINGS = """
title = "The Journal"
archive = "sqlite:///{}.db"
[[source]]
kind = "jira"
site = "https://services.example"
user = "a@services.example"
token = {{ env = "JIRA_TOKEN" }}
incidents = "project = INC"
"""
STEPS = pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.nightly)])


def commands(text: str) -> set[str]:
    """Return the characters that a terminal may obey: controls, and what turns a line around."""
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n", "\u200d"}


def editions(step: int) -> Iterator[Filed]:
    """Yield editions in which every string, or one of so many, has stood in a field."""
    strings, places = corpus.own()[::step], list(SHAPE.places)
    for start in range(0, len(strings), len(places)):
        yield SHAPE.fill(dict(zip(places, strings[start : start + len(places)], strict=False)))


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    monkeypatch.setattr(email, "LIMIT", 1 << 30)
    monkeypatch.setattr(email, "SHORT", 1 << 30)


def asked(filed: Filed, folder: Path) -> Iterator[str]:
    """File an edition, and yield what the commands that read say of it."""
    (folder / "bulletin.toml").write_text(SETTINGS.format(filed.digest))
    with Archive.open(f"sqlite:///{filed.digest}.db", create=True) as archive:
        archive.file(filed, BUNDLE.digest, BUNDLE.dumps(), FILED_AT)
    life = ("ledger", f"--explain={filed.edition.items[0].key}")
    for command in ("ledger", "show", "list", life):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        yield result.output


@STEPS
def test_no_command_reaches_the_terminal_from_an_archive(step, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = set()
    for filed in editions(step):
        for said in asked(filed, tmp_path):
            told |= commands(said)
    assert told == set()


def front_page(filed: Filed) -> str:
    """Return what a run says of an edition, and of a format that failed, on both streams."""
    printed = Printed(
        filed=filed,
        folder=Path("out"),
        artifacts=tuple(EmailRenderer().render(filed, BUNDLE, "en")),
        failures=tuple(BulletinError(gap.detail, gap.hint) for gap in filed.edition.gaps),
    )

    @click.command
    @click.pass_context
    def say(ctx: click.Context) -> None:
        ctx.obj = {"quiet": False}
        printing._say_front_page(ctx, printed)

    return CliRunner().invoke(say, catch_exceptions=False).output


@STEPS
def test_no_command_reaches_the_terminal_from_a_run(step):
    told = set()
    for filed in editions(step):
        said = front_page(filed)
        assert clean(filed.edition.gaps[0].hint, 300)[:20] in said
        told |= commands(said)
    assert told == set()


def test_commands_that_reach_the_terminal_would_be_noticed():
    """A control: the same strings as they are."""
    noticed = sum(bool(commands(text)) for text in corpus.own())
    assert noticed > 5_000
