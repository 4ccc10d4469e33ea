"""Filing what people say of an item: that it may rest until a day, or whose it is."""

from datetime import UTC, date, datetime, timedelta

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import SettingsError
from bulletin.model.edition import Item
from bulletin.model.facts import FactKey
from bulletin.model.text import clean
from bulletin.model.word import Said, Word, waivers
from bulletin.near import near

LENGTH = 200
"""Letters of a reason."""


def waive(
    settings: Bulletin,
    name: str,
    *,
    until: date,
    reason: str,
    author: str,
    now: datetime | None = None,
) -> tuple[Item, Word]:
    """File that an item rests until the end of a day, in the bulletin's zone.

    `name` is the item's key, or its last part where that is one item's alone. Raises
    `SettingsError` where the item is not followed, the day is past or beyond `waiver_days`, or
    there is no reason.
    """
    now = now or datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    latest = today + timedelta(days=settings.waiver_days)
    if until < today:
        msg = f"{until} is past: a waiver ends on a day to come"
        raise SettingsError(msg, f"Name a day from {today} to {latest}.")
    if until > latest:
        msg = f"{until} is too far: a waiver reaches {settings.waiver_days} days at most"
        raise SettingsError(msg, f"Name a day up to {latest}, or raise `waiver_days`.")
    why = clean(reason, LENGTH).strip()
    if not why:
        raise SettingsError(
            "a waiver needs a reason", 'Say it in a few words: --reason "after the freeze".'
        )
    return _say(settings, name, Said.WAIVED, author=author, now=now, until=until, text=why)


def withdraw(
    settings: Bulletin, name: str, *, author: str, now: datetime | None = None
) -> tuple[Item, Word]:
    """File that a waiver is over. Raises `SettingsError` where none stands."""
    with Archive.open(settings.archive) as archive:
        standing = waivers(archive.words())
        item = followed(archive, name)
    held = [key for key in (item.key, *item.formerly) if key in standing]
    if not held:
        msg = f"no waiver stands for {item.key}"
        raise SettingsError(msg, "`bulletin ledger` shows what rests.")
    # A waiver is bound to the name that the item had then.
    said = [_say(settings, name, Said.WITHDRAWN, author=author, now=now, key=key) for key in held]
    return said[0]


def assign(
    settings: Bulletin, name: str, team: str, *, author: str, now: datetime | None = None
) -> tuple[Item, Word]:
    """File whose an item is. Raises `SettingsError` for a team that the settings do not name."""
    if team not in settings.teams:
        known = ", ".join(sorted(settings.teams)) or "none yet"
        msg = f"there is no team '{clean(team, 60)}'{near(team, settings.teams)}"
        raise SettingsError(msg, f"The teams in the settings are: {known}.")
    return _say(settings, name, Said.ASSIGNED, author=author, now=now, text=team)


def followed(archive: Archive, name: str) -> Item:
    """Return the item of the newest edition that this key, or the last part of one, names.

    Raises `SettingsError` where it names none or several.
    """
    items = archive.find().edition.followed
    named = [item for item in items if str(item.key) == name]
    named = named or [item for item in items if item.key.subject.casefold() == name.casefold()]
    if len(named) > 1:
        keys = " or ".join(sorted(str(item.key) for item in named))
        raise SettingsError(f"'{clean(name, 60)}' names {len(named)} items", f"Write {keys}.")
    if not named:
        known = [str(item.key) for item in items] + [item.key.subject for item in items]
        msg = f"'{clean(name, 60)}' is not on the list{near(name, known)}"
        raise SettingsError(msg, "`bulletin ledger` shows every key.")
    return named[0]


def _say(
    settings: Bulletin,
    name: str,
    said: Said,
    *,
    author: str,
    now: datetime | None,
    until: date | None = None,
    text: str = "",
    key: FactKey | None = None,
) -> tuple[Item, Word]:
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        item = followed(archive, name)
        who = clean(author, 60).strip() or "somebody"
        word = Word(
            said=said,
            key=key or item.key,
            author=who,
            at=(now or datetime.now(UTC)).replace(microsecond=0),
            until=until,
            text=text,
            handle=item.handle,
        )
        archive.say(word)
    return item, word
