"""The shelf of back issues: a page that a person reads, and a feed that a program reads."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from bulletin.archive.codec import file
from bulletin.model.delivery import Mode
from bulletin.rendering.back_issues import ITEMS, render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.lives import anchor
from bulletin.specimens import specimen
from tests.menagerie import AS_OF, HOSTILE, WEEK, dreadful, everything, first, quiet

BUNDLE = Bundle.read()
ATOM = "{http://www.w3.org/2005/Atom}"


def shelf():
    """Four weeks, newest first."""
    four = (quiet(), everything(), dreadful(), first())
    return [file(replace(f.edition, week=WEEK.shift(-n), web=None)) for n, f in enumerate(four)]


def made(editions=None, language="en", older=0, **more):
    artifacts = render_back_issues(editions or shelf(), BUNDLE, language, older, **more)
    return {artifact.name: artifact.body.decode() for artifact in artifacts}


def rendered(editions=None, language="en", older=0, **more):
    files = made(editions, language, older, **more)
    return files["index.html"], ET.fromstring(files["feed.xml"])  # noqa: S314  (ours)


def one(element, name):
    """The text of a child that there is exactly one of."""
    (found,) = element.findall(f"{ATOM}{name}")
    assert (found.text or "").strip()
    return found.text


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_feed_has_what_atom_asks_for(language):
    _, feed = rendered(language=language)
    assert feed.tag == f"{ATOM}feed"
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == language
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert one(element, "title")
        assert re.fullmatch(r"urn:[a-z0-9]+:[\w:-]+", one(element, "id"))
        assert datetime.fromisoformat(one(element, "updated")).tzinfo
    assert one(feed.find(f"{ATOM}author"), "name")
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "feed.xml", "alternate": "index.html"}


def test_an_entry_is_a_week_and_leads_to_its_page():
    _, feed = rendered()
    entries = feed.findall(f"{ATOM}entry")
    ids = [one(entry, "id") for entry in entries]
    assert len(set(ids)) == len(entries) == 4
    assert [entry.find(f"{ATOM}link").attrib["href"] for entry in entries] == [
        f"2026-W{n}/index.html" for n in (47, 46, 45, 44)
    ]
    assert one(entries[0], "title") == "Week 47: Nothing to point at this week"
    assert one(entries[0], "summary") == "2 of 2 fixed or cleared. Nothing is on the list."


def test_a_correction_keeps_the_entry_and_moves_its_date():
    """A reader's program takes it for the same article, changed; not for another one."""
    before = shelf()
    later = replace(before[2].edition, revision=3, as_of=AS_OF + timedelta(days=30))
    after = [*before[:2], file(later), *before[3:]]
    (_, old), (_, new) = rendered(before), rendered(after)
    entry = f"{ATOM}entry[3]"
    assert one(old.find(entry), "id") == one(new.find(entry), "id")
    assert one(old.find(entry), "updated") < one(new.find(entry), "updated")
    assert one(new, "updated") == one(new.find(entry), "updated")


@pytest.mark.parametrize("title", HOSTILE)
def test_foreign_text_breaks_neither_page_nor_feed(title):
    edition = replace(everything().edition, title=title)
    words = {"title": title, "days": 3}
    filed = file(replace(edition, headline=replace(edition.headline, words=words)))
    page, feed = rendered([filed])
    tags = {element.tag.removeprefix(ATOM) for element in feed.iter()}
    assert tags == {
        "feed", "title", "subtitle", "id", "link", "updated", "author", "name", "entry", "summary",
    }  # fmt: skip
    assert len(links(page)) == 8
    assert "<script" not in page


def links(page):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append(dict(attrs)) if tag == "a" else None
    parser.feed(page)
    return [link["href"] for link in found]


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_page_leads_to_every_face_of_every_edition(language):
    page, _ = rendered(language=language)
    faces = ("index.html", "deck.pdf", "paper.pdf", "bulletin.md", "edition.json")
    assert links(page) == [
        "items.html",
        *(f"2026-W{n}/{face}" for n in (47, 46, 45, 44) for face in ("index.html", *faces)),
        "feed.xml",
    ]
    assert f'<html lang="{language}">' in page


def test_the_page_says_how_many_it_has_no_room_for():
    page, _ = rendered(older=7)
    assert "7 older editions are in the archive" in page
    assert "older edition" not in rendered()[0]


