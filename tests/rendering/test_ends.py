"""How things end on every face: a waiver that is void, and a decision in people's own words."""

from dataclasses import replace

import pytest

from bulletin.archive.codec import file
from bulletin.model.edition import VOIDED, ItemState, Reason, Trend
from bulletin.model.facts import Life
from bulletin.rendering.environment import reasons
from tests.builders import decision
from tests.menagerie import WEEK, everything, item
from tests.rendering.test_reasons import WORDS
from tests.rendering.test_told import FACES, face, flat

KEPT = decision(life=Life.DONE, outcome="the breaker <b>held</b> on Monday")
OPEN = decision(number=2, life=Life.OPEN, outcome="nobody says this")


def decided(made, state):
    held = item("incident", made.key.subject, made.title, state)
    return replace(held, key=made.key, kind="decision", handle=made.handle)


def ended():
    """An edition with a waiver that is void, a decision that was kept, and one that stands."""
    edition = everything().edition
    (first, *others) = [one for one in edition.items if one.state is ItemState.CARRIED]
    void = replace(first, why=VOIDED, trend=Trend.WORSE, weeks=2)
    rest = [one for one in edition.items if one.key != first.key]
    left = (decided(KEPT, ItemState.FIXED), decided(OPEN, ItemState.CARRIED))
    assert others
    return file(
        replace(edition, items=(void, *rest, *left), facts=(*edition.facts, KEPT, OPEN), folds=())
    )


@pytest.mark.parametrize("name", FACES)
def test_every_face_says_that_a_waiver_is_void(name):
    assert "Its waiver is void: it got worse." in flat(face(name, ended()))
    assert "Mise en sommeil annulée" in flat(face(name, ended(), "fr"))
    assert "waiver is void" not in flat(face(name, everything()))


@pytest.mark.parametrize("name", sorted(set(FACES) - {"deck"}))
def test_every_face_says_how_a_decision_ended_in_the_words_of_whoever_said_so(name):
    """The deck does where it has room: for four that left, at most."""
    said = flat(face(name, ended()))
    assert "held" in said
    assert "on Monday”" in said
    assert ("<b>held" in said) == (name == "text")
    assert "nobody says this" not in said


def test_what_is_in_the_dark_is_told_in_the_words_in_which_it_was_last_seen():
    """A rule that had just spoken then still has, however long nobody can look."""
    seen = Reason(
        rule="error-regressed", words={"events": 90, "release": "4.2"}, since=WEEK.shift(-2)
    )
    dark = replace(
        item("incident", "A", "t"),
        reasons=(seen,),
        state=ItemState.UNKNOWN,
        unknown_since=WEEK.shift(-1),
    )
    then = replace(dark, state=ItemState.CARRIED, unknown_since=None)
    assert list(reasons(dark, WEEK, WORDS)) == list(reasons(then, WEEK.shift(-2), WORDS))
    assert list(reasons(dark, WEEK, WORDS)) != list(reasons(then, WEEK, WORDS))
