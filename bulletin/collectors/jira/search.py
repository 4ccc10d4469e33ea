"""Searching and looking up, whichever Jira it is: page by page until all is there or it is known
what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bulletin.collectors.jira.reading import Change, Json
from bulletin.collectors.paging import endless
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused

PAGE = 100
"""Issues a page: Cloud gives no more where fields are asked for."""
SUSPECT = 5
"""Issues that do not all vanish in one week: an empty answer for so many is not believed."""
SPARE_PAGES = 10
"""Pages that may come beyond the limit's own: a server may fill its pages only in part."""

Histories = Mapping[str, tuple[Change, ...] | None]
"""Changes by issue id, oldest first; None, like an absent id, where they are unknown."""


class Dialect(Protocol):
    """What Cloud and Data Center do differently. Each method raises `Refused` and nothing else,
    but `histories`, which returns it beside what it has.
    """

    name: str

    def pages(self, jql: str, fields: Sequence[str]) -> Iterator[tuple[list[Json], int | None]]:
        """Search page by page; each with the total, where the service tells it."""
        ...

    def batch(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """Return the issues with these ids, at most `PAGE` of them, without those that are gone."""
        ...

    def histories(self, issues: Sequence[Json]) -> tuple[Histories, Refused | None]:
        """Return the changes of status and resolution of issues that were just fetched."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search or a look-up brought: everything, unless `refused` says what went wrong."""

    issues: tuple[Json, ...]
    expected: int | None
    """How many there are; None where nobody knows."""
    refused: Refused | None = None


def search(dialect: Dialect, jql: str, fields: Sequence[str], limit: int) -> Found:
    """Return the issues that the JQL finds, oldest first, at most `limit`."""
    issues: dict[str, Json] = {}
    total: int | None = None
    refused: Refused | None = None
    try:
        for number, (page, told) in enumerate(
            dialect.pages(f"{jql} ORDER BY created ASC", fields), start=1
        ):
            # One that moved between two pages comes twice; one without an id stands for itself.
            issues |= {str(issue.get("id") or id(issue)): issue for issue in page}
            total = told
            if len(issues) > limit:
                refused = _truncated(limit)
                break
            if number > limit // PAGE + SPARE_PAGES:
                refused = endless("pages without end")
                break
    except Refused as error:
        refused = error
    kept = tuple(issues.values())[:limit]
    if refused is None and total is not None and len(kept) < total:
        refused = _incomplete(len(kept), total)
    return Found(
        issues=kept,
        expected=len(kept) if refused is None and total is None else total,
        refused=refused,
    )


def look_up(dialect: Dialect, ids: Sequence[str], fields: Sequence[str]) -> Found:
    """Return the issues with these ids. One that is in no answer is gone, or not for us."""
    issues: dict[str, Json] = {}
    refused: Refused | None = None
    try:
        for start in range(0, len(ids), PAGE):
            batch = dialect.batch(ids[start : start + PAGE], fields)
            issues |= {str(issue.get("id")): issue for issue in batch}
    except Refused as error:
        refused = error
    # A server that does not understand the question answers with everything it has.
    asked = tuple(issues[one] for one in ids if one in issues)
    if refused is None and not asked and len(ids) >= SUSPECT:
        refused = Refused(
            Cause.CHANGED_SHAPE,
            f"none of {len(ids)} issues that were there last week was given",
            "Jira may be indexing anew, or the account has lost its rights; run again.",
        )
    return Found(issues=asked, expected=len(ids), refused=refused)


def named(refused: Refused, setting: str) -> Refused:
    """Say which of the settings a query came from that was not accepted."""
    if refused.cause is not Cause.BAD_QUERY:
        return refused
    hint = f"Correct `{setting}` in the settings; try it in Jira's own search first."
    return Refused(refused.cause, refused.detail, hint, refused.status)


def _truncated(limit: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"a search finds more than the {limit} incidents that the settings allow",
        "Narrow the JQL, or raise `limit` in the settings.",
    )


def _incomplete(seen: int, total: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"Jira counts {total} incidents and gave {seen}",
        "Run again: the list may have changed while it was read.",
    )
