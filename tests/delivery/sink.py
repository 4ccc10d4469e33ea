"""A mail server that puts every message on the disk before it says that it has it."""

import os
import re
import socketserver
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 sink.example")
        recipient = b""
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                message = self._message()
                if message is None:
                    return
                self.server.accept(recipient, message)
                self._say("250 2.0.0 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                if verb == b"RCPT":
                    recipient = re.search(rb"<(.*)>", line)[1]
                self._say("250 sink.example")

    def _message(self):
        """Read to the final dot; None where the sender was gone before."""
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)
        return None

    def _say(self, told):
        self.wfile.write(told.encode() + b"\r\n")

    def finish(self):
        with suppress(OSError):
            super().finish()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, _request, _address):
        """Let a sender that was killed be."""


class Sink:
    """What was accepted, as it lies on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.port = 0
        self.clear()

    def clear(self) -> None:
        self._path.write_bytes(b"")

    def accept(self, recipient: bytes, message: bytes) -> None:
        found = re.search(rb"(?im)^message-id: *(<.*>)", message)
        with self._lock, self._path.open("ab") as file:
            file.write(recipient + b" " + found[1] + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def accepted(self) -> Counter:
        """Count the messages of every recipient."""
        return Counter(line.split()[0].decode() for line in self._path.read_bytes().splitlines())


@contextmanager
def open_sink(path: Path):
    """Serve on a free port of this machine."""
    sink = Sink(path)
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.accept = sink.accept
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield sink
        server.shutdown()
