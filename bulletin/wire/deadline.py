"""A deadline on the wall clock. A socket's own time-out starts anew with every byte: a drip, in the
headers or in the body, outlasts it.
"""

import contextlib
import socket
from collections.abc import Iterator
from threading import Timer
from typing import Any

from urllib3 import HTTPConnectionPool


class Deadline:
    """Cuts the connection in use when its time is up, whatever it is waiting for.

    One thread uses it, for one request after the other.
    """

    def __init__(self) -> None:
        self.passed = False
        self._socket: socket.socket | None = None

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the requests inside so many seconds together; `passed` tells afterwards."""
        self.passed, self._socket = False, None
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def watch(self, pool: HTTPConnectionPool) -> None:
        """Learn of every connection of the pool that an answer is awaited on."""
        deadline, plain = self, pool.ConnectionCls
        if issubclass(plain, _Watched):
            return

        class Watched(_Watched, plain):  # type: ignore[misc, valid-type]
            def getresponse(self) -> Any:
                deadline.await_on(self.sock)
                return super().getresponse()

        pool.ConnectionCls = Watched

    def await_on(self, connected: socket.socket | None) -> None:
        """Cut this connection when time is up, and at once if it is."""
        self._socket = connected
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class _Watched:
    """Marks the connection classes that a deadline has made."""
