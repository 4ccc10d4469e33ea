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
    return ErrorTrend(
        key=FactKey(reading.source, "error", subject),
        handle=handle,
        title=clean(title if isinstance(title, str) else "", TITLE_LENGTH) or subject,
        url=f"{reading.site}/{reading.organization}/issues/{handle}",
        life=LIVES[status],
        project=slug,
        level=level if level in LEVELS else None,
        first_seen=first_seen,
        last_seen=last_seen,
        # One that was resolved by a release may fire on, and GlitchTip tells neither that nor when.
        resolved=None,
    )


def parse_days(row: Any) -> Days | None:
    """Read how often an issue fired on each day in UTC. None where it has no such series, or one of
    the days of another zone.
    """
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
                and not epoch % DAY.total_seconds()
                and (count := parse_count(value)) is not None
            ):
                at = datetime.fromtimestamp(epoch, UTC)
                days[at] = days.get(at, 0) + count
            case _:
                return None
    return days


def daily(days: Days, first_seen: datetime, reading: Reading) -> tuple[int, ...]:
    """Return the events of each whole day in UTC that ended in the window, oldest first.

    Empty for a window of less than a day, or where GlitchTip no longer tells all of them.
    """
    window = reading.window
    first, end = midnight(window.start), midnight(window.end)
    if window.end - window.start < DAY or max(first, first_seen) < reading.as_of - KEPT:
        return ()
    return tuple(days.get(first + n * DAY, 0) for n in range((end - first).days))


def midnight(moment: datetime) -> datetime:
    """Return when a moment's day began."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def parse_exact(row: Json, fact: ErrorTrend, reading: Reading) -> int | None:
    """Return how often an error fired in the window where that is known without its days.

    So it is of one that began in the window: as often as it ever fired. One that began in the
    window before was counted so there, and did not fire again if it has been silent since. None
    for any other, and for one that fired after the window.
    """
    assert fact.first_seen is not None
    assert fact.last_seen is not None
    window = reading.window
    if fact.first_seen >= window.start:
        is_over = fact.last_seen < window.end or reading.as_of <= window.end
        return parse_count(row.get("count")) if is_over else None
    is_counted = fact.first_seen >= window.start - (window.end - window.start)
    return 0 if is_counted and fact.last_seen < window.start else None


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
