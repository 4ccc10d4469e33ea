"""Bugsink's JSON into facts. Pure functions: the same answer gives the same fact."""

import re
from collections.abc import Iterable
from typing import Any

from bulletin.collectors.values import parse_count, parse_moment
from bulletin.model.facts import ErrorTrend, FactKey, Life
from bulletin.model.text import clean

TITLE_LENGTH = 300
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FRIENDLY_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,120}")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")

Json = dict[str, Any]


def parse_issue(row: Any, source: str, site: str, projects: dict[int, str]) -> ErrorTrend:
    """Read an issue, without its events. Raises ValueError where it lacks an id, a project that we
    know, a state or a moment.
    """
    match row:
        case {
            "id": str(handle),
            "friendly_id": str(friendly),
            "project": int(project),
            "is_resolved": bool(is_resolved),
            "is_muted": bool(is_muted),
        } if UUID.fullmatch(handle) and FRIENDLY_ID.fullmatch(friendly) and project in projects:
            pass
        case _:
            msg = "an issue without an id, a project or a state"
            raise ValueError(msg)
    first_seen, last_seen = parse_moment(row.get("first_seen")), parse_moment(row.get("last_seen"))
    if first_seen is None or last_seen is None or parse_total(row) is None:
        msg = "an issue that does not say when it fired, or how often"
        raise ValueError(msg)
    # One resolved outright is reopened by its next event: later than its last one it did not fire.
    # One resolved by a release is not reopened by older releases, so of that nothing follows.
    is_outright = is_resolved and row.get("is_resolved_unconditionally") is True
    return ErrorTrend(
        key=FactKey(source, "error", friendly),
        handle=handle,
        title=clean(parse_title(row), TITLE_LENGTH) or friendly,
        url=f"{site}/issues/issue/{handle}/event/last/",
        life=Life.DONE if is_resolved else Life.DECLINED if is_muted else Life.OPEN,
        project=projects[project],
        first_seen=first_seen,
        last_seen=last_seen,
        resolved=last_seen if is_outright else None,
    )


def parse_total(row: Json) -> int | None:
    """Read how often an issue ever fired."""
    return parse_count(row.get("digested_event_count"))


def parse_title(row: Json) -> str:
    """Return the kind of error with the first line of what it says."""
    kind, said = (row.get(field) for field in ("calculated_type", "calculated_value"))
    line = said.strip().partition("\n")[0] if isinstance(said, str) else ""
    return ": ".join(part for part in (kind, line) if isinstance(part, str) and part)


def parse_projects(rows: Iterable[Any]) -> dict[int, str]:
    """Read the projects, as ids with their slugs."""
    projects = {}
    for row in rows:
        match row:
            case {"id": int(number), "slug": str(slug)} if number > 0 and SLUG.fullmatch(slug):
                projects[number] = slug
            case _:
                pass
    return projects
