"""The shelf of back issues: the editions, every item that they pointed at, and an Atom feed."""

import base64
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from zoneinfo import ZoneInfo

from bulletin.model.delivery import Artifact, Mode
from bulletin.model.edition import Filed, Ledger
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.chronicle import Chronicle
from bulletin.rendering.chronicle_drawings import ChronicleDrawings
from bulletin.rendering.drawings import Drawings
from bulletin.rendering.environment import inline_asset, is_decided, lead, render
from bulletin.rendering.escape import Html, Safe
from bulletin.rendering.lives import Register
from bulletin.rendering.logo import find_logo
from bulletin.rendering.masked import spoken
from bulletin.rendering.page import Page
from bulletin.rendering.rows import Rows
from bulletin.rendering.taught import Taught
from bulletin.rendering.verdict import verdict
from bulletin.rendering.words import Words, read_catalogue

HEADLINE = 120
"""Characters of foreign words in a headline."""
ITEMS = 2000
"""Rows of the page of items; it says how many more there are."""
SCRIPT = "archive/filter.js"
PAGES = (
    ("index.html", "text/html"),
    ("feed.xml", "application/atom+xml"),
    ("items.html", "text/html"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One edition on the shelf."""

    week: Week
    number: int
    mode: Mode
    day: datetime
    """When the week closed."""
    updated: str
    """When its services were asked, as RFC 3339 writes it."""
    month: Safe
    headline: Safe
    verdict: Safe
    ledger: Ledger

    @property
    def folder(self) -> str:
        """The folder of its pages, beside the shelf."""
        return str(self.week)


def render_back_issues(
    editions: Iterable[Filed],
    bundle: Bundle,
    language: str,
    older: int,
    *,
    printed: Container[Week] | None = None,
    identity: str = "",
) -> tuple[Artifact, ...]:
    """Render the shelf for editions that are newest first and at least one, each read once. Weeks
    that were filled in are no editions, and not on it.

    `older` is the number of printed editions that there was no room for. `printed` names the weeks
    that have a folder beside the shelf: all of them, unless it is given. `identity` is what the
    feed is known by for ever: the title, unless it is given.
    """
    catalogue = read_catalogue(bundle, language)
    register, chronicle = Register(), Chronicle()
    issues: list[Issue] = []
    words = None
    for filed in editions:
        edition = filed.edition
        if edition.filled_in:
            continue
        if words is None:
            newest, words = edition, Words(catalogue, Html, ZoneInfo(edition.zone))
            page = Page(spoken(filed, words))
        register.add(edition)
        chronicle.add(edition)
        if printed is None or edition.week in printed:
            issues.append(_issue(filed, words))
    if words is None:
        msg = "a shelf holds at least one edition"
        raise ValueError(msg)
    lives = register.ranked()
    script = bundle.text(SCRIPT)
    context = {
        "title": newest.title,
        "tone": newest.tone,
        "web": newest.web,
        "identity": sha256((identity or newest.title).encode()).hexdigest(),
        "language": language,
        "older": older,
        "issues": issues,
        "months": [(month, list(some)) for month, some in groupby(issues[1:], _month)],
        "updated": max((issue.updated for issue in issues), default=_moment(newest.made)),
        "rows": Rows(lives[:ITEMS], newest.week, words, printed),
        "untold": max(0, len(lives) - ITEMS),
        "total": len(lives),
        "draw": ChronicleDrawings(chronicle, words),
        "taught": Taught.by(page.edition, words),
        "page": page,
        "edition": page.edition,
        "drawn": Drawings(page, words),
        "script": Html(script),
        "script_hash": base64.b64encode(sha256(script.encode()).digest()).decode(),
        "t": words,
        "logo": find_logo(bundle.files),
        "asset": inline_asset(bundle),
    }
    return tuple(_artifacts(context, bundle))


def _artifacts(context: Mapping[str, object], bundle: Bundle) -> Iterator[Artifact]:
    for name, media_type in PAGES:
        body = render(f"archive/{name}", bundle, Html, context).encode()
        yield Artifact(name=name, media_type=media_type, body=body)


def _month(issue: Issue) -> Safe:
    return issue.month


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _issue(filed: Filed, words: Words) -> Issue:
    edition = filed.edition
    words = replace(words, decided=is_decided(edition))
    return Issue(
        week=edition.week,
        number=edition.number,
        mode=edition.mode,
        day=edition.window.end,
        updated=_moment(edition.made),
        month=words.month(edition.window.end),
        headline=lead(filed, words, HEADLINE),
        verdict=verdict(edition, words),
        ledger=edition.ledger,
    )
