"""What others ask of the same GitHub for the same pull requests, and how long they take.

Three ways to come by the open pull requests of ten repositories: a loop with PyGithub, which knows
what our collector knows; perceval, which knows no checks; and github-to-sqlite, which keeps the
list alone: no size, no reviews, no checks. The last two come from PyPI, into an environment that
is thrown away.
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.company import Company, Size, company
from benchmarks.measure import PYTHON, ROOT, run
from benchmarks.table import Row, at_most

PEERS = {"perceval": "1.6.1", "github-to-sqlite": "2.9.1"}
LOOP = [PYTHON, str(ROOT / "benchmarks" / "pygithub_loop.py")]
QUICK = Size(pull_requests=6, repositories=2)
SIZE = Size(pull_requests=60, repositories=10, delay=0.08)


def quick() -> Iterator[Row]:
    """Count what the loop asks: four requests a pull request, one a repository, and two."""
    with company(QUICK) as firm:
        run([*LOOP, firm.urls["github"]])
        asked = len(firm.log())
    said = 4 * QUICK.pull_requests + QUICK.repositories + 2
    yield Row("a PyGithub loop: 4N + S + 2 requests", str(asked), str(said), asked == said)


def full() -> Iterator[Row]:
    """Let all of them ask, ours first."""
    with company(SIZE) as firm, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = str(firm.settle(place, "github"))
        ours = _ask(firm, [[PYTHON, "-m", "benchmarks.counts", settings]])
        loop = _ask(firm, [[*LOOP, firm.urls["github"]]])
        what = f"{SIZE.pull_requests} pull requests in {SIZE.repositories} repositories"
        yield Row(f"{what}: ours", _said(ours))
        yield at_most("ours against a PyGithub loop: requests", ours[0] / loop[0], 0.1, "x")
        yield Row("a PyGithub loop, without its own pauses", _said(loop, ours))
        for name, version in PEERS.items():
            python = _install(place, name, version)
            if python is None:
                yield Row(f"{name} {version}", "could not be installed from here")
                continue
            commands = COMMANDS[name](python, firm.urls["github"], place)
            yield Row(f"{name} {version}", _said(_ask(firm, commands), ours))


def _ask(firm: Company, commands: Sequence[Sequence[str]]) -> tuple[int, float]:
    firm.log()
    started = time.perf_counter()
    for command in commands:
        run(command)
    return len(firm.log()), time.perf_counter() - started


def _said(cost: tuple[int, float], ours: tuple[int, float] | None = None) -> str:
    requests, seconds = cost
    said = f"{requests} requests, {seconds:.1f} s"
    if ours is None:
        return said
    return f"{said}: {requests / ours[0]:.1f}x and {seconds / ours[1]:.1f}x ours"


def _install(place: Path, name: str, version: str) -> Path | None:
    uv = shutil.which("uv")
    if uv is None:
        return None
    home = place / name
    for argv in (
        [uv, "venv", "--quiet", str(home)],
        [uv, "pip", "install", "--quiet", "--python", str(home), f"{name}=={version}"],
    ):
        if subprocess.run(argv, capture_output=True, check=False).returncode:
            return None
    return home / "bin" / "python"


def _perceval(python: Path, address: str, place: Path) -> list[list[str]]:
    program = [str(python.with_name("perceval")), "github", "recircle"]
    more = ["--enterprise-url", address, "-t", "sandbox", "--category", "pull_request"]
    return [
        [*program, f"shop-{n}", *more, "-o", str(place / "perceval.json")]
        for n in range(SIZE.repositories)
    ]


def _github_to_sqlite(python: Path, address: str, place: Path) -> list[list[str]]:
    token = place / "auth.json"
    token.write_text(json.dumps({"github_personal_token": "sandbox"}))
    script = str(ROOT / "benchmarks" / "elsewhere.py")
    what = ["pull-requests", str(place / "github.db"), "--org", "recircle", "--state", "open"]
    return [[str(python), script, address, *what, "--auth", str(token)]]


COMMANDS = {"perceval": _perceval, "github-to-sqlite": _github_to_sqlite}
