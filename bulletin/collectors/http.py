"""The one policy for talking to a service, whichever library does the talking.

`PolicyAdapter` is mounted on every `requests` session, ours and the libraries': it bounds time and
size, counts requests, waits as told, and never follows a redirect to another host, since requests
would send custom headers along.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bulletin.collectors.refused import Refused, refused_connection, refused_status
from bulletin.model.harvest import Cause

__all__ = [
    "Budget",
    "PolicyAdapter",
    "Refused",
    "get",
    "govern",
    "parse_json",
    "pause",
    "refused_status",
    "session",
]

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0
REQUEST_SECONDS = 120.0
SOURCE_SECONDS = 600.0
BODY_BYTES = 20 * 2**20
CHUNK_BYTES = 2**16
ATTEMPTS = 3
TRANSIENT = frozenset({429, 500, 502, 503, 504})
REDIRECT = frozenset({301, 302, 303, 307, 308})
REDIRECTS = 5


Params = Sequence[tuple[str, str]]


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

    def send(
        self, request: requests.PreparedRequest, *_: Any, **keywords: Any
    ) -> requests.Response:
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
            if last or not self._worth_another(response):
                return response
            if not self.budget.wait(pause(response.headers, attempt, datetime.now(UTC))):  # noqa: TID251  (Retry-After may be a date)
                return response
        raise AssertionError

    def _worth_another(self, response: requests.Response) -> bool:
        if response.status_code in self.retried:
            return True
        return is_throttled(response) and 429 in self.retried  # noqa: PLR2004  (an HTTP status)

    def _once(
        self, request: requests.PreparedRequest, keywords: dict[str, Any]
    ) -> requests.Response:
        host = urlsplit(request.url or "").hostname or ""
        left = min(REQUEST_SECONDS, self.budget.left)
        if left <= 0:
            raise Refused(
                Cause.TOO_SLOW,
                f"the source's {self.budget.seconds:.0f} seconds were used up",
                "Narrow the query, or look at why the service answers slowly.",
            )
        self.budget.requests += 1
        deadline = self.budget.clock() + left
        patience = (min(CONNECT_SECONDS, left), min(SILENCE_SECONDS, left))
        try:
            response = super().send(request, **(keywords | {"timeout": patience, "stream": True}))
            self._read(response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise refused_connection(error, host) from error
        refuse_elsewhere(request.url or "", response)
        return response

    def _read(self, response: requests.Response, deadline: float) -> None:
        # `iter_content` waits until a chunk is full, which a slow drip never does; `read1`
        # returns what one read of the socket gave.
        body = bytearray()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
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
        # requests offers no other way to hand over a body that was read already.
        vars(response).update(_content=bytes(body), _content_consumed=True)


def refuse_elsewhere(asked: str, response: requests.Response) -> None:
    """Raise `Refused` for a redirect to another origin; plain HTTP may move up to HTTPS."""
    if response.status_code not in REDIRECT or "Location" not in response.headers:
        return
    try:
        target = urljoin(asked, response.headers["Location"])
    except ValueError:
        target = ""
    scheme, host, port = here = _origin(asked)
    upgraded = ("https", host, 443) if (scheme, port) == ("http", 80) else here
    if _origin(target) not in {here, upgraded}:
        raise Refused(
            Cause.REFUSED,
            f"{host} redirects to {_origin(target)[1] or 'no address'}",
            "Usually a sign-in page: check the address and the credentials.",
            response.status_code,
        )


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


def is_throttled(response: requests.Response) -> bool:
    """Whether a 403 means "too much", as GitHub's limits do, rather than "not for you"."""
    headers = response.headers
    return response.status_code == 403 and (  # noqa: PLR2004  (an HTTP status)
        "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"
    )


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
        # GitHub says when its hour ends with every answer; it concerns us once nothing remains.
        headers.get("X-RateLimit-Reset", "")
        if headers.get("X-RateLimit-Remaining", "0") == "0"
        else "",
    ):
        when = _moment(moment.strip())
        if when is not None:
            return max(1.0, (when - now).total_seconds() + 1.0)
    return 2.0**attempt


def _moment(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        when = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    # A date in "-0000" comes without a zone, and is in UTC.
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
    given.max_redirects = REDIRECTS
    # It would take .netrc's password for ours; redirects stay on one origin anyway.
    given.rebuild_auth = lambda *_: None  # type: ignore[method-assign]
    given.mount("https://", adapter)
    given.mount("http://", adapter)
    return adapter


def get(client: requests.Session, url: str, params: Params = ()) -> requests.Response:
    """Fetch `url`. Raises nothing but `Refused`, also for what requests itself objects to."""
    try:
        return client.get(url, params=params)
    except requests.RequestException as error:
        # Its text may hold a header's value: keep the kind alone, and no chain.
        raise refused_connection(error, urlsplit(url).hostname or "") from None


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # requests consults .netrc only where no auth is given; this gives one that does nothing.
    return request


def parse_json(response: requests.Response, expected: type) -> Any:
    """Return the body of a successful answer. Raises `Refused` where it is no such thing."""
    host = urlsplit(response.url).hostname or ""
    if not 200 <= response.status_code < 300:  # noqa: PLR2004  (HTTP's successes)
        status = 429 if is_throttled(response) else response.status_code
        raise refused_status(status, "", host)
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
            f"{host} answered with a {type(body).__name__}, not a {expected.__name__}",
            "Update bulletin, or ask whoever runs the service what changed.",
            response.status_code,
        )
    return body


def _no_constant(name: str) -> float:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
