"""A chat server on loopback that keeps what it is told, and answers as it is told to."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"


class Room(ThreadingHTTPServer):
    """Answers every request with `status` and `body`, or does what `fault` says instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.status, self.body, self.fault, self.to = 200, b"ok", "", ""
        self.heard: list[tuple[str, bytes]] = []

    @property
    def at(self) -> str:
        return f"{HOST}:{self.server_address[1]}"

    @property
    def said(self) -> Any:
        ((_, body),) = self.heard
        return json.loads(body)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave a broken connection unsaid: most are broken on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: Room

    def do_POST(self) -> None:
        room = self.server
        room.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        match room.fault:
            case "hangs up":
                self.connection.shutdown(socket.SHUT_RDWR)
            case "says nothing":
                time.sleep(1)
            case "talks nonsense":
                self.wfile.write(b"\x00\x01 hello\r\n\r\n")
            case _:
                self.send_response(room.status)
                if room.to:
                    self.send_header("Location", room.to)
                self.send_header("Content-Length", str(len(room.body)))
                self.end_headers()
                self.wfile.write(room.body)

    do_PUT = do_POST  # noqa: N815  (its name is how the library finds it)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def open_room(context: ssl.SSLContext | None = None) -> Iterator[Room]:
    room = Room()
    if context is not None:
        room.socket = context.wrap_socket(room.socket, server_side=True)
    thread = threading.Thread(target=room.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield room
    finally:
        room.shutdown()
        thread.join()
        room.server_close()
