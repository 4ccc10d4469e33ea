"""Searches that come back whole: page by page, and split by date above a thousand results."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
ORDER = "sort:created-asc"
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds from `low` to `high`, both included; an end that is `open` reaches for ever."""

    low: datetime
    high: datetime
    open_low: bool = True
    open_high: bool = True

    @property
    def term(self) -> str:
        """Return it as a search term; nothing where both ends are open."""
        if self.open_low and self.open_high:
            return ""
        low = "*" if self.open_low else f"{self.low:%Y-%m-%dT%H:%M:%SZ}"
        high = "*" if self.open_high else f"{self.high:%Y-%m-%dT%H:%M:%SZ}"
        return f" created:{low}..{high}"

    def halves(self, oldest: datetime) -> "tuple[Span, Span] | None":
        """Split between the oldest result seen and the end, or not at all within one second.

        The outer ends stay as they are, so that a wrong `oldest` makes it slower, never wrong.
        """
        start = min(oldest if self.open_low else max(self.low, oldest), self.high)
        middle = (start + (self.high - start) / 2).replace(microsecond=0)
        if middle + SECOND > self.high:
            return None
        return (
            Span(self.low, middle, self.open_low, open_high=False),
            Span(middle + SECOND, self.high, open_low=False, open_high=self.open_high),
        )


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

    def run(self, wheres: Sequence[str], until: datetime) -> None:
        """Find every open pull request there. Raises `Refused`; what was found stays."""
        self.searches = len(wheres)
        try:
            for where in wheres:
                if self.full:
                    return
                self._pages(f"{where} {OPEN} {ORDER}", Span(until, until))
        except ChangedShape as shape:
            raise changed_shape(str(shape)) from None

    def _pages(self, terms: str, span: Span) -> None:
        cursor: str | None = None
        seen: set[str | None] = {None}
        for page in range(PAGES):
            answer = self._page(terms + span.term, cursor)
            total = count(answer, "issueCount")
            if not span.term:
                self.totals[terms] = total
            nodes = self._keep(answer)
            if page == 0 and total > CAP and not self.full:
                halves = span.halves(min((moment(n, "createdAt") for n in nodes), default=span.low))
                if halves is not None:
                    self.turned += 1
                    for half in halves:
                        self._pages(terms, half)
                    return
            info = get(answer, "pageInfo", dict)
            if self.full or not get(info, "hasNextPage", bool):
                return
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


def places(organization: str | None, repositories: Iterable[str]) -> Iterator[str]:
    """Return search terms that cover them all, in as few searches as their length allows.

    A repository of the organization needs no term of its own.
    """
    owner = f"{organization}/".casefold()
    if organization is not None:
        yield f"org:{organization}"
    room = QUERY_LENGTH - len(f" {OPEN} {ORDER} created:2026-01-01T00:00:00Z..2026-01-01T00:00:00Z")
    terms = ""
    for name in sorted({r for r in repositories if not r.casefold().startswith(owner)}):
        term = f"repo:{name}"
        if terms and len(terms) + 1 + len(term) > room:
            yield terms
            terms = ""
        terms = f"{terms} {term}".strip()
    if terms:
        yield terms
