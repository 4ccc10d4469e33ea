"""PagerDuty's JSON into facts. Pure functions: the same answer gives the same fact.

Of people nothing is read, not even who resolved an incident.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

from bulletin.collectors.pagerduty.settings import PagerdutySettings
from bulletin.collectors.pointing import find_pages, parse_page
from bulletin.collectors.values import parse_moment
from bulletin.model.facts import FactKey, Incident, Life, Severity
from bulletin.model.text import clean

TITLE_LENGTH = 300
NAME_LENGTH = 100
LIVES = {"triggered": Life.OPEN, "acknowledged": Life.OPEN, "resolved": Life.DONE}
PRIORITIES = {
    "1": Severity.CRITICAL,
    "2": Severity.HIGH,
    "3": Severity.MEDIUM,
    "4": Severity.LOW,
    "5": Severity.LOW,
}
NUMBERED = re.compile(r"p([1-5])\b")
URGENCIES = {"high": Severity.HIGH, "low": Severity.LOW}
HANDLE = re.compile(r"[A-Z0-9]{1,40}")
ZONED = re.compile(r".*(?:Z|[+-]\d\d:?\d\d)", re.ASCII)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row is read with."""

    source: str
    host: str
    """Of the configured site."""
    priorities: Mapping[str, Severity]
    urgencies: Mapping[str, Severity]
    drill: re.Pattern[str] | None

    @classmethod
    def of(cls, settings: PagerdutySettings, source: str) -> Self:
        """Return what the settings say of reading."""
        own = {word.strip().casefold(): rank for word, rank in settings.priorities.items()}
        drill = settings.drills and re.compile(rf"(?i)(?<!\w){re.escape(settings.drills)}(?!\w)")
        return cls(
            source=source,
            host=urlsplit(settings.site).hostname or "",
            priorities={word: Severity.parse(rank) for word, rank in own.items()},
            urgencies=URGENCIES
            | {word: Severity.parse(rank) for word, rank in settings.urgencies.items()},
            drill=drill or None,
        )


def parse_incident(row: Any, reading: Reading) -> Incident:
    """Read one incident. Raises ValueError where it lacks an id, a status that we know, or a
    moment.
    """
    match row:
        case {"id": str(handle), "status": str(status)} if HANDLE.fullmatch(handle):
            life = LIVES.get(status)
        case _:
            life = None
    opened, resolved = parse_zoned(row.get("created_at")) if life else None, None
    if life is Life.DONE:
        resolved = parse_closed(row)
    if life is None or opened is None or (life is Life.DONE and resolved is None):
        msg = "an incident without an id, a status that we know, or a moment"
        raise ValueError(msg)
    merged = _within(row, "resolve_reason", "incident")
    title = clean(_text(row.get("title")), TITLE_LENGTH)
    service = clean(_text(_within(row, "service").get("summary")), NAME_LENGTH)
    pages = {*find_pages(title), _url(merged.get("html_url"), reading)} - {""}
    return Incident(
        key=FactKey(reading.source, "incident", handle),
        handle=handle,
        title=title or handle,
        url=_url(row.get("html_url"), reading),
        # What was merged is told by the incident that it was merged into.
        life=Life.DECLINED if life is Life.DONE and merged else life,
        # Whoever is on call is assigned by a machine; only who acknowledges is on it.
        assigned=status == "acknowledged" if life is Life.OPEN else None,
        project=service,
        severity=_severity(row, reading),
        status=status,
        opened=opened,
        resolved=resolved,
        status_since=None
        if status == "triggered"
        else parse_zoned(row.get("last_status_change_at")),
        updated=parse_zoned(row.get("updated_at")),
        services=(service,) if service else (),
        links=tuple(sorted(pages)),
        drill=bool(reading.drill and reading.drill.search(title)),
    )


def parse_closed(row: Any) -> datetime | None:
    """Return when an incident was resolved, None where it does not say."""
    if not isinstance(row, dict) or row.get("status") != "resolved":
        return None
    return parse_zoned(row.get("resolved_at")) or parse_zoned(row.get("last_status_change_at"))


def parse_zoned(value: Any) -> datetime | None:
    """Read a moment. None for one without an offset: it would be in the account's time zone."""
    return parse_moment(value) if isinstance(value, str) and ZONED.fullmatch(value) else None


def parse_names(rows: Sequence[Any]) -> dict[str, str]:
    """Read services or teams, as ids with their names."""
    return {
        row["id"]: clean(_text(row.get("name") or row.get("summary")), NAME_LENGTH)
        for row in rows
        if isinstance(row, dict) and HANDLE.fullmatch(_text(row.get("id")))
    }


def parse_places(row: Json) -> dict[str, set[str]]:
    """Read the ids of the service and of the teams that an incident belongs to."""
    teams = row.get("teams")
    return {
        "services": {_text(_within(row, "service").get("id"))},
        "teams": {*parse_names(teams)} if isinstance(teams, list) else set(),
    }


def _severity(row: Json, reading: Reading) -> Severity | None:
    priority = _within(row, "priority")
    word = clean(_text(priority.get("name") or priority.get("summary")), NAME_LENGTH).casefold()
    numbered = NUMBERED.match(word)
    if word in reading.priorities:
        return reading.priorities[word]
    if numbered:
        return PRIORITIES[numbered[1]]
    return reading.urgencies.get(_text(row.get("urgency")))


def _url(value: Any, reading: Reading) -> str:
    page = parse_page(_text(value))
    parts = urlsplit(page)
    host = parts.hostname or ""
    is_theirs = host == reading.host or f".{host}".endswith(".pagerduty.com")
    return page if parts.scheme == "https" and is_theirs else ""


def _within(row: Json, *names: str) -> Json:
    """Return an object inside another, or an empty one where there is none."""
    for name in names:
        inner = row.get(name)
        row = inner if isinstance(inner, dict) else {}
    return row


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
