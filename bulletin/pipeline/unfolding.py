"""Saying that something is to be told alone, whatever it names and whoever names it."""

from collections.abc import Collection

from bulletin.editing.folding import folded
from bulletin.errors import SettingsError
from bulletin.model.facts import FactKey
from bulletin.model.text import clean
from bulletin.model.word import Said, Word, apart
from bulletin.near import near
from bulletin.pipeline.filing import NAME, Clerk


def unfold(clerk: Clerk, name: str, *, withdraw: bool = False) -> Word:
    """Say that a part of a fold stands alone from the next edition on; `withdraw` ends that.

    `name` is the part's key, or its last part where that is one part's alone. Raises
    `SettingsError` where the newest edition tells no such thing under another, or, to withdraw,
    where nothing of that name was unfolded.
    """
    if withdraw:
        return clerk.word(Said.REFOLDED, _named(apart(clerk.words), name, "has been unfolded"))
    parts = folded(clerk.edition.folds)
    return clerk.word(Said.UNFOLDED, _named(parts, name, "is told under another"))


def _named(keys: Collection[FactKey], name: str, where: str) -> FactKey:
    found = [key for key in keys if str(key) == name]
    found = found or [key for key in keys if key.subject.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    told = clean(name, NAME)
    if found:
        every = " or ".join(sorted(map(str, found)))
        raise SettingsError(f"'{told}' names {len(found)} of them", f"Write {every}.")
    known = [one for key in keys for one in (str(key), key.subject)]
    msg = f"nothing called '{told}' {where}{near(name, known)}"
    every = ", ".join(sorted(map(str, keys))[:20]) or "none"
    raise SettingsError(msg, f"These are: {every}. Name the part, and not what it is told under.")
