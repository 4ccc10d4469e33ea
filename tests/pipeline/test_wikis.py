"""An edition on its way to both wikis, through the outbox: killed on the way, and corrected."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bulletin import config, registry
from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.model.delivery import DeliveryState, Fate, Mode
from bulletin.model.week import Week
from bulletin.pipeline import sending
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.markdown import MarkdownRenderer
from tests.archive.samples import rendering
from tests.menagerie import quiet
from tests.publishing.confluences import ConfluenceServer
from tests.publishing.wikis import Wiki

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
WEEK = Week.parse("2026-W48")
SETTINGS = """
title = "The Journal"
mode = "live"
instance = "here"

[[publish]]
kind = "git-wiki"
remote = "{remote}"
index = "Editions"
attach = ["deck.pdf"]

[[publish]]
kind = "confluence"
site = "{site}"
space = "ENG"
deployment = "data-center"
token = {{ env = "WIKI_TOKEN" }}
attach = ["deck.pdf"]
"""
KILLED = """
import sys
from pathlib import Path
from tests.pipeline.test_wikis import publish
publish(Path(sys.argv[1]))
"""


def settings(path):
    return config.load(path, registry.kinds())


def publish(path, **more):
    return sending.publish(settings(path), WEEK, clock=lambda: NOW, **more)[1]


def file_live(path, revision=1):
    """File a live edition of the week with its pages, but for those that are made on request."""
    bundle = Bundle.read()
    edition = replace(quiet().edition, week=WEEK, revision=revision, mode=Mode.LIVE)
    filed = codec.file(replace(edition, bundle=bundle.digest))
    (page,) = MarkdownRenderer().render(filed, bundle, "en")
    pages = [rendering(page.name, page.body), rendering("deck.pdf", b"%PDF-1.7")]
    with Archive.open(settings(path).archive, create=True) as archive:
        archive.file(filed, bundle.digest, bundle.dumps(), NOW, pages)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A wiki of either kind, and the settings of a week that is filed."""
    monkeypatch.setenv("WIKI_TOKEN", "hush")
    wiki = Wiki(tmp_path)
    with ConfluenceServer("data-center").serving() as confluence:
        path = tmp_path / "bulletin.toml"
        path.write_text(SETTINGS.format(remote=wiki.url, site=confluence.url))
        file_live(path)
        yield wiki, confluence, path


def test_an_edition_arrives_in_both_wikis_once(desk):
    wiki, confluence, path = desk

    first = publish(path)

    assert {one.fate for one in first.receipts} == {Fate.DELIVERED}
    assert {one.state for one in first.deliveries} == {DeliveryState.SENT}
    assert "The-Black-Friday-Journal-2026-W48-deck.pdf" in wiki.files()
    page = confluence.named("The Black Friday Journal 2026-W48")
    assert page.files["deck.pdf"][1].startswith(b"%PDF")
    assert "2026-W48" in wiki.page("Editions.md")
    assert "hush" not in path.with_name("bulletin.db").read_bytes().decode("latin-1")
    assert publish(path).receipts == ()
    assert (wiki.commits(), page.version) == (2, 1)


@pytest.mark.parametrize(
    "point",
    [
        "answered",
        pytest.param("claimed", marks=pytest.mark.nightly),
        pytest.param("settled", marks=pytest.mark.nightly),
    ],
)
def test_a_run_that_is_killed_leaves_one_page_and_nothing_uncertain(desk, point):
    wiki, confluence, path = desk
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=ROOT, env=os.environ | {"BULLETIN_CRASH": point}, check=False,
    )  # fmt: skip
    assert killed.returncode == -9, "the fault fired"

    outcome = publish(path)

    assert {one.state for one in outcome.deliveries} == {DeliveryState.SENT}
    assert (wiki.commits(), confluence.named("The Black Friday Journal 2026-W48").version) == (2, 1)


def test_a_correction_is_a_second_version(desk):
    wiki, confluence, path = desk
    publish(path)
    file_live(path, revision=9)

    outcome = publish(path, correction=True)

    assert {one.fate for one in outcome.receipts} == {Fate.DELIVERED}
    assert (wiki.commits(), confluence.named("The Black Friday Journal 2026-W48").version) == (3, 2)