def test_the_feed_keeps_its_name_and_finds_its_pages_from_anywhere():
    served = [file(replace(f.edition, web="https://bulletin.example/journal")) for f in shelf()]
    retitled = [file(replace(f.edition, title="Another title")) for f in shelf()]
    (_, before), (_, after) = rendered(served, identity="x"), rendered(retitled, identity="x")
    assert [one(e, "id") for e in before.iter(f"{ATOM}entry")] == [
        one(e, "id") for e in after.iter(f"{ATOM}entry")
    ]
    addresses = [link.attrib["href"] for link in before.iter(f"{ATOM}link")]
    assert all(address.startswith("https://bulletin.example/journal/") for address in addresses)
    assert addresses[0].endswith("/feed.xml")


def test_an_edition_without_a_folder_is_history_and_no_link():
    files = made(printed={WEEK, WEEK.shift(-2)})
    assert {link.split("/")[0] for link in links(files["index.html"]) if "/" in link} == {
        "2026-W47",
        "2026-W45",
    }
    folders = {link.split("/")[0] for link in links(files["items.html"]) if link[:3] == "202"}
    assert folders == {"2026-W47", "2026-W45"}
    assert "last in 2026-W46" in files["items.html"]


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_every_item_has_one_row_and_one_address(language):
    page = made(language=language)["items.html"]
    edition = [key for f in shelf() for i in (*f.edition.items, *f.edition.waived)
               for key in (i.key, *i.formerly)]  # fmt: skip
    ids = re.findall(r'<(?:li|span) id="(i[0-9a-f]{12})"', page)
    assert sorted(ids) == sorted({anchor(key) for key in edition})
    assert all(f"#{id_}" in links(page) or f'<span id="{id_}">' in page for id_ in ids)


def test_the_one_script_is_the_one_that_the_policy_names():
    files = made()
    (script,) = re.findall(r"<script>(.*?)</script>", files["items.html"], re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', files["items.html"])[1]
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert not re.search("<script|script-src", files["index.html"])


def test_the_list_is_whole_and_the_box_hidden_without_the_script():
    page = made()["items.html"]
    assert re.search(r'<form class="find"[^>]* hidden>', page)
    assert not re.search(r"<li[^>]* hidden", page)


class Tags(HTMLParser):
    """The structure of a page, and every address in it."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, sorted(name for name, _ in attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_does_not_break_the_page_of_items(text):
    def page(said):
        items = tuple(replace(i, title=said, owner=said) for i in everything().edition.items)
        return made([file(replace(everything().edition, title=said, items=items))])["items.html"]

    assert Tags(page(text)).tags == Tags(page("harmless")).tags


def test_what_there_is_no_room_for_is_told():
    (some,) = [i for i in everything().edition.items if i.key.subject == "INC-42"]
    many = tuple(
        replace(some, key=replace(some.key, subject=f"INC-{n}")) for n in range(1, ITEMS + 8)
    )
    edition = replace(
        everything().edition, items=many, waived=(), sections=(), headline=first().edition.headline
    )
    page = made([file(edition)])["items.html"]
    assert page.count("<li id=") == ITEMS
    assert "7 items that left longer ago are not listed." in page
    assert f"{ITEMS + 7:,} items" in page


def test_a_sober_shelf_states_what_it_is():
    sober = [file(replace(f.edition, tone="off")) for f in shelf()]
    assert "none of them edited since" not in made(sober)["index.html"]
    assert "none of them edited since" in made()["index.html"]


def test_before_the_first_item_there_is_nothing_to_find():
    page = made([first()])["items.html"]
    assert "Nothing has been pointed at yet" in page
    assert "<form" not in page
    assert "<script" not in page
    assert "<svg" not in made([first()])["index.html"]


def test_a_number_of_the_list_that_is_not_known_stands_on_the_shelf_in_words():
    """What the list teaches draws from sources that may be dark this week."""
    page = made([specimen("full", BUNDLE)])["index.html"]

    assert "of what is known" in page


def test_what_is_not_live_says_so_on_the_shelf_and_in_the_feed():
    modes = (Mode.PREVIEW, Mode.REHEARSAL, Mode.LIVE)
    four = [
        file(replace(one.edition, mode=mode))
        for one, mode in zip(shelf(), (*modes, Mode.LIVE), strict=True)
    ]
    page, feed = rendered(four)
    stamps = re.findall(r'<b class="mode (\w+)">(\w+)</b>', page)
    assert stamps == [("preview", "PREVIEW"), ("rehearsal", "REHEARSAL")]
    entries = feed.findall(f"{ATOM}entry")
    begin = [one(entry, "title").partition(" ")[0] for entry in entries]
    assert begin == ["[PREVIEW]", "[REHEARSAL]", "Week", "Week"]
