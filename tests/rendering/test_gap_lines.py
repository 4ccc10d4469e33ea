"""What could not be learnt, in lines: what would read the same stands once, with its number."""

import re
from dataclasses import replace

import pytest

from bulletin.model.harvest import Cause, State
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import ROWS
from bulletin.rendering.environment import fill, inline_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.gap_lines import gap_lines
from bulletin.rendering.paper import sheets
from tests.builders import gap
from tests.menagerie import everything, file

BUNDLE = Bundle.read()
PARTS = gap("jira", parts=("severity",), hint="Ask.")
MORE = gap("jira", parts=("status", "severity"), hint="Beg.")
WHOLE = gap("jira")


def test_what_one_source_could_not_tell_for_one_cause_is_one_line():
    told = gap_lines([PARTS, MORE])
    assert told.lines == ((replace(PARTS, parts=("severity", "status"), hint="Ask. Beg."), 2),)
    assert gap_lines([WHOLE, WHOLE]).lines == ((WHOLE, 2),)


@pytest.mark.parametrize(
    "other",
    [
        WHOLE,
        replace(PARTS, source="sentry"),
        replace(PARTS, reason=Cause.TOO_SLOW),
        replace(PARTS, seen=3, expected=9),
    ],
    ids=["whole facts", "another source", "another cause", "another count"],
)
def test_what_reads_otherwise_is_a_line_of_its_own(other):
    assert gap_lines([PARTS, other]).lines == ((PARTS, 1), (other, 1))


def test_what_no_line_tells_is_counted_in_gaps():
    dark = [gap(source) for source in ("a", "b", "b", "c", "c")]
    told = gap_lines(dark, 2)
    assert [(one.source, n) for one, n in told.lines] == [("a", 1), ("b", 2)]
    assert told.left_out == 2


def deck(filed, language):
    words = words_for(filed, BUNDLE, language, Html)
    return fill("deck/deck.html", filed, BUNDLE, words, rows=ROWS, asset=inline_asset(BUNDLE))


@pytest.mark.parametrize("face", [deck, lambda filed, language: sheets(filed, BUNDLE, language)])
@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "the service failed, 2 times (missing: severity and status)"),
     ("fr", "par une erreur, 2\u00a0fois (manque : gravité et statut)")],
)  # fmt: skip
def test_the_front_says_it_once_and_how_many_times(face, language, line):
    filed = file(replace(everything().edition, gaps=(PARTS, MORE)))
    front = re.sub(r"<[^>]+>", "", face(filed, language)).replace("\u00a0:", " :")
    assert front.count(line) == 1


def test_the_state_of_a_section_says_it_once():
    edition = everything().edition
    section = replace(
        next(s for s in edition.sections if s.kind == "incident"), state=State.PARTIAL
    )
    filed = file(replace(edition, gaps=(WHOLE, WHOLE), sections=(section,)))
    assert "Incomplete: jira: the service failed, 2 times." in re.sub(
        r"<[^>]+>", "", sheets(filed, BUNDLE, "en")
    )
