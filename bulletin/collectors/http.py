"""The one policy for talking to a service, whichever library does the talking.

`PolicyAdapter` is mounted on every `requests` session, ours and the libraries': it bounds time and
size, counts requests, waits as told, and never follows a redirect to another host, since requests
would send custom headers along.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from bulletin.model.harvest import Cause, Gap

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0
REQUEST_SECONDS = 120.0
SOURCE_SECONDS = 600.0
BODY_BYTES = 20 * 2**20
ATTEMPTS = 3
TRANSIENT = frozenset({429, 500, 502, 503, 504})
REDIRECT = frozenset({301, 302, 303, 307, 308})
DETAIL_LENGTH = 200


class Refused(Exception):  # noqa: N818  (what the service did, not an error of ours)
    """A service did not give what was asked. Collectors turn it into a gap."""

    def __init__(self, cause: Cause, detail: str, hint: str, status: int | None = None) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = " ".join(detail.split())[:DETAIL_LENGTH]
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


@dataclass(slots=True)
class Budget:
    """What one source may spend: seconds on a wall clock that only goes forward, and a count."""

    seconds: float = SOURCE_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def left(self) -> float:
        """Seconds left; may be negative."""
        return self.started + self.seconds - self.clock()

    def wait(self, seconds: float) -> bool:
        """Sleep so long, if the budget holds it. Returns whether it did."""
        if seconds >= self.left:
            return False
        self.sleep(seconds)
        return True


class PolicyAdapter(HTTPAdapter):
    """Sends one request under the policy.

    `retried` are the statuses to try again, after the wait that the service asks for. Give an
    empty set where the library has a better answer, such as a smaller page.
    """

    def __init__(
        self, budget: Budget, *, retried: frozenset[int] = TRANSIENT, attempts: int = ATTEMPTS
    ) -> None:
        super().__init__(max_retries=0)
        self.budget = budget
        self.retried = retried
        self.attempts = attempts

    def send(self, request: requests.PreparedRequest, *_: Any, **keywords: Any) -> requests.Response:  # type: ignore[override]
        """Send, read the whole body, and try again where that is of use. Raises `Refused`."""
        for attempt in range(1, self.attempts + 1):
            last = attempt == self.attempts
            try:
                response = self._once(request, keywords)
            except Refused as refused:
                transient = refused.cause in {Cause.UNREACHABLE, Cause.TOO_SLOW}
                if last or not transient or not self.budget.wait(2.0 ** (attempt - 1)):
                    raise
                continue
            if last or response.status_code not in self.retried:
                return response
            if not self.budget.wait(pause(response.headers, attempt, datetime.now(UTC))):  # noqa: TID251
                return response
        raise AssertionError

    def _once(self, request: requests.PreparedRequest, keywords: dict[str, Any]) -> requests.Response:
        host = urlsplit(request.url or "").hostname
        if self.budget.left <= 0:
            raise Refused(
                Cause.TOO_SLOW,
                f"the source's {self.budget.seconds:.0f} seconds were used up",
                "Narrow the query, or look at why the service answers slowly.",
            )
        self.budget.requests += 1
        deadline = self.budget.clock() + min(REQUEST_SECONDS, self.budget.left)
        keywords |= {"timeout": (CONNECT_SECONDS, SILENCE_SECONDS), "stream": True}
        try:
            response = super().send(request, **keywords)
            self._read(response, deadline)
        except requests.exceptions.SSLError as error:
            raise Refused(
                Cause.UNREACHABLE,
                f"the certificate of {host} could not be verified",
                "Renew the certificate, or name your own authority in REQUESTS_CA_BUNDLE.",
            ) from error
        except requests.exceptions.Timeout as error:
            raise Refused(
                Cause.TOO_SLOW,
                f"{host} did not answer in time",
                "Try again; if it goes on, ask whoever runs the service.",
            ) from error
        except (requests.RequestException, OSError) as error:
            raise Refused(
                Cause.UNREACHABLE,
                f"{host} could not be reached ({type(error).__name__})",
                "Check the address in the settings, the network and the proxy.",
            ) from error
        target = response.headers.get("Location", "")
        if response.status_code in REDIRECT and urlsplit(target).hostname not in {None, host}:
            raise Refused(
                Cause.REFUSED,
                f"{host} redirects to {urlsplit(target).hostname}",
                "Usually a sign-in page: check the address and the credentials.",
                response.status_code,
            )
        return response

    def _read(self, response: requests.Response, deadline: float) -> None:
        body = bytearray()
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > BODY_BYTES:
                response.close()
                raise Refused(
                    Cause.CHANGED_SHAPE,
                    f"an answer of more than {BODY_BYTES // 2**20} MiB",
                    "Narrow the query.",
                )
            if self.budget.clock() > deadline:
                response.close()
                raise Refused(
                    Cause.TOO_SLOW,
                    f"{urlsplit(response.url).hostname} was still sending when time was up",
                    "Try again; if it goes on, ask whoever runs the service.",
                )
        response._content = bytes(body)  # noqa: SLF001  (requests offers no other way)


def pause(headers: Mapping[str, str], attempt: int, now: datetime) -> float:
    """Return how many seconds the service asks us to wait, else a growing pause of our own.

    Reads `Retry-After` in seconds or as an HTTP date (RFC 9110 §10.2.3), then Sentry's and
    GitHub's reset times, which are seconds since 1970, then Jira's, which is ISO 8601.
    """
    told = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    for moment in (
        told,
        headers.get("X-Sentry-Rate-Limit-Reset", ""),
        headers.get("X-RateLimit-Reset", ""),
    ):
        when = _moment(moment.strip())
        if when is not None:
            return max(1.0, (when - now).total_seconds() + 1.0)
    return 2.0**attempt


def _moment(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        if "," in text:
            return parsedate_to_datetime(text)
        when = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def session(budget: Budget, *, retried: frozenset[int] = TRANSIENT) -> requests.Session:
    """Return a session under the policy that reads no `.netrc`, which could replace our token."""
    made = requests.Session()
    govern(made, budget, retried=retried)
    return made


def govern(
    given: requests.Session, budget: Budget, *, retried: frozenset[int] = TRANSIENT
) -> PolicyAdapter:
    """Put a library's own session under the policy."""
    adapter = PolicyAdapter(budget, retried=retried)
    given.auth = given.auth or _no_netrc
    given.mount("https://", adapter)
    given.mount("http://", adapter)
    return adapter


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # requests consults .netrc only where no auth is given; this gives one that does nothing.
    return request


