"""The ledger's laws, over simulated years in which sources fail and people have their say.

What every state must be able to show stands in `oracle.py`, what the years are like in
`company.py`.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulletin.archive import codec
from bulletin.model.edition import Edition, Filed, ItemState
from bulletin.model.harvest import Cause
from bulletin.model.word import Word, teams, waivers
from tests.editing.company import Company, Printed
from tests.editing.oracle import Trial

TEN_YEARS = 520
SEEDS = st.integers(0, 2**32)


def try_every_week(company: Company) -> list[Printed]:
    """Try each edition against the ones before it; return them all."""
    printed: list[Printed] = []
    past: list[Edition] = []
    for week in company.printed():
        Trial(week, past).holds()
        printed.append(week)
        past = [week.edition, *past[:12]]
    return printed


@settings(max_examples=3, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=SEEDS)
def test_in_ten_years_no_state_is_without_evidence_and_nothing_leaves_but_by_a_door(
    seed: int,
) -> None:
    try_every_week(Company(seed, weeks=TEN_YEARS))


@pytest.mark.nightly
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=SEEDS, subjects=st.integers(1, 9))
def test_in_hundreds_of_years_neither(seed: int, subjects: int) -> None:
    try_every_week(Company(seed, subjects=subjects, weeks=TEN_YEARS))


def test_the_simulation_meets_every_state_and_every_kind_of_failure() -> None:
    """A law that is never tried is no law: the simulated years hold what they should."""
    editions = [
        week.edition for seed in range(2) for week in try_every_week(Company(seed, weeks=TEN_YEARS))
    ]
    items = [item for edition in editions for item in edition.items]
    resting = [item for edition in editions for item in edition.waived]
    assert {item.state for item in items} == set(ItemState)
    assert {item.why for item in items} >= {
        Cause.SERVER_ERROR, Cause.TOO_SLOW, "declined", "unreadable", "closed_unverified",
        "cannot_tell", "merged_into", "rule_changed", "drill",
    }  # fmt: skip
    assert {i.state for i in resting} == {
        ItemState.WAIVED, ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED,
    }  # fmt: skip
    assert any(item.unwaived and item.voided for item in items)
    assert any(item.unwaived and not item.voided for item in items)
    assert any(item.formerly for item in items)
    assert any(gap.source == "desk" for edition in editions for gap in edition.gaps)


@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=SEEDS)
def test_the_order_in_which_facts_and_words_come_changes_nothing(seed: int) -> None:
    company = Company(seed)
    past: list[Filed] = []
    words: list[Word] = []
    for week in range(14):
        words += company.said(week, past[0].edition if past else None)
        forwards = company.print_week(week, past, words).edition
        backwards = company.print_week(week, past, words, backwards=True).edition
        assert codec.dumps(forwards) == codec.dumps(backwards)
        past.insert(0, codec.file(forwards))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, dice=st.randoms(use_true_random=False))
def test_the_order_in_which_words_are_filed_on_one_day_does_not_matter(seed: int, dice) -> None:
    """Somebody waives, somebody else withdraws, a third extends: all at noon of one day."""
    company = Company(seed, weeks=20)
    week = next(w.edition for w in company.printed() if w.edition.followed)
    noon = week.as_of
    said = [replace(w, at=noon) for n in range(1, 20) for w in company.said(n, week)]
    shuffled = dice.sample(said, len(said))
    assert waivers(shuffled) == waivers(said)
    assert teams(shuffled) == teams(said)


def test_what_is_filed_is_judged_as_what_was_printed() -> None:
    """The desk looks back at editions that were read from the archive."""
    kept, read = Company(3, weeks=20), Company(3, weeks=20)
    past: list[Filed] = []
    words: list[Word] = []
    for week, printed in enumerate(kept.printed()):
        words += read.said(week, past[0].edition if past else None)
        edition = read.print_week(week, past, words).edition
        filed = codec.file(edition)
        assert replace(edition, previous=None) == replace(printed.edition, previous=None)
        past.insert(0, filed)
