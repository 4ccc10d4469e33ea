"""The shelf of back issues: the page that lists every edition, and an Atom feed beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed, Ledger
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import inline_asset, lead, render
from bulletin.rendering.escape import Html, Safe
from bulletin.rendering.logo import find_logo
from bulletin.rendering.words import Words, read_catalogue

HEADLINE = 120
"""Characters of foreign words in a headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One line of the shelf."""

    week: Week
    number: int
    day: datetime
    """When the week closed."""
    updated: str
    """When its services were asked, as RFC 3339 writes it."""
    digest: str
    headline: Safe
    ledger: Ledger

    @property
    def folder(self) -> str:
        """The folder of its pages, beside the shelf."""
        return str(self.week)


def render_back_issues(
    editions: Sequence[Filed], bundle: Bundle, language: str, older: int
) -> tuple[Artifact, ...]:
    """Render `index.html` and `feed.xml` for editions that are newest first and at least one.

    `older` is the number of editions that there was no room for.
    """
    newest = editions[0].edition
    words = Words(read_catalogue(bundle, language), Html, ZoneInfo(newest.zone))
    issues = [_issue(filed, words) for filed in editions]
    context = {
        "title": newest.title,
        "identity": sha256(newest.title.encode()).hexdigest(),
        "language": language,
        "older": older,
        "issues": issues,
        "updated": max(issue.updated for issue in issues),
        "t": words,
        "logo": find_logo(bundle.files),
        "asset": inline_asset(bundle),
    }
    return tuple(
        Artifact(
            name=name,
            media_type=media_type,
            body=render(f"archive/{name}", bundle, Html, context).encode(),
        )
        for name, media_type in (("index.html", "text/html"), ("feed.xml", "application/atom+xml"))
    )


def _issue(filed: Filed, words: Words) -> Issue:
    edition = filed.edition
    return Issue(
        week=edition.week,
        number=edition.number,
        day=edition.window.end,
        updated=f"{edition.as_of:%Y-%m-%dT%H:%M:%SZ}",
        digest=filed.digest,
        headline=lead(filed, words, HEADLINE),
        ledger=edition.ledger,
    )
