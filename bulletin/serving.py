"""What our servers on this machine have in common: who may ask, and how they answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bulletin.errors import BulletinError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PORT = 8000
"""Tried first; any free one where it is taken and none was asked for."""
LOOPBACK = ["127.0.0.1", "localhost"]
"""The names that a browser may know us by: any other is a stranger's page that found us."""
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Quiet(WSGIRequestHandler):
    """Writes no access log: the terminal is for the person who edits."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  (its name in werkzeug)
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server whose port is open on loopback; it answers while `serve` runs."""

    server: BaseWSGIServer

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.port}/"

    def serve(self) -> None:
        """Answer until `stop`, or Ctrl-C."""
        self.server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Let `serve` come to its end, from another thread."""
        self.server.shutdown()


@contextmanager
def open_site(app: "WSGIApplication", port: int | None = None) -> Iterator[Site]:
    """Open a port on loopback: the one that is wished for, the usual one, or any that is free.

    Raises `BulletinError` where the wish is taken.
    """
    with _listen(port) as listener:
        server = make_server(
            "127.0.0.1",
            0,
            app,
            threaded=True,
            request_handler=Quiet,
            fd=listener.fileno(),
        )
        try:
            yield Site(server)
        finally:
            server.server_close()


def own_pages(folder: Path) -> Environment:
    """Return the templates of a server's own pages, which are none of the edition's."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _listen(port: int | None) -> socket.socket:
    """Return a listening socket; without a wish, on the usual port or on any that is free."""
    for wanted in (port,) if port is not None else (PORT, 0):
        try:
            return socket.create_server(("127.0.0.1", wanted))
        except OSError as error:
            refused = error
    msg = f"nobody can answer on port {port}: {refused.strerror}"
    raise BulletinError(msg, "Name another with --port, or none for any that is free.")
