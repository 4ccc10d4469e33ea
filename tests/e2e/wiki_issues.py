"""Editions as a wiki's channel is given them, in the markup of that wiki."""

from functools import cache

from bulletin.model.delivery import Mode
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.wiki import DokuwikiRenderer, MediawikiRenderer
from tests.publishing.issues import issue
from tests.rendering.test_markdown import furnished

BUNDLE = Bundle.read()
DECK = b"%PDF-1.7\n% slides\n"


@cache
def printed(kind, title="Journal", *, revision=1, mode=Mode.LIVE, text="search", language="en"):
    """An issue with the page of a wiki and a deck; what comes after the first corrects it."""
    corrects = None if revision == 1 else "c" * 64
    filed = furnished(text, title=title, revision=revision, mode=mode, corrects=corrects)
    renderer = {"mediawiki": MediawikiRenderer, "dokuwiki": DokuwikiRenderer}[kind]()
    (page,) = renderer.render(filed, BUNDLE, language)
    files = {page.name: page.body, "deck.pdf": DECK + str(revision).encode()}
    return issue(filed, files=files, bulletin__md=None)
