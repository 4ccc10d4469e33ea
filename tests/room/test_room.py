"""The room: who may ask, what it files, and how it is worked with keys, in a real browser."""

import http.client
import json
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.config import Bulletin
from bulletin.editing.owners import Territory
from bulletin.errors import BulletinError
from bulletin.model.facts import Severity
from bulletin.model.week import Week
from bulletin.model.word import decisions
from bulletin.rendering.bundle import Bundle
from bulletin.room import open_room
from tests.builders import NOW, WEEK, edited, error, filed, harvest, incident, policy
from tests.e2e.tools import tool
from tests.pages.browser import ARGUMENTS, Browser

BUNDLE = Bundle.read()
TEAMS = ("payments", "search")
EVIL = "</script><script>document.title = 'evil'</script>"
FACTS = [
    harvest("jira", [incident("INC-1", severity=Severity.HIGH, title=EVIL, owner="search")]),
    harvest("sentry", [error("SHOP-1", events=5000, first_seen=NOW)]),
]


@pytest.fixture
def settings(tmp_path):
    given = {"archive": f"sqlite:///{tmp_path}/journal.db", "teams": {team: {} for team in TEAMS}}
    made = Bulletin.model_validate(given)
    ruled = policy(bundle=BUNDLE.digest, territories=tuple(Territory(team=team) for team in TEAMS))
    with Archive.open(made.archive, create=True) as archive:
        past = []
        for week in (WEEK.shift(-1), WEEK):
            edition = filed(edited(FACTS, past, week=week, policy=ruled))
            archive.file(edition, BUNDLE.digest, BUNDLE.dumps(), NOW)
            past.insert(0, edition)
    return made


@contextmanager
def opened(settings):
    with open_room(settings, None, author="the meeting") as (_, room):
        thread = threading.Thread(target=room.serve)
        thread.start()
        try:
            yield room.url
        finally:
            room.stop()
            thread.join()


@pytest.fixture
def url(settings):
    with opened(settings) as address:
        yield address


def ask(url, path="/", method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def decide(url, **given):
    page = ask(url)[2]
    secret = json.loads(page.partition('id="data">')[2].partition("</script>")[0])["secret"]
    return ask(url, "/decisions", "POST", json.dumps({"secret": secret} | given))


def on_file(settings):
    with Archive.open(settings.archive) as archive:
        return archive.words()


def test_a_decision_of_the_room_is_filed_like_any_other(settings, url):
    status, _, body = decide(url, text="Mend it", owner="search", due="2026-W49", about="INC-1")
    assert status == 201
    (made,) = json.loads(body)
    assert made == {
        "key": "2026-W47-1", "text": "Mend it", "owner": "search", "due": "2026-W49",
    }  # fmt: skip
    (word,) = on_file(settings)
    assert (word.author, str(word.about)) == ("the meeting", "jira:incident:INC-1")
    (decision,) = decisions([word])
    assert decision.due == Week(2026, 49)
    assert json.loads(ask(url, "/decisions")[2]) == [made]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": " "}, "needs words"),
        ({"text": "x", "owner": "nobody"}, "no team 'nobody'"),
        ({"text": "x", "due": "2026-W99"}, "no week 99"),
        ({"text": "x", "due": "2026-W47"}, "cannot be due"),
        ({"text": "x", "about": "INC-9"}, "not on the list"),
        ({"text": "close INC-1"}, "no word for an item"),
        ({"text": "done 2026-W46-1: deployed"}, "is a word about an item"),
        ({"text": "Mend it (serch)"}, "no team, week or key"),
    ],
)
def test_what_cannot_be_filed_is_said_with_what_to_do(settings, url, given, said):
    status, _, body = decide(url, **given)
    assert status == 422
    told = json.loads(body)
    assert said in told["problem"]
    assert told["hint"]
    assert not on_file(settings)


