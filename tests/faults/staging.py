"""What some faults need besides a script: a dead port, a strange certificate, another host."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import trustme
import urllib3.util.connection

from bulletin.sandbox import jira
from bulletin.wire import http
from tests.faults.cell import Cell
from tests.faults.refusals import ELSEWHERE
from tests.faults.server import Reply, Server, now
from tests.faults.stage import ANSWERS, MOMENT, honest


@dataclass(slots=True)
class Scene:
    """Where a cell's source is found, and what counts the faults there."""

    url: str
    adjust: Callable[[str], str] = str
    server: Server | None = None
    other: Server | None = None
    """Another host, which nobody should ever ask."""
    failures: list[type] = field(default_factory=list)
    """Connections that could not be made, by what was raised."""

    @property
    def requests(self) -> int:
        return len(self.server.requests) if self.server else 0

    @property
    def fired(self) -> int:
        return (self.server.fired if self.server else 0) + len(self.failures)


@contextlib.contextmanager
def scene(cell: Cell, monkeypatch, folder: Path) -> Iterator[Scene]:
    """Set up what a cell needs."""
    kind, _, which = cell.row.stage.partition(":")
    with contextlib.ExitStack() as stack:
        if kind in {"refused", "nameless", "full"}:
            yield unreachable(kind, monkeypatch, stack)
            return
        limits = {"impatient": {"SILENCE_SECONDS": 0.15}, "hurried": {"REQUEST_SECONDS": 0.25}}
        for name, value in limits.get(kind, {}).items():
            monkeypatch.setattr(http, name, value)
        answer, adjust, moment = ANSWERS[cell.source], str, MOMENT
        if kind == "data-center" and cell.source == "jira":
            answer = jira.answer_data_center
            adjust = without_user
        if kind == "yesterday":
            moment -= timedelta(days=1)
        tls = certificate(which, monkeypatch, folder) if kind == "tls" else None
        script = cell.script
        server = stack.enter_context(Server(honest(answer, moment), *script, tls=tls))
        made = Scene(server.url, adjust, server)
        if kind == "elsewhere":
            made.other = stack.enter_context(Server(lambda _: Reply(body=b"[]")))
            ELSEWHERE.append(made.other.url)
            stack.callback(ELSEWHERE.pop)
        yield made


def without_user(settings: str) -> str:
    """Return the settings as for a Data Center, which takes a token alone."""
    return settings.replace('user = "bot@recircle.example"\n', "")


def unreachable(kind: str, monkeypatch, stack: contextlib.ExitStack) -> Scene:
    """Return an address where no connection comes about, and count the attempts."""
    made = Scene("https://nobody.invalid")
    plain = urllib3.util.connection.create_connection

    def counted(*values: object, **named: object) -> socket.socket:
        try:
            return plain(*values, **named)
        except OSError as error:
            made.failures.append(type(error))
            raise

    monkeypatch.setattr(urllib3.util.connection, "create_connection", counted)
    if kind == "nameless":
        resolve = socket.getaddrinfo

        def nobody(host: str, *values: object, **named: object) -> object:
            if host == "nobody.invalid":
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return resolve(host, *values, **named)

        monkeypatch.setattr(socket, "getaddrinfo", nobody)
        return made
    listening = stack.enter_context(socket.socket())
    listening.bind(("127.0.0.1", 0))
    made.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    if kind == "full":
        listening.listen(0)
        monkeypatch.setattr(http, "CONNECT_SECONDS", 0.1)
        for _ in range(3):  # the kernel takes one or two more than it was told
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listening.getsockname())
    return made


@cache
def authorities() -> tuple[trustme.CA, trustme.CA]:
    """Ours, which the collectors are told to trust, and a stranger."""
    return trustme.CA(), trustme.CA()


def certificate(which: str, monkeypatch, folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate that is wrong in one way, or in none."""
    ours, stranger = authorities()
    path = folder / "authority.pem"
    ours.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    past = now() - timedelta(days=1)
    issued = {
        "good": lambda: ours.issue_cert("localhost"),
        "expired": lambda: ours.issue_cert("localhost", not_after=past),
        "stranger": lambda: stranger.issue_cert("localhost"),
        "elsewhere": lambda: ours.issue_cert("elsewhere.example"),
    }[which]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context
