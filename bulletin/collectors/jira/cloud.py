"""Jira Cloud: pages by token, no totals, histories and look-ups in bulk."""

from collections.abc import Iterator, Sequence
from typing import Any

from bulletin.collectors.jira.connection import Connection
from bulletin.collectors.jira.reading import UNREADABLE, Json, parse_changes, parse_issues
from bulletin.collectors.jira.search import PAGE, SPARE_PAGES, Histories
from bulletin.wire.refused import Refused

HISTORIES = 1000
"""Issues whose changes one request may ask for."""
ENTRIES = 5000
"""Entries of history a page: they weigh about a kilobyte each, and an answer may have 20 MiB."""


class Cloud:
    """How one speaks with Jira Cloud."""

    name = "Jira Cloud"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pages(self, jql: str, fields: Sequence[str]) -> Iterator[tuple[list[Json], None]]:
        """Search page by page, guarding against a page that is its own successor."""
        find = self._connection.library.enhanced_search_issues
        token: str | None = None
        seen: set[str] = set()
        while True:
            body: Json = self._connection.ask(
                dict, find, jql, token, PAGE, [",".join(fields)], json_result=True
            )
            yield self._issues(body), None
            last, token = body.get("isLast"), body.get("nextPageToken")
            if last is True or (last is None and token is None):
                return
            seen.add(self._next(token, seen))

    def batch(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """Fetch by id. What is gone is in no list; what is in the list of errors could not be
        fetched this time, and nothing follows from that.
        """
        query = {"issueIdsOrKeys": [*ids], "fields": [*fields]}
        body = self._connection.post("issue/bulkfetch", query)
        failed = body.get("issueErrors")
        if isinstance(failed, list) and failed:
            raise self._connection.strange(f"{len(failed)} issues that it could not fetch now")
        return self._issues(body)

    def histories(self, issues: Sequence[Json]) -> tuple[Histories, Refused | None]:
        """Ask for changes in bulk. An issue that has none is not in the answer."""
        entries: dict[str, list[Any]] = {str(issue.get("id")): [] for issue in issues}
        ids = [*entries]
        try:
            for start in range(0, len(ids), HISTORIES):
                for log in self._logs(ids[start : start + HISTORIES]):
                    entries[str(log["issueId"])].extend(log["changeHistories"])
            return {handle: parse_changes(found) for handle, found in entries.items()}, None
        except Refused as refused:
            # The oldest come first: cut short, the newest are missing, and nothing holds.
            return {}, refused
        except UNREADABLE:
            return {}, self._connection.strange("a history in another form than documented")

    def _logs(self, ids: Sequence[str]) -> Iterator[Json]:
        query: Json = {
            "issueIdsOrKeys": [*ids],
            "fieldIds": ["status", "resolution"],
            "maxResults": ENTRIES,
        }
        seen: set[str] = set()
        for _ in range(SPARE_PAGES):
            body = self._connection.post("changelog/bulkfetch", query)
            yield from body["issueChangeLogs"]
            token = body.get("nextPageToken")
            if token is None:
                return
            seen.add(self._next(token, seen))
            query |= {"nextPageToken": token}
        raise self._connection.strange("more pages of history than can be")

    def _next(self, token: Any, seen: set[str]) -> str:
        if not isinstance(token, str) or token in seen:
            raise self._connection.strange("a page that does not say which one is next")
        return token

    def _issues(self, body: Json) -> list[Json]:
        try:
            return parse_issues(body)
        except UNREADABLE:
            raise self._connection.strange("no list of issues") from None
