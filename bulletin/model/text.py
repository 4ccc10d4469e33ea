"""Foreign text, made fit to print on one line. What it says is still foreign: escape it."""

import re
import unicodedata
from functools import lru_cache

MARKS = 3
"""Combining marks that one letter may carry; Vietnamese needs two, a prank needs a hundred."""
PROBED = 20
"""How many times the wished length is read; hidden characters hide there as well."""
WORD = 15
"""Letters that a cut may cost so that it parts no word."""

JOINER = "\u200d"
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co"})
INVISIBLE = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Unassigned, and never to be seen: Unicode keeps these for more controls."""
SPACE = re.compile(r"\s+")


def clean(text: str, length: int) -> str:
    """Return `text` on one line, of at most `length` letters, without unprintable characters.

    Controls, bidirectional, zero-width and tag characters, lone surrogates and private letters
    are dropped, save the joiner inside an emoji; what is left is composed (NFC), runs of space
    become one, and no letter carries more than three combining marks, which do not count as
    letters; a mark on no letter is dropped. A cut is shown by an ellipsis. Cleaning twice changes
    nothing.
    """
    letters, is_whole = _line(text, length)
    return _joined(letters) if is_whole else _joined(letters[: length - 1]) + "…"


def shorten(text: str, length: int) -> str:
    """Clean a text for readers: a cut spares the word that it would part, unless that would cost
    more than 15 letters. Shortening twice changes nothing.
    """
    letters, is_whole = _line(text, length)
    if is_whole:
        return _joined(letters)
    kept, following = letters[: length - 1], letters[length - 1 : length]
    if following and following != [" "] and " " in kept[-WORD:]:
        kept = kept[: len(kept) - 1 - kept[::-1].index(" ")]
    return _joined(kept) + "…"


def _line(text: str, length: int) -> tuple[list[str], bool]:
    """Return the letters of a text on one line, at least as many as are asked for if there are so
    many, and whether that is all of it within the length.
    """
    stripped = text.strip()
    shown = SPACE.sub(" ", stripped[: length * PROBED])
    if shown.isascii() and shown.isprintable():
        letters = list(shown.strip())
    else:
        shown = "".join(c for c in shown if c == JOINER or _printable(c))
        letters = _letters(unicodedata.normalize("NFC", SPACE.sub(" ", shown)).strip())
    return letters, len(letters) <= length and len(stripped) <= length * PROBED


def plain_title(title: str) -> str:
    """Return a title with nothing in it that a header or a chat could obey.

    An encoded word (`=?…?=`) would be decoded by mail programs, line breaks and all.
    """
    return re.sub(r"[^\w .,:'\u2019&()-]", "", clean(title, 60)).strip()


def printable(text: str) -> str:
    """Return text of any number of lines without what a terminal obeys instead of printing it."""
    return "".join(c for c in text if c in {"\n", JOINER} or _printable(c))


@lru_cache(maxsize=1024)
def _printable(character: str) -> bool:
    # Unassigned ones stay: the emoji of the next Unicode are among them. Noncharacters do not:
    # XML forbids them.
    code = ord(character)
    nonsense = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004  (Unicode 23.7)
    category = unicodedata.category(character)
    hidden = category == "Cn" and INVISIBLE.match(character)
    return not nonsense and not hidden and category not in UNPRINTABLE


def _letters(line: str) -> list[str]:
    """Split into letters, each with the first of its marks and at most one joiner after them."""
    letters: list[str] = []
    marks = 0
    for character in line:
        if character == JOINER:
            if letters and not letters[-1].endswith((JOINER, " ")):
                letters[-1] += JOINER
                marks = MARKS
        elif unicodedata.category(character) not in {"Mn", "Me"}:
            if character != " " or letters[-1:] != [" "]:
                letters.append(character)
            marks = 0
        elif letters and letters[-1] != " " and marks < MARKS:
            letters[-1] += character
            marks += 1
    return letters


def _joined(letters: list[str]) -> str:
    """Write the letters out; a joiner that joins nothing is dropped."""
    return re.sub(f"{JOINER}(?= |$)", "", "".join(letters)).strip()
