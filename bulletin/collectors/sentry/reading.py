"""Sentry's JSON into facts. Pure functions: the same answer gives the same fact."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from bulletin.collectors.pointing import MOST, find_names, find_pages
from bulletin.collectors.values import NUMBER, parse_count, parse_moment
from bulletin.model.facts import ErrorTrend, FactKey, Life
from bulletin.model.text import clean
from bulletin.model.week import Window
from bulletin.wire.address import LOOPBACK

TITLE_LENGTH = 300
RELEASE_LENGTH = 200
DAY = timedelta(days=1)
LEVELS = frozenset({"fatal", "error", "warning", "info", "debug"})
SUBSTATUSES = frozenset({"new", "ongoing", "escalating", "regressed"})
LIVES = {
    "unresolved": Life.OPEN,
    "reprocessing": Life.OPEN,
    "pending_merge": Life.OPEN,
    "resolved": Life.DONE,
    "ignored": Life.DECLINED,
    "muted": Life.DECLINED,
}
WORDS = {
    "level": LEVELS | {"sample"},
    "substatus": SUBSTATUSES
    | {"archived_until_escalating", "archived_until_condition_met", "archived_forever"},
}
"""Every word that a part may be told in."""
GOING = frozenset({"pending_deletion", "deletion_in_progress"})
SHORT_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
CURSOR = re.compile(r"[0-9A-Za-z:._=-]{1,200}")
PATH = re.compile(r"/[A-Za-z0-9/_.~%-]{1,300}")

Json = dict[str, Any]
Buckets = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer is read with: whose it is, and the window that was asked for."""

    source: str
    site: str
    organization: str
    window: Window


def parse_issue(issue: Any, reading: Reading, *, windowed: bool) -> ErrorTrend:
    """Read an issue. Raises ValueError where it lacks an id, a project or a status we know.

    `windowed` tells that `count` and `userCount` speak of the window; in a look-up by id they
    do not, and only the series does.
    """
    match issue:
        case {"id": str(number), "shortId": str(short), "status": str(status)} if (
            NUMBER.fullmatch(number) and SHORT_ID.fullmatch(short) and status in LIVES
        ):
            pass
        case _:
            msg = "an issue without an id, a short id or a status that we know"
            raise ValueError(msg)
    buckets = parse_buckets(issue.get("stats"))
    events = parse_count(issue.get("count")) if windowed else parse_total(buckets, reading.window)
    life = LIVES[status]
    return ErrorTrend(
        key=FactKey(reading.source, "error", short),
        handle=number,
        title=clean(_text(issue.get("title")), TITLE_LENGTH) or short,
        url=parse_url(issue.get("permalink"), reading, number),
        life=life,
        assigned_team=parse_team(issue.get("assignedTo")),
        project=parse_project(issue.get("project")),
        level=level if (level := _text(issue.get("level"))) in LEVELS else "error",
        substatus=word if (word := _text(issue.get("substatus"))) in SUBSTATUSES else None,
        first_seen=_lifetime(issue, "firstSeen"),
        last_seen=_lifetime(issue, "lastSeen"),
        events=events,
        users=parse_users(issue.get("userCount"), events) if windowed else None,
        daily=parse_daily(buckets, reading.window),
        links=parse_links(issue.get("annotations")),
        undeployed=life is Life.DONE and is_undeployed(issue.get("statusDetails")),
    )


def parse_unknown_words(issue: Json) -> frozenset[str]:
    """Return the parts of an issue that are told in words which we do not know."""
    return frozenset(
        part for part, words in WORDS.items() if _text(issue.get(part)) not in {*words, ""}
    )


def parse_users(value: Any, events: int | None) -> int | None:
    """Read the users touched. None where there are events but no event names its user."""
    users = parse_count(value)
    return None if users == 0 and events != 0 else users


def parse_buckets(stats: Any) -> Buckets:
    """Read the series of an issue, oldest first; empty where it has none or a broken one."""
    if not isinstance(stats, dict):
        return ()
    series = stats.get("auto")
    if not isinstance(series, list):
        return ()
    buckets = []
    for pair in series:
        match pair:
            case [int(epoch), value] if (
                not isinstance(epoch, bool)
                and 0 <= epoch < 2**33
                and (count := parse_count(value)) is not None
            ):
                buckets.append((datetime.fromtimestamp(epoch, UTC), count))
            case _:
                return ()
    return sorted(buckets)


def parse_total(buckets: Buckets, window: Window) -> int | None:
    """Add up the steps that begin in the window. None where there is no series.

    A week comes in steps of six hours, so the sum spans a week, up to six hours early or late.
    """
    if not buckets:
        return None
    return sum(count for at, count in buckets if at in window)


def parse_daily(buckets: Buckets, window: Window) -> tuple[int, ...]:
    """Add the steps of a window up by day in UTC; the first and last day are parts of days."""
    steps = {later - at for (at, _), (later, _) in pairwise(buckets)}
    if not buckets or any(step > DAY for step in steps):
        return ()
    first, last = window.start.date(), (window.end - timedelta(microseconds=1)).date()
    days = dict.fromkeys((first + n * DAY for n in range((last - first).days + 1)), 0)
    for at, count in buckets:
        if at in window:
            days[at.date()] += count
    return tuple(days.values())


