"""How many requests a week costs, and how the cost grows: with pages, never with items."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from benchmarks.collection import collect
from benchmarks.company import Asked, Size, company
from benchmarks.measure import PYTHON, run
from benchmarks.table import Row, at_most

LAWS: dict[str, tuple[str, int, int, int]] = {
    "github": ("pull_requests", 50, 2, 5),
    "jira": ("incidents", 100, 1, 5),
    "sentry": ("errors", 100, 2, 6),
}
"""By source: what there is of it, how many a page, pages asked for each, and requests besides.

Of GitHub a page and its checks; of Sentry a page and its week before. An organization's
CODEOWNERS, a project's name or a field's are what is asked for besides.
"""
QUICK = (Size(1, 1, 1, 1), Size(300, 100, 300, 50))
FULL = (
    Size(50, 10, 100, 75),
    Size(100, 100, 500, 150),
    Size(300, 300, 1000, 300),
    Size(1000, 100, 2000, 1),
    Size(2000, 100, 1, 1),
)


def quick() -> Iterator[Row]:
    """Count for a small company and a middling one."""
    return rows(QUICK)


def full() -> Iterator[Row]:
    """Count for more sizes, up to those of a large company."""
    return rows(FULL)


def rows(sizes: Sequence[Size]) -> Iterator[Row]:
    """Count what each source is asked for at each of these sizes."""
    for size in sizes:
        found, log = ask(size)
        for source, (what, page, pages, besides) in LAWS.items():
            number = getattr(size, what)
            assert found[source] == number, f"{source} brought {found[source]} of {number}"
            requests = sum(one.service == source for one in log)
            said = f"{source}: requests for {number} {what.replace('_', ' ')}"
            yield at_most(said, requests, pages * ceil(number / page) + besides)


def ask(size: Size) -> tuple[dict[str, int], list[Asked]]:
    """Collect once; return how many facts each source brought, and what was asked."""
    with tempfile.TemporaryDirectory() as folder, company(size) as firm:
        settings = firm.settle(Path(folder))
        found = json.loads(run([PYTHON, "-m", "benchmarks.counts", str(settings)]).said)
        return found, firm.log()


def main(settings: str) -> None:
    """Collect and say how many facts each source brought."""
    harvests = collect(Path(settings))
    print(json.dumps({harvest.source: len(harvest.facts) for harvest in harvests}))


if __name__ == "__main__":
    main(sys.argv[1])
