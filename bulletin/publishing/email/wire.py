"""A connection to a mail server: reached, secured and logged in."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from bulletin.errors import SettingsError
from bulletin.model.delivery import Fate
from bulletin.publishing.email.bearer import bearer
from bulletin.publishing.email.carrier import HINT, NotTakenError
from bulletin.publishing.email.settings import PORTS, EmailSettings

Answer = tuple[int, bytes]
"""Code and words of a reply; the code is -1 where there was none to read."""
READY = 220
TAKEN = range(200, 300)
UNTRUSTED = "Renew its certificate, correct host, or name your own authority's file with ca."
UNREACHED = "Check host, port and security, and whether a firewall stands between."
NO_LOGIN = "Check user and password or oauth; docs/channels/email.md says what providers want."


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait: for the connection, for a reply, and for the one to the final dot.

    The last two are those of RFC 5321 4.5.3.2: who hangs up early makes doubles.
    """

    connect: float = 30
    reply: float = 300
    dot: float = 600


class Wire(smtplib.SMTP):
    """A connection whose patience is another one once it stands."""

    def __init__(
        self, host: str, port: int, patience: Patience, context: ssl.SSLContext | None
    ) -> None:
        self._patience, self._context = patience, context
        super().__init__(host, port)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        reached = socket.create_connection((host, port), self._patience.connect)
        # The dot goes by itself, and would wait for the word that the rest has arrived.
        reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
            reached = self._context.wrap_socket(reached, server_hostname=host)
        reached.settimeout(self._patience.reply)
        return reached


def connect(settings: EmailSettings, patience: Patience) -> Wire:
    """Return a new connection. Raises `NotTakenError` where there can be none, and
    `SettingsError` where a secret or a certificate is not there; nothing is reached then.
    """
    place = address(settings)
    secret = _secret(settings)
    context = _context(settings)
    try:
        wire = _reached(settings, patience, context)
        try:
            _greet(wire, settings, context)
            if settings.user is not None:
                _log_in(wire, settings.user, secret, oauth=settings.oauth is not None)
        except BaseException:
            wire.close()
            raise
    except ssl.SSLCertVerificationError as error:
        # For now: so RFC 8461 has it, since certificates are renewed.
        told = f"{place} could not be trusted ({reason(error)})"
        raise NotTakenError(Fate.DEFERRED, told, UNTRUSTED) from error
    except smtplib.SMTPResponseException as error:
        answer = (error.smtp_code, _bytes(error.smtp_error))
        raise refused(answer, f"{place} turned us away", UNREACHED) from error
    except (OSError, smtplib.SMTPException) as error:
        told = f"{place} could not be reached ({reason(error)})"
        raise NotTakenError(Fate.DEFERRED, told, UNREACHED) from error
    return wire


def address(settings: EmailSettings) -> str:
    """Return host and port as a person writes them."""
    return f"{settings.host}:{settings.port or PORTS[settings.security]}"


def expect(answer: Answer, what: str, *codes: int) -> None:
    """Raise unless a reply says yes: `NotTakenError` for a no, `SMTPResponseException` for what
    is neither, after which nothing more should be said on this connection.
    """
    code, words = answer
    if code in codes or (not codes and code in TAKEN):
        return
    if code // 100 in {4, 5}:
        raise refused(answer, f"{what} was not taken")
    raise smtplib.SMTPResponseException(code, words)


def refused(answer: Answer, told: str, hint: str = HINT) -> NotTakenError:
    """Return what a refusal means: 5xx is for good, all else for now."""
    fate = Fate.REFUSED if answer[0] // 100 == 5 else Fate.DEFERRED  # noqa: PLR2004  (RFC 5321 4.2.1)
    return NotTakenError(fate, f"{told}: {said(answer)}", hint)


def said(answer: Answer) -> str:
    """Write a reply on one line."""
    code, words = answer
    return " ".join(f"{code} {words.decode('utf-8', 'replace')}".split())


def reason(error: Exception) -> str:
    """Say in a few words what broke a connection."""
    if isinstance(error, smtplib.SMTPResponseException):
        return said((error.smtp_code, _bytes(error.smtp_error)))
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return " ".join(str(error).split()) or type(error).__name__


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _secret(settings: EmailSettings) -> str:
    if settings.oauth is not None:
        return bearer(settings.oauth)
    return settings.password.reveal() if settings.password is not None else ""


def _context(settings: EmailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        msg = f"{settings.ca} cannot be read as a file of certificates"
        raise SettingsError(msg, "Name a file in PEM with ca, or leave it out.") from error


def _reached(settings: EmailSettings, patience: Patience, context: ssl.SSLContext) -> Wire:
    port = settings.port or PORTS[settings.security]
    at_once = context if settings.security == "tls" else None
    return Wire(str(settings.host), port, patience, at_once)


def _greet(wire: Wire, settings: EmailSettings, context: ssl.SSLContext) -> None:
    expect(wire.ehlo(), "our greeting")
    if settings.security != "starttls":
        return
    if not wire.has_extn("starttls"):
        told = f"{address(settings)} offers no STARTTLS, and nothing is sent without"
        hint = 'If it is secure from the first byte, write security = "tls".'
        raise NotTakenError(Fate.DEFERRED, told, hint)
    expect(wire.starttls(context=context), "STARTTLS", READY)
    expect(wire.ehlo(), "our greeting")


def _log_in(wire: Wire, user: str, secret: str, *, oauth: bool) -> None:
    """Log in with one attempt: a wrong password that is tried three ways locks an account."""
    offered = wire.esmtp_features.get("auth", "").upper().split()
    words = iter((user, secret))
    try:
        if oauth:
            told = f"user={user}\1auth=Bearer {secret}\1\1"
            # An empty answer to the server's complaint brings the refusal itself.
            wire.auth("XOAUTH2", lambda complaint=None: "" if complaint else told)
        elif "PLAIN" in offered or "LOGIN" not in offered:
            wire.auth("PLAIN", lambda _=None: f"\0{user}\0{secret}")
        else:
            wire.auth("LOGIN", lambda _=None: next(words, ""), initial_response_ok=False)
    except smtplib.SMTPAuthenticationError as error:
        answer = (error.smtp_code, _bytes(error.smtp_error))
        raise refused(answer, f"the login of {user} was not taken", NO_LOGIN) from None
