"""Runs the benchmarks and prints one table. Exit status 1 where anything is too much.

`--quick` counts and leaves the clock alone: a few seconds, the same on every machine. Names of
benchmarks run those alone.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import collection, counts, ledger, memory, pages, peers, printing, startup
from benchmarks.measure import PYTHON, run
from benchmarks.table import Row, show

QUICK = {
    "startup": startup.quick,
    "collection": collection.quick,
    "counts": counts.quick,
    "peers": peers.quick,
}
FULL = {
    "startup": startup.full,
    "collection": collection.full,
    "memory": memory.full,
    "ledger": ledger.full,
    "counts": counts.full,
    "peers": peers.full,
}
ON_A_DEMO = {"pages": pages.full, "printing": printing.full}


def measure(names: list[str], *, quick: bool) -> Iterator[Row]:
    """Run the named benchmarks, or all there are."""

    def wanted(name: str) -> bool:
        return not names or name in names

    for name, count in QUICK.items():
        if wanted(name):
            yield from count()
    if quick:
        return
    for name, time_it in FULL.items():
        if wanted(name):
            yield from time_it()
    if any(map(wanted, ON_A_DEMO)):
        with tempfile.TemporaryDirectory() as folder:
            run([PYTHON, "-m", "bulletin.cli", "--quiet", "demo", "--output", folder])
            for name, time_it in ON_A_DEMO.items():
                if wanted(name):
                    yield from time_it(Path(folder))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="count only")
    parser.add_argument("names", nargs="*", choices=[*FULL, *ON_A_DEMO, []], metavar="NAME")
    given = parser.parse_args()
    rows = list(measure(given.names, quick=given.quick))
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load}\n")
    print(show(rows))
    sys.exit(any(row.ok is False for row in rows))


if __name__ == "__main__":
    main()
