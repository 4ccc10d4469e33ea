"""Runs that die: a process that has everything imported forks one child a run, and lets the
kernel, or a named point, put an end to it.

`python -m tests.delivery.kennel` reads orders from its input, a line of JSON each, and answers
in kind. It has no thread of its own, so that a fork is whole; to trace its children it attaches
strace to each, which counts their system calls from there on and no others.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path

from bulletin import crashing, registry
from bulletin.archive.outbox import Outbox
from bulletin.errors import BulletinError
from bulletin.pipeline import running
from tests.delivery import plugs
from tests.delivery.newsroom import NOW, Newsroom

WRITING = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "sendto")
"""What changes a disk, or another machine."""
MOMENTS = (*WRITING, "recvfrom", "connect")
"""The system calls at whose beginning a run may die."""
DISK = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink")
"""Those that a disk may fail at."""


class Kennel:
    """The process that forks, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.delivery.kennel"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def run(self, room: Newsroom, **order):
        """Run once in a child. Returns how it ended, and the system calls that it made."""
        told = {"folder": str(room.folder), "tables": room.tables, "given": room.given} | order
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "broke" not in answer, answer["broke"]
        return answer

    def race(self, room: Newsroom, delays, **order) -> list[str]:
        """Start one run for each delay, in seconds, at once. Returns how each ended."""
        return self.run(room, delays=delays, **order)["said"]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


def _newsroom(order) -> Newsroom:
    return Newsroom(Path(order["folder"]), *order["tables"], check=False, **order["given"])


def _child(order, gate, say) -> None:
    """Run as `bulletin run` does, and say how it went."""
    room = _newsroom(order)
    room.read()
    if order.get("control"):  # send, then mark
        Outbox.commit = lambda *_: True
    if order.get("unlocked"):
        running.run_lock = lambda _: nullcontext()
    if order.get("unclaimed"):
        Outbox.claim = Outbox.commit = Outbox.settle = lambda *_, **__: True
    os.read(gate, 1)
    time.sleep(order.get("delay", 0))
    crashing.POINT = order.get("point", "")
    try:
        said = f"exit {room.run(NOW + timedelta(minutes=order.get('minutes', 0))).exit_code}"
    except BulletinError as error:
        said = f"exit {error.exit_code}: {error.problem}"
    os.writev(say, [said.encode()])  # no call that a fault is played at


def _fork(order, gate, say) -> int:
    pid = os.fork()
    if pid == 0:
        os.close(gate[1])
        try:
            _child(order, gate[0], say[1])
        except BaseException as error:  # noqa: BLE001  (told to whoever ordered it)
            os.writev(say[1], [f"broke {type(error).__name__}: {error}".encode()[:500]])
        finally:
            os._exit(0)
    return pid


def _race(order) -> dict:
    gate = os.pipe()
    runs = []
    for delay in order["delays"]:
        say = os.pipe()
        runs.append((_fork(order | {"delay": delay}, gate, say), say[0]))
        os.close(say[1])
    for end in gate:
        os.close(end)
    said = [b"".join(iter(lambda end=end: os.read(end, 1000), b"")).decode() for _, end in runs]
    for pid, end in runs:
        os.waitpid(pid, 0)
        os.close(end)
    return {"said": said}


def _serve(order) -> dict:
    gate, say = os.pipe(), os.pipe()
    pid = _fork(order, gate, say)
    os.close(gate[0])
    os.close(say[1])
    calls = Path(order["folder"]) / "calls"
    strace = _attach(pid, order, calls) if "calls" in order else None
    os.write(gate[1], b"!")
    _, status = os.waitpid(pid, 0)
    said = b"".join(iter(lambda: os.read(say[0], 1000), b"")).decode()
    os.close(gate[1])
    os.close(say[0])
    if strace is not None:
        strace.wait(30)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    lines = calls.read_text().splitlines() if strace is not None else []
    names = [line.split("(")[0].split()[-1] for line in lines if "(" in line]
    if said.startswith("broke"):
        return {"broke": said}
    return {
        "said": said,
        "killed": killed,
        "fired": killed or any("(INJECTED)" in line for line in lines),
        "calls": {name: names.count(name) for name in set(names) & set(MOMENTS)},
    }


def _attach(pid, order, calls) -> subprocess.Popen:
    """Attach strace, which plays a fault at one call. With --seccomp-bpf it would play none."""
    inject = ["-e", f"inject={order['inject']}"] if "inject" in order else []
    traced = ",".join(order["calls"])
    strace = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", calls, "-e", f"trace={traced}", *inject, "-p", str(pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text():
        if strace.poll() is not None:
            msg = "strace is not here or may not trace"
            raise RuntimeError(msg)
        time.sleep(0.002)
    return strace


def _warm() -> None:
    """Import whatever a run does, so that no child has to."""
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom(Path(folder))
        for _ in range(2):
            room.run()
    registry.find("publish", "email")


def main() -> None:
    plugs.install()
    _warm()
    for line in sys.stdin:
        try:
            order = json.loads(line)
            _newsroom(order).write()  # once: of eight that write at once one may read half
            answer = _race(order) if "delays" in order else _serve(order)
        except Exception as error:  # noqa: BLE001  (told to whoever ordered it)
            answer = {"broke": f"{type(error).__name__}: {error}"}
        with suppress(BrokenPipeError):
            print(json.dumps(answer), flush=True)  # noqa: T201  (what it is for)


if __name__ == "__main__":
    main()
