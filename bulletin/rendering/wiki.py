"""The page of a wiki that has a markup of its own: one page, told in either dialect."""

from collections.abc import Sequence
from typing import ClassVar

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.dialects import Dokuwiki, Mediawiki
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Safe
from bulletin.rendering.markdown import tidy


class WikiRenderer:
    """Renders `bulletin.<format>`: what `bulletin.md` says, with the marks of a dialect."""

    format: ClassVar[str]
    safe: ClassVar[type[Safe]]

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        words = words_for(filed, bundle, language, self.safe)
        totals = tuple(week.total for week in filed.edition.list_weeks)
        marks = f"{self.format}/marks.txt"
        page = fill("wiki/page.txt", filed, bundle, words, totals=totals, marks=marks)
        name = f"bulletin.{self.format}"
        return (Artifact(name=name, media_type="text/plain", body=tidy(page).encode()),)


class MediawikiRenderer(WikiRenderer):
    """Renders `bulletin.mediawiki`."""

    format = "mediawiki"
    safe = Mediawiki


class DokuwikiRenderer(WikiRenderer):
    """Renders `bulletin.dokuwiki`."""

    format = "dokuwiki"
    safe = Dokuwiki
