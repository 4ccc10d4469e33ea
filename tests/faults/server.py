"""A service on loopback that answers as the sandbox does, but for the answers its script spoils.

It speaks HTTP on bare sockets, so that what no web server would send can be sent: half a header,
a body that is too short, one byte a moment. Every request is kept, and every fault that fired.
"""

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self

DROPS = 250
PATIENCE = 10.0
"""Seconds after which a connection of a test is given up."""


def now() -> datetime:
    """What the clock of a service says that goes right."""
    return datetime.now(UTC)  # noqa: TID251  (it is compared with our own)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        """What a script looks at: method, target and body."""
        return f"{self.method} {self.target} {self.body.decode('utf-8', 'replace')}"


@dataclass(slots=True)
class Reply:
    """One answer; `body` is sent as it is, with its own length unless the headers say another."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def raw(self) -> bytes:
        """The bytes of the whole answer."""
        headers = {
            "Date": format_datetime(now(), usegmt=True),
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
            "Connection": "close",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} X", *(f"{k}: {v}" for k, v in headers.items() if v)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Play = Callable[[socket.socket], None]
"""Writes to the connection whatever it likes."""
Honest = Callable[[Request], Reply]
"""What the service really says."""
Spoil = Callable[[Request, Honest], Reply | Play | bytes]
"""Answers in the service's place, or spoils what it says."""


@dataclass(slots=True)
class Fault:
    """One line of a script: which requests are spoiled, and how."""

    spoil: Spoil
    on: str = ""
    """A pattern in the request's text; every request unless set."""
    first: int = 1
    """The first of the matching requests that is spoiled."""
    last: int | None = None
    every: int = 1
    """Only every so many of them."""
    scenery: bool = False
    """No fault: it only sets the scene for one, and does not count."""
    met: int = 0
    fired: int = 0

    def meets(self, request: Request) -> bool:
        """Whether this request is to be spoiled; counts the requests that match."""
        if not re.search(self.on, request.text, re.DOTALL):
            return False
        self.met += 1
        late = self.last is not None and self.met > self.last
        return self.met >= self.first and not late and (self.met - self.first) % self.every == 0


class Server:
    """Listens on a port of its own; `url` begins with `https` where it is given a certificate."""

    def __init__(self, honest: Honest, *script: Fault, tls: ssl.SSLContext | None = None) -> None:
        self.honest = honest
        self.script = script
        self.tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.broken_handshakes = 0
        self._threads: list[threading.Thread] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        port = self._socket.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://localhost:{port}"

    @property
    def fired(self) -> int:
        """How many faults were really played."""
        played = sum(fault.fired for fault in self.script if not fault.scenery)
        return played + self.broken_handshakes

    def __enter__(self) -> Self:
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        self._threads.append(accepting)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`; closing alone would not
        for thread in self._threads:
            thread.join(PATIENCE)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(PATIENCE)
        with plain, contextlib.suppress(OSError):  # a client may hang up at any time
            connection = plain
            if self.tls:
                try:
                    connection = self.tls.wrap_socket(plain, server_side=True)
                except ssl.SSLError:
                    self.broken_handshakes += 1
                    return
            with connection:
                request = read_request(connection)
                if request is not None:
                    self.requests.append(request)
                    self._answer(connection, request)

    def _answer(self, connection: socket.socket, request: Request) -> None:
        fault = next((fault for fault in self.script if fault.meets(request)), None)
        said = self.honest(request) if fault is None else self._spoiled(fault, request)
        if callable(said):
            said(connection)
        else:
            connection.sendall(said.raw if isinstance(said, Reply) else said)

    def _spoiled(self, fault: Fault, request: Request) -> Reply | Play | bytes:
        plain: list[Reply] = []

        def heard(asked: Request) -> Reply:
            reply = self.honest(asked)
            plain.append(replace(reply))
            return reply

        said = fault.spoil(request, heard)
        # What has nothing in it to spoil comes as it was: that is no fault.
        fault.fired += said not in plain
        return said


def read_request(connection: socket.socket) -> Request | None:
    """Read one request, or nothing where the client hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return Request(method, target, headers, body)


def drip(data: bytes) -> Play:
    """Send `data`, then one space a moment: never silent, and never done."""

    def play(connection: socket.socket) -> None:
        connection.sendall(data)
        for _ in range(DROPS):
            connection.sendall(b" ")
            time.sleep(0.02)

    return play
