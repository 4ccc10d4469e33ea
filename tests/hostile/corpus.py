"""The hostile strings: public lists, strings made by hand, and strings made from those by dice.

The dice are a hash of a name, so that every run and every machine throws the same.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import count, islice

from tests.e2e.tools import tool
from tests.hostile.handmade import FAMILIES, HEADERS, LETTERS, MARKDOWN, MARKUP, MENTIONS

MADE = {
    "splice": 6_000, "mutation": 6_000, "html": 4_000, "markdown": 4_500, "header": 1_500,
    "unicode": 2_500, "nest": 1_500,
}  # fmt: skip
BITS = (
    *"\\`*_{}[]()#+-.!|<>~$^=&@:;\"'/ \t\n0129aZé", "\r\n", "www.", "http://x.y", "https://",
    "a@b.c", "GH-1", "#12", "@team", "```", "~~~", "<!--", "-->", "&lt;", "&#35;", "](z)", "![",
    "| --- |", "\n- ", "1. ", "- [ ] ", "{{", "}}", "{x}", "%s", "\u202e", "\u200b", "\u200d",
    "\u0301", "<script>", "</b>", "]]>", "=?utf-8?q?", "?=", "=0A", "\x00", "\x1b[31m", "\u2028",
    "\ud83d", "\U0001f469", "ﷺ", "字",
)  # fmt: skip
TAGS = (
    "a",
    "b",
    "img",
    "svg",
    "script",
    "style",
    "td",
    "li",
    "p",
    "link",
    "base",
    "title",
    "x-y",
    "bdi",
)
ATTRIBUTES = (
    "href",
    "src",
    "onclick",
    "style",
    "id",
    "class",
    "title",
    "xlink:href",
    "srcdoc",
    "rel",
)
WRAPS = (
    ("[", "](x)"), ("**", "**"), ("`", "`"), ("<b>", "</b>"), ("(", ")"), ("> ", ""), ("- ", "\n"),
    ("<!--", "-->"), ("|", "|"), ("~~", "~~"), ("{{", "}}"), ('"', '"'), ("![", "](y)"),
    ("=?utf-8?q?", "?="), ("<", ">"),
)  # fmt: skip
BLOCKS = (
    (0x00, 0x24F), (0x300, 0x36F), (0x590, 0x6FF), (0x900, 0x97F), (0x1100, 0x11FF),
    (0x2000, 0x206F), (0x2500, 0x25FF), (0x3000, 0x30FF), (0x4E00, 0x4EFF), (0xD800, 0xDFFF),
    (0xE000, 0xE0FF), (0xFB00, 0xFFFF), (0x1F300, 0x1F6FF), (0xE0000, 0xE01FF),
    (0x10FF00, 0x10FFFF),
)  # fmt: skip


class Dice:
    """Throws that depend on a name alone."""

    def __init__(self, name):
        words = (blake2b(f"{name}/{n}".encode()).digest() for n in count())
        self._throws = (
            int.from_bytes(word[i : i + 4], "big") for word in words for i in range(0, 64, 4)
        )

    def below(self, n):
        return next(self._throws) % n

    def one(self, values):
        return values[self.below(len(values))]

    def some(self, values, most):
        return [self.one(values) for _ in range(1 + self.below(most))]


def splice(dice):
    """Bits, and halves of strings made by hand, one behind the other."""
    bits = dice.some(BITS, 8)
    donor = dice.one(by_hand())
    return "".join((*bits, donor[: dice.below(len(donor) + 1)], *dice.some(BITS, 3)))


def mutation(dice):
    """A string made by hand with up to four wounds."""
    text = dice.one(by_hand())[:200]
    for _ in range(1 + dice.below(4)):
        at = dice.below(len(text) + 1)
        end = at + dice.below(6)
        wound = dice.below(7)
        piece = text[at:end]
        swap = (
            dice.one(BITS) + piece,
            "",
            piece * 3,
            piece.swapcase(),
            "".join(f"&#{ord(c)};" for c in piece),
            "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in piece),
            f"\u200d{piece}\u0308",
        )
        text = text[:at] + swap[wound] + text[end:]
    return text


def html(dice):
    """Tags that hold and do not hold what tags do, and not always to their end."""
    parts = []
    for _ in range(1 + dice.below(3)):
        mark = dice.one(("", '"', "'"))
        attribute = f"{dice.one(ATTRIBUTES)}={mark}{dice.one(by_hand())[:40]}{dice.one((mark, ''))}"
        parts += [
            dice.one(("<", "</", "< ", "<\x00", "&lt;", "<!")),
            dice.one(TAGS),
            dice.one((" ", "/", "\t", "\n")),
            attribute,
            dice.one((">", "/>", "", " >", "-->")),
            *dice.some(BITS, 2),
        ]
    return "".join(parts)


def markdown(dice):
    """Spans and blocks, opened more often than closed."""
    text = dice.one((*MARKDOWN, *MENTIONS))[:80]
    for _ in range(1 + dice.below(3)):
        before, after = dice.one(WRAPS)
        text = before + text + dice.one((after, ""))
        text = dice.one((text, f"{text} {dice.one(MENTIONS)}", f"{dice.one(MARKDOWN)}{text}"))
    return dice.one(("", "", "\n", "\n\n", "  ", "    ")) + text


def header(dice):
    """Breaks of a line, by every name, before headers that are not ours."""
    breaks = ("\r\n", "\n", "\r", "\x1c", "\x85", "\u2028", "=0A", "=0D=0A", "\x0b", "\r\n ")
    names = ("Bcc", "To", "Content-Type", "Subject", "MIME-Version", "X-Unsent", "Date", "")
    word = f"=?{dice.one(('utf-8', 'us-ascii', 'x'))}?{dice.one('qQbBx')}?{dice.one(HEADERS)[:60]}"
    colon = dice.one((": ", ":", "=3A_"))
    line = f"{dice.one(breaks)}{dice.one(names)}{colon}{dice.one(by_hand())[:30]}"
    return dice.one(("done", "", "a" * 70)) + dice.one(
        (line, word + line + "?=", word + "?=" + line)
    )


def unicode(dice):
    """Letters from the blocks in which they are strangest."""
    text = []
    for low, high in dice.some(BLOCKS, 5):
        text += [chr(low + dice.below(high - low + 1)) for _ in range(1 + dice.below(12))]
    return "".join(text) + dice.one(("", dice.one(LETTERS)[:40]))


def nest(dice):
    """One string inside many pairs of signs."""
    text = dice.one((*MARKUP, *MARKDOWN, *MENTIONS))[:60]
    for before, after in dice.some(WRAPS, 9):
        text = before + text + after
    return text


MAKERS: dict[str, Callable[[Dice], str]] = {
    made.__name__: made for made in (splice, mutation, html, markdown, header, unicode, nest)
}


@cache
def by_hand() -> tuple[str, ...]:
    """Return every string made by hand, each once."""
    return tuple(dict.fromkeys(text for family in FAMILIES.values() for text in family))


@cache
def made() -> dict[str, tuple[str, ...]]:
    """Return the strings made by dice, by their maker; none is among those made by hand."""
    seen = {"", *by_hand()}

    def fresh(name: str) -> Iterator[str]:
        dice = Dice(name)
        while True:
            text = MAKERS[name](dice)
            if text not in seen:
                seen.add(text)
                yield text

    return {name: tuple(islice(fresh(name), n)) for name, n in MADE.items()}


@cache
def own() -> tuple[str, ...]:
    """Return all that need nothing installed, those made by hand first."""
    return (*by_hand(), *(text for texts in made().values() for text in texts))


@cache
def public() -> dict[str, tuple[str, ...]]:
    """Return the public lists that `scripts/servers` installed; skips where they are missing."""
    naughty = json.loads(tool("blns").read_text("utf-8"))
    spec = tool("commonmark-spec").read_text("utf-8")
    examples = re.findall(r"^`{32} example\n(.*?)^\.$", spec, re.DOTALL | re.MULTILINE)
    return {
        "blns": tuple(dict.fromkeys(filter(None, naughty))),
        "commonmark": tuple(dict.fromkeys(text.replace("→", "\t") for text in examples)),
    }
