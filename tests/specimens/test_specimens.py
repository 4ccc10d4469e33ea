"""Each specimen holds what its name promises, and comes out of the desk."""

import pytest

from bulletin import specimens
from bulletin.archive import codec
from bulletin.model.edition import ItemState, Trend
from bulletin.model.harvest import State
from bulletin.pipeline import render_all
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.page import Page

BUNDLE = Bundle.read()
LONG = 280
"""Letters that a title of the dreadful week has at least; collectors cut at 300."""


def edition(kind: str, tone: str = "dry"):
    return specimens.specimen(kind, BUNDLE, tone).edition


@pytest.mark.parametrize("kind", specimens.KINDS)
def test_the_same_week_is_the_same_bytes(kind):
    filed = specimens.specimen(kind, BUNDLE)
    assert filed.body == specimens.specimen(kind, BUNDLE).body
    assert codec.digest(filed.body) == filed.digest
    assert filed.edition.number >= 9
    assert filed.edition.previous is not None


def test_full_has_every_state_every_trend_and_limits():
    full = edition("full")
    assert {item.state for item in full.items} == set(ItemState)
    assert {item.trend for item in full.items} >= set(Trend)
    assert {item.kind for item in full.items} == {"incident", "error", "pull_request"}
    assert any(item.unwaived for item in full.items)
    assert {item.why for item in full.items} >= {"declined", "deleted", "unreachable"}
    assert len(full.waived) == 2
    assert full.ledger.fixed
    assert all(figure.lower is not None for figure in full.figures)
    assert any(figure.is_signal for figure in full.figures)
    assert {len(figure.history) for figure in full.figures} == {12}
    assert max(item.weeks for item in full.items) >= 4
    assert {one.state for one in full.coverage} == {State.KNOWN, State.PARTIAL, State.UNKNOWN}


def test_the_tone_changes_what_is_said_and_nothing_else():
    off, merry = edition("full", "off"), edition("full", "merry")
    assert not off.remarks
    assert merry.remarks
    assert off.items == merry.items


def test_quiet_is_all_clear_because_everything_was_fixed():
    quiet = specimens.specimen("quiet", BUNDLE)
    assert Page(quiet).all_clear
    assert quiet.edition.ledger.open_then == quiet.edition.ledger.fixed > 0
    assert not quiet.edition.gaps


def test_dreadful_is_too_much_of_everything():
    dreadful = edition("dreadful")
    assert sum(section.left_out for section in dreadful.sections) > 500
    assert all(section.left_out for section in dreadful.sections)
    assert len(dreadful.gaps) >= 10
    assert len(dreadful.title) == 60
    assert sum(one.state is State.UNKNOWN for one in dreadful.coverage) == 3
    assert any(i.severity.name == "CRITICAL" and i.weeks >= 4 for i in dreadful.items)
    assert not dreadful.ledger.fixed
    assert any(i.state is ItemState.UNKNOWN for i in dreadful.items)
    assert max(len(item.title) for item in dreadful.items) >= LONG
    figure = next(figure for figure in dreadful.figures if figure.name == "settled")
    assert not any(figure.history)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ["hostile", "dreadful"])
def test_the_worst_weeks_render_in_every_format(kind, language):
    artifacts, failures = render_all(specimens.specimen(kind, BUNDLE), BUNDLE, language)
    assert not failures
    pages = {artifact.name: artifact.body for artifact in artifacts}
    assert len(pages) == 9
    for name in ("index.html", "email.html"):
        assert b"<script" not in pages[name]
        assert b'href="javascript:' not in pages[name]
        assert b"\xe2\x80\xae" not in pages[name]


def test_hostile_words_stand_in_every_foreign_field():
    hostile = edition("hostile")
    told = "".join(
        f"{item.title}{item.owner}{item.url}{item.key}{[r.words for r in item.reasons]}"
        for item in (*hostile.items, *hostile.waived)
    )
    for word in ("<script>", "javascript:", "\u202e", "結帳", "{{ 7 * 7 }}", "x" * 300):
        assert word in told
    assert any("<script>" in gap.detail for gap in hostile.gaps)
    assert any(item.waiver for item in hostile.waived)
