"""JSON, read strictly: what two readers could understand differently is no answer."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused, refused_status
from bulletin.wire.throttling import is_throttled


class Payload:
    """The JSON of a body, read once; takes the place of `Response.json`.

    Calling it raises ValueError for what is no JSON, and for what the standard library accepts
    and JSON does not know: a name twice in one object, NaN, and a number that no float holds.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._read: Any = None
        self._fault: str | None = None
        self._is_read = False

    def __call__(self, **_: Any) -> Any:
        if not self._is_read:
            self._is_read = True
            try:
                self._read = read(self._body)
            except (ValueError, RecursionError) as error:
                self._fault = type(error).__name__
        if self._fault is not None:
            raise ValueError(self._fault)
        return self._read

    @property
    def is_readable(self) -> bool:
        """Whether it is JSON."""
        try:
            self()
        except ValueError:
            return False
        return True


def read(body: bytes) -> Any:
    """Read JSON in UTF-8, with or without a byte order mark. Raises ValueError."""
    # UTF-16 and UTF-32, which the standard library would guess, are no longer JSON (RFC 8259).
    return json.loads(
        body.decode("utf-8-sig"),
        object_pairs_hook=_object,
        parse_constant=_constant,
        parse_float=_float,
    )


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        msg = "a name twice in one object"
        raise ValueError(msg)
    return made


def _constant(name: str) -> float:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _float(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        msg = "a number that no float holds"
        raise ValueError(msg)
    return number


def parse_json(response: requests.Response, expected: type) -> Any:
    """Return the body of a successful answer. Raises `Refused` where it is no such thing."""
    host = urlsplit(response.url).hostname or ""
    if not 200 <= response.status_code < 300:  # noqa: PLR2004  (HTTP's successes)
        status = 429 if is_throttled(response) else response.status_code
        raise refused_status(status, "", host)
    try:
        body = response.json()
    except ValueError as error:
        raise unreadable(response, host) from error
    if not isinstance(body, expected):
        raise Refused(
            Cause.CHANGED_SHAPE,
            f"{host} answered with a {type(body).__name__}, not a {expected.__name__}",
            "Update bulletin, or ask whoever runs the service what changed.",
            response.status_code,
        )
    return body


def unreadable(response: requests.Response, host: str) -> Refused:
    """Return the refusal of a body that is no JSON, by what it claims to be."""
    kind = response.headers.get("Content-Type", "nothing").split(";")[0]
    said, hint = f"{kind} where JSON was expected", "Usually a sign-in page or a proxy: check the"
    if kind.endswith("json"):
        said, hint = "JSON that cannot be read", "If it goes on, look at the proxy in between, the"
    return Refused(
        Cause.CHANGED_SHAPE,
        f"{host} answered with {said}",
        f"{hint} address and the credentials.",
        response.status_code,
    )
