"""Filing that something is to be told alone, whatever it names and whoever names it."""

from datetime import UTC, datetime

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.editing.folding import folded
from bulletin.errors import SettingsError
from bulletin.model.facts import FactKey
from bulletin.model.text import clean
from bulletin.model.word import Said, Word, apart
from bulletin.near import near


def unfold(
    settings: Bulletin,
    name: str,
    *,
    author: str,
    withdraw: bool = False,
    now: datetime | None = None,
) -> Word:
    """File that a part of a fold stands alone from the next edition on; `withdraw` ends that.

    `name` is the part's key, or its last part where that is one part's alone. Raises
    `SettingsError` where the newest edition tells no such thing under another, or, to withdraw,
    where nothing of that name was unfolded.
    """
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        if withdraw:
            keys = apart(archive.words())
            where = "has been unfolded"
        else:
            keys = folded(archive.find().edition.folds)
            where = "is told under another"
        word = Word(
            said=Said.REFOLDED if withdraw else Said.UNFOLDED,
            key=_named(keys, name, where),
            author=clean(author, 60).strip() or "somebody",
            at=(now or datetime.now(UTC)).replace(microsecond=0),
        )
        archive.say(word)
    return word


def _named(keys: frozenset[FactKey], name: str, where: str) -> FactKey:
    found = [key for key in keys if str(key) == name]
    found = found or [key for key in keys if key.subject.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    told = clean(name, 60)
    if found:
        every = " or ".join(sorted(map(str, found)))
        raise SettingsError(f"'{told}' names {len(found)} of them", f"Write {every}.")
    known = [one for key in keys for one in (str(key), key.subject)]
    msg = f"nothing called '{told}' {where}{near(name, known)}"
    every = ", ".join(sorted(map(str, keys))[:20]) or "none"
    raise SettingsError(msg, f"These are: {every}. Name the part, and not what it is told under.")
