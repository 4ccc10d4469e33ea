"""Bugsink's read API, one page after the other, within a budget."""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bulletin.collectors.bugsink.tally import Page
from bulletin.collectors.paging import Trail
from bulletin.collectors.values import parse_count, parse_moment
from bulletin.model.harvest import Cause
from bulletin.wire.http import Budget, Params, get, parse_json, session
from bulletin.wire.refused import Refused

API = "/api/canonical/0/"
MOST_PAGES = 400
CURSOR = re.compile(r"[0-9A-Za-z+/_=-]{1,2000}")
UPDATE = "Update bulletin, or ask whoever runs the service what changed."


class Client:
    """One Bugsink, asked with one token. Raises `Refused`."""

    def __init__(self, site: str, token: str, budget: Budget) -> None:
        self._home = f"{site}{API}"
        self._session = session(budget)
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["Accept"] = "application/json"

    def projects(self) -> list[Any]:
        """List the projects that the token may see."""
        return [row for rows in self._pages("projects/", ()) for row in rows]

    def issues(self, project: int) -> Iterator[list[Any]]:
        """Yield pages of a project's issues, whatever their state, those that fired last first."""
        order = (("project", str(project)), ("sort", "last_seen"), ("order", "desc"))
        return self._pages("issues/", order)

    def newest_issues(self, project: int) -> list[Any]:
        """Return the first of these pages."""
        return next(self.issues(project))

    def issue(self, handle: str) -> Any:
        """Fetch one issue, whatever its state and project."""
        return self._get(f"issues/{handle}/", ())

    def events(self, issue: str, below: int | None) -> Page:
        """Fetch events of an issue, the newest or those numbered below a number."""
        # A cursor of this API is the number that it stands at, written as its framework does.
        at = b64encode(f"p={below}".encode()).decode()
        place = () if below is None else (("cursor", at),)
        answer = self._get("events/", (("issue", issue), ("order", "desc"), *place))
        events = tuple(map(_parse_event, _parse_rows(answer)))
        if below is not None and any(number >= below for number, _ in events):
            said = "it does not list the events below a number"
            raise Refused(Cause.UNSUPPORTED, said, UPDATE)
        return Page(events, is_last=answer.get("next") is None)

    def _pages(self, path: str, params: Params) -> Iterator[list[Any]]:
        trail = Trail(MOST_PAGES)
        at: Params = ()
        while True:
            answer = self._get(path, (*params, *at))
            yield _parse_rows(answer)
            cursor = parse_cursor(answer.get("next"))
            if cursor is None:
                return
            trail.follow(cursor)
            at = (("cursor", cursor),)

    def _get(self, path: str, params: Params) -> Any:
        return parse_json(get(self._session, self._home + path, params), dict)


def parse_cursor(following: Any) -> str | None:
    """Read the cursor from the address of the next page; None on the last page.

    Only the cursor is taken, never the address: that of a server behind a proxy may lead nowhere.
    Raises `Refused` for an address without one.
    """
    if following is None:
        return None
    given = parse_qs(urlsplit(following).query) if isinstance(following, str) else {}
    cursor = given.get("cursor", [""])[0]
    if not CURSOR.fullmatch(cursor):
        raise Refused(Cause.CHANGED_SHAPE, "a next page without a cursor", UPDATE)
    return cursor


def _parse_rows(answer: dict[str, Any]) -> list[Any]:
    rows = answer.get("results")
    if not isinstance(rows, list):
        raise Refused(Cause.CHANGED_SHAPE, "a page without results", UPDATE)
    return rows


def _parse_event(row: Any) -> tuple[int, Any]:
    number = parse_count(row.get("digest_order")) if isinstance(row, dict) else None
    taken = parse_moment(row.get("ingested_at")) if isinstance(row, dict) else None
    if number is None or taken is None:
        raise Refused(Cause.CHANGED_SHAPE, "an event without a number or a moment", UPDATE)
    return number, taken
