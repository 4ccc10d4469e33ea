"""What the rules may look back at: last week's list, and what earlier editions counted and saw."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from bulletin.editing.knowledge import Names
from bulletin.editing.rules import WEEK_HOURS, Scene
from bulletin.model.edition import Edition, ItemState
from bulletin.model.facts import Decision, ErrorTrend, Fact, FactKey, Life
from bulletin.model.harvest import Cause, Coverage, Gap, State
from bulletin.model.week import Week, Window

BIRTH = ("events", "first_seen")
"""Fields without which nobody can tell what is new."""
CLOSED = frozenset({Life.DONE, Life.DECLINED})
WHOLE_WEEK = timedelta(days=7)
EARLY = timedelta(hours=24)
"""How long before its cut-off a week may be drafted and still count as a whole one."""


def scene_of(  # noqa: PLR0917  (each is a different thing, and there is one call)
    week: Week,
    span: Window,
    as_of: datetime,
    facts: Sequence[Fact],
    editions: Sequence[Edition],
    names: Names,
    gone: Collection[FactKey] = (),
) -> Scene:
    """Return what the rules may look at besides a fact, under this week's keys.

    `gone` are the subjects that their sources say are there no longer.
    """
    listed = editions[0].followed if editions else ()
    followed = {names.followed(item).key: item for item in listed}
    renamed = {old: key for key, item in followed.items() for old in (item.key, *item.formerly)}
    promised = [fact.about for fact in facts if isinstance(fact, Decision) and fact.about]
    renamed |= {key: names.told[key] for key in promised if key in names.told.keys() - renamed}
    sought = {key: {key, item.key} for key, item in followed.items()}
    for about in promised:
        sought.setdefault(renamed.get(about, about), set()).add(about)
    silent = {key: Life.UNKNOWN for key, known_as in sought.items() if not known_as & {*gone}}
    return Scene(
        week=week,
        span=span,
        as_of=as_of,
        listed=followed,
        lives=silent | {fact.key: fact.life for fact in facts},
        renamed=renamed,
        weekly=_weekly(editions, names),
        printed=_printed(week, editions, names),
        closed=_closed(editions, names),
        known_since=_known_since(editions),
    )


def is_counted(coverage: Coverage, gaps: Iterable[Gap]) -> bool:
    """Whether what happened in the week is all there: seen in time, or remembered.

    What happened has a date, and can be counted afterwards; what stood then cannot.
    """
    if coverage.state is not State.STALE:
        return coverage.state is State.KNOWN
    mine = [gap for gap in gaps if gap.source == coverage.source and not gap.parts]
    return bool(mine) and all(gap.reason is Cause.AFTERWARDS for gap in mine)


def _known_since(editions: Sequence[Edition]) -> dict[tuple[str, str], datetime]:
    """Return until when each source and kind was last known, by the newest edition that knew it."""
    known: dict[tuple[str, str], datetime] = {}
    for edition in editions:
        for coverage in edition.coverage:
            gaps = [gap for gap in edition.gaps if gap.source == coverage.source]
            for kind in coverage.kinds:
                hidden = any(gap.hides(kind) for gap in gaps)
                if not hidden and not any(gap.blinds(kind, one) for gap in gaps for one in BIRTH):
                    known.setdefault((coverage.source, kind), edition.span.end)
    return known


def _weekly(
    editions: Sequence[Edition], names: Names
) -> dict[FactKey, tuple[tuple[Week, int], ...]]:
    """Return each error's events a week in the whole weeks in which its source was known.

    Editions of consecutive weeks are not made at the same hour: counts are scaled to 168 hours.
    """
    counts: dict[FactKey, list[tuple[Week, int]]] = {}
    for edition in reversed(editions):
        if edition.as_of < edition.window.end - EARLY:
            continue
        scale = WEEK_HOURS / edition.span.hours
        known = {c.source for c in edition.coverage if is_counted(c, edition.gaps)}
        for fact in edition.facts:
            if not isinstance(fact, ErrorTrend) or fact.key.source not in known:
                continue
            key = names.now(fact.key, fact.handle)
            if fact.events is not None and not names.is_taken(key, fact.handle):
                counts.setdefault(key, []).append((edition.week, round(fact.events * scale)))
    return {key: tuple(weeks) for key, weeks in counts.items()}


def _printed(week: Week, editions: Sequence[Edition], names: Names) -> dict[FactKey, int]:
    """Return each error's events as the edition of the week before had them, if it told that week
    and no more or less.
    """
    last = next((one for one in editions if one.week == week.shift(-1) and not one.filled_in), None)
    if last is None or last.as_of < last.window.end - EARLY:
        return {}
    if abs(last.span.end - last.span.start - WHOLE_WEEK) > EARLY:
        return {}
    return {
        key: fact.events
        for fact in last.facts
        if isinstance(fact, ErrorTrend) and fact.events is not None
        for key in [names.now(fact.key, fact.handle)]
        if not names.is_taken(key, fact.handle)
    }


def _closed(editions: Sequence[Edition], names: Names) -> frozenset[FactKey]:
    """Return what was done, and has been neither declined nor on the list since.

    That it was open in between changes nothing: it may have been too quiet for a line, or unknown.
    """
    facts = (fact for edition in editions for fact in edition.facts)
    done = {names.now(fact.key, fact.handle) for fact in facts if fact.life is Life.DONE}
    lives: dict[FactKey, Life] = {}
    for edition in editions:
        told = [(fact, fact.life) for fact in edition.facts if fact.life in CLOSED]
        listed = [(i, Life.OPEN) for i in edition.followed if i.state is not ItemState.UNKNOWN]
        for one, life in (*told, *listed):
            key = names.now(one.key, one.handle)
            if key in done and not names.is_taken(key, one.handle):
                lives.setdefault(key, life)
    return frozenset(key for key, life in lives.items() if life is Life.DONE)
