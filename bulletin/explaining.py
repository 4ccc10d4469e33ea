"""An item's whole life, week by week: what every edition said of it, why, and what people said."""

from collections.abc import Collection, Iterator, Sequence

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.edition import Edition, Item, ItemState
from bulletin.model.facts import FactKey
from bulletin.model.week import Week
from bulletin.model.word import DECISION, Said, Word
from bulletin.near import near
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import reasons, words_for
from bulletin.rendering.escape import LIMIT, Plain, clip
from bulletin.rendering.told import standing
from bulletin.rendering.words import Words

AT_ONCE = 12
"""Editions that are read at a time: an archive may hold years."""


def explain(settings: Bulletin, name: str) -> Iterator[str]:
    """Yield an item's life, oldest first, a line an edition with its evidence below.

    `name` is the item's key or its last part. Raises `BulletinError` where no edition knows it.
    """
    with Archive.open(settings.archive) as archive:
        lives = _life(archive, name)
        if not lives and (taken := [w for w in archive.words() if _is_taken(w, name)]):
            yield from _waiting(taken)
            return
        if not lives:
            known = _known(archive)
            msg = f"no edition knows '{clip(name, 60)}'{near(name, known)}"
            raise BulletinError(msg, "`bulletin ledger` shows the keys of the newest edition.")
        spoken = [word for word in archive.words() if _is_about(word, lives)]
        made = {entry.week for entry in archive.editions()}
        filed = archive.find(lives[-1][0].week)
    bundle = Bundle.read(theme=settings.theme)
    edition, last = lives[-1]
    yield f"{clip(str(last.key), LIMIT)}  {clip(last.title, LIMIT)}"
    words = words_for(filed, bundle, settings.language, Plain)
    yield from _weeks(lives, spoken, made, words)
    yield _stands(edition, last, words)


def _life(archive: Archive, name: str) -> list[tuple[Edition, Item]]:
    """Return every edition that had the item, oldest first, whatever it was called then.

    The newest edition that knows the name says which item is meant. Raises `BulletinError` where
    it knows several.
    """
    lives: list[tuple[Edition, Item]] = []
    for edition in _editions(archive):
        held = (*edition.items, *edition.waived)
        if lives:
            later = lives[-1][1]
            mine = [item for item in held if _is_one(item, later)]
            mine = mine or [item for item in held if _has_joined(item, later)]
        else:
            mine = _meant(held, name)
        lives += [(edition, item) for item in mine[:1]]
    return lives[::-1]


def _meant(held: Sequence[Item], name: str) -> list[Item]:
    """Return the item of this name: before one that had it, one that has it; on the list or not."""
    now = [item for item in held if _is_called(item.key, name)]
    then = [item for item in held if any(_is_called(key, name) for key in item.formerly)]
    mine = {item.key: item for item in sorted(now or then, key=lambda item: item.state.on_list)}
    if len(mine) > 1:
        told = " or ".join(sorted(str(key) for key in mine))
        raise BulletinError(f"'{clip(name, 60)}' names several items", f"Write {told}.")
    return list(mine.values())


def _is_one(item: Item, later: Item) -> bool:
    """Whether an item of an older edition is what a newer one holds as `later`."""
    if (item.key.source, item.kind) != (later.key.source, later.kind):
        return False
    named = item.key in {later.key, *later.formerly}
    return item.handle == later.handle if item.handle and later.handle else named


def _has_joined(item: Item, later: Item) -> bool:
    """Whether an item of an older edition has become part of what is `later` on its line."""
    return item.key in later.formerly and item.since == later.since


def _is_about(word: Word, lives: Sequence[tuple[Edition, Item]]) -> bool:
    """Whether a word is about the item: under one of its names, and not about a namesake."""
    items = [item for _, item in lives]
    keys = {key for item in items for key in (item.key, *item.formerly)}
    return word.key in keys and (not word.handle or word.handle in {i.handle for i in items})


def _is_taken(word: Word, name: str) -> bool:
    """Whether a word is about a decision of this name, which may be on no list yet."""
    return word.key.kind == DECISION and _is_called(word.key, name)


def _waiting(taken: Sequence[Word]) -> Iterator[str]:
    """Tell of a decision that no edition has yet."""
    yield f"{taken[0].key}  {clip(taken[0].text, LIMIT)}"
    yield from map(_said, taken)
    yield "on no list yet: the next edition judges it"


