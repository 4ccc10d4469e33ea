"""What foreign text points at: keys and pages, and nothing that could name a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.collectors.pointing import MOST, find_names, find_pages, parse_page


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("camille/inc-42-empty-index", ("inc-42",)),
        ("jdoe-INC-42", ("INC-42",)),
        ("fix/PAYMENTS-API-2K", ("PAYMENTS-API-2K",)),
        ("fix-MOBILE-APP-6C-again", ("MOBILE-APP-6C",)),
        ("INC-42_retry and INC-43", ("INC-42", "INC-43")),
        ("XINC-42x INC-4a2b", ()),
        ("main", ()),
        ("camille.martin@acme.example", ()),
        ("", ()),
    ],
)
def test_only_the_words_that_look_like_a_key_are_kept(text, names):
    assert find_names(text) == names


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        (
            "Sentry: [SHOP-1A|https://sentry.example/issues/7/?referrer=jira#top]",
            ("https://sentry.example/issues/7/",),
        ),
        ("see https://sentry.example/issues/7.", ("https://sentry.example/issues/7",)),
        ("(https://a.example/x), <http://b.example/y>", ("http://b.example/y", "https://a.example/x")),
        ("https://ada:secret@a.example/x?token=1", ("https://a.example/x",)),
        ("javascript:alert(1) ftp://a.example/x //a.example/x", ()),
        ("https://[broken/x https://é.example/x", ()),
        ("https:///x", ()),
    ],
)  # fmt: skip
def test_addresses_are_kept_without_user_query_and_fragment(text, pages):
    assert find_pages(text) == pages


def test_a_document_is_searched_through_in_its_links_and_its_text():
    link = {"type": "link", "attrs": {"href": "https://sentry.example/issues/7/"}}
    text = {"type": "text", "text": "see https://a.example/x", "marks": [link]}
    card = {"type": "inlineCard", "attrs": {"url": "https://b.example/y"}}
    document = {"type": "doc", "version": 1, "content": [{"content": [text, card]}, None, 7]}
    assert find_pages(document) == (
        "https://a.example/x",
        "https://b.example/y",
        "https://sentry.example/issues/7/",
    )


def test_however_many_there_are_the_first_are_kept():
    assert len(find_names(" ".join(f"INC-{n}" for n in range(500)))) == MOST
    assert len(find_pages(" ".join(f"https://a.example/{n}" for n in range(500)))) == MOST


def test_a_document_as_deep_as_you_like_is_no_trouble():
    document = []
    for _ in range(100_000):
        document = [document]
    assert find_pages(document) == ()


@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    for name in find_names(text):
        assert name in text
    for page in (*find_pages(text), parse_page(text)):
        assert not set("?#@ \n<>\"'") & set(page.partition("://")[2].partition("/")[0])
        assert "?" not in page
