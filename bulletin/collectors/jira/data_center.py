"""Jira Data Center: pages by number, totals, histories inside the search."""

from collections.abc import Iterator, Sequence
from itertools import islice

from bulletin.collectors.jira.connection import BadQuery, Connection
from bulletin.collectors.jira.reading import (
    UNREADABLE,
    Change,
    Json,
    parse_changes,
    parse_issues,
    parse_key,
)
from bulletin.collectors.jira.search import PAGE, SPARE_PAGES, Histories
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused

HEAVY = frozenset({Cause.SERVER_ERROR, Cause.CHANGED_SHAPE, Cause.TOO_SLOW})
"""How a search fails whose histories are too much for the server, or for us."""
LOOKUPS = 20
"""Searches that one batch may cost where Jira does not say which of its ids are dead."""
SINGLES = 200
"""Histories that are asked for one by one, a request each, where the search did not bring them."""


class DataCenter:
    """How one speaks with Jira Data Center, and with the Server that it once was."""

    name = "Jira Data Center"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pages(
        self, jql: str, fields: Sequence[str], *, strict: bool = True
    ) -> Iterator[tuple[list[Json], int]]:
        """Search page by page, with histories as long as the server can bear them.

        Not `strict`, ids that do not exist are passed over instead of failing the search.
        """
        start, expand = 0, "changelog"
        while True:
            try:
                issues, total = self._page(jql, start, fields, expand, strict=strict)
            except Refused as refused:
                if refused.cause not in HEAVY or not expand:
                    raise
                expand = ""
                continue
            start += len(issues)
            yield issues, total
            if not issues or start >= total:
                return

    def _page(
        self, jql: str, start: int, fields: Sequence[str], expand: str, *, strict: bool
    ) -> tuple[list[Json], int]:
        find = self._connection.library.search_issues
        values = (jql, start, PAGE, strict, [",".join(fields)], expand or None)
        body: Json = self._connection.ask(dict, find, *values, json_result=True)
        try:
            return parse_issues(body), int(body["total"])
        except UNREADABLE:
            raise self._connection.strange("no list of issues with its total") from None

    def batch(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """Search by id. Some versions fail the whole search for one dead id: then those that the
        error names are left out, or, if it names none, each half is tried.
        """
        waiting, issues = [list(ids)], list[Json]()
        for _ in range(LOOKUPS):
            if not waiting:
                return issues
            batch = waiting.pop()
            try:
                issues += self._known(batch, fields)
            except BadQuery as bad:
                rest = [handle for handle in batch if handle not in bad.numbers]
                middle = len(batch) // 2
                parts = [rest] if len(rest) < len(batch) else [batch[:middle], batch[middle:]]
                waiting += [part for part in parts if part and len(part) < len(batch)]
        if waiting:
            raise self._connection.strange(f"errors to {LOOKUPS} searches for the same incidents")
        return issues

    def _known(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        search = self.pages(f"id in ({', '.join(ids)})", fields, strict=False)
        pages = [*islice(search, SPARE_PAGES)]
        issues, total = [issue for page, _ in pages for issue in page], pages[-1][1]
        if len(issues) < total:
            raise self._connection.strange(f"{len(issues)} of {total} incidents that it knows")
        return issues

    def histories(self, issues: Sequence[Json]) -> tuple[Histories, Refused | None]:
        """Read the histories that came with the issues, and ask for those that did not come."""
        known = {str(issue.get("id")): _history(issue) for issue in issues}
        lost = [issue for issue in issues if known[str(issue.get("id"))] is None]
        for issue in lost[:SINGLES]:
            changes = self._alone(issue)
            if changes is None:
                break
            known[str(issue.get("id"))] = changes
        unknown = sum(changes is None for changes in known.values())
        if not unknown:
            return known, None
        return known, Refused(
            Cause.UNSUPPORTED,
            f"{self._connection.host} gave {unknown} of {len(known)} incidents without history",
            "If this Jira is old there is nothing to do: times in status stay unknown.",
        )

    def _alone(self, issue: Json) -> tuple[Change, ...] | None:
        """Ask for one issue's history; None where there is none to be had."""
        try:
            whole = {"fields": "status", "expand": "changelog"}
            return _history(self._connection.get(f"issue/{parse_key(issue)}", whole))
        except (Refused, *UNREADABLE):
            return None


def _history(issue: Json) -> tuple[Change, ...] | None:
    """Return an issue's changes; None where they are not there, or not all of them."""
    try:
        log = issue["changelog"]
        whole = len(log["histories"]) >= log["total"]
        return parse_changes(log["histories"]) if whole else None
    except UNREADABLE:
        return None
