"""What foreign text points at: words that look like a key, and addresses of pages.

No more of it is kept: a branch may name a person, an address may carry a token.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

MOST = 20
"""Pointers of one kind that are kept of one text."""
READ = 100_000
"""Letters of a text that are looked at."""
NODES = 10_000
"""Nodes of a document that are looked at."""
NAME = re.compile(
    r"(?<!\w)"
    r"(?:[A-Z][A-Z0-9_]{0,40}(?:-[A-Z0-9_]{1,40}){0,4}-[A-Z0-9]{0,9}[0-9][A-Z0-9]{0,9}"
    r"|[A-Za-z][A-Za-z0-9_]{0,40}-[0-9]{1,18})"
    r"(?![^\W_])"
)
"""`PAYMENTS-API-2K` and `INC-42` as they are spelt, `inc-42` in any case: words of their own."""
ADDRESS = re.compile(r"https?://[!-~]{1,2000}", re.IGNORECASE)
ENDS = re.compile(r"[\"'<>\\^`{}|\[\]()]")
"""What ends an address in running text and in wiki markup."""
PAGE = re.compile(r"[A-Za-z0-9/_.~%@:+,=-]{1,300}")
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")


def find_names(text: str) -> tuple[str, ...]:
    """Return the words of a text that look like a ticket's key or an error's short id, sorted."""
    return _first(match[0] for match in NAME.finditer(text[:READ]))


def find_pages(value: Any) -> tuple[str, ...]:
    """Return the addresses in a text, or in all that a document in JSON holds, sorted."""
    return _first(
        page
        for text in _texts(value)
        for match in ADDRESS.finditer(text[:READ])
        if (page := parse_page(ENDS.split(match[0])[0].rstrip(".,;:!?")))
    )


def parse_page(address: str) -> str:
    """Return an address without user, query and fragment; empty where it is no plain one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    is_plain = HOST.fullmatch(host) and PAGE.fullmatch(parts.path)
    is_web = parts.scheme in {"http", "https"}
    return f"{parts.scheme}://{host}{parts.path}" if is_web and is_plain else ""


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    for _ in range(NODES):
        if not waiting:
            return
        match waiting.pop():
            case str(text):
                yield text
            case dict() as node:
                waiting += reversed(node.values())
            case list() as nodes:
                waiting += reversed(nodes)
            case _:
                pass


def _first(found: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for one in found:
        kept[one] = None
        if len(kept) == MOST:
            break
    return tuple(sorted(kept))
