"""The deck: 16:9, for the screen of the meeting."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.pdf import print_pdf

ROWS = 6
"""Rows of a slide that can be read from the far end of the room."""


class DeckRenderer:
    """Renders `deck.pdf`."""

    format = "deck"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the machine cannot print PDF."""
        words = words_for(filed, bundle, language, Html)
        slides = fill("deck/deck.html", filed, bundle, words, rows=ROWS, asset=print_asset)
        body = print_pdf(slides, bundle)
        return (Artifact(name="deck.pdf", media_type="application/pdf", body=body),)
