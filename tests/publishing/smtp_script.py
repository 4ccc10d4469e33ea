"""A mail server that plays one fault, and keeps the books: what was said, accepted and broken."""

import re
import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

GOOD = {
    "connect": "220 script ready",
    "ehlo": "250-script\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10000000",
    "starttls": "220 go on",
    "auth": "235 welcome",
    "mail": "250 ok",
    "rcpt": "250 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 queued",
    "rset": "250 ok",
    "quit": "221 bye",
}


SMALL = 4096
"""Bytes that the kernel takes on its own account, where the server leaves within a message."""


class HangUpError(Exception):
    """The server leaves."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one step, instead of the good reply or after it."""

    step: str
    reply: str | None = None
    """Said instead of the good reply; nothing where it is empty."""
    drop: bool = False
    """Hang up, after the reply if there is one."""
    wait: float = 0
    """Seconds before the reply."""
    only: str = ""
    """The recipients that it happens to, by a part of their address."""
    times: int | None = None
    """How often it happens to each recipient."""
    takes: bool = True
    """At the dot: whether the message is kept all the same."""


@dataclass
class Script:
    """A server on loopback. `accepted` holds recipient and message of every one it keeps."""

    fault: Fault | None = None
    context: ssl.SSLContext | None = None
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """The first words of every command that came, without what was in it."""
    lines: list[str] = field(default_factory=list)
    fired: int = 0
    connections: int = 0

    def __post_init__(self) -> None:
        self._happened: Counter[str] = Counter()
        self._listening = socket.create_server(("127.0.0.1", 0))
        if self.fault is not None and self.fault.step == "body":
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self.port = self._listening.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.fault = None

    def count(self, recipient: str) -> int:
        return sum(one == recipient for one, _ in self.accepted)

    def _start(self, what, *given) -> None:
        thread = threading.Thread(target=what, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                self._open.add(connection)
                self._start(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        session = Session(self, connection)
        with suppress(OSError, HangUpError):
            session.run()
        self._open.discard(connection)
        with suppress(OSError):
            session.connection.shutdown(socket.SHUT_RDWR)
        session.connection.close()

    def answer(self, step: str, recipient: str) -> tuple[str, bool]:
        """Return what is said at a step, and whether the server leaves then."""
        fault = self.fault
        key = f"{step} {recipient}"
        here = fault is not None and fault.step == step and fault.only in recipient
        if not here or (fault.times is not None and self._happened[key] >= fault.times):
            return GOOD[step], False
        self._happened[key] += 1
        self.fired += 1
        self._stopped.wait(fault.wait)
        return GOOD[step] if fault.reply is None else fault.reply, fault.drop

    def keeps(self, recipient: str) -> bool:
        fault = self.fault
        faulty = fault is not None and fault.step == "dot" and fault.only in recipient
        return not faulty or fault.takes


@dataclass
class Session:
    script: Script
    connection: socket.socket
    recipient: str = ""

    def run(self) -> None:
        self.file = self.connection.makefile("rb")
        self.say("connect")
        while line := self.file.readline():
            words = line.decode("ascii").strip()
            verb = words.partition(" ")[0].lower()
            self.script.said.append(verb)
            self.script.lines.append(words)
            step = {"helo": "ehlo"}.get(verb, verb)
            if found := re.fullmatch(r"rcpt to:<(.+)>", words, re.IGNORECASE):
                self.recipient = found[1]
            if self.say(step) == GOOD["data"]:
                self.take()
            if step == "starttls":
                self.secure()
            if step == "quit":
                return

    def secure(self) -> None:
        self.file.close()
        self.connection = self.script.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")

    def take(self) -> None:
        """Read a message to its dot, or to the line at which the fault strikes."""
        body = b""
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise HangUpError
            body += line.removeprefix(b".") if line.startswith(b"..") else line
            if self.script.fault is not None and self.script.fault.step == "body":
                self.script.fired += 1
                self.interrupt(self.script.fault.reply)
        if self.script.keeps(self.recipient):
            self.script.accepted.append((self.recipient, body))
        self.say("dot")

    def interrupt(self, reply: str | None) -> None:
        """Leave in the middle of a message; or say so first, and wait for its end."""
        if reply is not None:
            self.connection.sendall(f"{reply}\r\n".encode())
            while self.file.readline() not in {b".\r\n", b""}:
                pass
        raise HangUpError

    def say(self, step: str) -> str:
        if step not in GOOD:
            self.connection.sendall(b"502 what?\r\n")
            return ""
        told, leaves = self.script.answer(step, self.recipient)
        if told:
            self.connection.sendall(f"{told}\r\n".encode())
        if leaves:
            raise HangUpError
        return told
