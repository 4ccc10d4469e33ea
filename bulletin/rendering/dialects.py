"""Foreign text, made harmless in the markup of MediaWiki and of DokuWiki."""

import re
from urllib.parse import quote

from bulletin.rendering.escape import JOINER, Safe

MEDIAWIKI_SIGNS = re.compile(
    r"[\[\]{}|<>&~=!\\]"
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


class Mediawiki(Safe):
    """MediaWiki's markup, in paragraphs, lists, headings, table cells and the words of links."""

    __slots__ = ()

    @staticmethod
    def quote(text: str) -> str:
        """Write every sign that could mean something as an entity: those are read last."""
        return MEDIAWIKI_SIGNS.sub(lambda m: f"&#{ord(m[0])};", text)

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

    @staticmethod
    def target(url: str) -> str:
        """Write an address so that no sign of it ends the link."""
        return quote(url, safe="%/:?#@&=+,;.-_!$*()~")
