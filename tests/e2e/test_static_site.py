"""What the files channel laid out, served by a plain web server and walked through in a browser."""

import json
import re
import sys
import urllib.request
from urllib.parse import urljoin, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from bulletin import config, registry
from bulletin.archive.store import Archive
from bulletin.model.delivery import DeliveryState, Mode
from bulletin.pipeline import sending
from bulletin.rendering.bundle import Bundle
from tests.builders import NOW, WEEK, closing, edited, error, filed, harvest, incident, policy
from tests.e2e.serving import free_port
from tests.e2e.serving import running as serving
from tests.e2e.tools import tool
from tests.pages.browser import ARGUMENTS

pytestmark = pytest.mark.e2e

SETTINGS = """
title = "The Static Site"
mode = "live"
archive = "sqlite:///bulletin.db"
instance = "the tests"

[[publish]]
kind = "files"
folder = "site"
rehearsal = "trial"
"""
BUNDLE = Bundle.read()
PAGES = ("index.html", "items.html", "2026-W46/index.html", "2026-W47/index.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two weeks' editions, brought by the command's own way."""
    base = tmp_path_factory.mktemp("static")
    path = base / "bulletin.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    settings = config.load(path, registry.kinds())
    ruled = policy(bundle=BUNDLE.digest, title=settings.title)
    facts = [harvest("jira", [incident("INC-1")]), harvest("sentry", [error("SHOP-1")])]
    past = []
    for week in (WEEK.shift(-1), WEEK):
        with Archive.open(settings.archive, create=True) as archive:
            edition = filed(edited(facts, past, week=week, policy=ruled))
            archive.file(edition, BUNDLE.digest, BUNDLE.dumps(), NOW)
        past.insert(0, edition)
        _, outcome = sending.publish(settings, week, clock=lambda week=week: closing(week))
        assert [one.state for one in outcome.deliveries] == [DeliveryState.SENT]
    _, outcome = sending.publish(settings, WEEK, mode=Mode.REHEARSAL, clock=lambda: NOW)
    assert [one.state for one in outcome.deliveries] == [DeliveryState.SENT]
    return base


@pytest.fixture(scope="module")
def site(folder):
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    plain = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with serving([*plain, "--directory", folder / "site"], url, folder / "server.log"):
        yield url


class Walk:
    """A session of Chromium that remembers what was asked for and what it complained of."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = str(tool("chromium"))
        for argument in (*ARGUMENTS, "--disable-background-networking"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        service = webdriver.ChromeService(str(tool("chromedriver")))
        self.driver = webdriver.Chrome(options=options, service=service)

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked(self):
        told = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        sent = [one["params"] for one in told if one["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent]


@pytest.fixture
def walk():
    one = Walk()
    yield one
    one.driver.quit()


def fetched(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.headers.get_content_type(), answer.read()


def test_a_reader_comes_from_the_shelf_to_an_edition_and_back(walk, site):
    driver = walk.driver
    driver.get(site)
    driver.find_element(By.CSS_SELECTOR, ".newest h1 a").click()
    assert urlsplit(driver.current_url).path == "/2026-W47/index.html"
    assert "Final edition" in driver.find_element(By.CLASS_NAME, "dateline").text
    driver.find_element(By.CSS_SELECTOR, "nav.shelf a").click()
    driver.find_element(By.LINK_TEXT, "Every item ever").click()
    assert urlsplit(driver.current_url).path == "/items.html"

    hosts = {urlsplit(url).netloc for url in walk.asked() if not url.startswith("data:")}
    assert hosts == {urlsplit(site).netloc}
    assert walk.complaints() == []


def test_a_page_that_loads_from_elsewhere_is_noticed(walk, site, folder):
    """The check above can fail, by the console as by the addresses."""
    bad = folder / "site" / "bad.html"
    bad.write_text('<img src="http://localhost:9/x.png"><script>nothing()</script>', "utf-8")
    try:
        walk.driver.get(f"{site}bad.html")
        assert "localhost:9" in {urlsplit(url).netloc for url in walk.asked()}
        assert len(walk.complaints()) >= 2
    finally:
        bad.unlink()


def test_every_link_of_the_site_leads_somewhere(site):
    """The deck as PDF, the feed as XML; and whatever is not ours stays a link."""
    kinds = {}
    for page in PAGES:
        _, body = fetched(urljoin(site, page))
        for link in re.findall(r'href="([^"]+)"', body.decode()):
            address = urljoin(urljoin(site, page), link)
            if urlsplit(address).netloc == urlsplit(site).netloc:
                kinds[urlsplit(address).path], _ = fetched(address)
    assert kinds["/2026-W47/deck.pdf"] == kinds["/2026-W46/paper.pdf"] == "application/pdf"
    assert kinds["/2026-W46/edition.json"] == "application/json"
    assert "xml" in kinds["/feed.xml"]
    assert len(kinds) == 13


def test_a_rehearsal_is_laid_out_beside_and_nowhere_else(folder):
    trial = (folder / "trial" / "2026-W47" / "index.html").read_text(encoding="utf-8")
    assert "REHEARSAL" in trial
    assert "[REHEARSAL]" in (folder / "trial" / "feed.xml").read_text(encoding="utf-8")
    elsewhere = [*(folder / "site").rglob("*.*"), *(folder / "out").rglob("*.*")]
    assert len(elsewhere) > 30
    assert [path for path in elsewhere if b"REHEARSAL" in path.read_bytes()] == []
