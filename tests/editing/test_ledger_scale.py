"""What a longer list costs: as much more as it is longer. Calls are counted, not seconds."""

import sys
from types import FrameType

from benchmarks.history import WEEKS, History
from bulletin.editing.desk import REMEMBERED, edit
from bulletin.model.edition import Edition, ItemState


def judged(listed: int) -> tuple[Edition, int]:
    """Judge a week of a long history; return it and how often any function was called."""
    history = History.of(listed)
    past, week = history.past(), history.week(WEEKS - 1)
    calls = [0]

    def count(frame: FrameType, event: str, _: object) -> None:
        calls[0] += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        edition = edit(**week, past=past)
    finally:
        sys.setprofile(before)
    return edition, calls[0]


def test_a_list_of_four_times_the_length_costs_four_times_as_much() -> None:
    short, few = judged(100)
    long, many = judged(400)
    assert short.ledger.open_then >= 100
    assert long.ledger.open_then >= 400
    assert {item.state for item in long.items} >= set(ItemState) - {
        ItemState.FIRST_SEEN,
        ItemState.PERSISTING,
    }
    assert many < few * 4.4


def test_the_weeks_before_those_that_the_desk_remembers_cost_nothing() -> None:
    history = History.of(100)
    past, week = history.past(), history.week(WEEKS - 1)
    assert len(past) == WEEKS - 1
    assert edit(**week, past=past) == edit(**week, past=past[:REMEMBERED])
