"""How long a collection takes against its longest chain of dependent requests.

The chain is the smallest number of answers that have to be waited for one after the other, in
whatever order one asks. Each source has one, read from what its service was asked, and the
company's is that of the slowest source, for sources are asked side by side:

- GitHub and Sentry: every request. GitHub's best practices ask for requests "serially instead of
  concurrently", and Sentry limits how many requests of one token run at once. Their chain is the
  series, whatever depends on what.
- Jira: what it is and speaks; then who we are and which fields there are, the slower of the two,
  for neither needs the other; then each page of the search, which names the next; then the
  histories of the last page, for those of earlier pages could be asked for meanwhile.

A chain's time is that until its answers were ready at the service, delay included: what is above
it is ours. Run as `python -m benchmarks.collection SETTINGS` it collects once and says how many
seconds that took.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.company import Asked, Size, company
from benchmarks.measure import PYTHON, run
from benchmarks.table import Row, at_most

if TYPE_CHECKING:
    from bulletin.model.harvest import Harvest

DELAY = 0.08
LIMIT = 1.3
TIMES = 3
QUICK = Size(pull_requests=100, repositories=10, incidents=300, errors=50)
SIZE = Size(pull_requests=1000, incidents=500, errors=500, delay=DELAY)


def chain(log: Sequence[Asked], service: str) -> list[Asked]:
    """Return the longest chain of dependent requests that a service was asked."""
    asked = [one for one in log if one.service == service]
    if service != "jira":
        return asked
    once = [one for one in asked if one.path.endswith(("/myself", "/field"))]
    histories = [one for one in asked if one.path.endswith("/changelog/bulkfetch")]
    beside = {id(one) for one in (*sorted(once, key=lambda one: one.seconds)[:-1], *histories[:-1])}
    return [one for one in asked if id(one) not in beside]


def quick() -> Iterator[Row]:
    """Count, for each source, the requests beside the chain: they are waited for in vain."""
    with tempfile.TemporaryDirectory() as folder, company(QUICK) as firm:
        run([PYTHON, "-m", "benchmarks.collection", str(firm.settle(Path(folder)))])
        log = firm.log()
    for service in ("github", "jira", "sentry"):
        asked = sum(one.service == service for one in log)
        length = len(chain(log, service))
        yield at_most(f"{service}: requests against the chain", asked / length, LIMIT, "x")


def full() -> Iterator[Row]:
    """Time it."""
    with tempfile.TemporaryDirectory() as folder, company(SIZE) as firm:
        command = [PYTHON, "-m", "benchmarks.collection", str(firm.settle(Path(folder)))]
        run([*command])
        firm.log()
        rows = []
        for _ in range(TIMES):
            wall = float(run([*command]).said)
            log = firm.log()
            chains = [chain(log, service) for service in ("github", "jira", "sentry")]
            longest = max(chains, key=lambda one: sum(asked.seconds for asked in one))
            rows.append((wall / sum(asked.seconds for asked in longest), wall, longest, len(log)))
    ratio, wall, longest, asked = sorted(rows, key=lambda row: row[0])[TIMES // 2]
    bare = wall / (DELAY * len(longest))
    yield at_most(
        f"collection, {DELAY * 1000:.0f} ms an answer: wall against its chain",
        ratio,
        LIMIT,
        "x",
        f"{wall:.2f} s, {asked} requests, chain {len(longest)} of {longest[0].service}; "
        f"{bare:.2f}x the delays alone",
    )


def collect(settings: Path) -> "tuple[Harvest, ...]":
    """Collect from every source there is in the settings."""
    from bulletin import config, pipeline, registry
    from bulletin.editing.desk import span_of
    from bulletin.pipeline.gathering import gather

    loaded = config.load(settings, registry.kinds())
    now = datetime.now(UTC).replace(microsecond=0)
    week = pipeline.current_week(loaded, now)
    window = week.window(loaded.zone, loaded.closes)
    harvests = gather(pipeline.build(loaded.source), span_of(week, window, now, None), now, ())
    gaps = [gap for harvest in harvests for gap in harvest.gaps]
    assert not gaps, gaps
    return harvests


def main(settings: str) -> None:
    """Collect and say how many seconds that took."""
    import bulletin.pipeline  # noqa: F401  (so that its import is not counted)

    started = time.perf_counter()
    collect(Path(settings))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1])
