"""Jira Data Center: pages by number, totals, histories inside the search."""

from collections.abc import Iterator, Sequence

from bulletin.collectors.jira.connection import BadQuery, Connection
from bulletin.collectors.jira.reading import UNREADABLE, Change, Json, parse_changes, parse_issues
from bulletin.collectors.jira.search import PAGE, Histories
from bulletin.collectors.refused import Refused
from bulletin.model.harvest import Cause

HEAVY = frozenset({Cause.SERVER_ERROR, Cause.CHANGED_SHAPE, Cause.TOO_SLOW})
"""How a search fails whose histories are too much for the server, or for us."""
LOOKUPS = 20
"""Searches that one batch may cost where Jira does not say which of its ids are dead."""


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
        find = self._connection.library.search_issues
        start = 0
        expand: str | None = "changelog"
        while True:
            try:
                body: Json = self._connection.ask(
                    dict, find, jql, start, PAGE, strict, [*fields], expand, json_result=True
                )
                issues, total = parse_issues(body), int(body["total"])
            except Refused as refused:
                if refused.cause not in HEAVY or not expand:
                    raise
                expand = None
                continue
            except UNREADABLE:
                raise self._connection.strange("no list of issues with its total") from None
            start += len(issues)
            yield issues, total
            if not issues or start >= total:
                return

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
                for page, _ in self.pages(f"id in ({', '.join(batch)})", fields, strict=False):
                    issues += page
            except BadQuery as bad:
                rest = [handle for handle in batch if handle not in bad.numbers]
                middle = len(batch) // 2
                parts = [rest] if len(rest) < len(batch) else [batch[:middle], batch[middle:]]
                waiting += [part for part in parts if part and len(part) < len(batch)]
        if waiting:
            raise self._connection.strange(f"errors to {LOOKUPS} searches for the same incidents")
        return issues

    def histories(self, issues: Sequence[Json]) -> tuple[Histories, Refused | None]:
        """Read the histories that came with the issues."""
        known: dict[str, tuple[Change, ...] | None] = {}
        for issue in issues:
            handle = str(issue.get("id"))
            try:
                log = issue["changelog"]
                whole = len(log["histories"]) >= log["total"]
                known[handle] = parse_changes(log["histories"]) if whole else None
            except UNREADABLE:
                known[handle] = None
        unknown = sum(changes is None for changes in known.values())
        if not unknown:
            return known, None
        return known, Refused(
            Cause.UNSUPPORTED,
            f"{self._connection.host} gave {unknown} of {len(known)} incidents without history",
            "If this Jira is old there is nothing to do: times in status stay unknown.",
        )
