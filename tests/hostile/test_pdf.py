"""No string adds a page's worth of anything to the PDFs but its own letters."""

import io
from collections.abc import Iterator
from functools import cache
from itertools import islice

import pypdf
import pytest

from bulletin.errors import BulletinError
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import DeckRenderer
from bulletin.rendering.escape import Html
from bulletin.rendering.paper import PaperRenderer
from tests.hostile import corpus
from tests.hostile.formats import FORMATS, Trial
from tests.hostile.shapes import OWN_HOST, wide

pytestmark = pytest.mark.hostile
BUNDLE = Bundle.read()
RENDERERS = {"deck.html": DeckRenderer, "paper.html": PaperRenderer}
PAPER_MOST = 8
"""Pages of the fullest paper."""
SAMPLE = 600


def printed(name: str, filed: Filed) -> pypdf.PdfReader:
    (artifact,) = RENDERERS[name]().render(filed, BUNDLE, "en")
    return pypdf.PdfReader(io.BytesIO(artifact.body))


def annotations(reader: pypdf.PdfReader) -> Iterator[tuple[str, str]]:
    for page in reader.pages:
        for annotation in page.get("/Annots", ()):
            action = annotation.get_object().get("/A", {})
            yield action.get("/S", "/GoTo"), str(action.get("/URI", OWN_HOST))


def catalogue(reader: pypdf.PdfReader) -> set[str]:
    """Return what the document as a whole holds: actions, scripts and files would be here."""
    root = reader.trailer["/Root"]
    return {*root.keys(), *root.get("/Names", {}).keys()}


def complaints(name: str, filed: Filed, twin: pypdf.PdfReader) -> list[str]:
    """Return in what the PDF is more than its harmless twin with other letters."""
    reader = printed(name, filed)
    kinds = {kind for kind, _ in annotations(reader)}
    strange = [uri for _, uri in annotations(reader) if not uri.startswith(OWN_HOST)]
    found = [f"leads to {uri}" for uri in strange]
    if kinds != {kind for kind, _ in annotations(twin)}:
        found.append(f"acts: {kinds}")
    if catalogue(reader) != catalogue(twin):
        found.append(f"holds {catalogue(reader) ^ catalogue(twin)}")
    if len(set(annotations(reader))) != len(set(annotations(twin))):
        found.append("leads to more, or to fewer, places")
    slides = FORMATS[name].render(filed).count('<section class="slide')
    pages = len(reader.pages)
    if pages != slides if slides else pages > PAPER_MOST:
        found.append(f"{pages} pages, {slides} slides")
    return found


@cache
def twin(name: str) -> pypdf.PdfReader:
    return printed(name, wide().fill({}))


def told(name: str, fillings: Iterator[dict[str, str]]) -> list[str]:
    shape = wide()
    return [
        f"{words}: {list(texts.values())[:200]}"
        for texts in fillings
        for words in complaints(name, shape.fill(texts), twin(name))
    ]


@pytest.mark.parametrize("name", RENDERERS)
def test_a_sample_of_strings_changes_nothing_but_the_letters(name):
    trial = Trial(FORMATS[name], wide())
    strings = (*corpus.by_hand(), *corpus.own()[:: len(corpus.own()) // 200])
    fillings = list(trial.fillings(strings))
    tried = {text for texts in fillings for word, text in texts.items() if word in trial.printed}
    assert len(tried) >= SAMPLE
    assert told(name, iter(fillings)) == []


@pytest.mark.nightly
@pytest.mark.parametrize("name", RENDERERS)
def test_no_string_changes_anything_but_the_letters(name):
    assert told(name, Trial(FORMATS[name], wide()).fillings(corpus.own())) == []


def test_the_reader_would_notice_text_that_is_not_escaped(monkeypatch):
    """A control: markup that gets through makes a link, or no PDF at all."""
    trial = Trial(FORMATS["paper.html"], wide())
    monkeypatch.setattr(Html, "quote", staticmethod(lambda text: text))
    noticed = 0
    for text in ('<a href="https://evil.example/">x</a>', "<img src=x>"):
        filling = dict.fromkeys(islice(trial.printed, 20), text)
        try:
            noticed += bool(complaints("paper.html", wide().fill(filling), twin("paper.html")))
        except BulletinError:
            noticed += 1
    assert noticed == 2
