import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.model.text import WORD, clean, plain_title, shorten

ANY_TEXT = st.text(st.characters(), max_size=400)  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  checkout\r\n\tis \u2028 down\u00a0 ", "checkout is down"),
        ("pay\u202efdp.exe", "payfdp.exe"),
        ("a\u200bb\u200cc\ufeffd\u00ad\u2066e", "abcde"),
        ("hi\U000e0041\U000e0042\U000e007f", "hi"),
        ("kept\u2065 for\ufff0 more\U000e0fff", "kept for more"),
        ("nul\x00bell\x07esc\x1b[31m", "nulbellesc[31m"),
        ("half \ud83d of it", "half of it"),
        ("private \ue000\U0010fffe\ufffe use", "private use"),
        ("e\u0301te\u0301", "été"),
        ("Z\u0336\u0337\u0338\u0335\u0334algo", "Z\u0336\u0337\u0338algo"),
        ("\u0301start", "start"),
        ("\u0300 \u0300", ""),
        ("a \u0300 b", "a b"),
        ("👩\u200d🚀 and ❤\ufe0f\u200d🔥", "👩\u200d🚀 and ❤\ufe0f\u200d🔥"),
        ("\u200dloose\u200d ends\u200d\u200d", "loose ends"),
        ("", ""),
        ("\u200b \u200b", ""),
    ],
)
def test_text_is_made_fit_for_one_line(text, expected):
    assert clean(text, 80) == expected


def test_a_cut_is_shown_and_counts():
    assert clean("abcdef", 6) == "abcdef"
    assert clean("abcdefg", 6) == "abcde…"
    assert clean("abcd efg", 6) == "abcd…"


def test_a_cut_never_parts_a_letter_from_its_marks_nor_leaves_a_joiner():
    assert clean("ab\u0336c\u0336de", 4) == "ab\u0336c\u0336…"
    assert clean("ab👩\u200d🚀 goes up", 4) == "ab👩…"


def test_a_long_tail_of_hidden_characters_is_a_cut_not_a_wait():
    assert clean("short" + "\u200b" * 1_000_000 + "tail", 10) == "short…"


@given(ANY_TEXT, st.integers(1, 60))
def test_what_is_cleaned_is_bounded_printable_and_stays_as_it_is(text, length):
    cleaned = clean(text, length)
    letters = [c for c in cleaned if unicodedata.category(c) not in {"Mn", "Me", "Cf"}]
    assert len(letters) <= length
    assert len(cleaned) <= 5 * length
    assert not {unicodedata.category(c) for c in cleaned.replace("\u200d", "")} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
    }
    assert cleaned == " ".join(cleaned.split())
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned, length) == cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Payments time out at the bank", 24, "Payments time out at…"),
        ("Payments time out at the bank", 25, "Payments time out at the…"),
        ("Payments time out at the bank", 26, "Payments time out at the…"),
        ("Payments time out at the bank", 29, "Payments time out at the bank"),
        ("a CannotAcquireLockException", 17, "a…"),
        ("a CannotAcquireLockException", 18, "a CannotAcquireLo…"),
        ("CannotAcquireLockException", 12, "CannotAcqui…"),
        ("été après été", 11, "été après…"),
        ("ab👩\u200d🚀 cd👩\u200d🚀goes up", 8, "ab👩\u200d🚀…"),
        ("a" * 30, 1, "…"),
    ],
)
def test_a_word_is_not_parted_where_a_whole_one_fits(text, length, expected):
    assert shorten(text, length) == expected


@given(st.one_of(ANY_TEXT, st.text("ab é\u0301\u200d👩", max_size=80)), st.integers(1, 60))
def test_what_is_shortened_is_a_beginning_no_longer_than_asked(text, length):
    short, cut, whole = shorten(text, length), clean(text, length), clean(text, 20 * length)
    assert shorten(short, length) == short
    assert len(short) <= len(cut)
    beginning = short.removesuffix("…")
    assert cut.startswith(beginning)
    assert whole.startswith(beginning)
    assert len(cut) - len(short) <= 5 * WORD  # a letter may carry marks and a joiner


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("L'Éphéméride (nº 2), revue & corrigée", "L'Éphéméride (nº 2), revue & corrigée"),
        ("<!channel> *Journal* @here #x", "channel Journal here x"),
        ("=?utf-8?q?x=0Ay?=", "utf-8qx0Ay"),
        ("★ Journal\r\nBcc: x", "Journal Bcc: x"),
        ("★", ""),
    ],
)
def test_a_plain_title_holds_nothing_that_is_obeyed(given, kept):
    assert plain_title(given) == kept
