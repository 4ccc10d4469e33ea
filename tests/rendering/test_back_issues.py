"""The shelf of back issues: a page that a person reads, and a feed that a program reads."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from bulletin.archive.codec import file
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from tests.menagerie import AS_OF, HOSTILE, WEEK, dreadful, everything, first, quiet

BUNDLE = Bundle.read()
ATOM = "{http://www.w3.org/2005/Atom}"


def shelf():
    """Four weeks, newest first."""
    made = (quiet(), everything(), dreadful(), first())
    return [file(replace(f.edition, week=WEEK.shift(-n))) for n, f in enumerate(made)]


def rendered(editions=None, language="en", older=0):
    page, feed = render_back_issues(editions or shelf(), BUNDLE, language, older)
    return page.body.decode(), ET.fromstring(feed.body)  # noqa: S314  (ours)


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
    assert one(entries[0], "summary") == "0 on the list, 2 fixed that week"


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
        "feed", "title", "id", "link", "updated", "author", "name", "entry", "summary",
    }  # fmt: skip
    assert len(links(page)) == 6
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
        *(f"2026-W{n}/{face}" for n in (47, 46, 45, 44) for face in faces),
        "feed.xml",
    ]
    assert f'<html lang="{language}">' in page


def test_the_page_says_how_many_it_has_no_room_for():
    page, _ = rendered(older=7)
    assert "7 older editions are in the archive" in page
    assert "older edition" not in rendered()[0]
