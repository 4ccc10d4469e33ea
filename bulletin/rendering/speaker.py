"""The speaker's page: the agenda with everything that whoever leads the meeting may be asked."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, inline_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.sizes import Sizes

SIZES = Sizes(
    picture=(360, 200, 12),
    fates=(None, 28, 14),
    spark=(150, 36),
    rate=(180, 40),
    trend=(110, 22),
    ages=(360, 200, 12, 96),
    services=12,
    sky=24,
    gaps=20,
    fold=8,
)
APPENDIX = 40
"""Items of the appendix that are named before the rest is counted."""


class SpeakerRenderer:
    """Renders `speaker.html`."""

    format = "speaker"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        words = words_for(filed, bundle, language, Html)
        page = fill(
            "speaker/speaker.html",
            filed,
            bundle,
            words,
            sizes=SIZES,
            room=APPENDIX,
            is_web=True,
            asset=inline_asset(bundle),
        )
        return (Artifact(name="speaker.html", media_type="text/html", body=page.encode()),)
