"""A fix that is merged and not deployed: closed at its source, and called fixed by nobody."""

from dataclasses import replace
from pathlib import Path

from bulletin.model.edition import ItemState
from bulletin.model.facts import Life
from bulletin.model.front import Sentence
from bulletin.model.harvest import State
from bulletin.pipeline.pressing import Printed
from tests.builders import DAY, NOW, WEEK, closing, edited, error, filed, harvest

WAS = error("SHOP-1A", substatus="regressed", events=60, last_seen=NOW - 8 * DAY)
CLOSED = error(
    "SHOP-1A",
    substatus=None,
    life=Life.DONE,
    events=0,
    last_seen=NOW - 8 * DAY,
    resolved=NOW - 2 * DAY,
    undeployed=True,
)


def week(fact, *past, at=WEEK):
    return edited([harvest("sentry", [fact])], past, week=at)


def before():
    return filed(week(WAS, at=WEEK.shift(-1)))


def only(edition):
    (item,) = edition.items
    return item


def test_it_stays_on_the_list_under_its_own_word():
    item = only(week(CLOSED, before()))
    assert (item.state, item.why) == (ItemState.UNKNOWN, "undeployed")
    assert item.unknown_since == WEEK
    assert not item.is_dark


def test_once_it_is_out_and_quiet_it_is_fixed():
    waiting = filed(week(CLOSED, before()))
    out = replace(CLOSED, undeployed=False)
    edition = edited([harvest("sentry", [out])], [waiting], week=WEEK.shift(1))
    assert (only(edition).state, only(edition).why) == (ItemState.FIXED, None)


def test_while_it_waits_and_fires_both_are_said():
    firing = replace(CLOSED, events=90, last_seen=NOW - DAY, resolved=NOW - 4 * DAY)
    item = only(week(firing, before()))
    assert (item.state, item.why) == (ItemState.PERSISTING, "undeployed")
    arrived = only(week(firing))
    assert (arrived.state, arrived.why) == (ItemState.FIRST_SEEN, "undeployed")


def test_an_open_error_waits_for_nothing():
    reopened = replace(WAS, undeployed=True, last_seen=NOW - DAY)
    assert only(week(reopened, before())).why is None


def test_what_is_known_of_it_is_not_called_dark():
    edition = week(CLOSED, before())
    stayed = next(one for one in edition.headings if one.place == "stayed")
    assert stayed.title == Sentence(pattern="heading.stayed", words={"n": 1})
    settled = next(figure for figure in edition.figures if figure.name == "settled")
    assert settled.value == 0
    errors = next(one for one in edition.headings if one.place == "error")
    assert errors.so_what is not None
    assert [question.asks.pattern for question in edition.questions] == ["question.undeployed"]
    printed = Printed(filed=filed(edition), folder=Path())
    assert printed.exit_code == 0
    assert edition.as_of == closing(WEEK)


def test_the_past_counts_it_as_still_there():
    """Nothing about it is in doubt: no number of the list is one of what is known."""
    edition = week(CLOSED, before())
    median = next(figure for figure in edition.figures if figure.name == "weeks_median")
    assert (median.value, median.state) == (2, State.KNOWN)
    tallies = [one.tally for one in edition.history.cohorts]
    assert [(one.joined, one.open, one.unknown) for one in tallies] == [(1, 1, 0), (0, 0, 0)]
    assert (edition.history.due, edition.history.soon) == (1, 0)
