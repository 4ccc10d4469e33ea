"""The Markdown page, for wikis and pull requests."""

import re
from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Markdown


class MarkdownRenderer:
    """Renders `bulletin.md`."""

    format = "markdown"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        words = words_for(filed, bundle, language, Markdown)
        totals = tuple(week.total for week in filed.edition.list_weeks)
        page = tidy(fill("markdown/bulletin.md", filed, bundle, words, totals=totals))
        return (Artifact(name="bulletin.md", media_type="text/markdown", body=page.encode()),)


def tidy(text: str) -> str:
    """Leave one empty line between paragraphs, none at the start, and end with a line break."""
    return re.sub(r"\n[ \t]*\n\s*\n", "\n\n", text).strip() + "\n"
