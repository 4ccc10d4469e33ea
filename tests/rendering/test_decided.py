"""What the list calls fixed is called done as well where a decision is among it."""

from dataclasses import replace

import pytest

from bulletin.model.edition import ItemState
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email.message import subject
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Plain
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.verdict import VerdictRenderer
from tests.builders import decision
from tests.menagerie import everything, file

BUNDLE = Bundle.read()


def with_one(state=ItemState.FIXED):
    """Return an edition in which one of what left the list is a decision."""
    edition = everything().edition
    left = next(item for item in edition.items if item.state is state)
    made = replace(left, key=decision().key, kind="decision")
    items = tuple(made if item is left else item for item in edition.items)
    return file(replace(edition, items=items))


@pytest.mark.parametrize(
    ("language", "shown", "counted"),
    [("en", "fixed or done", "fixed, done or cleared"),
     ("fr", "corrigés ou faits", "corrigés, faits ou calmés")],
)  # fmt: skip
def test_a_decision_that_was_carried_out_is_not_called_fixed(language, shown, counted):
    filed = with_one()
    verdict = VerdictRenderer().render(filed, BUNDLE, language)[0].body.decode()
    page = HtmlRenderer().render(filed, BUNDLE, language)[0].body.decode()
    assert f"2\u00a0{shown}" in subject(filed, BUNDLE, language).replace("2 ", "2\u00a0")
    assert shown in verdict
    assert page.count(shown) >= 2  # the line below the headline, and last week's fates
    shelf = {made.name: made.body.decode() for made in shelved(filed, language)}
    assert counted in shelf["feed.xml"]


def shelved(filed, language):
    return render_back_issues([filed], BUNDLE, language, 0)


def test_where_no_decision_is_among_it_fixed_is_the_word():
    for filed in (everything(), with_one(ItemState.DROPPED)):
        said = words_for(filed, BUNDLE, "en", Plain)("deck.fixed", n=2, then=9)
        assert said == "Of last week’s 9, 2 got fixed."


def test_templates_of_before_have_no_such_word():
    words = words_for(with_one(), BUNDLE, "en", Plain)
    forms = {k: v for k, v in words.catalogue.forms.items() if not k.endswith(".decided")}
    old = replace(words, catalogue=replace(words.catalogue, forms=forms))
    assert old("count.fixed", n=2) == "2 fixed"