def _is_called(key: FactKey, name: str) -> bool:
    return name in {str(key), key.subject}


def _editions(archive: Archive) -> Iterator[Edition]:
    """Yield the last revision of every week, newest first."""
    entries = archive.editions()
    before = max((entry.week for entry in entries), default=Week(1970, 1)).shift(1)
    while some := archive.before(before, AT_ONCE):
        yield from (filed.edition for filed in some)
        before = some[-1].edition.week


def _known(archive: Archive) -> list[str]:
    newest = next(_editions(archive), None)
    items = newest.items if newest else ()
    return [name for item in items for name in (str(item.key), item.key.subject)]


def _weeks(
    lives: Sequence[tuple[Edition, Item]],
    spoken: Sequence[Word],
    made: Collection[Week],
    words: Words,
) -> Iterator[str]:
    """`made` are the weeks that have an edition: of the others, nobody can say how it stood."""
    waiting = list(spoken)
    expected = lives[0][0].week
    for edition, item in lives:
        while waiting and waiting[0].at <= edition.as_of:
            yield _said(waiting.pop(0))
        while expected < edition.week:
            yield f"{expected}  {'not on the list' if expected in made else 'no edition'}"
            expected = expected.shift(1)
        expected = edition.week.shift(1)
        yield from _week(edition, item, words)
    yield from map(_said, waiting)


def _week(edition: Edition, item: Item, words: Words) -> Iterator[str]:
    trend = f", {words(f'trend.{item.trend}')}" if item.trend else ""
    owner = clip(item.owner, LIMIT) if item.owner else words("owner.none")
    severity = words(f"severity.{item.severity}")
    yield f"{edition.week}  {standing(item, words)}{trend}  ({severity}, {owner})"
    if item.waiver:
        yield f"          until {item.waiver.until}: {clip(item.waiver.reason, LIMIT)}"
    elif item.why:
        yield f"          because: {item.why}"
    yield from _folds(edition, item, words)
    fact = edition.fact(item.key)
    source = f"{item.key.source} said: {fact.life}" if fact else f"{item.key.source} said nothing"
    yield f"          {source}"
    if item.state is ItemState.UNKNOWN:
        yield "          as last seen:"
    if item.state is ItemState.WAIVED:
        yield "          as it was when it began to rest:"
    for reason, said in zip(item.reasons, reasons(item, edition.week, words), strict=True):
        rule = clip(reason.setting or reason.rule, LIMIT)
        when = "" if reason.since in {None, edition.week} else f", since {reason.since}"
        yield f"          {rule}{when}: {said}"


def _folds(edition: Edition, item: Item, words: Words) -> Iterator[str]:
    """Say what it was told under and why, or what was told under it."""
    for fold in edition.folds:
        for part in fold.parts:
            if item.key not in {part.key, fold.head}:
                continue
            because = "; ".join(str(words(one.pattern, **one.words)) for one in part.because)
            if part.key == item.key:
                yield f"          told under {clip(str(fold.head), LIMIT)}: {because}"
            else:
                yield f"          told here: {clip(str(part.key), LIMIT)} ({because})"


def _said(word: Word) -> str:
    told = f"{word.at:%Y-%m-%d %H:%M}Z  {clip(word.author, LIMIT)}: {word.said}"
    match word.said:
        case Said.WAIVED:
            return f"{told} until {word.until}: {clip(word.text, LIMIT)}"
        case Said.ASSIGNED:
            return f"{told} to {clip(word.text, LIMIT)}"
        case Said.DECIDED:
            due = f", due {word.due}" if word.due else ""
            return f"{told}: {clip(word.text, LIMIT)}{due}"
        case Said.DONE | Said.GIVEN_UP:
            return f"{told}: {clip(word.text, LIMIT)}" if word.text else told
        case Said.WITHDRAWN | Said.UNFOLDED | Said.REFOLDED:
            return told


def _stands(edition: Edition, item: Item, words: Words) -> str:
    there = "on the list" if item.state.on_list else "off the list"
    held = words.counted(item.weeks, "weeks")
    return f"{edition.week}: {there}; {held} in all, first in {item.since}"
