"""What somebody may have meant who wrote a name that is not there."""

import difflib
from collections.abc import Iterable

MANY = 12
"""Names that are worth reading where none is near."""


def near(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean '…'?`, or nothing where no name is near."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def known_names(word: str, known: Iterable[str]) -> str:
    """Return a hint: the name that is near, or the ones that there are."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=3)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    some = ", ".join(names[:MANY]) + ("…" if len(names) > MANY else "")
    return f"Known here: {some}." if some else "Remove it."
