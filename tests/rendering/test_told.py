"""A fold on every face: told once, with its evidence, and every count kept."""

from dataclasses import replace

import pytest

from bulletin.archive.codec import file
from bulletin.model.edition import ItemState
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import ROWS
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html, Plain
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.page import Page
from bulletin.rendering.paper import sheets
from bulletin.rendering.told import told_under
from tests.menagerie import EVIDENCE, everything, folded, key

BUNDLE = Bundle.read()
FILED = folded()
HEAD = "Payments time out at the bank’s end"
PART = "TimeoutError: search did not answer"
FACES = ("web", "email", "text", "markdown", "deck", "paper")
ALL = FILED.edition.ledger.open_now
THINGS = FILED.edition.things


def face(name, filed=FILED, language="en"):
    """Return one face of the edition as text."""
    match name:
        case "web":
            return HtmlRenderer().render(filed, BUNDLE, language)[0].body.decode()
        case "markdown":
            return MarkdownRenderer().render(filed, BUNDLE, language)[0].body.decode()
        case "deck":
            words = words_for(filed, BUNDLE, language, Html)
            return fill("deck/deck.html", filed, BUNDLE, words, rows=ROWS, asset=print_asset)
        case "paper":
            return sheets(filed, BUNDLE, language)
    html, text, _ = EmailRenderer().render(filed, BUNDLE, language)
    return (html if name == "email" else text).body.decode()


def flat(text):
    return " ".join(text.replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.mark.parametrize("name", FACES)
def test_every_face_says_what_is_told_elsewhere_and_how_many_things_it_is(name):
    said = flat(face(name))
    assert "1 more is told under INC-17." in said
    assert "more are told under INC-17." in said
    assert f"told as {THINGS} things" in said
    assert 0 < THINGS < ALL


@pytest.mark.parametrize("name", FACES)
def test_every_face_says_it_in_french_as_well(name):
    said = flat(face(name, language="fr"))
    assert "1 autre est à lire sous INC-17." in said
    assert f"soit {THINGS} affaires" in said


@pytest.mark.parametrize("name", ["web", "email", "text", "markdown", "paper"])
def test_a_part_stands_under_its_head_with_its_evidence_and_in_no_section_of_its_own(name):
    said = flat(face(name))
    assert said.index(HEAD) < said.index("names INC-17 in its branch")
    assert "New this week: 1,204 events, 87 users." in said
    assert "Its 2 fixes are merged; the incident is still open at its source." in said
    apart = flat(face(name, everything()))
    assert apart.count(PART) >= said.count(PART) >= 1
    assert "merged" in said
    assert "of the same matter" in said


def test_the_deck_names_the_parts_in_the_line_of_their_head():
    assert "<b>+ <bdi>SHOP-1A</bdi> (first seen)" in flat(face("deck"))


@pytest.mark.parametrize("name", FACES)
def test_an_edition_without_folds_says_nothing_of_them(name):
    said = flat(face(name, everything()))
    for words in ("told under", "told as", "Same matter"):
        assert words not in said


def test_what_is_told_is_bounded_and_the_rest_is_counted():
    page, words = Page(FILED), words_for(FILED, BUNDLE, "en", Plain)
    head = page.item(key("incident", "INC-17"))
    told = list(told_under(head, page, words))
    assert len(told) == len(FILED.edition.folds[0].parts)
    assert f"and {len(told) - 20} more of the same matter" in flat(face("markdown"))


def test_evidence_stands_as_its_source_says():
    page, words = Page(FILED), words_for(FILED, BUNDLE, "en", Plain)
    head = page.item(key("incident", "INC-17"))
    stands = {one.key: one for one in told_under(head, page, words)}
    states = {str(stands[fact.key].state) for fact in EVIDENCE}
    assert states == {"open", "merged", "closed without a merge"}
    assert all(stands[fact.key].item is None for fact in EVIDENCE)


def test_a_part_that_left_the_list_or_rests_says_so():
    gone = FILED.edition.folds[0].parts[0].key
    items = tuple(
        replace(i, state=ItemState.WAIVED) if i.key == gone else i for i in FILED.edition.items
    )
    edition = replace(FILED.edition, items=items)
    page = Page(replace(FILED, edition=edition))
    words = words_for(FILED, BUNDLE, "en", Plain)
    first = next(told_under(page.item(key("incident", "INC-17")), page, words))
    assert (str(first.state), first.item) == ("resting", None)


@pytest.mark.parametrize("name", FACES)
def test_a_fix_that_is_not_deployed_has_words_of_its_own(name):
    def waiting(item):
        if item.key != key("error", "SHOP-2B"):
            return item
        return replace(
            item, state=ItemState.UNKNOWN, why="undeployed", unknown_since=item.since.shift(1)
        )

    edition = everything().edition
    said = flat(face(name, file(replace(edition, items=tuple(map(waiting, edition.items))))))
    assert any(one in said for one in ("not deployed yet", "waits for a release"))
    assert "61 events" in flat(face(name, FILED))
    assert "61 events" not in said, "last week's count, printed as this week's"
