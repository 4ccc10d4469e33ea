"""A mail server, spoken to phase by phase: until the final dot, it has nothing."""

import re
import select
import smtplib
from contextlib import suppress

from bulletin.crashing import crash_point
from bulletin.model.delivery import Fate
from bulletin.publishing import Commit
from bulletin.publishing.email.carrier import NotTakenError
from bulletin.publishing.email.settings import EmailSettings
from bulletin.publishing.email.wire import (
    TAKEN,
    Answer,
    Patience,
    Wire,
    address,
    connect,
    expect,
    reason,
    said,
)

NONE, STARTED, SHUTTING = 0, 354, 421
PER_CONNECTION = 100
"""Messages over one connection; mail servers limit them."""
GOODBYE_SECONDS = 5
FAULTS = (OSError, smtplib.SMTPException)


class Relay:
    """Hands messages to a mail server, many over one connection.

    A connection on which anything went wrong is not used again. Where none can be had, that is
    remembered: six hundred recipients are no reason to try a wrong password six hundred times.
    """

    _wire: Wire | None = None

    def __init__(self, settings: EmailSettings, patience: Patience | None = None) -> None:
        self._settings = settings
        self._place = address(settings)
        self._patience = patience or Patience()
        self._carried = 0
        self._trouble: NotTakenError | None = None

    def __del__(self) -> None:
        self._take_leave()

    def send(self, sender: str, recipient: str, message: bytes, commit: Commit) -> str:
        """Hand a message over in one transaction, and return what was answered."""
        try:
            wire = self._begin(sender, len(message))
            expect(wire.rcpt(recipient), recipient)
            crash_point("mail-recipient")
            expect(wire.docmd("DATA"), "the beginning of the message", STARTED)
            crash_point("mail-begun")
            _write(wire, message)
            _listen(wire)
            crash_point("mail-written")
            commit()
            answer = self._finish(wire)
        except NotTakenError as error:
            self._clear(error)
            raise
        except FAULTS as error:
            self._hang_up()
            told = f"{self._place} broke off before it had the message ({reason(error)})"
            raise NotTakenError(Fate.DEFERRED, told) from error
        except BaseException:
            self._hang_up()
            raise
        self._carried += 1
        return answer

    def check(self) -> str:
        """Connect, secure the connection and log in; says goodbye before any mail."""
        self._open()
        self._take_leave()
        security, user = self._settings.security, self._settings.user
        secured = {"starttls": "over TLS", "tls": "over TLS", "none": "without TLS"}[security]
        return f"{self._place} answers {secured}{f' and lets {user} in' if user else ''}"

    def _begin(self, sender: str, size: int) -> Wire:
        """Begin a transaction on the kept connection, or on a new one where it has gone stale."""
        if self._carried >= PER_CONNECTION:
            self._take_leave()
        if self._wire is not None:
            answer: Answer = (SHUTTING, b"")
            with suppress(*FAULTS):
                answer = _mail(self._wire, sender, size)
            if answer[0] != SHUTTING:
                expect(answer, sender)
                return self._wire
            self._hang_up()
        wire = self._open()
        expect(_mail(wire, sender, size), sender)
        return wire

    def _open(self) -> Wire:
        if self._trouble is not None:
            raise self._trouble
        try:
            wire = self._wire = connect(self._settings, self._patience)
        except NotTakenError as error:
            self._trouble = error
            raise
        crash_point("mail-connected")
        return wire

    def _finish(self, wire: Wire) -> str:
        """Send the dot, and wait for the one word that counts."""
        assert wire.sock is not None
        try:
            wire.sock.settimeout(self._patience.dot)
            wire.send(b".\r\n")
            crash_point("mail-dotted")
            answer = wire.getreply()
            crash_point("mail-answered")
            wire.sock.settimeout(self._patience.reply)
            expect(answer, "the message")
        except FAULTS as error:
            told = f"{self._place} had the whole message and gave no answer ({reason(error)})"
            raise NotTakenError(Fate.UNCERTAIN, told) from error
        return said(answer)

    def _clear(self, error: NotTakenError) -> None:
        """Clear the connection of a transaction that was refused, or let go of it."""
        if self._wire is None:
            return
        if error.fate is not Fate.UNCERTAIN:
            with suppress(*FAULTS):
                if self._wire.rset()[0] in TAKEN:
                    return
        self._hang_up()

    def _take_leave(self) -> None:
        """Say goodbye where nothing is under way. Whatever is answered changes nothing."""
        if self._wire is not None and self._wire.sock is not None:
            self._wire.sock.settimeout(GOODBYE_SECONDS)
            with suppress(*FAULTS):
                self._wire.quit()
        self._hang_up()

    def _hang_up(self) -> None:
        wire, self._wire, self._carried = self._wire, None, 0
        if wire is not None:
            wire.close()


def _mail(wire: Wire, sender: str, size: int) -> Answer:
    return wire.mail(sender, [f"SIZE={size}"] if wire.has_extn("size") else [])


def _listen(wire: Wire) -> None:
    """Raise where the server spoke or left before the dot: then it has not taken the message."""
    assert wire.sock is not None
    if select.select([wire.sock], [], [], 0)[0]:
        expect(wire.getreply(), "the message", NONE)


def _write(wire: Wire, message: bytes) -> None:
    """Write all but the final dot: a line that is a dot would end the message, so dots double."""
    stuffed = re.sub(rb"(?m)^\.", b"..", message)
    half = len(stuffed) // 2
    wire.send(stuffed[:half])
    crash_point("mail-half")
    wire.send(stuffed[half:])
