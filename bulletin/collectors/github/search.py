"""Searches that come back whole: page by page, and from the newest on where GitHub breaks off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bulletin.collectors.github.parse import ChangedShape, Node, count, get, moment
from bulletin.collectors.github.queries import SEARCH
from bulletin.collectors.github.wire import Trouble, Wire, changed_shape

CAP = 1000
"""Results that GitHub gives of any one search, whatever its count says."""
PAGES = 250
"""Pages of one search before we believe that it has no end."""
QUERY_LENGTH = 256
OPEN = "is:pr is:open archived:false"
CLOSED = "is:pr is:closed archived:false closed:>="
ORDER = "sort:created-asc"
SECOND = timedelta(seconds=1)
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Search:
    """What was found so far, by node id; it stays when a later page fails."""

    wire: Wire
    limit: int
    size: int = 50
    found: dict[str, Node] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    """What GitHub counts, by search."""
    searches: int = 0
    """How many searches there are to make."""
    turned: int = 0
    """Pages turned. Between two pages one may be merged, and the count is off by one."""
    unreadable: int = 0
    """Results that came as null: no right to see them."""
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return len(self.found) >= self.limit

    @property
    def expected(self) -> int | None:
        """How many there are by GitHub's count; None unless every search was begun."""
        return sum(self.totals.values()) if len(self.totals) == self.searches else None

    def run(self, wheres: Sequence[str], which: str = OPEN) -> None:
        """Find every pull request there, of those that are open or as the terms `which` say.

        Raises `Refused`; what was found stays.
        """
        self.searches = len(wheres)
        try:
            for where in wheres:
                if self.full:
                    return
                terms = f"{where} {which} {ORDER}"
                since = self._pages(terms, None)
                while since is not None:
                    self.turned += 1
                    since = self._pages(terms, since)
        except ChangedShape as shape:
            raise changed_shape(str(shape)) from None

    def _pages(self, terms: str, since: datetime | None) -> datetime | None:
        """Find what was created since then, or ever, oldest first.

        Returns since when to search again where GitHub held some back: from the second of the
        newest result, which others may share, or from the next where that second fills it all.
        """
        query = terms if since is None else f"{terms} {created_since(since)}"
        cursor: str | None = None
        seen: set[str | None] = {None}
        nodes: list[Node] = []
        for _ in range(PAGES):
            answer = self._page(query, cursor)
            total = count(answer, "issueCount")
            if since is None:
                self.totals[terms] = total
            nodes += self._keep(answer)
            info = get(answer, "pageInfo", dict)
            if self.full:
                return None
            if not get(info, "hasNextPage", bool):
                return _resume(since, nodes) if total > CAP else None
            cursor = get(info, "endCursor", str, optional=True)
            if cursor in seen:
                raise changed_shape("the same page of a search twice")
            seen.add(cursor)
            self.turned += 1
        raise changed_shape(f"more than {PAGES} pages of one search")

    def _page(self, terms: str, cursor: str | None) -> Node:
        def variables(first: int) -> Mapping[str, Any]:
            return {"q": terms, "first": first, "after": cursor}

        answer, self.size = self.wire.ask_for(SEARCH, variables, self.size)
        self.troubles += answer.troubles
        page: Node = get(answer.data, "search", dict)
        return page

    def _keep(self, page: Node) -> list[Node]:
        nodes = get(page, "nodes", list, optional=True) or []
        pull_requests: list[Node] = [
            node
            for node in nodes
            if isinstance(node, dict)
            and node.get("__typename") == "PullRequest"
            and isinstance(node.get("id"), str)
        ]
        self.unreadable += len(nodes) - len(pull_requests)
        for node in pull_requests:
            if not self.full:
                self.found[node["id"]] = node
        return pull_requests


def created_since(start: datetime) -> str:
    """Return the search term for what was created in that second or later."""
    return f"created:>={start:%Y-%m-%dT%H:%M:%SZ}"


def closed_since(start: datetime) -> str:
    """Return the search terms for what was closed or merged in that second or later."""
    return f"{CLOSED}{start:%Y-%m-%dT%H:%M:%SZ}"


def _resume(since: datetime | None, nodes: Iterable[Node]) -> datetime | None:
    newest = max(_created(nodes), default=None)
    if since is None or newest is None or newest > since:
        return newest
    # A server that answers with what is older does not read the term, and has no more to give.
    return newest + SECOND if newest == since else None


def _created(nodes: Iterable[Node]) -> Iterator[datetime]:
    for node in nodes:
        with suppress(ChangedShape):  # told by whoever reads the whole node
            yield moment(node, "createdAt")


def places(organization: str | None, repositories: Iterable[str]) -> Iterator[str]:
    """Return search terms that cover them all, in as few searches as their length allows.

    A repository of the organization needs no term of its own.
    """
    owner = f"{organization}/".casefold()
    if organization is not None:
        yield f"org:{organization}"
    room = QUERY_LENGTH - len(f" {closed_since(EPOCH)} {ORDER} {created_since(EPOCH)}")
    terms = ""
    for name in sorted({r for r in repositories if not r.casefold().startswith(owner)}):
        term = f"repo:{name}"
        if terms and len(terms) + 1 + len(term) > room:
            yield terms
            terms = ""
        terms = f"{terms} {term}".strip()
    if terms:
        yield terms
