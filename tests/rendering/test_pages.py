"""What every page must say, for one of everything, a quiet, a first and a dreadful week."""

import html
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from bulletin.archive.codec import file
from bulletin.errors import BulletinError
from bulletin.model.edition import Ledger, Reason
from bulletin.model.front import Headline, Remark
from bulletin.model.harvest import State
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.json import JsonRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.page import Page
from tests.menagerie import EDITIONS, everything, quiet

BUNDLE = Bundle.read()
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "edition.schema.json"
RENDERERS = (HtmlRenderer, EmailRenderer, MarkdownRenderer)


@cache
def rendered(name, language):
    filed = EDITIONS[name]()
    return {
        artifact.name: artifact.body.decode()
        for renderer in RENDERERS
        for artifact in renderer().render(filed, BUNDLE, language)
    }


def read(name, language, page):
    """The words of a page, without its markup."""
    text = rendered(name, language)[page]
    if page.endswith(".html"):
        text = html.unescape(re.sub(r"<(style|title).*?</\1>|<[^>]*>", "", text, flags=re.DOTALL))
    if page.endswith(".md"):
        text = re.sub(r"\\(?=[^a-zA-Z0-9\s])|\*\*|\u2060", "", html.unescape(text))
    return re.sub(r"\s+", " ", text)


OUR_WAYS = (
    "https://",
    "#",
    "../feed.xml",
    "../index.html",
    "../items.html",
    "deck.pdf",
    "paper.pdf",
)
"""How an address on a page may begin: a service's, or one of the files around it."""
PAGES = ("index.html", "email.html", "email.txt", "bulletin.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_arithmetic_of_the_list_is_printed(page):
    text = read("everything", "en", page)
    assert re.search(
        r"10 on last week’s list \+ 2 new \+ 1 first seen\* \+ 1 back again \+ 1 whose rest is over"
        r" [-−] 2 fixed [-−] 1 cleared [-−] 2 dropped [-−] 1 put to rest = 9 on the list now",
        text,
    )
    assert "*Its source was not known last week" in text


@pytest.mark.parametrize("page", PAGES)
def test_coverage_and_gaps_are_in_words(page):
    text = read("everything", "en", page)
    assert "jira 412 incidents" in text
    assert "sentry 38 of 40 projects (incomplete)" in text
    assert "github-old not known" in text
    assert "sentry: the service asked us to stop (38 of 40 seen)" in text
    assert "Ask for a higher limit, or name fewer projects." in text
    assert "(missing: checks and conflicts)" in text


@pytest.mark.parametrize("page", PAGES)
def test_what_to_do_about_a_gap_is_in_the_readers_language(page):
    text = read("everything", "fr", page)
    assert "Demandez une limite plus haute" in text
    assert "429 Too Many Requests" in text
    assert "Ask for a higher limit" not in text


@pytest.mark.parametrize("page", PAGES)
def test_a_share_of_what_is_known_says_so(page):
    full = everything().edition
    share = replace(full.figures[-1], value=50, state=State.PARTIAL)
    filed = file(replace(full, figures=(share,)))
    for renderer in RENDERERS:
        for artifact in renderer().render(filed, BUNDLE, "en"):
            if artifact.name == page:
                text = re.sub(r"<[^>]*>|\s+", " ", artifact.body.decode())
                assert re.search(r"\b50%", text)
                assert "of what is known" in text
                assert "at least" not in text


def test_a_number_of_events_is_said_once():
    full = everything().edition
    words = {"events": 4279, "before": 1960, "limit": 2296}
    reasons = tuple(Reason(rule=f"error-{r}", words=words) for r in ("escalating", "rising"))
    odd = replace(full.items[3], reasons=reasons)
    filed = file(replace(full, items=(*full.items[:3], odd, *full.items[4:])))
    (page,) = MarkdownRenderer().render(filed, BUNDLE, "en")
    assert (
        "Escalating: 4,279 events this week. It was 1,960 the week before; up to 2,296 would be"
        in page.body.decode()
    )


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        ({"open_then": 3, "fixed": 1, "open_now": 2}, "2 items on the list now. Of last week’s 3,"),
        ({"open_then": 1, "open_now": 1}, "1 item on the list now. Nothing on last week’s list"),
        ({"open_then": 1, "fixed": 1}, "Nothing is on the list. Of last week’s 1, 1 got fixed."),
        ({"new": 2, "open_now": 2}, "2 items on the list now.\n"),
    ],
)
def test_the_line_under_the_headline_speaks_of_numbers_that_are_there(ledger, said):
    full = replace(everything().edition, sections=(), remarks=())
    filed = file(replace(full, ledger=Ledger(**ledger)))
    (page,) = MarkdownRenderer().render(filed, BUNDLE, "en")
    assert said in page.body.decode()


@pytest.mark.parametrize("page", PAGES)
def test_every_section_says_how_much_is_known(page):
    text = read("everything", "en", page)
    assert "As of Thursday 10:02." in text
    assert "Incomplete: sentry: the service asked us to stop." in text
    assert "Not known: github-old" in text
    assert "All clear" not in text
    assert "and 3 more, in edition.json alone" in text


@pytest.mark.parametrize("page", PAGES)
def test_unknown_is_no_number(page):
    text = read("everything", "en", page)
    assert re.search(r"New errors[ |:]*unknown", text)
    assert "at least 48,210" in text
    assert "above its usual range" in text
    assert "as usual" in text
    assert "was 1 last week" in text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_every_item_is_on_the_page(page, language):
    text = read("everything", language, page).replace("\u2060", "")
    for item in everything().edition.items:
        assert item.key.subject in text, item.key


