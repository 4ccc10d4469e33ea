"""Reading what is on file: a page of an edition, the list, and whether the bytes still agree."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import LETTERS, Artifact
from bulletin.model.edition import Edition, Filed, Item
from bulletin.model.facts import FactKey
from bulletin.model.week import Week
from bulletin.pipeline import engine, render_all
from bulletin.registry import LETTER, ON_REQUEST
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import say, words_for
from bulletin.rendering.escape import LIMIT, Plain, clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One artifact held against the one on file."""

    name: str
    language: str
    same: bool | None
    """None where it cannot be made again: a letter of a team that the settings lack by now."""
    engine_then: str


def verify(settings: Bulletin, week: Week) -> tuple[Filed, tuple[Comparison, ...]]:
    """Render an edition again, with the templates of its day, and compare every byte.

    Raises `BulletinError` where the archive lacks the edition, its templates or its pages.
    """
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
        bundle = _bundle(archive, filed)
        kept = archive.renderings(filed.digest)
    if not kept:
        msg = f"{week} was filed without its pages: there is nothing to compare"
        raise BulletinError(msg, f"`bulletin show {week}` prints it afresh from the archive.")
    comparisons: list[Comparison] = []
    for language in sorted({rendering.language for rendering in kept}):
        artifacts, failures = render_all(filed, bundle, language)
        if failures:
            raise _unlike(week, kept[0].engine, failures[0])
        now = {artifact.name: artifact.body for artifact in artifacts}
        if any(k.artifact.name not in now for k in kept if k.language == language):
            # Templates of then have only what was asked for then.
            asked, _ = render_all(filed, bundle, language, _on_request(settings, filed.edition))
            now |= {artifact.name: artifact.body for artifact in asked}
        comparisons.extend(
            Comparison(
                name=then.artifact.name,
                language=language,
                same=_is_same(then.artifact, now),
                engine_then=then.engine,
            )
            for then in kept
            if then.language == language
        )
    return filed, tuple(comparisons)


def _on_request(settings: Bulletin, edition: Edition) -> list[str]:
    """Return the formats that a channel may have asked for, with a letter for each team."""
    letters = [f"{LETTER}:{team}" for team in {*settings.teams, *edition.teams}]
    return sorted({*ON_REQUEST, *letters} - {LETTER})


def _is_same(then: Artifact, now: Mapping[str, bytes]) -> bool | None:
    if then.name not in now and LETTERS.fullmatch(then.name):
        return None
    return now.get(then.name) == then.body


def _unlike(week: Week, then: str, failure: BulletinError) -> BulletinError:
    """Say that templates of another day cannot be set by this program, where that is why."""
    if then == engine():
        return failure
    return BulletinError(
        f"the pages of {week} cannot be made again: {failure.problem}",
        f"They were made by {then}; this is {engine()}. The archive keeps what was printed.",
    )


def page(settings: Bulletin, week: Week | None, name: str) -> bytes:
    """Return one artifact of an edition, the newest unless a week is named, rendered afresh.

    What another version printed, and this one cannot make again, comes from the archive.
    """
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
        bundle = _bundle(archive, filed)
        kept = archive.renderings(filed.digest)
    formats = {"edition.json": "json", "email.txt": "email"}
    artifacts, failures = render_all(filed, bundle, settings.language, formats=(formats[name],))
    if failures:
        then = [k for k in kept if (k.artifact.name, k.language) == (name, settings.language)]
        if not then or then[0].engine == engine():
            raise failures[0]
        return then[0].artifact.body
    return next(artifact.body for artifact in artifacts if artifact.name == name)


def questions(settings: Bulletin, week: Week) -> tuple[str, ...]:
    """Return the questions that an edition asks, in words. Raises `BulletinError` without one."""
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
        bundle = _bundle(archive, filed)
    words = words_for(filed, bundle, settings.language, Plain)
    asked = (question.asks for question in filed.edition.questions)
    return tuple(str(say(sentence, words, LIMIT)) for sentence in asked)


def ledger_lines(settings: Bulletin, week: Week | None, *, as_json: bool) -> Iterator[str]:
    """Yield the list, a line an item, and its arithmetic last."""
    with Archive.open(settings.archive) as archive:
        edition = archive.find(week).edition
    items = sorted((*edition.items, *_resting(edition)), key=_order)
    under = {part.key: fold.head for fold in edition.folds for part in fold.parts}
    if as_json:
        yield from (json.dumps(_row(i, under.get(i.key)), ensure_ascii=False) for i in items)
        return
    widths = [max([len(cells[i]) for cells in map(_cells, items)], default=0) for i in range(4)]
    for item in items:
        *cells, title = _cells(item)
        row = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        told = f" [under {clip(str(under[item.key]), LIMIT)}]" if item.key in under else ""
        yield f"{row}  {title}{told}"
    if edition.filled_in:
        yield f"{edition.week}: filled in afterwards: it has figures, and no list"
        return
    yield f"{edition.week}: {_sum(edition)}"


def _sum(edition: Edition) -> str:
    count = edition.ledger
    came = (("new", count.new), ("first seen", count.first_seen), ("reopened", count.reopened))
    back = (("back from a waiver", count.unwaived),)
    left = (
        ("fixed", count.fixed),
        ("cleared", count.cleared),
        ("dropped", count.dropped),
        ("waived", count.waived),
    )
    terms = [f" + {n} {word}" for word, n in (*came, *back) if n]
    terms += [f" - {n} {word}" for word, n in left if n]
    told = f", told as {edition.things}" if edition.things < count.open_now else ""
    return f"{count.open_then} on the list{''.join(terms)} = {count.open_now}{told}"


def _resting(edition: Edition) -> list[Item]:
    keys = {item.key for item in edition.items}
    return [item for item in edition.waived if item.key not in keys]


def _order(item: Item) -> tuple[bool, int, int, str]:
    return (not item.state.on_list, -item.severity, -item.weeks, str(item.key))


def _cells(item: Item) -> tuple[str, str, str, str, str]:
    state = f"{item.state}, {item.trend}" if item.trend else str(item.state)
    weeks = f"{item.weeks} wk"
    owner = clip(item.owner, LIMIT) if item.owner else "no team"
    return (item.severity.name.lower(), state, weeks, owner, _titled(item))


def _titled(item: Item) -> str:
    why = f" ({item.why})" if item.why else ""
    return f"{clip(str(item.key), LIMIT)}  {clip(item.title, LIMIT)}{why}"


def _row(item: Item, under: FactKey | None) -> dict[str, object]:
    return {
        "key": str(item.key),
        "under": None if under is None else str(under),
        "state": item.state,
        "trend": item.trend,
        "severity": item.severity.name.lower(),
        "owner": item.owner,
        "since": str(item.since),
        "weeks": item.weeks,
        "title": item.title,
        "url": item.url,
        "reasons": [reason.rule for reason in item.reasons],
        "why": item.why,
    }


def _bundle(archive: Archive, filed: Filed) -> Bundle:
    body = archive.bundle(filed.edition.bundle)
    if body is None:
        msg = f"the templates of {filed.edition.week} are not in the archive"
        raise BulletinError(msg, "The archive is incomplete: restore it from a backup.")
    return Bundle.loads(body)