def test_only_its_own_page_can_file_anything(settings, url):
    body = json.dumps({"text": "x", "secret": "guessed"})
    assert ask(url, "/decisions", "POST", body)[0] == 403
    assert ask(url, "/decisions", "POST", json.dumps({"text": "x"}))[0] == 403
    for foreign in ("é", "\ud800"):
        body = json.dumps({"text": "x", "secret": foreign})
        assert ask(url, "/decisions", "POST", body)[0] == 403
    assert ask(url, "/decisions", "POST", "[]")[0] == 400
    assert ask(url, "/decisions", "POST", "{")[0] == 400
    assert ask(url, "/decisions", "POST", json.dumps({"text": ["x"]}))[0] == 400
    assert ask(url, "/decisions", "POST", "x" * 10_001)[0] == 413
    assert ask(url, Host="evil.example")[0] == 400
    assert ask(url, "/", "POST", "{}")[0] == 405
    assert ask(url, "/nothing")[0] == 404
    assert not on_file(settings)


def test_its_pages_may_load_nothing_and_run_only_its_own_script(url):
    for path in ("/", "/speaker"):
        status, headers, page = ask(url, path)
        assert status == 200
        policy = headers["Content-Security-Policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert policy.startswith("default-src 'none';")
        assert "unsafe-eval" not in policy
        assert page.count("<script") == page.count(f'<script nonce="{nonce}"')
        assert 'http-equiv="Content-Security-Policy"' not in page
        assert headers["Cache-Control"] == "no-store"
    assert ask(url)[1]["Content-Security-Policy"] != ask(url)[1]["Content-Security-Policy"]


def test_a_week_without_an_edition_opens_no_room(settings):
    with pytest.raises(BulletinError, match="no edition of 2020-W01"):
        open_room(settings, Week(2020, 1), author="Ada").__enter__()


def test_the_command_says_where_it_is_and_what_the_keys_are(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("bulletin.serving.Site.serve", lambda _: None)
    (tmp_path / "bulletin.toml").write_text('archive = "sqlite:///journal.db"\n')
    made = CliRunner().invoke(
        main, ["--config", str(tmp_path / "bulletin.toml"), "meet", "--no-open"]
    )
    assert made.exit_code == 0
    assert made.output.startswith("2026-W47 is at http://127.0.0.1:")
    assert "D decision" in made.output


@pytest.fixture(scope="module")
def driver():
    options = webdriver.ChromeOptions()
    options.binary_location = str(tool("chromium"))
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(str(tool("chromedriver")))
    with webdriver.Chrome(options=options, service=service) as driver:
        driver.set_window_size(1280, 720)
        yield driver


def wait(until):
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_is_worked_with_keys_alone(settings, url, driver):
    driver.get(url)
    body = driver.find_element(By.TAG_NAME, "body")

    def shown():
        (slide,) = driver.find_elements(By.CSS_SELECTOR, ".slide.shown")
        return slide

    assert "front" in shown().get_attribute("class")
    body.send_keys(Keys.PAGE_DOWN)
    assert shown().get_attribute("data-place") == "agenda"
    body.send_keys(Keys.ARROW_LEFT)
    body.send_keys(Keys.ARROW_LEFT)
    assert "front" in shown().get_attribute("class")
    clock = driver.find_element(By.ID, "whole")
    body.send_keys("t")
    wait(lambda: clock.text.startswith("0:01 /"))
    body.send_keys("t")
    assert "timed-on" not in body.get_attribute("class")
    driver.refresh()
    body = driver.find_element(By.TAG_NAME, "body")
    assert driver.find_element(By.ID, "whole").text.startswith("0:01 /"), "the clock goes on"
    assert "timed-on" not in body.get_attribute("class")
    while shown().get_attribute("data-place") != "stayed":
        body.send_keys(" ")
    assert driver.find_element(By.ID, "part").text == "Last week’s list"

    body.send_keys("d")
    driver.find_element(By.ID, "text").send_keys("Put a breaker in", Keys.ENTER)
    wait(lambda: driver.find_element(By.ID, "filed").text == "Decisions filed: 1")
    (word,) = on_file(settings)
    assert word.text == "Put a breaker in"
    assert not driver.find_element(By.ID, "decide").is_displayed()
    body.send_keys("d")
    driver.find_element(By.ID, "text").send_keys("Never mind", Keys.ESCAPE)
    assert len(on_file(settings)) == 1

    body.send_keys("b")
    assert driver.find_element(By.ID, "night").is_displayed()
    body.send_keys("b")
    body.send_keys("?")
    assert driver.find_element(By.ID, "help").is_displayed()
    assert driver.title != "evil"
    assert driver.get_log("browser") == []


def test_whom_the_wheel_chose_is_told_when_it_is_turned(url, driver):
    driver.get(url)
    body = driver.find_element(By.TAG_NAME, "body")

    def told(place):
        found = driver.find_elements(By.CSS_SELECTOR, f"[data-place={place}] .chosen, .spun h2")
        here = [one for one in found if one.is_displayed()]
        return "".join(one.text for one in here)

    def colours():
        wedges = driver.find_elements(By.CSS_SELECTOR, ".spun .turning > path")
        return {one.value_of_css_property("fill") for one in wedges}

    body.send_keys(Keys.PAGE_DOWN)
    assert driver.find_element(By.CSS_SELECTOR, ".shown").get_attribute("data-place") == "agenda"
    assert not told("agenda")
    while driver.find_element(By.CSS_SELECTOR, ".shown").get_attribute("data-place") != "wheel":
        body.send_keys(Keys.PAGE_DOWN)
    assert not told("wheel")
    assert len(colours()) == 1
    body.send_keys("w")
    assert len(colours()) > 1
    wait(lambda: "stopped at" in told("wheel"))
    driver.refresh()
    assert "stopped at" in told("wheel"), "a page that is loaded again does not forget"
    body = driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.HOME)
    body.send_keys(Keys.PAGE_DOWN)
    assert told("agenda")


COVERED = """
const band = document.querySelector('.mode').getBoundingClientRect();
return [...document.querySelectorAll('.slide.shown *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.height && box.top < band.bottom - 1;
}).map(one => one.outerHTML.slice(0, 80));
"""


def test_a_proof_says_so_over_every_slide_and_covers_nothing(url, driver):
    driver.get(url)
    body = driver.find_element(By.TAG_NAME, "body")
    slides = len(driver.find_elements(By.CLASS_NAME, "slide"))
    assert slides > 5
    for _ in range(slides):
        band = driver.find_element(By.CSS_SELECTOR, ".mode.preview")
        assert band.is_displayed()
        assert band.text.startswith("PREVIEW")
        assert driver.execute_script(COVERED) == []
        body.send_keys(Keys.PAGE_DOWN)


def test_the_speakers_window_follows_the_slides(url, driver):
    driver.get(url)
    body = driver.find_element(By.TAG_NAME, "body")
    room = driver.current_window_handle
    body.send_keys("s")
    wait(lambda: len(driver.window_handles) == 2)
    (beside,) = {*driver.window_handles} - {room}
    while not driver.find_elements(By.CSS_SELECTOR, '.slide.shown[data-place="stayed"]'):
        body.send_keys(" ")
    driver.switch_to.window(beside)
    wait(lambda: driver.find_elements(By.CSS_SELECTOR, '.part.now[data-place="stayed"]'))
    driver.close()
    driver.switch_to.window(room)


def test_the_rooms_page_is_fit_for_everybody(url):
    """The form and the slides, by axe-core; a slide is a picture of a page and scrolls nowhere."""
    page = ask(url)[2].replace('<dialog id="decide"', '<dialog open id="decide"')
    with Browser() as browser:
        browser.open(page.encode())
        assert browser.violations("label", "button-name", "aria-dialog-name", "select-name") == []
