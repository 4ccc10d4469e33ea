"""What a service did instead of answering, in words that a person can act upon."""

import requests
import urllib3

from bulletin.model.harvest import Cause, Gap
from bulletin.model.text import clean

DETAIL_LENGTH = 200
_AGAIN = "Try again; if it goes on, ask whoever runs the service."


class Refused(Exception):  # noqa: N818  (what the service did, not an error of ours)
    """A service did not give what was asked. Collectors turn it into a gap."""

    def __init__(self, cause: Cause, detail: str, hint: str, status: int | None = None) -> None:
        self.detail = clean(detail, DETAIL_LENGTH)
        super().__init__(f"{cause}: {self.detail}")
        self.cause = cause
        self.hint = hint
        self.status = status

    def gap(
        self,
        source: str,
        kinds: tuple[str, ...] = (),
        *,
        parts: tuple[str, ...] = (),
        seen: int | None = None,
        expected: int | None = None,
    ) -> Gap:
        """File it as a gap of `source`."""
        return Gap(
            source=source,
            kinds=kinds,
            parts=parts,
            reason=self.cause,
            detail=self.detail,
            hint=self.hint,
            seen=seen,
            expected=expected,
        )


def refused_connection(error: Exception, host: str) -> Refused:
    """Return what a failure below HTTP means to a person. Names the error, never its text."""
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return Refused(
            Cause.UNREACHABLE,
            f"the certificate of {host} could not be verified",
            "Renew the certificate, or name your own authority in REQUESTS_CA_BUNDLE.",
        )
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return Refused(
            Cause.TOO_SLOW,
            f"{host} did not answer in time",
            _AGAIN,
        )
    if isinstance(error, urllib3.exceptions.HTTPError):
        return Refused(
            Cause.UNREACHABLE,
            f"{host} broke off its answer ({type(error).__name__})",
            "Try again; if it goes on, look at the network and the proxy.",
        )
    return Refused(
        Cause.UNREACHABLE,
        f"{host} could not be reached ({type(error).__name__})",
        "Check the address in the settings, the network and the proxy.",
    )


_STATUS = {
    304: (
        Cause.CHANGED_SHAPE,
        "it points to an earlier answer that we never had",
        "Look at the cache or the proxy in between.",
    ),
    401: (
        Cause.REFUSED,
        "it does not accept the credentials",
        "Make a new token and put it where the settings point to.",
    ),
    403: (
        Cause.FORBIDDEN,
        "the token does not reach this",
        "Grant the scopes listed in the documentation.",
    ),
    404: (
        Cause.NOT_FOUND,
        "there is nothing at this address",
        "Check the name in the settings, and that the token may see it.",
    ),
    408: (Cause.TOO_SLOW, "it waited too long for what was sent", _AGAIN),
    410: (
        Cause.UNSUPPORTED,
        "this address is gone",
        "Update bulletin: the service has retired it.",
    ),
    429: (
        Cause.RATE_LIMITED,
        "too many requests",
        "Run again later, or give the bulletin a token of its own.",
    ),
}
_FAMILY = {
    3: (
        Cause.REFUSED,
        "it sends us elsewhere",
        "Usually a sign-in page: check the address and the credentials.",
    ),
    4: (
        Cause.BAD_QUERY,
        "the service does not accept the query",
        "Correct the query in the settings.",
    ),
    5: (Cause.SERVER_ERROR, "the service failed", _AGAIN),
}
_STRANGE = (Cause.CHANGED_SHAPE, "which is no answer we know", _AGAIN)


def refused_status(status: int, said: str, host: str) -> Refused:
    """Return what a status code that is no success means to a person."""
    cause, what, hint = _STATUS.get(status) or _FAMILY.get(status // 100, _STRANGE)
    said = f": {said}" if said else ""
    return Refused(cause, f"{host} answered {status}, {what}{said}", hint, status)
