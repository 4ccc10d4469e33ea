"""The e-mail: HTML without pictures, plain text, and both as a draft that mail programs open."""

import re
import textwrap
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

import css_inline

from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.model.text import clean
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Html, Plain
from bulletin.rendering.markdown import tidy
from bulletin.rendering.page import Page

LIMIT = 90_000
"""Bytes of HTML; a large mail provider cuts a message near 102 KB."""
WIDTH = 76
"""Letters of a line of plain text."""
FORGED = re.compile(r"\n(?:==|--|[*-] )")
"""A line broken in such a place that foreign words would pass for a heading or an item of ours."""
ROWS = (12, 8, 5, 3, 1)
"""Rows of a section, tried in turn until the HTML fits."""


class EmailRenderer:
    """Renders `email.html`, `email.txt` and `email.eml`."""

    format = "email"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where it cannot be made to fit."""
        html = fitting(filed, bundle, language)
        words = words_for(filed, bundle, language, Plain)
        text = wrapped(tidy(fill("email/email.txt", filed, bundle, words)))
        draft = compose(filed, language, subject(filed, bundle, language), text, html)
        return (
            Artifact(name="email.html", media_type="text/html", body=html.encode()),
            Artifact(name="email.txt", media_type="text/plain", body=text.encode()),
            Artifact(name="email.eml", media_type="message/rfc822", body=draft),
        )


def fitting(filed: Filed, bundle: Bundle, language: str) -> str:
    """Return the HTML with as many rows a section as fit. Raises `BulletinError` if none do."""
    words = words_for(filed, bundle, language, Html)
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, minify_css=True
    )
    for rows in ROWS:
        page = fill("email/email.html", filed, bundle, words, rows=rows)
        html = inliner.inline(page).strip() + "\n"
        if len(html.encode()) <= LIMIT:
            return html
    raise BulletinError(
        f"the e-mail is larger than {LIMIT // 1000} KB even with one row a section",
        "Shorten the e-mail's template, or name fewer sources.",
    )


def wrapped(text: str) -> str:
    """Break long lines at spaces, each under the first letter of its own; addresses stay whole."""
    return "".join(f"{_folded(line)}\n" for line in text.splitlines())


def _folded(line: str) -> str:
    bullet = re.match(r"\s*(?:[*-] )?", line)
    indent = " " * len(bullet[0] if bullet else "")
    folded = _filled(line, indent)
    return _filled(line, "  ") if FORGED.search(folded) else folded


def _filled(line: str, indent: str) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def subject(filed: Filed, bundle: Bundle, language: str) -> str:
    """Write the subject from the week, the counts and the configured title: nothing foreign."""
    edition, words = filed.edition, words_for(filed, bundle, language, Plain)
    complete = Page(filed).complete and not edition.gaps
    # An encoded word (`=?…?=`) in a title would be decoded by mail programs, line breaks and all.
    title = re.sub(r"[^\w .,:'\u2019&()-]", "", clean(edition.title, 60))
    line = str(
        words(
            "email.subject" if complete else "email.subject-incomplete",
            title=title,
            week=edition.week.number,
            open=edition.ledger.open_now,
            fixed=edition.ledger.fixed,
        )
    )
    return " ".join(line.split())


def compose(filed: Filed, language: str, title: str, text: str, html: str) -> bytes:
    """Return the message as bytes, the same for the same edition.

    Raises `BulletinError` if what a mail program would read differs from what was written.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = title
    message["Date"] = format_datetime(filed.edition.as_of)
    message["Message-ID"] = f"<{filed.digest[:40]}.{language}@bulletin.invalid>"
    message["X-Unsent"] = "1"  # opens as a draft, ready for its recipients
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = language  # the two lines above would drop it
    message.set_boundary(f"=_{filed.digest[:40]}")
    written = message.as_bytes()
    read = message_from_bytes(written, policy=policy.SMTP)
    parts = [
        part.get_content().replace("\r\n", "\n") for part in read.walk() if not part.is_multipart()
    ]
    # Python folds a long subject where it likes, and reads some folds back as a space too many.
    subject_read = " ".join(str(read["Subject"]).split())
    if (read.keys(), subject_read, parts) != (message.keys(), title, [text, html]):
        raise BulletinError(
            "the e-mail does not read back as it was written",
            "Report this with the edition's edition.json; the other formats are not touched.",
        )
    return written
