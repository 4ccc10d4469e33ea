"""What a whole draft of a large company holds at its peak, its PDF printers counted apart."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.company import Size, company
from benchmarks.measure import PYTHON, run
from benchmarks.table import Row, at_most

LIMIT = 250.0
SIZE = Size(pull_requests=2000, incidents=1000, errors=1000)
DRAFT = """
import resource, sys
from bulletin.cli import main
try:
    main(sys.argv[1:])
finally:
    kib = 1024 if sys.platform == "darwin" else 1
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        print(resource.getrusage(who).ru_maxrss / 1024 / kib)
"""


def full() -> Iterator[Row]:
    """Draft once."""
    with tempfile.TemporaryDirectory() as folder, company(SIZE) as firm:
        settings = firm.settle(Path(folder))
        cost = run([PYTHON, "-c", DRAFT, "--config", str(settings), "--quiet", "draft"])
        *_, own, children = cost.said.split()
        week = next(Path(folder, "out").glob("2*"))
        pages = sum(path.stat().st_size for path in week.iterdir()) / 2**20
    facts = SIZE.pull_requests + SIZE.incidents + SIZE.errors
    more = f"{facts} facts, {cost.cpu:.1f} s CPU, {pages:.1f} MiB of pages"
    yield at_most("draft of a large company: memory", float(own), LIMIT, " MiB", more)
    yield Row("draft of a large company: largest child", f"{float(children):.0f} MiB")
