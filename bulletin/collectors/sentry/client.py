"""Sentry's read API, one page after the other, within a budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from bulletin.collectors.paging import Trail, endless
from bulletin.collectors.sentry.reading import (
    Json,
    is_ours,
    parse_cursor,
    parse_hits,
)
from bulletin.collectors.sentry.settings import SentrySettings
from bulletin.collectors.values import NUMBER
from bulletin.model.harvest import Cause
from bulletin.model.week import Window
from bulletin.wire.http import Budget, Refused, get, parse_json, session

PAGE = 100
SPARE_PAGES = 5
"""Pages may be short or empty before the last; so many more than needed are looked at."""
MOST_PROJECTS = 1000
SLIPS = 100
"""Of so many that Sentry counts, one may be missing before it is told as a gap."""
CATEGORY = "issue.category:error"

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a search brought: issues, how many there are, and whether that is all of them."""

    issues: tuple[Any, ...]
    hits: int | None
    complete: bool
    refused: Refused | None = None
    """What ended it midway."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    rows: list[Any]
    hits: int | None
    is_last: bool


class Client:
    """One organization of one Sentry, asked with one token. Raises `Refused`."""

    def __init__(self, settings: SentrySettings, token: str, budget: Budget) -> None:
        self.settings = settings
        self.budget = budget
        self.base = settings.site
        self.knows_category = True
        """False once the server has refused the term; older ones have errors alone."""
        self._located = False
        self._session = session(budget)
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["Accept"] = "application/json"

    def locate(self) -> Json:
        """Fetch the organization and move on to the region that holds its data, if it is of the
        same site: the token goes nowhere else.
        """
        organization: Json = parse_json(self._get("", []), dict)
        match organization.get("links"):
            case {"regionUrl": str(region)} if is_ours(region, self.settings.site):
                self.base = region.rstrip("/")
            case _:
                self.base = self.settings.site
        self._located = True
        return organization

    def ensure_located(self) -> None:
        """Locate once. Without the right to read the organization, the site itself must do."""
        if self._located:
            return
        try:
            self.locate()
        except Refused as refused:
            if refused.cause is not Cause.FORBIDDEN:
                raise
            self._located = True

    def projects(self) -> tuple[list[Json], bool]:
        """List the organization's projects, and whether that is all of them."""
        listing = self._pages("projects/", [("per_page", str(PAGE))], MOST_PROJECTS)
        if listing.refused is not None:
            raise listing.refused
        return [p for p in listing.issues if isinstance(p, dict)], listing.complete

    def search(self, query: str, window: Window, projects: Sequence[str], most: int) -> Listing:
        """Search errors that fired in the window, the most frequent first. Their counts are those
        of the window.
        """
        params = [
            ("sort", "freq"),
            ("limit", str(min(PAGE, most))),
            *self._scope(window, projects),
        ]
        if self.knows_category:
            listing = self._pages("issues/", [("query", f"{query} {CATEGORY}"), *params], most)
            if listing.refused is None or listing.refused.cause is not Cause.BAD_QUERY:
                return listing
        plain = self._pages("issues/", [("query", query), *params], most)
        if self.knows_category and plain.refused is None:
            self.knows_category = False
        return plain

    def try_listing(self) -> Refused | None:
        """Ask for one issue of the last day, whatever it is. Returns what went wrong."""
        params = [("query", ""), ("limit", "1"), ("statsPeriod", "24h")]
        return self._pages("issues/", params, 1).refused

    def look_up(self, numbers: Sequence[str], window: Window) -> list[Any]:
        """Fetch issues by id, whatever their status and project. Only their series speaks of the
        window. Those that are gone, merged or out of reach are left out.
        """
        found: list[Any] = []
        wanted = [number for number in numbers if NUMBER.fullmatch(number)]
        for first in range(0, len(wanted), PAGE):
            chunk = wanted[first : first + PAGE]
            params = [("group", number) for number in chunk]
            # `group` finds them however long they are silent; `query` is its documented double.
            params += [("query", f"issue.id:[{','.join(chunk)}]"), ("limit", str(PAGE))]
            params += self._scope(window, ("-1",))
            found += parse_json(self._get("issues/", params), list)
        return found

    def detail(self, number: str) -> Json:
        """Fetch one issue with its history. A merged one answers as the one it went into."""
        params = [("collapse", "stats"), ("collapse", "tags")]
        answer: Json = parse_json(self._get(f"issues/{number}/", params), dict)
        return answer

    def _scope(self, window: Window, projects: Sequence[str]) -> Params:
        scope = [
            ("start", f"{window.start:%Y-%m-%dT%H:%M:%SZ}"),
            ("end", f"{window.end:%Y-%m-%dT%H:%M:%SZ}"),
            ("groupStatsPeriod", "auto"),
            *(("project", project) for project in projects),
        ]
        environment = self.settings.environment
        return [*scope, ("environment", environment)] if environment else scope

    def _get(self, path: str, params: Params) -> requests.Response:
        home = f"{self.base}/api/0/organizations/{self.settings.organization}/"
        return get(self._session, home + path, params)

    def _pages(self, path: str, params: Params, most: int) -> Listing:
        rows: list[Any] = []
        hits = None
        try:
            for page in self._walk(path, params, most // PAGE + 1 + SPARE_PAGES):
                rows += page.rows
                hits = page.hits
                if len(rows) >= most:
                    complete = page.is_last and len(rows) == most
                    return Listing(tuple(rows[:most]), hits, complete)
        except Refused as refused:
            return Listing(tuple(rows), hits, complete=False, refused=refused)
        return Listing(tuple(rows), hits, complete=True, refused=_withheld(rows, hits))

    def _walk(self, path: str, params: Params, pages: int) -> Iterator[Page]:
        trail = Trail(pages)
        at: Params = []
        while True:
            response = self._get(path, [*params, *at])
            rows = parse_json(response, list)
            try:
                cursor = parse_cursor(response.links)
            except ValueError as error:
                raise endless(str(error)) from error
            yield Page(rows, parse_hits(response.headers), is_last=cursor is None)
            if cursor is None:
                return
            trail.follow(cursor)
            at = [("cursor", cursor)]


def _withheld(rows: Sequence[Any], hits: int | None) -> Refused | None:
    """Return the refusal of a listing that ends before its own count, if it does.

    The count is of the moment of the last page, and of many it is an estimate.
    """
    seen = len({row.get("id") if isinstance(row, dict) else id(row) for row in rows})
    if hits is None or hits - seen <= hits // SLIPS:
        return None
    return Refused(
        Cause.TRUNCATED,
        f"Sentry counts {hits} and gave {seen}",
        "Run again: the list may have changed while it was read.",
    )
