"""Saying that something is to be told alone, whatever it names and whoever names it."""

from bulletin.editing.folding import folded
from bulletin.model.word import Said, Word, apart
from bulletin.pipeline.filing import Clerk, named


def unfold(clerk: Clerk, name: str, *, withdraw: bool = False) -> Word:
    """Say that a part of a fold stands alone from the next edition on; `withdraw` ends that.

    `name` is the part's key, or its last part where that is one part's alone. Raises
    `SettingsError` where the newest edition tells no such thing under another, or, to withdraw,
    where nothing of that name was unfolded.
    """
    if withdraw:
        return clerk.word(Said.REFOLDED, named(apart(clerk.words), name, "was not unfolded"))
    parts = folded(clerk.edition.folds)
    return clerk.word(Said.UNFOLDED, named(parts, name, "is told under nothing"))