def parse_team(assigned: Any) -> str | None:
    """Read the slug of the team that an issue is assigned to; a person stays unnamed."""
    match assigned:
        case {"type": "team", "name": str(slug)} if SLUG.fullmatch(slug):
            return slug
        case _:
            return None


def parse_links(annotations: Any) -> tuple[str, ...]:
    """Read the tickets that an issue is linked to: their keys and the addresses of their pages."""
    links: set[str] = set()
    for one in annotations if isinstance(annotations, list) else ():
        match one:
            case {"displayName": str(name), "url": str(url)}:
                links.update(found for found in find_names(name) if found == name)
                links.update(find_pages(url))
            case _:
                pass
    return tuple(sorted(links)[:MOST])


def is_undeployed(details: Any) -> bool:
    """Whether an issue was resolved by what Sentry has not seen in a release.

    Once the release is there, Sentry puts `inRelease` in the place of the others.
    """
    waits = ("inNextRelease", "inUpcomingRelease", "inCommit")
    return isinstance(details, dict) and any(details.get(mark) for mark in waits)


def parse_project(project: Any) -> str:
    """Read a project's slug. Raises ValueError where there is none."""
    match project:
        case {"slug": str(slug)} if SLUG.fullmatch(slug):
            return slug
        case _:
            msg = "an issue without a project"
            raise ValueError(msg)


def parse_url(permalink: Any, reading: Reading, number: str) -> str:
    """Return Sentry's own link if it leads to the configured site, else one built by us."""
    built = f"{reading.site}/organizations/{reading.organization}/issues/{number}/"
    if not isinstance(permalink, str) or not is_ours(permalink, reading.site):
        return built
    parts = urlsplit(permalink)
    is_plain = PATH.fullmatch(parts.path) and "@" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if is_plain else built


def is_ours(address: str, site: str) -> bool:
    """Whether an address belongs to the configured site: the same origin, or, over HTTPS, a host
    below it. At sentry.io every organization and region has a host of its own.
    """
    try:
        theirs, ours = urlsplit(address), urlsplit(site)
        if theirs.hostname in LOOPBACK or ours.hostname in LOOPBACK:
            return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
        same_port = (theirs.port or 443) == (ours.port or 443)
    except ValueError:
        return False
    host, home = theirs.hostname or "", ours.hostname or ""
    home = "sentry.io" if home.endswith(".sentry.io") else home
    is_near = host == home or host.endswith(f".{home}")
    return theirs.scheme == "https" and same_port and is_near and "@" not in theirs.netloc


def parse_resolution(detail: Json) -> datetime | None:
    """Read when an issue was last resolved, from the history that a single issue comes with."""
    return _last_of(detail, "set_resolved")


def parse_ignoring(detail: Json) -> datetime | None:
    """Read when an issue was last ignored, which Sentry's pages call archived."""
    return _last_of(detail, "set_ignored")


def _last_of(detail: Json, kind: str) -> datetime | None:
    activity = detail.get("activity")
    moments: Iterable[datetime | None] = (
        parse_moment(entry.get("dateCreated"))
        for entry in (activity if isinstance(activity, list) else ())
        if isinstance(entry, dict) and _text(entry.get("type")).startswith(kind)
    )
    return max((moment for moment in moments if moment), default=None)


def parse_release(detail: Json) -> str | None:
    """Read the last release that an issue was seen in."""
    match detail.get("lastRelease"):
        case {"version": str(version)}:
            return clean(version, RELEASE_LENGTH) or None
        case _:
            return None


def parse_cursor(links: Any) -> str | None:
    """Read the next page's cursor from a parsed `Link` header; None on the last page.

    Only the cursor is taken, never the address. The link is there even on the last page.
    Raises ValueError for a cursor that is none.
    """
    match links:
        case {"next": {"results": "true", "cursor": str(cursor)}} if CURSOR.fullmatch(cursor):
            return cursor
        case {"next": {"results": "true"}}:
            msg = "a next page without a cursor"
            raise ValueError(msg)
        case _:
            return None


def parse_readable(projects: Iterable[Json]) -> dict[str, str]:
    """Read which projects the token reaches, as slugs with their ids."""
    readable = {}
    for project in projects:
        match project:
            case {"hasAccess": False}:
                pass
            case {"slug": str(slug), "id": str(number)} if NUMBER.fullmatch(number):
                readable[slug] = number
            case _:
                pass
    return readable


def parse_hits(headers: Mapping[str, str]) -> int | None:
    """Read how many issues a search has. None where Sentry stopped counting, or does not say."""
    hits, most = (parse_count(headers.get(name)) for name in ("X-Hits", "X-Max-Hits"))
    return None if hits == most else hits


def is_going(issue: Json) -> bool:
    """Whether an issue is being deleted."""
    return _text(issue.get("status")) in GOING


def fires_from_releases(issue: Json) -> bool:
    """Whether an issue was resolved in a release or commit, so that it may go on firing: one
    resolved outright is reopened by Sentry at its next event.
    """
    details = issue.get("statusDetails")
    marks = {"inRelease", "inNextRelease", "inCommit", "inUpcomingRelease"}
    return isinstance(details, dict) and bool(marks & details.keys())


def _lifetime(issue: Json, field: str) -> datetime | None:
    # Beside `lifetime`, the listing's own moments are those within the window.
    lifetime = issue.get("lifetime")
    whole = lifetime if isinstance(lifetime, dict) else {}
    return parse_moment(whole.get(field)) or parse_moment(issue.get(field))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
