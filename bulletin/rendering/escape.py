"""Foreign text, made harmless for each format. Nothing else in the package may call text safe.

Each format has its own `Markup`: its `escape` is what `%`, `+`, `format` and `join` call, and an
environment's `finalize` passes every printed value through it.
"""

import re
from abc import abstractmethod
from typing import Any, Self
from urllib.parse import quote, urlsplit

import markupsafe
from markupsafe import Markup

from bulletin.model.text import shorten

LIMIT = 300
"""Letters of a foreign value that are ever printed."""
JOINER = "\u2060"
"""WORD JOINER: invisible, no break, and no mention or link survives it."""

MARKDOWN_BREAKS = re.compile(
    r"(?P<mention>@)"
    r"|(?P<reference>\#|gh-)(?=\d)"
    r"|(?P<www>www)(?=\.)"
    r"|(?P<slash>/)(?=/)"
    r"|(?P<colon>(?<=[a-z0-9+.-])(?=:(?:/|[^\s:]+@))|(?=:[\w+-]+:)(?!$))",
    re.IGNORECASE | re.VERBOSE,
)
CHAT_BREAKS = re.compile(r"[@#]|:(?=//)|www(?=\.)", re.IGNORECASE)
CHAT_BRACKETS = str.maketrans("<>[]`", "\u2039\u203a()'")
MARKDOWN_SIGNS = re.compile(r"[\\*_{}\[\]~$!^=|<>&`]")
SPAN_ENDS = re.compile(r"[`|\r\n]")
MARKDOWN_START = re.compile(r"^([#+-]|:(?=-))|^(\d+)(?=[.)])")


class Safe(Markup):
    """Text that is ready for its format."""

    __slots__ = ()

    @staticmethod
    @abstractmethod
    def quote(text: str) -> str:
        """Escape text of ours, which is neither cleaned nor cut."""

    @classmethod
    def escape(cls, value: Any, /) -> Self:
        """Clean, bound and escape a foreign value; what is `Markup` is ready already."""
        if isinstance(value, Markup):
            return cls(value)
        return cls("" if value is None else cls.quote(clip(str(value), LIMIT)))

    @staticmethod
    @abstractmethod
    def target(url: str) -> str:
        """Write a checked address the way the format wants it in a link."""

    @classmethod
    def link(cls, url: str) -> Self:
        """Return the address if it is plain http or https, else nothing."""
        return cls(cls.target(url) if is_link(url) else "")

    @classmethod
    def code(cls, text: str) -> Self:
        """Write what is to be typed letter by letter, where nothing in it has a meaning here."""
        return cls(cls.quote(text))


class Html(Safe):
    """HTML, in text and in quoted attributes."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Escape `& < > " '`."""
        return str(markupsafe.escape(text))

    @staticmethod
    def target(url: str) -> str:
        """Escape it like any attribute."""
        return Html.quote(url)

    @classmethod
    def code(cls, text: str) -> Self:
        """Mark it as code."""
        return cls(f"<code>{cls.quote(text)}</code>")


class Plain(Safe):
    """Plain text: there is nothing to escape, only to clean."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Return the text."""
        return text

    @staticmethod
    def target(url: str) -> str:
        """Return the address."""
        return url


class Chat(Plain):
    """Plain text for a chat, where `@channel`, `<!here>` and `@everyone` would call people."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Break mentions, references and addresses; what stands in brackets is no command."""
        return CHAT_BREAKS.sub(lambda m: m[0] + JOINER, text).translate(CHAT_BRACKETS)


class Markdown(Safe):
    """Markdown as GitHub, GitLab and Gitea read it, in paragraphs, lists and table cells."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Take the meaning from every sign.

        A backslash does not stop mentions, references and bare links, which are looked for in
        the finished text: those are broken by a word joiner.
        """
        text = MARKDOWN_BREAKS.sub(lambda m: m[0] + JOINER, text)
        text = MARKDOWN_SIGNS.sub(lambda m: _sign(m[0]), text)
        return MARKDOWN_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\", text)

    @staticmethod
    def target(url: str) -> str:
        """Write an address so that no sign of it ends the link."""
        return quote(url, safe="%/:?#@&=+,;~.-_!$'*")

    @classmethod
    def code(cls, text: str) -> Self:
        """Write a code span, in which no sign means anything; a bar or a backtick would end it."""
        return cls(cls.quote(text) if SPAN_ENDS.search(text) else f"`{text}`")


def _sign(sign: str) -> str:
    # An entity holds inside table cells, where older parsers split at an escaped bar as well.
    return f"&#{ord(sign)};" if sign in "!|<>&`" else f"\\{sign}"


def is_link(url: str) -> bool:
    """Whether this is an http or https address without credentials, blanks, quotes or characters
    that cannot be seen.
    """
    if len(url) > 2000 or not url.isprintable() or re.search(r"[\s\"'<>\\^`{|}]", url):  # noqa: PLR2004  (what browsers take)
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def clip(text: str, length: int) -> str:
    """Cut foreign text to so many letters, between words where it can be; an ellipsis shows it, and
    stands for text of which nothing can be printed. It is still foreign.
    """
    return shorten(text, length) or ("…" if text else "")
