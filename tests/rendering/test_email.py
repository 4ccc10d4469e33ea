from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.errors import BulletinError
from bulletin.model.front import Headline
from bulletin.rendering import email
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import LIMIT, EmailRenderer, compose, subject
from tests.menagerie import EDITIONS, HOSTILE, everything

BUNDLE = Bundle.read()
HEADERS = [
    "Subject",
    "Date",
    "Message-ID",
    "X-Unsent",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def parsed(name, language):
    html, text, eml = EmailRenderer().render(EDITIONS[name](), BUNDLE, language)
    return html, text, message_from_bytes(eml.body, policy=policy.SMTP), eml.body


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_draft_holds_both_parts_and_only_our_headers(name, language):
    html, text, message, raw = parsed(name, language)
    assert message.keys() == HEADERS
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = message.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").encode() == text.body
    assert rich.get_content().replace("\r\n", "\n").encode() == html.body
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\x00" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_html_is_small_enough_not_to_be_cut(name, language):
    html, *_ = parsed(name, language)
    assert len(html.body) <= LIMIT
    assert b"<style" not in html.body


def test_the_mail_says_how_many_it_has_no_room_for():
    html, *_ = parsed("dreadful", "en")
    assert "more, in the web edition" in html.body.decode()


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("language", BUNDLE.languages)
def test_the_text_is_as_wide_as_a_page_save_for_addresses(name, language):
    _, text, *_ = parsed(name, language)
    wide = [line for line in text.body.decode().splitlines() if len(line) > email.WIDTH]
    assert all(" " not in line.strip() for line in wide)


def test_folding_loses_no_word_and_stands_under_the_first_letter():
    text = f"* [high] {'word ' * 40}\n  {'more ' * 40}\nhttps://host.example/{'x' * 90}\n"
    folded = email.wrapped(text)
    assert folded.split() == text.split()
    assert folded.splitlines()[1].startswith("  word")
    assert "\n\n" not in folded


@pytest.mark.parametrize("sign", ["==", "--", "*", "-"])
def test_folding_never_makes_a_heading_or_an_item_of_foreign_words(sign):
    folded = email.wrapped(f"Still open: {'w' * 63} {sign} Incidents, all fixed\n")
    assert folded.splitlines()[1].startswith(f"  {sign} Incidents")


def test_a_mail_that_cannot_fit_is_an_error(monkeypatch):
    monkeypatch.setattr(email, "LIMIT", 2_000)
    with pytest.raises(BulletinError, match="larger than 2 KB"):
        EmailRenderer().render(everything(), BUNDLE, "en")


def test_the_subject_has_the_week_and_the_counts():
    said = subject(everything(), BUNDLE, "en")
    assert said == ("The Black Friday Journal, week 47: 9 open, 2 fixed, not everything known")
    assert subject(EDITIONS["quiet"](), BUNDLE, "en").endswith("week 47: 0 open, 2 fixed")


def test_nothing_foreign_reaches_a_header():
    full = everything().edition
    words = {"title": "INJECTED", "days": 1}
    filed = file(
        replace(
            full,
            headline=Headline(pattern="headline.grave-incident", words=words),
            items=tuple(replace(i, title="INJECTED", owner="INJECTED") for i in full.items),
        )
    )
    *_, eml = EmailRenderer().render(filed, BUNDLE, "en")
    message = message_from_bytes(eml.body, policy=policy.SMTP)
    assert "INJECTED" in message.get_body(("plain",)).get_content()
    assert not [value for value in message.values() if "INJECTED" in value]


@given(st.sampled_from(HOSTILE) | st.text(max_size=80))
def test_even_a_hostile_configured_title_makes_one_subject(title):
    """Some versions of Python write an encoded word's line breaks out as headers."""
    filed = file(replace(everything().edition, title=title))
    said = subject(filed, BUNDLE, "en")
    raw = compose(filed, "en", said, "text\n", "<p>html</p>\n")
    message = message_from_bytes(raw, policy=policy.SMTP)
    assert message.keys() == HEADERS
    assert "=?" not in said


def test_a_message_that_reads_back_differently_is_refused():
    """A control: this is the very injection that the gate exists for, or a version without it."""
    evil = "a =?utf-8?q?=0ABcc=3A_evil=40evil.example?= b"
    with pytest.raises(BulletinError, match="does not read back"):
        compose(everything(), "en", evil, "text\n", "<p>html</p>\n")
