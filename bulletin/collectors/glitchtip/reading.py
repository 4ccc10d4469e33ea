"""GlitchTip's JSON into facts. Pure functions: the same answer gives the same fact."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bulletin.collectors.values import NUMBER, parse_count, parse_moment
from bulletin.model.facts import ErrorTrend, FactKey, Life
from bulletin.model.text import clean
from bulletin.model.week import Window

TITLE_LENGTH = 300
DAY = timedelta(days=1)
KEPT = 14 * DAY
"""How far back GlitchTip tells how often an issue fired, in days in UTC."""
LEVELS = frozenset({"fatal", "error", "warning", "info", "debug"})
LIVES = {"unresolved": Life.OPEN, "resolved": Life.DONE, "ignored": Life.DECLINED}
SHORT_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
CURSOR = re.compile(r"[0-9A-Za-z+/:._=-]{1,500}")
RELEASED = frozenset({"inRelease", "inNextRelease", "inCommit"})

Json = dict[str, Any]
Days = dict[datetime, int]
"""Events by the day in UTC that they fired on; a day without any is left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer is read with: whose it is, the window, and the moment of asking."""

    source: str
    site: str
    organization: str
    window: Window
    as_of: datetime


def parse_issue(row: Any, reading: Reading) -> ErrorTrend:
    """Read an issue, without its counts. Raises ValueError where it lacks an id, a project, a
    status that we know, or a moment.
    """
    match row:
        case {
            "id": str(handle),
            "status": str(status),
            "project": {"slug": str(slug)},
        } if NUMBER.fullmatch(handle) and status in LIVES and SLUG.fullmatch(slug):
            pass
        case _:
            msg = "an issue without an id, a project or a status that we know"
            raise ValueError(msg)
    first_seen, last_seen = (parse_moment(row.get(name)) for name in ("firstSeen", "lastSeen"))
    if first_seen is None or last_seen is None:
        msg = "an issue that does not say when it fired"
        raise ValueError(msg)
    short, title, level = (row.get(name) for name in ("shortId", "title", "level"))
    is_named = isinstance(short, str) and SHORT_ID.fullmatch(short)
    subject = short if is_named else handle
    life = LIVES[status]
    # One that was resolved outright is reopened by its next event: it cannot have fired later.
    is_outright = life is Life.DONE and not is_released(row)
    return ErrorTrend(
        key=FactKey(reading.source, "error", subject),
        handle=handle,
        title=clean(title if isinstance(title, str) else "", TITLE_LENGTH) or subject,
        url=f"{reading.site}/{reading.organization}/issues/{handle}",
        life=life,
        project=slug,
        level=level if level in LEVELS else None,
        first_seen=first_seen,
        last_seen=last_seen,
        resolved=last_seen if is_outright else None,
    )


def is_released(row: Json) -> bool:
    """Whether an issue was resolved by a release, so that older ones may go on firing."""
    details = row.get("statusDetails")
    return isinstance(details, dict) and any(details.get(mark) for mark in RELEASED)


def parse_days(row: Any) -> Days | None:
    """Read how often an issue fired on each day. None where it has no such series."""
    stats = row.get("stats") if isinstance(row, dict) else None
    series = stats.get("14d") if isinstance(stats, dict) else None
    if not isinstance(series, list):
        return None
    days: Days = {}
    for pair in series:
        match pair:
            case [int(epoch), value] if (
                not isinstance(epoch, bool)
                and 0 <= epoch < 2**33
                and (count := parse_count(value)) is not None
            ):
                at = datetime.fromtimestamp(epoch, UTC).replace(hour=0, minute=0, second=0)
                days[at] = days.get(at, 0) + count
            case _:
                return None
    return days


def daily(days: Days, window: Window, first_seen: datetime, as_of: datetime) -> tuple[int, ...]:
    """Return the events of each whole day in UTC that ended in the window, oldest first.

    Empty for a window of less than a day, or where GlitchTip no longer tells all of them.
    """
    midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    first, end = window.start.replace(**midnight), window.end.replace(**midnight)  # type: ignore[arg-type]
    if window.end - window.start < DAY or max(first, first_seen) < as_of - KEPT:
        return ()
    return tuple(days.get(first + n * DAY, 0) for n in range((end - first).days))


def parse_lifetime(row: Json, fact: ErrorTrend, reading: Reading) -> int | None:
    """Return how often an error fired in the window where that is how often it ever did.

    None for one that is older than the window, or fired after it.
    """
    assert fact.first_seen is not None
    assert fact.last_seen is not None
    is_over = fact.last_seen < reading.window.end or reading.as_of <= reading.window.end
    is_young = fact.first_seen >= reading.window.start
    return parse_count(row.get("count")) if is_young and is_over else None


def parse_cursor(links: Any) -> str | None:
    """Read the next page's cursor from a parsed `Link` header; None on the last page.

    Its cursors end in `=`, on which the parser gives up: the one in the address is whole. Nothing
    else of the address is taken. Raises ValueError for a page without a cursor.
    """
    match links:
        case {"next": {"results": "true", "url": str(url)}}:
            cursor = parse_qs(urlsplit(url).query).get("cursor", [""])[0]
            if not CURSOR.fullmatch(cursor):
                msg = "a next page without a cursor"
                raise ValueError(msg)
            return cursor
        case _:
            return None


def parse_projects(rows: list[Any]) -> dict[str, str]:
    """Read the projects, as slugs with their ids."""
    projects = {}
    for row in rows:
        match row:
            case {"slug": str(slug), "id": str(number)} if NUMBER.fullmatch(number):
                projects[slug] = number
            case _:
                pass
    return projects