def test_the_whole_key_is_one_hover_away():
    for item in everything().edition.items:
        assert f'title="{html.escape(str(item.key))}"' in rendered("everything", "en")["index.html"]


@pytest.mark.parametrize("page", PAGES)
def test_an_item_says_why_since_when_and_whose(page):
    text = read("everything", "en", page)
    assert "Opened 31 days ago. Not a word on it for 12 days." in text
    assert re.search(r"5 weeks( on the list)?, since (week |W)43", text)
    assert "Fourth week or more: fix it, waive it with a date, or close it." in text
    assert "no team" in text
    assert "not known since week 46: the service asked us to stop" in text
    assert "formerly github:pull_request:acme/store#123" in text.replace("\u2060", "")
    assert "dropped, not fixed: closed without being done" in text
    assert "rests until Jan 15, 2027: “after the freeze” (the editor)" in text
    assert "its rest is over" in text


@pytest.mark.parametrize("page", PAGES)
def test_remarks_stand_in_their_places(page):
    text = read("everything", "en", page)
    assert "Thursday remembers" in text
    assert "Our correspondent did not ring back." in text
    assert re.search(
        r"Checks failing; last commit 4 days ago\..{1,200}It no longer gathers comments", text
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_colophon_names_the_edition(page):
    filed = everything()
    text = read("everything", "en", page)
    assert filed.digest in text
    assert "Edition 2026-W47, revision 2." in text
    assert "It corrects cccccccccccc." in text
    assert "Judged against aaaaaaaaaaaa." in text
    assert "Set with templates bbbbbbbbbbbb." in text
    assert "Requests: jira 7, sentry 7, github 7, github-old 7." in text


@pytest.mark.parametrize("page", PAGES)
def test_a_quiet_week_that_was_fully_read_is_all_clear(page):
    assert "All clear: everything was read" in read("quiet", "en", page)
    assert "Rien à signaler" in read("quiet", "fr", page)


@pytest.mark.parametrize("page", PAGES)
def test_a_first_edition_judges_no_past(page):
    text = read("first", "en", page)
    assert "There was no edition before it." in text
    assert "Last week" not in text
    assert "All clear" not in text
    assert "Nothing to point at" not in text
    assert "One source could not be read" in text


@pytest.mark.parametrize("state", [State.PARTIAL, State.STALE, State.UNKNOWN])
def test_all_clear_needs_every_section_known(state):
    clear = quiet().edition
    dark = replace(clear.sections[0], state=state)
    assert Page(quiet()).all_clear
    assert not Page(file(replace(clear, sections=(dark, *clear.sections[1:])))).all_clear
    assert not Page(file(replace(clear, gaps=everything().edition.gaps))).all_clear
    assert not Page(file(replace(clear, sections=()))).all_clear


def test_dark_sources_are_not_all_clear_even_with_an_empty_list():
    clear = quiet().edition
    busy = replace(clear, ledger=Ledger(open_then=2, new=1, fixed=2, open_now=1))
    assert not Page(file(busy)).all_clear


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_web_page_and_mail_load_and_run_nothing(name, language):
    for page in ("index.html", "email.html"):
        text = rendered(name, language)[page]
        assert "<script" not in text
        assert not re.search(r"<[^>]*\b(onerror|onload)=", text)
        assert all(h.startswith(OUR_WAYS) for h in re.findall(r'href="([^"]*)"', text))
        assert not re.search(r'src="(?!cid:)|@import|url\((?!"?data:)', text)


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_rendering_twice_gives_the_same_bytes(name, language):
    again = {
        artifact.name: artifact.body.decode()
        for renderer in RENDERERS
        for artifact in renderer().render(EDITIONS[name](), BUNDLE, language)
    }
    assert again == rendered(name, language)


def test_a_rule_of_strangers_is_named_where_the_catalogue_has_no_words():
    full = everything().edition
    odd = replace(full.items[0], reasons=(Reason(rule="strangers-own"),))
    filed = file(replace(full, items=(odd, *full.items[1:])))
    (page,) = HtmlRenderer().render(filed, BUNDLE, "en")
    assert "Pointed at by the rule “strangers-own”." in page.body.decode()


def test_a_line_or_a_headline_that_is_not_there_is_an_error():
    full = everything().edition
    lost = replace(full, remarks=(Remark(situation="motto", line="nobody-wrote-it"),))
    with pytest.raises(BulletinError, match="has no line 'nobody-wrote-it'"):
        HtmlRenderer().render(file(lost), BUNDLE, "en")
    odd = replace(full, headline=Headline(pattern="headline.odd", words={}))
    with pytest.raises(BulletinError, match=r"no words for 'headline\.odd'"):
        MarkdownRenderer().render(file(odd), BUNDLE, "fr")


@pytest.mark.parametrize("name", EDITIONS)
def test_the_json_is_the_stored_edition_with_its_digest(name):
    filed = EDITIONS[name]()
    (artifact,) = JsonRenderer().render(filed, BUNDLE, "en")
    data = json.loads(artifact.body)
    jsonschema.validate(data, json.loads(SCHEMA.read_text()))
    assert data.pop("digest") == filed.digest
    assert data == json.loads(filed.body)
    assert artifact.body.endswith(b"}\n")


def test_the_json_carries_the_published_names():
    (artifact,) = JsonRenderer().render(everything(), BUNDLE, "en")
    data = json.loads(artifact.body)
    for name in ("week", "digest", "previous", "coverage", "gaps", "ledger", "items", "facts"):
        assert name in data
    assert data["week"] == "2026-W47"
    assert data["items"][0]["key"] == "jira:incident:INC-42"
    assert {item["state"] for item in data["items"]} >= {"new", "dropped", "waived", "unknown"}
