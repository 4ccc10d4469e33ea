"""The paper: A4, to be printed or kept."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.pdf import print_pdf
from bulletin.rendering.sizes import Sizes

PRESSING_ROWS = 6
ROOM = 12
"""Items of a section: even the fullest week stays within eight pages."""

SIZES = Sizes(
    picture=(216, 150, 9),
    fates=(470, 20, 10),
    spark=(100, 24),
    rate=(150, 26),
    trend=(80, 16),
    ages=(214, 130, 9, 76),
    services=6,
    gaps=8,
)


class PaperRenderer:
    """Renders `paper.pdf`."""

    format = "paper"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the machine cannot print PDF."""
        words = words_for(filed, bundle, language, Html)
        page = fill(
            "paper/paper.html",
            filed,
            bundle,
            words,
            rows=PRESSING_ROWS,
            room=ROOM,
            sizes=SIZES,
            asset=print_asset,
        )
        body = print_pdf(page, bundle)
        return (Artifact(name="paper.pdf", media_type="application/pdf", body=body),)
