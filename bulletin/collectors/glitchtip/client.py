"""GlitchTip's read API, one page after the other, within a budget.

It has Sentry's addresses and means other things by them. No search term is ever sent: one that it
does not know it takes for a tag, and answers with nothing at all.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import requests

from bulletin.collectors.glitchtip.reading import parse_cursor
from bulletin.collectors.glitchtip.settings import GlitchtipSettings
from bulletin.collectors.paging import Trail, endless
from bulletin.wire.http import Budget, Params, get, parse_json, session

PAGE = 100
GROUPS = 200
"""Issues that it counts in one request at most; of more it leaves some out without a word."""
MOST_PAGES = 110


class Client:
    """One organization of one GlitchTip, asked with one token. Raises `Refused`."""

    def __init__(self, settings: GlitchtipSettings, token: str, budget: Budget) -> None:
        self._api = f"{settings.site}/api/0/"
        self._home = f"organizations/{settings.organization}/"
        self._session = session(budget)
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["Accept"] = "application/json"

    def projects(self) -> list[Any]:
        """List the organization's projects."""
        return [row for rows in self._pages("projects/", ()) for row in rows]

    def issues(self, projects: Sequence[str]) -> Iterator[list[Any]]:
        """Yield pages of issues, whatever their status, those that fired last first."""
        scope = [("project", project) for project in projects]
        return self._pages("issues/", [("sort", "-last_seen"), *scope])

    def newest_issues(self, projects: Sequence[str]) -> list[Any]:
        """Return the first of these pages."""
        return next(self.issues(projects))

    def look_up(self, numbers: Sequence[str]) -> Iterator[list[Any]]:
        """Yield pages of issues with these ids; an old server yields any, and ignores the ids."""
        return self._pages("issues/", [("id", number) for number in numbers])

    def issue(self, number: str) -> Any:
        """Fetch one issue, also one that is being deleted."""
        return parse_json(self._get(f"issues/{number}/", ()), dict)

    def stats(self, numbers: Sequence[str]) -> list[Any]:
        """Fetch how often issues fired on each of the last fourteen days."""
        rows: list[Any] = []
        for first in range(0, len(numbers), GROUPS):
            groups = [("groups", number) for number in numbers[first : first + GROUPS]]
            params = [("statsPeriod", "14d"), *groups]
            rows += parse_json(self._get(f"{self._home}issues-stats/", params), list)
        return rows

    def _pages(self, path: str, params: Params) -> Iterator[list[Any]]:
        trail = Trail(MOST_PAGES)
        at: Params = ()
        while True:
            response = self._get(self._home + path, (("limit", str(PAGE)), *params, *at))
            yield parse_json(response, list)
            try:
                cursor = parse_cursor(response.links)
            except ValueError as error:
                raise endless(str(error)) from error
            if cursor is None:
                return
            trail.follow(cursor)
            at = (("cursor", cursor),)

    def _get(self, path: str, params: Params) -> requests.Response:
        return get(self._session, self._api + path, params)
