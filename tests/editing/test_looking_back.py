"""What the rules may look back at: only what an edition knew counts as known."""

from dataclasses import replace

import pytest

from bulletin.editing.knowledge import Names
from bulletin.editing.looking_back import scene_of
from bulletin.model.harvest import State
from tests.builders import NOW, WEEK, edited, gap, harvest, window

LAST = WEEK.shift(-1)
ERRORS = ("sentry", "error")


def known_since(*gaps):
    edition = edited([harvest("sentry", gaps=gaps)], week=LAST)
    return scene_of(window(), NOW, [edition], Names.of((), ())).known_since


@pytest.mark.parametrize(
    "hidden",
    [
        {},
        {"kinds": ("error",)},
        {"parts": ("events",)},
        {"kinds": ("error",), "parts": ("first_seen",)},
    ],
)
def test_a_week_of_which_something_was_hidden_is_not_known(hidden) -> None:
    assert ERRORS not in known_since(gap("sentry", **hidden))


@pytest.mark.parametrize(
    "beside",
    [
        {"kinds": ("incident",)},
        {"parts": ("release",)},
        {"kinds": ("incident",), "parts": ("events",)},
    ],
)
def test_what_is_hidden_of_something_else_leaves_a_week_known(beside) -> None:
    assert known_since(gap("sentry", **beside)) == {ERRORS: window(LAST).end}


def test_the_newest_edition_that_knew_counts() -> None:
    older = edited([harvest("sentry")], week=WEEK.shift(-2))
    dark = edited([harvest("sentry", gaps=(gap("sentry"),), state=State.UNKNOWN)], week=LAST)
    scene = scene_of(window(), NOW, [dark, older], Names.of((), ()))
    assert scene.known_since == {ERRORS: older.span.end}
    newer = replace(dark, gaps=())
    assert scene_of(window(), NOW, [newer, older], Names.of((), ())).known_since == {
        ERRORS: newer.span.end
    }
