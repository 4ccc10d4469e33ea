"""No string changes what a parser sees in a page, whatever field it stands in."""

import os
from collections.abc import Iterable
from itertools import islice

import pytest

from bulletin.rendering import email, escape
from bulletin.rendering.escape import Html, Markdown
from tests.hostile import corpus
from tests.hostile.formats import BESIDE, FORMATS, Trial
from tests.hostile.shapes import front, wide

pytestmark = pytest.mark.hostile
EVERYWHERE = {
    "Coverage.source", "Edition.title", "Gap.parts", "Gap.source", "Headline.words", "Item.owner",
    "Item.title", "Reason.rule", "Reason.words", "Waiver.author", "Waiver.reason",
}  # fmt: skip
"""What every format prints; all but the deck print more."""
BY_DAY = 8
"""By day every eighth of the strings that were made by rule, and all that were made by hand."""
MORE = {"FactKey.subject", "Gap.detail", "Gap.hint"}


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    """The mail takes every row that it is given, however large that makes it."""
    monkeypatch.setattr(email, "LIMIT", 1 << 30)
    monkeypatch.setattr(email, "SHORT", 1 << 30)
    monkeypatch.setattr(email, "ROWS", (100,))


def guilty(trial: Trial, fillings: Iterable[dict[str, str]]) -> list[str]:
    """Return what the first strings that change something change."""
    complaints = (trial.guilty(texts) for texts in fillings if trial.complaints(texts))
    return list(islice(complaints, 5))


def everything(name: str) -> Trial:
    return Trial(FORMATS[name], wide(20, 20, 20, 20))


@pytest.mark.parametrize("name", FORMATS)
def test_what_the_parsers_see_is_the_same_with_every_string(name):
    trial = everything(name)
    hand, own = corpus.by_hand(), corpus.own()
    made = [text for text in own if text not in hand]
    strings = own if "BULLETIN_NIGHTLY" in os.environ else (*hand, *made[::BY_DAY])
    printed = [w for texts in trial.fillings(strings) for w in texts if w in trial.printed]
    assert len(printed) == len(strings)
    assert guilty(trial, trial.fillings(strings)) == []


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("origin", ["blns", "commonmark"])
def test_what_the_parsers_see_is_the_same_with_the_public_lists(name, origin):
    trial = everything(name)
    assert guilty(trial, trial.fillings(corpus.public()[origin])) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_field_that_a_format_prints_is_printed(name):
    trial = everything(name)
    seen = {trial.shape.places[word] for word in trial.printed}
    assert seen >= (EVERYWHERE if name == "deck.html" else EVERYWHERE | MORE)
    small = Trial(FORMATS[name], front())
    assert {small.shape.places[word] for word in small.printed} >= EVERYWHERE - {"Reason.rule"}


@pytest.mark.parametrize("name", FORMATS | BESIDE)
def test_every_string_made_by_hand_may_stand_in_several_fields(name):
    trial = Trial((FORMATS | BESIDE)[name], front())
    some = islice(trial.everywhere(corpus.by_hand()), None, None, 14)
    assert guilty(trial, some) == []


@pytest.mark.nightly
@pytest.mark.parametrize("name", FORMATS | BESIDE)
def test_every_string_may_stand_in_every_field(name):
    trial = Trial((FORMATS | BESIDE)[name], front())
    assert guilty(trial, trial.everywhere(corpus.own())) == []


def reported(name: str) -> int:
    """Count the strings that the parsers report, one on a page."""
    trial = Trial((FORMATS | BESIDE)[name], front())
    titles = {"Headline.words", "Item.title"}
    title = next(w for w in trial.printed if trial.shape.places[w] in titles)
    assert trial.inert
    return sum(noticed(trial, {title: text}) for text in corpus.by_hand()[::6])


def noticed(trial: Trial, texts: dict[str, str]) -> bool:
    try:
        return bool(trial.complaints(texts))
    except Exception:  # noqa: BLE001  (a page that cannot be made or read is noticed as well)
        return True


@pytest.mark.parametrize("name", sorted((FORMATS | BESIDE).keys() - {"bulletin.md", "email.txt"}))
def test_the_parsers_would_notice_text_that_is_not_escaped(name, monkeypatch):
    monkeypatch.setattr(Html, "quote", staticmethod(lambda text: text))
    assert reported(name) >= 10


def test_the_parsers_would_notice_markdown_that_is_escaped_for_html(monkeypatch):
    monkeypatch.setattr(Markdown, "quote", staticmethod(Html.quote))
    assert reported("bulletin.md") >= 8


def test_the_parsers_would_notice_plain_text_that_is_not_cleaned(monkeypatch):
    monkeypatch.setattr(escape, "shorten", lambda text, length: text[:length])
    assert reported("email.txt") >= 5


def test_the_parsers_would_notice_a_subject_that_is_foreign(monkeypatch):
    real = email.subject
    monkeypatch.setattr(email, "subject", lambda f, *more: f.edition.title or real(f, *more))
    trial = Trial(FORMATS["email.eml"], front())
    title = next(w for w, where in trial.shape.places.items() if where == "Edition.title")
    assert sum(noticed(trial, {title: text}) for text in corpus.by_hand()[::6]) >= 10
