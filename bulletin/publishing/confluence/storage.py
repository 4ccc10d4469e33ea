"""A page in Confluence's storage format: whose it is, and the notes that people keep in it.

Confluence drops comments, so the marks are anchors: its own macro, which readers do not see and
both of its editors keep.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.parsers import expat

from bulletin.errors import BulletinError
from bulletin.publishing.standing import Mark, is_there

BEGIN, END = "bulletin-notes-begin", "bulletin-notes-end"
EDITION = re.compile(
    r"bulletin-edition-(?P<week>\d{4}-W\d\d)-(?P<revision>\d+)-(?P<digest>[0-9a-f]{64})"
)
ROOT = b'<storage xmlns:ac="a" xmlns:ri="r">'
MACRO, PARAMETER = "ac:structured-macro", "ac:parameter"


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor of ours: what it says, and the bytes that it takes in the page."""

    name: str
    start: int
    end: int


class _Reader:
    """Finds anchors with their places, which a tree of the page would have lost."""

    def __init__(self, page: bytes) -> None:
        self.found: list[Anchor] = []
        self._page = ROOT + page + b"</storage>"
        self._open: list[tuple[str, int, dict[str, str]]] = []
        self._said = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.UseForeignDTD(True)  # noqa: FBT003  (so that &nbsp;, which XML lacks, may stand)

    def read(self) -> list[Anchor]:
        self._parser.Parse(self._page, True)  # noqa: FBT003  (there is no name for it: the last)
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append((name, self._parser.CurrentByteIndex, attributes))
        if name == MACRO:
            self._said = ""

    def _text(self, text: str) -> None:
        is_anchor = len(self._open) > 1 and self._open[-2][2].get("ac:name") == "anchor"
        if is_anchor and self._open[-1][0] == PARAMETER:
            self._said += text

    def _end(self, name: str) -> None:
        _, start, attributes = self._open.pop()
        if name == MACRO and attributes.get("ac:name") == "anchor":
            end = self._page.index(b">", self._parser.CurrentByteIndex) + 1
            self.found.append(Anchor(self._said.strip(), start - len(ROOT), end - len(ROOT)))


def anchors(page: bytes) -> Sequence[Anchor]:
    """Return the anchors of a page in their order; nothing where it cannot be read."""
    try:
        return _Reader(page).read()
    except expat.ExpatError:
        return ()


def mark_of(page: bytes) -> Mark | None:
    """Return the mark of a page; None where it is not ours. Notes hold none."""
    every = anchors(page)
    begin = min((one.start for one in every if one.name == BEGIN), default=len(page))
    end = max((one.start for one in every if one.name == END), default=0)
    outside = [one for one in every if not begin < one.start < end]
    return Mark.among(match for one in outside if (match := EDITION.fullmatch(one.name)))


def renewed(page: bytes, standing: bytes, name: str) -> bytes | None:
    """Return the page with the notes of the one that stands there; None where it is that one.

    Raises `BulletinError` as `is_there` does, and where nobody can say where its notes are.
    """
    if is_there(mark_of(page), mark_of(standing), name):
        return None
    return with_notes(page, standing)


def with_notes(page: bytes, standing: bytes) -> bytes:
    """Return a page with what stands between the anchors of another, to the letter.

    Raises `BulletinError` where the other does not have each once, in order, and on the same level.
    """
    fresh, old = _fence(page), _fence(standing)
    if fresh and old:
        made = page[: fresh[0].end] + standing[old[0].end : old[1].start] + page[fresh[1].start :]
        if _fence(made) and mark_of(made):
            return made
    raise BulletinError(
        "the anchors around the notes of the standing page were moved, so it is left alone",
        f"Put the notes between the anchors {BEGIN} and {END}, each in a paragraph of its own.",
    )


def _fence(page: bytes) -> tuple[Anchor, Anchor] | None:
    every = anchors(page)
    begin = [one for one in every if one.name == BEGIN]
    end = [one for one in every if one.name == END]
    if len(begin) != 1 or len(end) != 1 or begin[0].end > end[0].start:
        return None
    return begin[0], end[0]
