"""What a process costs. CPU time is the children's too; a busy machine moves it least."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall and of CPU, and MiB that the largest process of the tree held."""

    wall: float
    cpu: float
    peak: float
    said: str = ""

    @property
    def quiet(self) -> float:
        """Seconds on the wall, or of CPU where a busy machine made it wait for longer."""
        return min(self.wall, self.cpu)


def run(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a program to its end. Raises CalledProcessError where it fails.

    The peak is sound as long as whoever calls is smaller than what is called: a child inherits
    the peak of its parent, so the runner imports nothing of bulletin.
    """
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            argv, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **(environment or {})}
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, argv, said)
    kib = 1024 if sys.platform == "darwin" else 1
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024 / kib, said)


def side_by_side(times: int, **calls: Callable[[], Cost]) -> dict[str, Cost]:
    """Run each in turn, so many times, and return the median of each."""
    costs: dict[str, list[Cost]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            costs[name].append(call())
    return {name: median(several) for name, several in costs.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        peak=statistics.median(cost.peak for cost in costs),
        said=costs[-1].said,
    )


def tree_memory(argv: Sequence[str], *, below: bool = False) -> float | None:
    """Return the most MiB that a program and its children held at one time, `below` it alone.

    Memory that several share is counted once. None where there is no `/proc` to read it from.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    child = subprocess.Popen(
        argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    over = threading.Event()
    most = [0.0]

    def look() -> None:
        while not over.wait(0.01):
            pids = _descendants(child.pid)
            most[0] = max(most[0], sum(map(_share, pids if below else [child.pid, *pids])))

    thread = threading.Thread(target=look)
    thread.start()
    child.wait()
    over.set()
    thread.join()
    return most[0]


def _descendants(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []
    return [*below, *(deeper for one in below for deeper in _descendants(one))]


def _share(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
