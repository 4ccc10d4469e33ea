"""One run of the demo company's week, from its services to both wikis."""

from datetime import UTC, datetime, timedelta

import pytest

from bulletin import config, registry
from bulletin.model.delivery import DeliveryState, Fate
from bulletin.pipeline.running import run
from bulletin.pipeline.sending import publish
from bulletin.sandbox.company import open_company
from bulletin.sandbox.world import World
from tests.e2e.wikis import BOT, PASSWORD, SIGN_IN

pytestmark = pytest.mark.e2e
CHANNELS = """
[[publish]]
kind = "mediawiki"
site = "{mediawiki}"
path = "/"
user = "{bot}"
password = {{ env = "WIKI_PASSWORD" }}
attach = ["deck.pdf"]

[[publish]]
kind = "dokuwiki"
site = "{dokuwiki}"
user = "{user}"
password = {{ env = "WIKI_PASSWORD" }}
attach = ["deck.pdf"]
"""
NOW = datetime(2026, 11, 19, 9, 5, tzinfo=UTC)


@pytest.fixture
def settings(mediawiki, dokuwiki, tmp_path, monkeypatch):
    monkeypatch.setenv("WIKI_PASSWORD", PASSWORD)
    with open_company(World(), NOW) as company:
        for name, value in company.environment.items():
            monkeypatch.setenv(name, value)
        wikis = {"mediawiki": mediawiki.url, "dokuwiki": dokuwiki.url}
        text = company.settings("The Whole Way", "fr").partition("[[publish]]")[0]
        text = f'mode = "live"\n{text}' if "mode =" not in text else text
        path = tmp_path / "bulletin.toml"
        path.write_text(text + CHANNELS.format(**wikis, bot=SIGN_IN, user=BOT.lower()))
        yield config.load(path, registry.kinds())


@pytest.mark.nightly
def test_a_week_goes_to_both_wikis_once(settings, mediawiki, dokuwiki):
    ran = run(settings, clock=lambda: NOW)
    assert [receipt.fate for receipt in ran.outcome.receipts] == [Fate.DELIVERED] * 2
    assert {one.state for one in ran.outcome.deliveries} == {DeliveryState.SENT}
    assert ran.filed.digest in mediawiki.text("The Whole Way/2026-W47")
    assert ran.filed.digest in dokuwiki.text("bulletin:2026-w47")
    assert "[[Media:The-Whole-Way-2026-W47-deck.pdf|" in mediawiki.text("The Whole Way/2026-W47")
    later = NOW + timedelta(hours=1)
    _, outcome = publish(settings, ran.filed.edition.week, clock=lambda: later)
    assert outcome.is_whole
    assert outcome.receipts == ()
    assert len(mediawiki.revisions("The Whole Way/2026-W47")) == 1
    assert len(dokuwiki.revisions("bulletin:2026-w47")) == 1
