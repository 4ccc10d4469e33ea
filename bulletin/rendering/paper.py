"""The paper: A4, to be printed or kept."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.pdf import print_pdf
from bulletin.rendering.sizes import Sizes

PRESSING_ROWS = 3
BRIEF_ROWS = 4
"""Lines of a list on the front, which is one page."""
FRONT_GAPS = 2
ROOM = 12
"""Items of a section behind the front: even the fullest week stays within eight pages."""

SIZES = Sizes(
    picture=(216, 112, 7),
    fates=(470, 17, 10),
    spark=(100, 22),
    rate=(150, 20),
    trend=(70, 13),
    ages=(214, 92, 9, 76),
    services=4,
    sky=22,
    gaps=8,
    fold=5,
)


class PaperRenderer:
    """Renders `paper.pdf`."""

    format = "paper"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the machine cannot print PDF."""
        body = print_pdf(sheets(filed, bundle, language), bundle)
        return (Artifact(name="paper.pdf", media_type="application/pdf", body=body),)


def sheets(
    filed: Filed, bundle: Bundle, language: str, asset: Callable[[str], Markup] = print_asset
) -> str:
    """Return the HTML that is printed. Raises `BulletinError` where a template is wrong.

    `asset` names the fonts and the logo for whoever prints.
    """
    return fill(
        "paper/paper.html",
        filed,
        bundle,
        words_for(filed, bundle, language, Html),
        rows=PRESSING_ROWS,
        brief_rows=BRIEF_ROWS,
        front_gaps=FRONT_GAPS,
        room=ROOM,
        is_web=False,
        sizes=SIZES,
        asset=asset,
    )
