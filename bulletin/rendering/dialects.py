"""Foreign text, made harmless in the markup of MediaWiki and of DokuWiki."""

import re
from typing import Self
from urllib.parse import quote

from bulletin.rendering.escape import JOINER, Safe

MEDIAWIKI_SIGNS = re.compile(
    r"[\[\]{}|<>&~=!\\\ufffd]"
    r"|(?<!\w)'|'(?!\w)"
    r"|_(?!\w)|(?<!\w)_|_(?=_)|(?<=_)_"
    r"|:(?!\s)"
    r"|^[*#:;\-+]"
    r"|\b[RPI](?=(?:FC|MID|SBN)[\s\xa0-])",
    re.IGNORECASE,
)
"""What opens or closes anything, an address, and the words that MediaWiki makes links of."""
MEDIAWIKI_ADDRESS = str.maketrans({"~": "%7E", "'": "%27", ";": "%3B"})

DOKUWIKI_BREAKS = re.compile(
    r"(?<=[!-/:-@\[-`{-~])(?=[!-/:-@\[-`{-~])"  # no two signs side by side
    r"|(?<=<)|(?<=\d)(?=x\d)|(?<=8)(?=-)|(?<=m)(?=\()|(?<=\()(?=[crt])"
    r"|(?<=www)(?=\.)|(?<=ftp)(?=\.)"
    r"|(?<=FIX)(?=ME)|(?<=DELETE)(?=ME)|(?<=LO)(?=L)"  # these are little pictures
    r"|^(?=[#-*/:->@\[-`{-~\-])|(?<=[#-*/:->@\[-`{-~\-])$",  # nor beside one of ours
    re.IGNORECASE,
)
DOKUWIKI_CELLS = str.maketrans({"|": "\u2502", "^": "\u02c6"})
"""A single one ends a cell, and nothing takes that meaning away that works in a link as well."""

SPAN_ENDS = re.compile(r"%(?:%|$)|[\r\n]")


class Mediawiki(Safe):
    """MediaWiki's markup, in paragraphs, lists, headings, table cells and the words of links."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Write every sign that could mean something as an entity: those are read last."""
        return MEDIAWIKI_SIGNS.sub(lambda m: f"&#{ord(m[0])};", text)

    @classmethod
    def code(cls, text: str) -> Self:
        """Mark it as code."""
        return cls(f"<code>{cls.quote(text)}</code>")

    @staticmethod
    def target(url: str) -> str:
        """Write an address so that no sign of it ends the link."""
        written = quote(url, safe="%/:?#@&=+,.-_!$*()").translate(MEDIAWIKI_ADDRESS)
        return written.replace("__", "_%5F")


class Dokuwiki(Safe):
    """DokuWiki's markup, in paragraphs, lists, headings, table cells and the words of links."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Break every sign of several letters by a word joiner.

        DokuWiki knows no entities, and neither its links nor its headings know `%%`.
        """
        return DOKUWIKI_BREAKS.sub(JOINER, text.translate(DOKUWIKI_CELLS))

    @classmethod
    def code(cls, text: str) -> Self:
        """Write it between `%%`, without a joiner that nobody would type."""
        return cls(cls.quote(text) if SPAN_ENDS.search(text) else f"''%%{text}%%''")

    @staticmethod
    def target(url: str) -> str:
        """Write an address so that no sign of it ends the link."""
        return quote(url, safe="%/:?#@&=+,;.-_!$*()~")
