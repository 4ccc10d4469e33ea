"""The notes that people keep in a Markdown page, between two markers."""

import re

from bulletin.errors import BulletinError

BEGIN = "<!-- bulletin:notes:begin -->"
END = "<!-- bulletin:notes:end -->"
MARK = re.compile(r"<!--\s*bulletin\s*:\s*notes\b", re.IGNORECASE)
"""What may have been a marker before somebody edited it."""


def with_notes(page: str, standing: str) -> str:
    """Return a fresh page with the notes that people wrote between the markers of a standing one.

    The notes are carried over as they are, to the letter. What stands outside of the markers is
    the bulletin's own. Raises `BulletinError` where the standing page is not blank and does not
    have each marker once and in order, since nobody can say then where the notes are.
    """
    if not standing.strip():
        return page
    before, _, after = _parts(page)
    _, notes, _ = _parts(standing)
    return f"{before}{BEGIN}{notes}{END}{after}"


def notes_of(page: str) -> str:
    """Return the notes that people wrote into a page; empty for a blank one.

    Raises `BulletinError` where nobody can say where the notes are.
    """
    return _parts(page)[1] if page.strip() else ""


def outside(page: str) -> str:
    """Return a page without the notes. Raises `BulletinError` as `notes_of` does."""
    before, _, after = _parts(page)
    return before + after


def _parts(page: str) -> tuple[str, str, str]:
    """Return what stands before, between and behind the markers."""
    before, begin, rest = page.partition(BEGIN)
    notes, end, after = rest.partition(END)
    marks = page.count(BEGIN), page.count(END)
    if not (begin and end) or marks != (1, 1) or MARK.search(before) or MARK.search(after):
        raise BulletinError(
            "the markers around the notes of the standing page were changed, so it is left alone",
            f"Put the notes between one line {BEGIN} and one line {END}, then run it again.",
        )
    return before, notes, after
