"""No foreign text changes what the real engines of both wikis make of a page."""

import re
from collections.abc import Callable
from itertools import islice

import lxml.html
import pytest

from bulletin.model.text import clean
from bulletin.rendering import wiki
from bulletin.rendering.dialects import Dokuwiki, Mediawiki
from tests.hostile import corpus, oracles
from tests.hostile.formats import BUNDLE, Format, Trial
from tests.hostile.shapes import wide

pytestmark = [pytest.mark.e2e, pytest.mark.hostile]
NAMED = (
    "//*[@id='toc' or contains(@class, 'mw-editsection')]"
    " | //span[not(@*[name() != 'id']) and not(node())] | //comment()[contains(., 'EDIT{')]"
)
"""What the engines make of the headings' words besides: contents, anchors and places to edit."""
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
COMMAND = re.compile(r"(?<=bulletin waive )\S+(?= --until)")
"""The key in a command to type: plain letters, or the word KEY in the place of any other."""
FOLDED = str.maketrans("“”„‘’│ˆ×", '"""\'\'|^x')


def folded(text: str) -> str:
    """Return the text without what a wiki sets in better type, and without the breaks between."""
    return oracles.plain(text).translate(FOLDED).replace(" ", "")


class Engine(Trial):
    """A trial whose pages are read by a wiki."""

    def _unseen(self, texts, reading):
        said = [folded(text) for text in reading.texts]
        for word, text in texts.items():
            stored = text.encode("utf-8", "replace").decode()
            opening = folded(clean(stored, 300)[:20])
            if any(opening not in said[n] for n in self.printed.get(word, ())):
                yield text


def read_by(render: Callable[[str], str]) -> Callable[[str], oracles.Reading]:
    """Return a reader that has the page rendered, and leaves out what is named by its words."""

    def by_engine(page: str) -> oracles.Reading:
        tree = lxml.html.fromstring(f"<div>{render(page)}</div>")
        for node in tree.xpath(NAMED):
            node.drop_tree()
        for node in tree.xpath("//*[@id]"):
            del node.attrib["id"]
        for node in tree.xpath("//abbr"):  # the wiki's own, around words that it knows
            node.drop_tag()
        for node in tree.xpath("//a[@class='external free']"):  # the words are the address
            node.set("class", "external text")
        return oracles.by_lxml(lxml.html.tostring(tree, encoding="unicode"))

    return by_engine


def trial(name: str, render: Callable[[str], str], size: int) -> Engine:
    renderer = {"mediawiki": wiki.MediawikiRenderer, "dokuwiki": wiki.DokuwikiRenderer}[name]

    def page(filed):
        text = renderer().render(filed, BUNDLE, "en")[0].body.decode()
        return COMMAND.sub("KEY", DIGEST.sub("digest", text))

    return Engine(Format(name, page, (read_by(render),)), wide(size, size, size, size))


@pytest.fixture(params=["mediawiki", "dokuwiki"])
def engine(request):
    """Make a trial of a size in one of the engines."""
    render = request.getfixturevalue(request.param).render
    return lambda size: trial(request.param, render, size)


def guilty(engine, strings):
    fillings = engine.fillings(strings)
    return list(islice((engine.guilty(t) for t in fillings if engine.complaints(t)), 5))


def test_the_engine_sees_the_same_page_with_hostile_strings(engine):
    public = corpus.public()
    strings = [*public["blns"][::5], *public["commonmark"][::5], *corpus.own()[::250]]
    assert len(strings) > 300
    assert guilty(engine(6), strings) == []


@pytest.mark.parametrize("safe", ["mediawiki", "dokuwiki"])
def test_the_engine_would_show_what_was_not_escaped(safe, request, monkeypatch):
    """A control: without the escaping, most of the same strings are found out."""
    kind = {"mediawiki": Mediawiki, "dokuwiki": Dokuwiki}[safe]
    monkeypatch.setattr(kind, "quote", staticmethod(lambda text: text))
    render = request.getfixturevalue(safe).render
    bare = trial(safe, render, 3)
    fillings = list(islice(bare.fillings(corpus.public()["commonmark"]), 3))
    assert all(bare.complaints(texts) for texts in fillings)


@pytest.mark.nightly
@pytest.mark.parametrize("origin", ["blns", "commonmark", "own"])
def test_the_engine_sees_the_same_page_with_every_string(engine, origin):
    strings = corpus.own() if origin == "own" else corpus.public()[origin]
    assert guilty(engine(20), strings) == []
