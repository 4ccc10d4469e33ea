"""A mail server of the demo on loopback, which keeps every letter as it came."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
TAKEN = "250 OK, it is in the box"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that the server took."""

    to: str
    """The address of the envelope."""
    subject: str
    path: Path
    """Where it lies, byte for byte."""


@dataclass(slots=True)
class PostOffice:
    """The running server: its port, and what it took."""

    folder: Path
    port: int
    letters: list[Letter] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  (aiosmtpd calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a letter once for each address, before it is said to be taken."""
        body = envelope.content if isinstance(envelope.content, bytes) else b""
        subject = str(message_from_bytes(body, policy=policy.SMTP)["Subject"])
        for to in envelope.rcpt_tos:
            path = self.folder / f"{len(self.letters) + 1:02}.eml"
            path.write_bytes(body)
            self.letters.append(Letter(to=to, subject=subject, path=path))
        return TAKEN


@contextmanager
def open_post_office(folder: Path) -> Iterator[PostOffice]:
    """Start the server on a free loopback port, and stop it at the end."""
    with socket.create_server((HOST, 0)) as free:  # the controller cannot be given port 0
        port = free.getsockname()[1]
    office = PostOffice(folder, port)
    controller = Controller(office, hostname=HOST, port=port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
