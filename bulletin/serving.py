"""What our servers on this machine have in common: who may ask, and how they answer."""

import socket
from typing import Any

from werkzeug.serving import WSGIRequestHandler

from bulletin.errors import BulletinError

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


def listen(port: int | None) -> socket.socket:
    """Return a listening socket; without a wish, on the usual port or on any that is free."""
    for wanted in (port,) if port is not None else (PORT, 0):
        try:
            return socket.create_server(("127.0.0.1", wanted))
        except OSError as error:
            refused = error
    msg = f"nobody can answer on port {port}: {refused.strerror}"
    raise BulletinError(msg, "Name another with --port, or none for any that is free.")
