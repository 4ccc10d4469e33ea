"""Every face of every edition of the menagerie, as files: what the gates look at.

A new format joins by its place in the registry, and a new page of the archive by being rendered.
"""

import sys
from dataclasses import replace
from email import message_from_bytes, policy
from functools import cache
from unittest.mock import patch

from bulletin import registry
from bulletin.archive.codec import file
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from tests.menagerie import EDITIONS, WEEK

BUNDLE = Bundle.read()
LOOKS = (*((name, "en") for name in EDITIONS), ("everything", "fr"), ("dreadful", "fr"))
"""Which edition in which language; both languages of the two that say most."""
WITHOUT_PAGES = frozenset({"confluence", "dokuwiki", "json", "markdown", "mediawiki", "verdict"})
FORMATS = tuple(name for name in registry.names("format") if name not in WITHOUT_PAGES)


def _printer(kind):
    """The module through which a format prints, or None."""
    module = sys.modules[registry.find("format", kind).__module__]
    return module if hasattr(module, "print_pdf") else None


PRINTED = tuple(kind for kind in FORMATS if _printer(kind))
SHOWN = tuple(kind for kind in FORMATS if kind not in PRINTED)


@cache
def artifacts(kind, name, language):
    """What a format makes of an edition: file name → bytes."""
    asked = f"{kind}:search" if kind == registry.LETTER else kind
    made = registry.renderer(asked).render(EDITIONS[name](), BUNDLE, language)
    return {artifact.name: artifact.body for artifact in made}


@cache
def handed_to_the_printer(kind, name, language):
    """The HTML of a printed format."""
    heard = []
    with patch.object(_printer(kind), "print_pdf", lambda html, *_: heard.append(html) or b""):
        registry.find("format", kind)().render(EDITIONS[name](), BUNDLE, language)
    (html,) = heard
    return html.encode()


@cache
def shelf(language):
    """The archive of back issues, one of each edition: file name → bytes."""
    editions = [
        file(replace(make().edition, week=WEEK.shift(-back), number=47 - back))
        for back, make in enumerate(EDITIONS.values())
    ]
    return {a.name: a.body for a in render_back_issues(editions, BUNDLE, language, older=7)}


def pages(kind, name, language):
    """The HTML pages of a face: file name → bytes."""
    if kind in PRINTED:
        return {f"{kind}.html": handed_to_the_printer(kind, name, language)}
    made = shelf(language) if kind == "archive" else artifacts(kind, name, language)
    if kind == registry.LETTER:
        return {f"{path}.html": _rich(body) for path, body in made.items()}
    return {path: body for path, body in made.items() if path.endswith(".html")}


def _rich(message):
    """The HTML of a message."""
    read = message_from_bytes(message, policy=policy.SMTP)
    (page,) = (part for part in read.walk() if part.get_content_type() == "text/html")
    return page.get_content().encode()


def written(folder, kinds, looks=LOOKS):
    """Write the pages of these formats into a folder, and return their paths."""
    paths = []
    for kind in kinds:
        for name, language in looks:
            for page, body in pages(kind, name, language).items():
                path = folder / f"{kind}-{name}-{language}-{page}"
                path.write_bytes(body)
                paths.append(path)
    assert paths
    return paths
