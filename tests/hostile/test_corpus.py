"""How many strings there are, and that they are what they claim to be."""

import re

import pytest

from tests.hostile import corpus
from tests.hostile.handmade import FAMILIES
from tests.hostile.shapes import OURS, front, text_fields, wide

pytestmark = pytest.mark.hostile


def test_there_are_25_000_strings_that_need_nothing_installed():
    assert len(set(corpus.own())) == len(corpus.own()) >= 25_000
    assert len(corpus.by_hand()) >= 400
    assert {name: len(texts) for name, texts in corpus.made().items()} == corpus.MADE


def test_the_public_lists_are_there_in_full():
    lists = corpus.public()
    assert len(lists["blns"]) >= 470
    assert len(lists["commonmark"]) >= 640


def test_the_dice_fall_as_they_always_did():
    """A string that was tried yesterday is tried today, on every machine."""
    assert corpus.made()["nest"][0] == "~~~~vbscript:msgbox(1)~~~~"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_repeats_nothing(family):
    assert len(set(FAMILIES[family])) == len(FAMILIES[family])


@pytest.mark.parametrize(
    "danger",
    [
        r"<script", r"\r\nBcc:", r"=\?utf-8\?", r"\]\(javascript:", r"@team", r"#\d", r"GH-\d",
        r"\{\{", r"\x1b\[", r"\u202e", r"\x00", r"\ud800", r"\u2028", r"<!--", r"\]\]>",
        r"\| --- \|", r"www\.",
    ],
)  # fmt: skip
def test_every_danger_is_among_those_made_by_dice(danger):
    made = [text for texts in corpus.made().values() for text in texts]
    assert sum(bool(re.search(danger, text)) for text in made) >= 10


def test_every_field_of_text_in_the_model_is_filled_or_named_as_ours():
    """A new field is filled by itself; one that no stranger writes is added to the list."""
    assert text_fields() >= OURS
    assert set(wide().places.values()) - {"Reason.rule"} == text_fields() - OURS
    assert {"Edition.title", "Headline.words", "Gap.detail"} <= set(front().places.values())
