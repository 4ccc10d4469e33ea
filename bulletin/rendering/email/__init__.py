"""The e-mail: HTML with its pictures, plain text, and both as a draft that mail programs open."""

from collections.abc import Sequence

import css_inline

from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email.message import compose, subject
from bulletin.rendering.email.pictures import Pictures
from bulletin.rendering.email.plain import wrapped
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Html, Plain
from bulletin.rendering.markdown import tidy

LIMIT = 90_000
"""Bytes of HTML; a large mail provider cuts a message near 102 KB."""
SHORT = 40_960
"""Bytes of HTML that a mail should have: it is read in two minutes."""
ROWS = (12, 8, 5, 3, 1)
"""Rows of a section, tried in turn until the HTML fits."""
ENOUGH = 5
"""Rows below which a mail is not cut to be short, but only to be delivered."""
STAYED = 6
"""Items that stayed which the plain text lists before their sections do."""


class EmailRenderer:
    """Renders `email.html`, `email.txt` and `email.eml`.

    The HTML names its pictures as mail programs do, by `cid:`. They lie in the draft alone, so
    that `email.html` is byte for byte what is sent; `viewable` shows it in a browser.
    """

    format = "email"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where it cannot be made to fit."""
        pictures = Pictures(filed.digest, bundle)
        html = fitting("email/email.html", filed, bundle, language, pictures)
        words = words_for(filed, bundle, language, Plain)
        text = wrapped(tidy(fill("email/email.txt", filed, bundle, words, rows=STAYED)))
        title = subject(filed, bundle, language)
        draft = compose(filed, language, title, text, html, pictures.printed(html))
        return (
            Artifact(name="email.html", media_type="text/html", body=html.encode()),
            Artifact(name="email.txt", media_type="text/plain", body=text.encode()),
            Artifact(name="email.eml", media_type="message/rfc822", body=draft),
        )


def fitting(
    template: str,
    filed: Filed,
    bundle: Bundle,
    language: str,
    pictures: Pictures,
    **more: object,
) -> str:
    """Return the HTML with as many rows a section as fit. Raises `BulletinError` if none do."""
    words = words_for(filed, bundle, language, Html)
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, minify_css=True
    )
    for rows in ROWS:
        page = fill(template, filed, bundle, words, rows=rows, pictures=pictures, **more)
        html = inliner.inline(page).strip() + "\n"
        if len(html.encode()) <= (SHORT if rows > ENOUGH else LIMIT):
            return html
    raise BulletinError(
        f"the e-mail is larger than {LIMIT // 1000} KB even with one row a section",
        "Shorten the e-mail's template, or name fewer sources.",
    )
