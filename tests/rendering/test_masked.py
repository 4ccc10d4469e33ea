"""A mark is one thing in the archive, and a phrase of its language on the page."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bulletin.archive.codec import file
from bulletin.masking import mask
from bulletin.masking.rules import read_rules
from bulletin.model.front import Headline
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.environment import lead
from bulletin.rendering.escape import Html, Markdown, Plain
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.masked import tell
from bulletin.rendering.words import Words, read_catalogue
from tests.masking.planted import SECRETS
from tests.menagerie import everything, quiet

BUNDLE = Bundle.read()


def words(language, safe=Plain):
    return Words(read_catalogue(BUNDLE, language), safe, ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "On [redacted: Stripe key], [redacted: private key]"),
        ("fr", "On [masqué\u00a0: clé Stripe], [masqué\u00a0: clé privée]"),
    ],
)
def test_a_mark_is_told_in_the_language_of_the_page(language, said):
    text = "On [redacted: Stripe key], [redacted: private-key]"
    assert tell(text, words(language)) == said
    assert tell(text, words(language, Markdown)) == said


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_every_mark_that_can_be_made_is_told(language):
    for rule in read_rules():
        said = tell(f"[redacted: {rule.name}]", words(language))
        assert rule.what in {"key", "token", "secret", "password"} or f" {rule.what}]" not in said
        assert rule.whose in said


def test_what_only_looks_like_a_mark_stays_as_it_is():
    for text in ("[redacted: nonsense]", "[redacted: <b> key", "redacted: GitHub token"):
        assert tell(text, words("fr")) == text


def test_a_mark_with_somebody_elses_markup_is_still_foreign():
    assert "<b>" not in str(Html.escape(tell("[redacted: <b> key]", words("fr"))))


def test_the_headline_tells_its_mark_too():
    title = mask(f"Down after {dict(SECRETS)['GitHub token']}").text
    headline = Headline(
        pattern="headline.grave-incident", words={"title": title, "days": 3}, key=None
    )
    filed = file(replace(everything().edition, headline=headline))
    assert "jeton GitHub" in lead(filed, words("fr"), 100)


@pytest.mark.parametrize("renderer", [HtmlRenderer, EmailRenderer, MarkdownRenderer])
def test_the_page_counts_what_was_masked_and_only_then(renderer):
    def text(filed):
        return " ".join(renderer().render(filed, BUNDLE, "en")[0].body.decode().split())

    assert "1 secret was masked in what the services said. 1 piece of" in text(everything())
    assert "masked" not in text(quiet())
