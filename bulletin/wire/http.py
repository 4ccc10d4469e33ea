"""The one policy for talking to a service, whichever library does the talking.

`PolicyAdapter` is mounted on every `requests` session, ours and the libraries': it bounds time and
size, counts requests, waits as told, and never follows a redirect to another host, since requests
would send custom headers along.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bulletin.model.harvest import Cause
from bulletin.wire.clocks import Timekeeper
from bulletin.wire.deadline import Deadline
from bulletin.wire.payload import Payload, parse_json
from bulletin.wire.refused import Refused, refused_connection, refused_status
from bulletin.wire.throttling import is_throttled, pause

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
    timekeeper: Timekeeper = field(default_factory=Timekeeper)
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
        self._deadline = Deadline()

    def get_connection_with_tls_context(self, *values: Any, **named: Any) -> Any:
        """Return a pool of connections whose answers the deadline can cut short."""
        pool: Any = super().get_connection_with_tls_context(*values, **named)
        self._deadline.watch(pool)
        return pool

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
            if last or not self._worth_another(response, attempt):
                return response
            if not self.budget.wait(pause(response.headers, attempt, datetime.now(UTC))):  # noqa: TID251  (Retry-After may be a date)
                return response
        raise AssertionError

    def _worth_another(self, response: requests.Response, attempt: int) -> bool:
        if response.status_code in self.retried:
            return True
        if 200 <= response.status_code < 300:  # noqa: PLR2004  (HTTP's successes)
            # Garbled on its way, it may come whole the next time; a sign-in page will not.
            return attempt == 1 and not response.json.is_readable  # type: ignore[attr-defined]
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
        patience = (min(CONNECT_SECONDS, left), min(SILENCE_SECONDS, left))
        with self._deadline.within(left):
            try:
                response = super().send(
                    request, **(keywords | {"timeout": patience, "stream": True})
                )
                read_whole(response)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                if self._deadline.passed:
                    raise _still_sending(host) from error
                raise refused_connection(error, host) from error
        if self._deadline.passed:
            raise _still_sending(host)
        refuse_elsewhere(request.url or "", response)
        self.budget.timekeeper.read(response.headers, datetime.now(UTC))  # noqa: TID251  (whether our clocks agree)
        return response


def read_whole(response: requests.Response) -> None:
    """Read the body, up to the limit, and its JSON strictly when it is asked for."""
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
    # requests offers no other way to hand over a body that was read already.
    whole = bytes(body)
    vars(response).update(_content=whole, _content_consumed=True, json=Payload(whole))


def _still_sending(host: str) -> Refused:
    return Refused(
        Cause.TOO_SLOW,
        f"{host} was still sending when time was up",
        "Try again; if it goes on, ask whoever runs the service.",
    )


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
            f"{host} redirects to {_named(target, host)}",
            "Usually a sign-in page: check the address and the credentials.",
            response.status_code,
        )


def _named(address: str, here: str) -> str:
    """Return an address's host for people, with its port where the host alone says nothing."""
    _, host, port = _origin(address)
    return f"{host}:{port}" if host == here else host or "no address"


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


def session(
    budget: Budget, *, retried: frozenset[int] = TRANSIENT, attempts: int = ATTEMPTS
) -> requests.Session:
    """Return a session under the policy that reads no `.netrc`, which could replace our token.

    One that writes has one attempt: whether the first arrived has to be looked up.
    """
    made = requests.Session()
    govern(made, budget, retried=retried, attempts=attempts)
    return made


def govern(
    given: requests.Session,
    budget: Budget,
    *,
    retried: frozenset[int] = TRANSIENT,
    attempts: int = ATTEMPTS,
) -> PolicyAdapter:
    """Put a library's own session under the policy."""
    adapter = PolicyAdapter(budget, retried=retried, attempts=attempts)
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