def refused_status(status: int, said: str, host: str) -> Refused:
    """Return what a status code that is no success means to a person."""
    if status == 401:  # noqa: PLR2004
        return Refused(
            Cause.REFUSED,
            f"{host} does not accept the credentials (401)",
            "Make a new token and put it where the settings point to.",
            status,
        )
    known: dict[int, tuple[Cause, str, str]] = {
        403: (Cause.FORBIDDEN, "the token does not reach this", "Grant the scopes listed in the documentation."),
        404: (Cause.NOT_FOUND, "there is nothing at this address", "Check the name in the settings, and that the token may see it."),
        410: (Cause.UNSUPPORTED, "this address is gone", "Update bulletin: the service has retired it."),
        429: (Cause.RATE_LIMITED, "too many requests", "Run again later, or give the bulletin a token of its own."),
    }
    if status in known:
        cause, what, hint = known[status]
    elif status >= 500:  # noqa: PLR2004
        cause, what, hint = Cause.SERVER_ERROR, "the service failed", "Try again; if it goes on, ask whoever runs the service."
    else:
        cause, what, hint = Cause.BAD_QUERY, "the service does not accept the query", "Correct the query in the settings."
    said = f": {said}" if said else ""
    return Refused(cause, f"{host} answered {status}, {what}{said}", hint, status)


def parse_json(response: requests.Response, expected: type) -> Any:
    """Return the body of a successful answer. Raises `Refused` where it is no such thing."""
    host = urlsplit(response.url).hostname or ""
    if not response.ok or response.status_code in REDIRECT:
        raise refused_status(response.status_code, "", host)
    try:
        body = response.json(parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("Content-Type", "nothing").split(";")[0]
        raise Refused(
            Cause.CHANGED_SHAPE,
            f"{host} answered with {kind} where JSON was expected",
            "Usually a sign-in page or a proxy: check the address and the credentials.",
            response.status_code,
        ) from error
    if not isinstance(body, expected):
        raise Refused(
            Cause.CHANGED_SHAPE,
            f"{host} answered with a {type(body).__name__} where a {expected.__name__} was expected",
            "Update bulletin, or ask whoever runs the service what changed.",
            response.status_code,
        )
    return body


def _no_constant(name: str) -> float:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
