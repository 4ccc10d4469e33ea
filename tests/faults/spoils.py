"""Ways to spoil an answer."""

import copy
import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.faults.server import Honest, Play, Reply, Request, Spoil, drip

VICTIMS = {"github": "PR_b8f72377fc63659e", "jira": "1027377", "sentry": "4947556"}
"""One item of each source that is on last week's list and on this week's."""

Json = Any


def bytes_(data: bytes) -> Spoil:
    """Send these bytes and hang up."""
    return lambda *_: data


def status(code: int, body: bytes = b'{"message": "no", "detail": "no"}', **headers: str) -> Spoil:
    """Answer with a status; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda *_: Reply(code, named, body)


def page(body: bytes, kind: str = "application/json") -> Spoil:
    """Answer 200 with this body."""
    return lambda *_: Reply(200, {"Content-Type": kind}, body)


def reset() -> Spoil:
    """Reset the connection before the first header."""

    def play(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return lambda *_: play


def silence(seconds: float) -> Spoil:
    """Say nothing for so long."""
    return lambda *_: lambda _: time.sleep(seconds)


def dripping(data: bytes) -> Spoil:
    """Begin with `data` and never come to the end."""
    return lambda *_: drip(data)


def altered(change: Callable[[Reply], Reply]) -> Spoil:
    """Let the service answer, and change that."""
    return lambda request, honest: change(honest(request))


def headed(**headers: str) -> Spoil:
    """Let the service answer, with other headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return altered(lambda reply: replace(reply, headers=reply.headers | named))


def cut(reply: Reply) -> Reply:
    """Keep the length that was announced, and send half of it."""
    half = len(reply.body) // 2
    return replace(
        reply,
        headers=reply.headers | {"Content-Length": str(len(reply.body))},
        body=reply.body[:half],
    )


def cut_json(reply: Reply) -> Reply:
    """Send half of the JSON as if it were all."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def zipped(reply: Reply, spoil: Callable[[bytes], bytes]) -> Reply:
    """Send it as gzip that was spoiled."""
    body = spoil(gzip.compress(reply.body))
    return replace(reply, headers=reply.headers | {"Content-Encoding": "gzip"}, body=body)


def rewritten(change: Callable[[Json], Json | None]) -> Spoil:
    """Let the service answer, and change its JSON in place, or return another."""

    def change_body(reply: Reply) -> Reply:
        said = reply.json()
        other = change(said)
        if other is None and said == reply.json():
            return reply
        return replace(reply, body=json.dumps(said if other is None else other).encode())

    return altered(change_body)


def items(said: Json) -> Iterator[Json]:
    """Yield the pull requests, incidents or errors of an answer, whichever source it is of."""
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        data = said["data"]
        rows = (data.get("search") or {}).get("nodes") or data.get("nodes") or []
        yield from (row for row in rows if isinstance(row, dict) and "nameWithOwner" not in row)
    elif isinstance(said, dict):
        yield from said.get("issues") or []
    else:
        yield from (row for row in said if "shortId" in row)


def victim(source: str, change: Callable[[Json], object]) -> Spoil:
    """Change the one item in every answer that holds it."""

    def change_victim(said: Json) -> None:
        for item in items(said):
            if item.get("id") == VICTIMS[source]:
                change(item)

    return rewritten(change_victim)


def everyone(change: Callable[[Json], object]) -> Spoil:
    """Change every item of every answer."""

    def change_all(said: Json) -> None:
        for item in items(said):
            change(item)

    return rewritten(change_all)


def lettered(source: str, field: str, text: str) -> Spoil:
    """Put a text, which need be no JSON, in the place of the victim's field."""
    mark = "0x0"

    def put(item: Json) -> None:
        holder(source, item)[field] = mark

    marked = victim(source, put)

    def spoil(request: Request, honest: Honest) -> Reply | Play | bytes:
        reply = marked(request, honest)
        assert isinstance(reply, Reply)
        return replace(reply, body=reply.body.replace(f'"{mark}"'.encode(), text.encode()))

    return spoil


def holder(source: str, item: Json) -> Json:
    """Return the object of an item that its own fields are in."""
    return item["fields"] if source == "jira" else item


def small_pages(size: int) -> Spoil:
    """Let the service answer with smaller pages than it was asked for, as each may."""
    return lambda request, honest: honest(smaller(request, size))


def smaller(request: Request, size: int) -> Request:
    """Return the request for fewer items a page."""
    target = request.target
    for name in ("maxResults", "limit", "per_page"):
        target = target.replace(f"{name}=100", f"{name}={size}")
    body = request.body
    if body.startswith(b"{"):
        asked = json.loads(body)
        if "first" in asked.get("variables", {}):
            asked = copy.deepcopy(asked)
            asked["variables"]["first"] = size
            body = json.dumps(asked).encode()
    return replace(request, target=target, body=body)


def late(seconds: float) -> Spoil:
    """Let the service answer, after so long."""

    def spoil(request: Request, honest: Honest) -> Reply:
        time.sleep(seconds)
        return honest(request)

    return spoil
