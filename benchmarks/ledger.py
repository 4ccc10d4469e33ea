"""What it costs to judge a week of a long list that has a long history.

Run as `python -m benchmarks.ledger LISTED` it makes up the history, judges one more week of it and
says the seconds of CPU that the ledger and the whole edition took.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.measure import PYTHON, run
from benchmarks.table import Row, at_most

LISTED, FEW = 20_000, 2_000
LEDGER, EDITION = 2.0, 4.0
"""Seconds that a week of the long list may take."""
GROWTH = 2.0
"""How many times as much an item may cost in the long list as in the short one."""


def full() -> Iterator[Row]:
    """Judge a week of a long list, and of one a tenth as long."""
    cost = {listed: judge(listed) for listed in (FEW, LISTED)}
    long = cost[LISTED]
    said = f"{LISTED} items listed of {long['weeks']} weeks"
    yield at_most(f"{said}: the ledger", long["keep"], LEDGER, " s")
    yield at_most(f"{said}: the edition", long["edit"], EDITION, " s")
    growth = (long["edit"] / LISTED) / (cost[FEW]["edit"] / FEW)
    yield at_most(f"each of {LISTED} items, beside each of {FEW}", growth, GROWTH)


def judge(listed: int) -> dict[str, float]:
    """Judge one week in a process of its own."""
    found: dict[str, float] = json.loads(run([PYTHON, "-m", "benchmarks.ledger", str(listed)]).said)
    assert found["listed"] >= listed, f"the list held {found['listed']:.0f} of {listed}"
    return found


def main(listed: int) -> None:
    """Judge one week and say what it took."""
    from benchmarks.history import WEEKS, History
    from bulletin.editing.desk import edit
    from bulletin.editing.ledger import LedgerKeeper

    history = History.of(listed)
    past, week = history.past(), history.week(WEEKS - 1)
    spent: dict[str, float] = {}

    def clocked(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            started = time.process_time()
            done = work(*args, **named)
            spent[name] = time.process_time() - started
            return done

        return timed

    LedgerKeeper.keep = clocked("keep", LedgerKeeper.keep)  # type: ignore[method-assign]
    gc.collect()
    gc.freeze()
    edition = clocked("edit", edit)(**week, past=past)
    found = {"listed": edition.ledger.open_then, "weeks": len(past) + 1}
    print(json.dumps({**found, **spent}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
