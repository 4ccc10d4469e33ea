"""Starts other people's servers on loopback, and stops them with the tests, however those end."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(command: Sequence[str | Path], ready: str, log: Path, **more) -> Iterator[None]:
    """Run a server until the block ends; `ready` is an address that answers once it has started.

    It leads a group of its own, which ends as a whole. Where util-linux is, the kernel ends the
    server if the tests are killed.
    """
    tied = shutil.which("setpriv")
    words = [*([tied, "--pdeathsig", "KILL"] if tied else ()), *map(str, command)]
    with log.open("wb") as out:
        more |= {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
        server = subprocess.Popen(words, start_new_session=True, **more)
        try:
            _await(server, ready, log)
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _await(server: subprocess.Popen, ready: str, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(ready, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    msg = f"{server.args[-1]} did not answer at {ready}:\n{said}"
    raise AssertionError(msg)
