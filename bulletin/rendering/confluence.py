"""The Confluence page, in Confluence's storage format: XHTML with elements of its own."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Html


class ConfluenceRenderer:
    """Renders `bulletin.confluence`, a fragment without a root that is well-formed otherwise."""

    format = "confluence"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        words = words_for(filed, bundle, language, Html)
        totals = tuple(week.total for week in filed.edition.list_weeks)
        page = fill("confluence/page.html", filed, bundle, words, totals=totals)
        lines = (line.strip() for line in page.splitlines())
        body = "\n".join(line for line in lines if line) + "\n"
        return (Artifact(name="bulletin.confluence", media_type="text/xml", body=body.encode()),)
