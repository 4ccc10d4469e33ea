"""Names that pass from one subject to another, and what people said under them."""

from dataclasses import replace
from datetime import timedelta

from bulletin.model.edition import Edition, ItemState, Trend, Waiver
from bulletin.model.facts import Fact, Severity
from bulletin.model.harvest import Harvest, Missing, Moved, State
from tests.builders import DAY, NOW, WEEK, closing, edited, filed, gap, harvest, incident, policy

LAST = WEEK.shift(-1)
EVER = (NOW + 30 * DAY).date()
GRAVE = incident("INC-1", handle="1", severity=Severity.HIGH)
STRANGER = incident("INC-1", handle="2", severity=Severity.HIGH)
"""Has the first one's name, and is not it."""
ELSEWHERE = replace(GRAVE, key=incident("OPS-1").key)
"""The first one, under the name that it moved to."""
RESTS = Waiver(
    key=GRAVE.key, until=EVER, reason="later", author="ops", at=closing(LAST) - DAY, handle="1"
)


def jira(*facts: Fact, **fields: object) -> Harvest:
    return harvest("jira", facts, **fields)


def judged(now: Harvest, *past: Edition, waiver: Waiver | None = None, week=WEEK) -> Edition:
    standing = {waiver.key: waiver} if waiver else {}
    return edited([now], [filed(one) for one in past], week, policy=policy(waivers=standing))


def resting(*others: Fact) -> Edition:
    """Return last week's edition, in which the incident began to rest."""
    first = judged(jira(GRAVE, *others), week=WEEK.shift(-2))
    return judged(jira(GRAVE, *others), first, waiver=RESTS, week=LAST)


def told(edition: Edition) -> dict[str, tuple[ItemState, str | None]]:
    """Return state and reason by the source's own id, resting ones included."""
    return {item.handle: (item.state, item.why) for item in (*edition.items, *edition.waived)}


def test_a_stranger_is_listed_though_what_rested_had_its_name() -> None:
    now = judged(jira(STRANGER), resting(), waiver=RESTS)
    assert told(now) == {
        "1": (ItemState.DROPPED, "unreadable"),
        "2": (ItemState.NEW, None),
    }


def test_a_waiver_is_not_for_the_stranger_that_takes_the_name() -> None:
    now = judged(jira(STRANGER), judged(jira(), week=LAST), waiver=RESTS)
    assert told(now) == {"2": (ItemState.NEW, None)}


def test_a_waiver_for_the_stranger_is_not_for_the_one_that_had_the_name_before() -> None:
    before = judged(jira(GRAVE), week=LAST)
    word = replace(RESTS, handle="2")
    now = judged(jira(ELSEWHERE, STRANGER), before, waiver=word)
    assert told(now) == {"1": (ItemState.CARRIED, None), "2": (ItemState.WAIVED, None)}


def test_a_waiver_of_an_older_version_is_for_whoever_has_the_name() -> None:
    now = judged(jira(GRAVE), judged(jira(), week=LAST), waiver=replace(RESTS, handle=""))
    assert told(now) == {"1": (ItemState.WAIVED, None)}


def test_a_waiver_follows_the_item_to_its_new_name() -> None:
    now = judged(jira(ELSEWHERE), resting(), waiver=RESTS)
    assert told(now) == {"1": (ItemState.WAIVED, None)}
    assert now.waived[0].formerly == (GRAVE.key,)


def test_what_rested_and_is_gone_is_not_called_a_part_of_whoever_takes_its_name() -> None:
    other = incident("OPS-2", handle="2", severity=Severity.HIGH)
    renamed = replace(other, key=GRAVE.key)
    gone = jira(renamed, missing=(Missing(key=GRAVE.key, why="deleted"),))
    now = judged(gone, resting(other), waiver=RESTS)
    assert told(now) == {"1": (ItemState.DROPPED, "deleted"), "2": (ItemState.CARRIED, None)}


def test_that_somebody_elses_old_name_is_gone_drops_nobody() -> None:
    """The incident moved long ago; whoever had its old name since was deleted, and it is unseen."""
    first = judged(jira(GRAVE), week=WEEK.shift(-2))
    moved = judged(jira(ELSEWHERE, STRANGER), first, week=LAST)
    gone = (Missing(key=STRANGER.key, why="deleted"),)
    now = judged(jira(missing=gone, gaps=(gap("jira"),), state=State.PARTIAL), moved)
    assert told(now) == {
        "1": (ItemState.UNKNOWN, "server_error"),
        "2": (ItemState.DROPPED, "deleted"),
    }


def test_what_was_told_to_have_moved_and_is_gone_there_is_dropped() -> None:
    before = judged(jira(GRAVE), week=LAST)
    moved = Moved(old=GRAVE.key, new=ELSEWHERE.key)
    for name in (GRAVE.key, ELSEWHERE.key):
        gone = (Missing(key=name, why="deleted"),)
        now = judged(jira(moved=(moved,), missing=gone), before)
        assert told(now) == {"1": (ItemState.DROPPED, "deleted")}


def test_an_item_that_joins_one_that_rests_leaves_and_the_other_rests_on() -> None:
    other = incident("OPS-2", handle="2", severity=Severity.HIGH)
    joined = jira(GRAVE, moved=(Moved(old=other.key, new=GRAVE.key),))
    now = judged(joined, resting(other), waiver=RESTS)
    assert told(now) == {"1": (ItemState.WAIVED, None), "2": (ItemState.DROPPED, "merged_into")}
    assert (now.ledger.open_then, now.ledger.dropped, now.ledger.open_now) == (1, 1, 0)


def test_of_two_that_become_one_the_one_whose_id_it_is_stays_though_both_have_a_new_name() -> None:
    one, other = (incident(f"A-{n}", handle=n, severity=Severity.HIGH) for n in ("1", "2"))
    before = judged(jira(one, other), week=LAST)
    both = replace(other, key=incident("B-2").key)
    moved = tuple(Moved(old=old.key, new=both.key) for old in (one, other))
    now = judged(jira(both, moved=moved), before)
    assert told(now) == {"1": (ItemState.DROPPED, "merged_into"), "2": (ItemState.CARRIED, None)}


def test_what_has_become_part_of_another_is_unknown_no_longer() -> None:
    other = incident("OPS-2", handle="2", severity=Severity.HIGH)
    dark = judged(jira(), judged(jira(GRAVE, other), week=WEEK.shift(-2)), week=LAST)
    now = judged(jira(GRAVE, moved=(Moved(old=other.key, new=GRAVE.key),)), dark)
    left = next(item for item in now.items if item.handle == "2")
    assert (left.state, left.unknown_since, left.trend) == (ItemState.DROPPED, None, None)


# A person's second word.


def test_a_waiver_that_was_extended_is_printed_with_its_new_day() -> None:
    longer = replace(RESTS, until=EVER + timedelta(days=9), reason="later still", at=NOW - DAY)
    now = judged(jira(GRAVE), resting(), waiver=longer)
    assert [item.waiver for item in now.waived] == [longer]


def test_getting_worse_voids_a_waiver_that_was_extended_too() -> None:
    before, longer = resting(), replace(RESTS, at=NOW - DAY)
    worse = replace(GRAVE, severity=Severity.CRITICAL)
    now = judged(jira(worse), before, waiver=longer)
    assert [(item.state, item.trend) for item in now.items] == [(ItemState.CARRIED, Trend.WORSE)]
    following = judged(jira(worse), now, before, waiver=longer, week=WEEK.shift(1))
    assert told(following) == {"1": (ItemState.CARRIED, None)}
