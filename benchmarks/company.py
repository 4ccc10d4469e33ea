"""A company of any size, in a process of its own so that its work is not taken for ours.

Run as `python -m benchmarks.company SIZES` it starts the sandbox's services, says their addresses,
and obeys one word a line: `log` tells what was asked since the last time.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from benchmarks.measure import PYTHON, ROOT

VARIABLE = "BENCHMARK_TOKEN"
HEAD = """
title = "The Benchmark"
zone = "Europe/Paris"
meeting = "Thursday 10:00"
archive = "sqlite:///{folder}/bulletin.db"
output = "{folder}/out"
"""
SOURCES = {
    "github": """
[[source]]
kind = "github"
organization = "recircle"
api = "{github}"
token = {{ env = "BENCHMARK_TOKEN" }}
""",
    "jira": """
[[source]]
kind = "jira"
site = "{jira}"
user = "bot@recircle.example"
scope = "project = INC"
incidents = "project = INC AND statusCategory != Done"
token = {{ env = "BENCHMARK_TOKEN" }}
""",
    "sentry": """
[[source]]
kind = "sentry"
organization = "recircle"
site = "{sentry}"
top = 1000
token = {{ env = "BENCHMARK_TOKEN" }}
""",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to report, and how many seconds each response is held back."""

    pull_requests: int = 0
    repositories: int = 100
    incidents: int = 0
    errors: int = 0
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: whom, what, and the seconds until its answer was ready, the delay included."""

    service: str
    path: str
    seconds: float


class Company:
    """The running company, seen from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._answers = process.stdin, process.stdout
        self.urls: Mapping[str, str] = json.loads(self._answers.readline())

    def log(self) -> list[Asked]:
        """Return what was asked since the last time."""
        print("log", file=self._orders, flush=True)
        return [Asked(*one) for one in json.loads(self._answers.readline())]

    def settle(self, folder: Path, *sources: str) -> Path:
        """Write the settings that ask this company, or some of its services, and return where."""
        os.environ[VARIABLE] = "sandbox"
        path = folder / "bulletin.toml"
        named = sources or self.urls
        text = HEAD + "".join(SOURCES[name] for name in named)
        path.write_text(text.format(folder=folder, **self.urls))
        return path


@contextmanager
def company(size: Size) -> Iterator[Company]:
    """Run a company of this size, and end it."""
    with subprocess.Popen(
        [PYTHON, "-m", "benchmarks.company", json.dumps(asdict(size))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        try:
            yield Company(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def build(size: Size, now: datetime) -> Any:
    """Make up the company: what it has was opened one after the other, up to an hour ago."""
    from bulletin.sandbox.world import Change, ErrorStory, IncidentStory, PullRequestStory, World

    people = ("camille", "noor", "sasha", "yuki")
    return World(
        pull_requests=tuple(
            PullRequestStory(
                repository=f"recircle/shop-{n % size.repositories}", number=n + 1,
                title=f"Change {n} of the checkout, for the sale", author=people[n % 4],
                created=now - timedelta(hours=n + 1),
                changes=tuple(
                    Change(now - timedelta(minutes=n + 1 + 9 * m), what, value)
                    for m, (what, value) in enumerate(
                        (("checks", "SUCCESS"), ("comment", people[n % 3]), ("approve", "noor"))
                    )
                )[:: -1],
            )
            for n in range(size.pull_requests)
        ),
        incidents=tuple(
            IncidentStory(
                key=f"INC-{n + 1}", summary=f"Incident {n}", components=("checkout",),
                created=now - timedelta(minutes=n + 30),
                changes=(Change(now - timedelta(minutes=n + 10), "status", "Investigating"),),
            )
            for n in range(size.incidents)
        ),
        errors=tuple(
            ErrorStory(
                short_id=f"SHOP{n % 40}-{n}", project=f"shop{n % 40}", title=f"Error {n}",
                first_seen=now - timedelta(days=30), per_day=20 + n % 50,
            )
            for n in range(size.errors)
        ),
    )  # fmt: skip


def serve(size: Size, orders: IO[str], answers: IO[str]) -> None:
    """Answer until there are no more orders."""
    from benchmarks import rest
    from bulletin.sandbox import jira, sentry
    from bulletin.sandbox.server import Service

    now = datetime.now(UTC).replace(microsecond=0)
    world = build(size, now)
    log: list[Sequence[Any]] = []

    def held_back(name: str, answer: Any) -> Any:
        def answered(request: Any, *more: Any) -> Any:
            started = time.perf_counter()
            time.sleep(size.delay)
            response = answer(request, *more)
            log.append((name, request.path, time.perf_counter() - started))
            return response

        return answered

    services = {"github": rest.answer, "jira": jira.answer, "sentry": sentry.answer}
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(Service(name, held_back(name, answer), world, now)).url
            for name, answer in services.items()
        }
        print(json.dumps(urls), file=answers, flush=True)
        for _ in orders:
            said, log[:] = json.dumps(log), []
            print(said, file=answers, flush=True)


if __name__ == "__main__":
    serve(Size(**json.loads(sys.argv[1])), sys.stdin, sys.stdout)
