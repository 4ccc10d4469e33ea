"""The history of the list, as the editions froze it."""

from dataclasses import replace

import pytest

from bulletin.model.edition import Figure
from bulletin.model.front import ListWeek
from bulletin.model.harvest import State
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.chronicle import Chronicle
from bulletin.rendering.chronicle_drawings import ChronicleDrawings
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Html
from tests.menagerie import WEEK, everything

BUNDLE = Bundle.read()


def edition(back, ages, rates, **limits):
    """An edition `back` weeks ago, with what it remembers, oldest first."""
    week = WEEK.shift(-back)
    figure = Figure(name="settled", section="ledger", value=rates[-1], unit="percent",
                    state=State.KNOWN, history=rates, higher_is="better", **limits)  # fmt: skip
    listed = tuple(
        ListWeek(week=week.shift(n + 1 - len(ages)), ages=one and (one, 0, 0, 0))
        for n, one in enumerate(ages)
    )
    return replace(everything().edition, week=week, list_weeks=listed, figures=(figure,))


def chronicle(*editions):
    made = Chronicle()
    for one in editions:
        made.add(one)
    return made


def test_a_week_is_what_its_own_edition_says_of_it():
    """A later edition may remember what an earlier revision said."""
    made = chronicle(edition(0, (9, 5), (90, 50)), edition(1, (7,), (70,)))
    assert [(one.total, one.rate) for one in made.records(26)] == [(7, 70), (5, 50)]


def test_what_only_a_later_edition_knows_is_taken_from_it():
    made = chronicle(edition(0, (8, None, 5), (80, None, 50)))
    assert [(r.week.number, r.total, r.rate) for r in made.records(26)] == [
        (45, 8, 80), (46, None, None), (47, 5, 50),
    ]  # fmt: skip


def test_weeks_that_nobody_printed_are_holes():
    made = chronicle(edition(0, (5,), (50,)), edition(4, (3,), (30,)))
    assert [one.total for one in made.records(26)] == [3, None, None, None, 5]
    assert [one.total for one in made.records(2)] == [None, 5]


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_drawings_say_their_numbers(language):
    made = chronicle(edition(0, (8, None, 5), (80, None, 50), lower=20.2, upper=90.0))
    words = words_for(everything(), BUNDLE, language, Html)
    draw = ChronicleDrawings(made, words)
    assert all(n in str(draw.ages(26, 400, 150, 11, 80)) for n in ("45", "47", "8", "5"))
    rates = str(draw.rates(26, 400, 150, 11, 80))
    assert "80" in rates
    assert "20" in str(draw.routine())
    assert str(draw.routine()) in rates


def test_nothing_is_called_routine_where_there_are_no_limits():
    draw = ChronicleDrawings(
        chronicle(edition(0, (5,), (50,))), words_for(everything(), BUNDLE, "en", Html)
    )
    assert not draw.routine()
    assert "dasharray" not in draw.rates(26, 400, 150, 11, 80)


def test_an_empty_history_has_no_weeks():
    assert not Chronicle().records(26)


def test_a_list_of_before_editions_carried_their_history_is_counted():
    old = replace(everything().edition, list_weeks=())
    (record,) = chronicle(old).records(1)
    assert record.ages == (4, 2, 1, 2)
    assert record.total == old.ledger.open_now
