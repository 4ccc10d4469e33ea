"""The frozen message: a head that is each recipient's own, and all the rest, which they share.

No text of any source is in a header: the subject is made of counts and the configured title. What
was written is read again before it is packed, and once more before it leaves, since a header that
mail programs would read otherwise could add recipients.
"""

import hashlib
import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.header import Header
from email.parser import BytesHeaderParser

from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed
from bulletin.model.text import plain_title
from bulletin.publishing.email.settings import EmailSettings

TAKEN = ("Subject", "Date", "MIME-Version", "Content-Type", "Content-Language")
"""Headers of the rendered draft that stay."""
NEEDED = {"Subject", "Date", "MIME-Version", "Content-Type"}
DROPPED = ("Message-ID", "X-Unsent")
"""Headers of the draft that make it one."""
OURS = (
    "To",
    "Message-ID",
    "From",
    "Reply-To",
    "List-Id",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "References",
    "In-Reply-To",
    "X-Bulletin-Mode",
    "X-Bulletin-Edition",
)
OPTIONAL = {"Reply-To", "Content-Language"}
FIELD = re.compile(rb"([!-9;-~]+):[ \t][ -~\t]*\r\n(?:[ \t][ -~\t]*\r\n)*")
"""A header as it stands there, with its folded lines."""
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
LINE = 998
"""Bytes of a line (RFC 5322 2.1.1)."""
AT_FAULT = "Report this with the edition's edition.json; the other channels are not touched."


def head(recipient: str, filed: Filed, channel: str, domain: str) -> tuple[bytes, str]:
    """Return the lines that are this recipient's own, and the Message-ID among them.

    That is the same whenever it is written: a receiver that drops what it has seen can tell.
    """
    message_id = _id(f"{filed.digest}|{channel}|{recipient}", domain)
    return f"To: {recipient}\r\nMessage-ID: {message_id}\r\n".encode("ascii"), message_id


def shared(draft: bytes, filed: Filed, channel: str, settings: EmailSettings) -> bytes:
    """Return the headers that all recipients share, and the draft's content as it is.

    Raises `BulletinError` for a draft that is none of ours.
    """
    above, _, content = draft.partition(b"\r\n\r\n")
    fields = _fields(above + b"\r\n")
    if not NEEDED <= fields.keys() <= {*TAKEN, *DROPPED}:
        raise _fault(f"its draft has other headers: {', '.join(fields) or 'none'}")
    mode = filed.edition.mode
    list_id = settings.list_id or f"bulletin.{settings.domain}"
    thread = _id(f"thread|{channel}|{list_id}|{mode}", settings.domain)
    ours = {
        "From": f"{_display(filed.edition.title)} <{settings.sender}>",
        "Reply-To": settings.reply_to,
        "List-Id": f"<{list_id}>",
        "Auto-Submitted": "auto-generated",  # no holiday notes, please (RFC 3834) …
        "X-Auto-Response-Suppress": "All",  # … and the same for Exchange
        "References": thread,
        "In-Reply-To": thread,
        "X-Bulletin-Mode": str(mode),
        "X-Bulletin-Edition": filed.digest,
    }
    lines = [f"{name}: {value}\r\n" for name, value in ours.items() if value is not None]
    kept = b"".join(fields[name] for name in TAKEN if name in fields)
    return "".join(lines).encode("ascii") + kept + b"\r\n" + content


def _id(told: str, domain: str) -> str:
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{domain}>"


def _display(title: str) -> str:
    # What is left needs no quoting inside quotation marks, and is never an encoded word.
    name = plain_title(title) or "Bulletin"
    if name.isascii():
        return f'"{name}"'
    return Header(name, "utf-8", maxlinelen=72, header_name="From").encode(linesep="\r\n")


def subject(message: bytes) -> str:
    """Return what a reader sees as the subject, on one line."""
    read = BytesHeaderParser(policy=policy.default).parsebytes(message)
    return " ".join(str(read["Subject"]).split())


def proofread(message: bytes, target: str, mode: Mode, edition: str) -> None:
    """Read the message as a mail server and a mail program would.

    Raises `BulletinError` where it has other headers than ours, goes to another than this target,
    is of another mode or edition, or holds bytes that a mail server might read otherwise.
    """
    above, blank, content = message.partition(b"\r\n\r\n")
    fields = _fields(above + b"\r\n")
    read = BytesHeaderParser(policy=policy.default).parsebytes(message)
    known = {*OURS, *TAKEN}
    if [*fields] != read.keys() or not known - OPTIONAL <= fields.keys() <= known:
        raise _fault(f"its headers are {', '.join(read.keys())}")
    if not blank or not content.endswith(b"\r\n") or not message.isascii():
        raise _fault("it is no whole message of plain ASCII")
    if BARE.search(message) or max(map(len, message.split(b"\r\n"))) > LINE:
        raise _fault("it has bytes or lines that a mail server may read otherwise")
    if any(not str(value).isprintable() for value in read.values()):
        raise _fault("a header holds what cannot be printed")
    told = (read["To"], read["X-Bulletin-Mode"], read["X-Bulletin-Edition"])
    if tuple(map(str, told)) != (target, str(mode), edition):
        raise _fault(f"it is made for {' '.join(map(str, told))[:200]}")


def same_content(draft: bytes, message: bytes) -> None:
    """Raise `BulletinError` unless both read back as the same parts."""
    if _parts(draft) != _parts(message):
        raise _fault("its parts do not read back as they were rendered")


def _parts(message: bytes) -> Sequence[tuple[str, object]]:
    read = message_from_bytes(message, policy=policy.SMTP)
    return [(part.get_content_type(), part.get_payload(decode=True)) for part in read.walk()]


def _fields(above: bytes) -> dict[str, bytes]:
    """Return each header by its name, as the bytes that it is. Raises where one stands twice."""
    fields: dict[str, bytes] = {}
    at = 0
    while at < len(above):
        found = FIELD.match(above, at)
        name = found[1].decode("ascii") if found else ""
        if found is None or name in fields:
            raise _fault("its head is not made of headers, each there once")
        fields[name] = found[0]
        at = found.end()
    return fields


def _fault(what: str) -> BulletinError:
    return BulletinError(f"the e-mail is not fit to leave: {what}", AT_FAULT)
