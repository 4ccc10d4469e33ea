"""The chat channel: a short verdict and a link, by Apprise, to any room that it knows.

A chat cannot be asked what it has, and Apprise says only whether all went well. What it writes to
its log beside is read for the few endings after which nothing can be there.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from bulletin.config import Bulletin, Secret
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt
from bulletin.publishing import Commit, Issue
from bulletin.publishing.answers import moved

if TYPE_CHECKING:
    from apprise import NotifyBase

TEXT = "verdict.txt"
CONNECT_SECONDS = 20.0
READ_SECONDS = 60.0
BROKEN = "Socket Exception"
"""How Apprise begins to tell what ended a connection."""
UNMET = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeoutError")
"""How urllib3 names the ends of a connection that never began."""
UNTRUSTED = "SSLCertVerificationError"
ANSWERED = re.compile(r"\berror\s?=\s?(\d{3})\b")
"""How Apprise tells the status of an answer that it did not expect."""
LATER, TIMED_OUT = 429, 408
HINT = "Make the room's address anew, as docs/channels/chat.md says, and put it where it was."


class ChatPublisher:
    """Says in a chat that an edition is out. Each mode has a room of its own, or none."""

    formats: ClassVar[tuple[str, ...]] = ("verdict",)

    class Settings(Table):
        """The table `[[publish]]` with `kind = "chat"`. An Apprise URL holds the room's password:
        it is a secret.
        """

        url: Secret
        """The room of the live editions, as an Apprise URL."""
        rehearsal: Secret | None = None
        """The room of rehearsals; without it, they are told nowhere."""
        preview: Secret | None = None
        """The room of the editors, where drafts are told."""

        @model_validator(mode="after")
        def _rooms_apart(self) -> Self:
            if self.url in {self.rehearsal, self.preview}:
                msg = "rehearsals and previews need a room of their own, not the live one"
                raise ValueError(msg)
            return self

    def __init__(self, rooms: Mapping[Mode, Secret], channel: str = "chat") -> None:
        self.channel = channel
        self._rooms = rooms

    @classmethod
    def from_settings(cls, settings: Settings, name: str, _bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        rooms = {
            Mode.LIVE: settings.url,
            Mode.REHEARSAL: settings.rehearsal,
            Mode.PREVIEW: settings.preview,
        }
        return cls({mode: secret for mode, secret in rooms.items() if secret is not None}, name)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Freeze the text for the room of the edition's mode. Raises where it is not there."""
        target = self._target(issue.filed.edition.mode)
        if target is None:
            return ()
        text = issue.artifact(TEXT)
        if text is None:
            raise BulletinError(
                f"there is no {TEXT} to send", "The log says why it could not be made."
            )
        first = text.body.decode().partition("\n")[0]
        return (Parcel(target=target, title=first, body=text.body),)

    def deliver(self, delivery: Delivery, _issue: Issue, commit: Commit) -> Receipt:
        """Post the text once. Whatever cannot be told from an arrival is uncertain."""
        if delivery.parcel.target != self._target(delivery.mode):
            raise moved(delivery, "room")
        service = _service(self._rooms[delivery.mode])
        commit()
        fate, detail = _post(service, delivery.parcel.body.decode())
        return Receipt(
            channel=self.channel,
            target=delivery.parcel.target,
            fate=fate,
            reference="",
            detail=f"{service.service_name}: {detail}",
        )

    def check(self) -> str:
        """Read every address. A chat cannot be tried without posting, so nothing is reached."""
        rooms = {mode: _service(secret) for mode, secret in self._rooms.items()}
        addresses = [secret.reveal() for secret in self._rooms.values()]
        if len(set(addresses)) < len(addresses):
            raise BulletinError(
                "two modes have the same room: a rehearsal would be taken for the real thing",
                "Give rehearsals and previews rooms of their own.",
            )
        told = ", ".join(f"{mode} to {room.service_name}" for mode, room in rooms.items())
        return f"{told}; only a rehearsal shows whether it is let in"

    def _target(self, mode: Mode) -> str | None:
        """Return the room of a mode by the place of its address: the address itself is secret."""
        secret = self._rooms.get(mode)
        return None if secret is None else f"the {mode} room of {secret.env or secret.file}"


def _service(secret: Secret) -> "NotifyBase":
    """Return what posts to the address. Raises `BulletinError`, without the address."""
    import apprise  # noqa: PLC0415  (it loads over a hundred services; most runs need none)

    asset = apprise.AppriseAsset(
        app_id="Bulletin",
        image_url_mask="",  # else rooms load an icon from a stranger's server
        image_url_logo="",
        storage_mode="memory",
        http_redirects=False,
        allow_templates=False,
    )
    where = f"the address of a chat in {secret.env or secret.file}"
    with _listening():
        service = apprise.Apprise.instantiate(secret.reveal(), asset=asset)
    if service is None:
        raise BulletinError(f"{where} is none that Apprise knows", HINT)
    if not service.verify_certificate:
        raise BulletinError(f"{where} says not to verify certificates", "Take verify=no out of it.")
    service.redirects = False  # an address may ask for them, and they would carry its password
    service.socket_connect_timeout = CONNECT_SECONDS
    service.socket_read_timeout = READ_SECONDS
    return service


def _post(service: "NotifyBase", text: str) -> tuple[Fate, str]:
    """Hand the text over, past the point of no return, and say how it ended."""
    with _listening() as heard:
        try:
            # Of no declared format, it is posted as it is: converted, its address would break.
            if service.notify(body=text):
                return Fate.DELIVERED, "posted"
        except Exception as error:  # noqa: BLE001  (a traceback might hold the address)
            return Fate.UNCERTAIN, f"it broke while posting ({type(error).__name__})"
    return _ending(heard, is_single=len(service) == 1)


def _ending(heard: Sequence[logging.LogRecord], *, is_single: bool) -> tuple[Fate, str]:
    """Tell from what was heard whether anything can have arrived.

    Of several targets, or after a first message, some may have it: then nobody can say. What the
    service itself said is at other places of the log, and is not listened to.
    """
    told = [(record.levelno, record.getMessage()) for record in heard]
    alone = is_single and not any(said.startswith("Sent ") for _, said in told)
    broken = " ".join(said for _, said in told if said.startswith(BROKEN))
    failed = " ".join(said for level, said in told if level >= logging.WARNING)
    if alone and UNMET.search(broken):
        return Fate.DEFERRED, "no connection could be made"
    if alone and UNTRUSTED in broken:
        return Fate.REFUSED, "its certificate could not be verified, so nothing was said to it"
    answers = [int(status) for status in ANSWERED.findall(failed)]
    if alone and len(answers) == 1:
        status = answers[0]
        if status == LATER:
            return Fate.DEFERRED, f"it is busy (HTTP {status})"
        if 300 <= status < 500 and status != TIMED_OUT:  # noqa: PLR2004  (HTTP's classes)
            return Fate.REFUSED, f"it refused the message (HTTP {status}). {HINT}"
    why = f"HTTP {answers[-1]}" if answers else "no answer that could be understood"
    return Fate.UNCERTAIN, f"nobody can say whether it was posted ({why})"


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record)


@contextmanager
def _listening() -> Iterator[list[logging.LogRecord]]:
    """Hear what Apprise logs, and keep it from everybody else: it names addresses in full."""
    logger, ear = logging.getLogger("apprise"), _Ear()
    before = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield ear.heard
    finally:
        logger.removeHandler(ear)
        logger.setLevel(before[0])
        logger.propagate = before[1]
