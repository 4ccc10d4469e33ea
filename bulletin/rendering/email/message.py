"""The message: subject, text, HTML and pictures as one draft, the same for the same edition."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage, Message
from email.utils import format_datetime
from typing import cast

from bulletin.errors import BulletinError
from bulletin.model.edition import Filed
from bulletin.model.text import plain_title
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Plain
from bulletin.rendering.page import Page
from bulletin.rendering.verdict import stamped


def subject(filed: Filed, bundle: Bundle, language: str) -> str:
    """Write the subject from the counts, the week and the configured title: nothing foreign."""
    edition, words = filed.edition, words_for(filed, bundle, language, Plain)
    page = Page(filed)
    line = str(
        words(
            _verdict(page),
            title=plain_title(edition.title),
            week=edition.week.number,
            open=edition.ledger.open_now,
            fixed=edition.ledger.fixed,
        )
    )
    return " ".join(stamped(line, edition, words).split())


def _verdict(page: Page) -> str:
    if page.all_clear:
        return "email.subject-clear"
    return (
        "email.subject" if page.complete and not page.edition.gaps else "email.subject-incomplete"
    )


def compose(  # noqa: PLR0917  (a message has these parts)
    filed: Filed,
    language: str,
    title: str,
    text: str,
    html: str,
    pictures: Mapping[str, bytes],
) -> bytes:
    """Return the message as bytes. `pictures` are PNGs by their name in the HTML's `cid:`.

    Raises `BulletinError` if what a mail program would read differs from what was written.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["Date"] = format_datetime(filed.edition.made)
    message["Message-ID"] = f"<{filed.digest[:40]}.{language}@bulletin.invalid>"
    message["X-Unsent"] = "1"  # opens as a draft, ready for its recipients
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = language  # the two lines above would drop it
    _attach(message, pictures, f"=_{filed.digest[:32]}_related")
    message.set_boundary(f"=_{filed.digest[:40]}")
    written = _subject_line(title) + message.as_bytes()
    read = message_from_bytes(written, policy=policy.SMTP)
    # Python reads some folds of a long subject back as a space too many.
    subject_read = " ".join(str(read["Subject"]).split())
    parts = [_content(part) for part in read.walk() if not part.is_multipart()]
    names = [part["Content-ID"] for part in read.walk() if part["Content-ID"]]
    if (read.keys(), subject_read, parts, names) != (
        ["Subject", *message.keys()],
        title,
        [text, html, *pictures.values()],
        [f"<{name}>" for name in pictures],
    ):
        raise BulletinError(
            "the e-mail does not read back as it was written",
            "Report this with the edition's edition.json; the other formats are not touched.",
        )
    return written


def _subject_line(title: str) -> bytes:
    """Return the header of a subject.

    Python's own folding encodes word by word, and loses the space between two that are encoded:
    `· Écho` would be read as `·Écho`.
    """
    charset = "us-ascii" if title.isascii() else "utf-8"
    line = Header(title, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {line}\r\n".encode("ascii")


def _attach(message: EmailMessage, pictures: Mapping[str, bytes], boundary: str) -> None:
    """Put the pictures beside the HTML, in a part of their own."""
    if not pictures:
        return
    rich = cast("EmailMessage", message.get_payload(1))
    for name, body in pictures.items():
        rich.add_related(
            body,
            "image",
            "png",
            cid=f"<{name}>",
            filename=f"{name.partition('.')[0]}.png",
            disposition="inline",
        )
    rich.set_boundary(boundary)


def _content(part: Message) -> str | bytes:
    content = cast("EmailMessage", part).get_content()
    return content if isinstance(content, bytes) else content.replace("\r\n", "\n")
