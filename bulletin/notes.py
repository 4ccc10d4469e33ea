"""The notes that people keep in a page of ours, between two markers."""

import re
from dataclasses import dataclass

from bulletin.errors import BulletinError

BEGIN = "<!-- bulletin:notes:begin -->"
END = "<!-- bulletin:notes:end -->"


@dataclass(frozen=True, slots=True)
class Fence:
    """The markers around the notes, as one kind of page writes them."""

    begin: str
    end: str
    mark: re.Pattern[str]
    """What may have been a marker before somebody edited it."""


COMMENTS = Fence(BEGIN, END, re.compile(r"<!--\s*bulletin\s*:\s*notes\b", re.IGNORECASE))
"""The markers of Markdown and of MediaWiki, which readers do not see."""


def with_notes(page: str, standing: str, fence: Fence = COMMENTS) -> str:
    """Return a fresh page with the notes that people wrote between the markers of a standing one.

    The notes are carried over as they are, to the letter. What stands outside of the markers is
    the bulletin's own. Raises `BulletinError` where the standing page is not blank and does not
    have each marker once and in order, since nobody can say then where the notes are.
    """
    if not standing.strip():
        return page
    before, _, after = _parts(page, fence)
    _, notes, _ = _parts(standing, fence)
    return f"{before}{fence.begin}{notes}{fence.end}{after}"


def notes_of(page: str, fence: Fence = COMMENTS) -> str:
    """Return the notes that people wrote into a page; empty for a blank one.

    Raises `BulletinError` where nobody can say where the notes are.
    """
    return _parts(page, fence)[1] if page.strip() else ""


def outside(page: str, fence: Fence = COMMENTS) -> str:
    """Return a page without the notes. Raises `BulletinError` as `notes_of` does."""
    before, _, after = _parts(page, fence)
    return before + after


def _parts(page: str, fence: Fence) -> tuple[str, str, str]:
    """Return what stands before, between and behind the markers."""
    before, begin, rest = page.partition(fence.begin)
    notes, end, after = rest.partition(fence.end)
    marks = page.count(fence.begin), page.count(fence.end)
    unclear = fence.mark.search(before) or fence.mark.search(after)
    if not (begin and end) or marks != (1, 1) or unclear:
        raise BulletinError(
            "the markers around the notes of the standing page were changed, so it is left alone",
            f"Put the notes between one line {fence.begin} and one line {fence.end}, "
            "then run it again.",
        )
    return before, notes, after
