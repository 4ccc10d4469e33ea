"""The web page: one file that loads nothing."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, inline_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.sizes import Sizes

PRESSING_ROWS = 6
ROOM = 500
"""Items of a section: all of them, since `room` in the settings has its word first."""

SIZES = Sizes(
    picture=(360, 270, 12),
    fates=(None, 32, 14),
    spark=(150, 40),
    rate=(200, 44),
    trend=(110, 22),
    ages=(360, 220, 12, 96),
    services=12,
    sky=30,
    gaps=100,
    fold=20,
)


class HtmlRenderer:
    """Renders `index.html`."""

    format = "html"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        words = words_for(filed, bundle, language, Html)
        page = fill(
            "html/index.html",
            filed,
            bundle,
            words,
            rows=PRESSING_ROWS,
            room=ROOM,
            sizes=SIZES,
            is_web=True,
            asset=inline_asset(bundle),
        )
        return (Artifact(name="index.html", media_type="text/html", body=page.encode()),)
