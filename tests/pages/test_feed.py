"""What feedparser reads in the feed: what RFC 4287 asks for, and links that lead to our files."""

from urllib.parse import urldefrag, urlsplit

import feedparser
import pytest

from tests.menagerie import EDITIONS
from tests.pages.faces import BUNDLE, artifacts, shelf

pytestmark = pytest.mark.e2e
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>urn:x:1</id>
<updated>{updated}</updated><author><name>n</name></author>{entries}</feed>"""
SERVED = "https://journal.acme.example/"
"""Where the menagerie's editions are served."""
ENTRY = """<entry><title>e</title><id>urn:x:2</id><updated>2026-11-19T09:00:00Z</updated>
<link rel="alternate" href="{href}"/></entry>"""


def faults(body, there):
    """What is wrong with a feed that stands among these files."""
    feed = feedparser.parse(body)
    found = [f"not well-formed: {feed.get('bozo_exception')}"] if feed.bozo else []
    found += [] if feed.version == "atom10" else [f"the version is '{feed.version}'"]
    for where, element in (("feed", feed.feed), *(("entry", entry) for entry in feed.entries)):
        found += [f"{where} without {name}" for name in ("title", "id") if not element.get(name)]
        found += [] if element.get("updated_parsed") else [f"{where} without a date"]
        found += [] if element.get("author") or feed.feed.get("author") else [f"{where}: no author"]
        for link in element.get("links", ()):
            href = link["href"].removeprefix(SERVED)
            split = urlsplit(href)
            if split.scheme or split.netloc or urldefrag(href).url not in there:
                found.append(f"{where} leads to {link['href']}")
    alternates = [[x for x in e.get("links", ()) if x["rel"] == "alternate"] for e in feed.entries]
    found += [] if feed.entries and all(alternates) else ["an entry leads nowhere"]
    ids = [entry.get("id") for entry in feed.entries]
    return found if len(set(ids)) == len(ids) else [*found, "two entries have one id"]


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_feed_is_atom_and_leads_to_our_pages(language):
    files = shelf(language)
    weeks = [f"2026-W{47 - back}" for back in range(len(EDITIONS))]
    faces = artifacts("html", "quiet", language)
    there = {*files, *(f"{week}/{name}" for week in weeks for name in faces)}
    assert faults(files["feed.xml"], there) == []


def test_a_sound_feed_is_sound():
    assert (
        faults(ATOM.format(updated="2026-11-19T09:00:00Z", entries=ENTRY.format(href="a")), "a")
        == []
    )


@pytest.mark.parametrize(
    ("updated", "entries", "fault"),
    [
        ("", ENTRY.format(href="a"), "feed without a date"),
        ("2026-11-19T09:00:00Z", ENTRY.format(href="b"), "entry leads to b"),
        ("2026-11-19T09:00:00Z", ENTRY.format(href="a") * 2, "two entries have one id"),
        ("2026-11-19T09:00:00Z", "<entry>", "not well-formed"),
    ],
)
def test_a_broken_feed_is_noticed(updated, entries, fault):
    found = faults(ATOM.format(updated=updated, entries=entries), {"a"})
    assert any(one.startswith(fault) for one in found), found
