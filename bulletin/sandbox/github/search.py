"""Search as GitHub does it, for the qualifiers that are known here. Others are refused."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bulletin.sandbox.github.stage import Stage, Subject, refuse

QUERY_LENGTH = 256
ENDLESS = datetime.max.replace(tzinfo=UTC)
DAWN = datetime.min.replace(tzinfo=UTC)
STATES = {
    "open": frozenset({"OPEN"}),
    "merged": frozenset({"MERGED"}),
    "closed": frozenset({"CLOSED", "MERGED"}),
}


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it was understood. Several organizations and repositories mean any of them."""

    organizations: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset({"OPEN", "MERGED", "CLOSED"})
    start: datetime = DAWN
    end: datetime = ENDLESS
    closed: tuple[datetime, datetime] | None = None
    """When it was closed or merged, both ends included; None where that is not asked."""
    order: str = "created-desc"

    def finds(self, subject: Subject) -> bool:
        """Whether a pull request answers it."""
        name = subject.repository.lower()
        owner = name.partition("/")[0]
        anywhere = not (self.organizations or self.repositories)
        return (
            (anywhere or owner in self.organizations or name in self.repositories)
            and subject.state.state in self.states
            and self.start <= subject.story.created <= self.end
            and (self.closed is None or _lies_in(subject.state.closed, self.closed))
        )


def parse_search(text: str) -> Search:
    """Read a search. Raises GraphQLError for what it does not know."""
    if len(text) > QUERY_LENGTH:
        raise refuse("UNPROCESSABLE", f"a query of more than {QUERY_LENGTH} characters")
    search = Search()
    for term in text.split():
        name, _, value = term.partition(":")
        match name, value.lower():
            case ("org", login):
                search = replace(search, organizations=search.organizations | {login})
            case ("repo", full):
                search = replace(search, repositories=search.repositories | {full})
            case ("is", "pr") | ("archived", "false"):
                continue  # the company has pull requests only, and archives nothing
            case ("is", word) if word in STATES:
                search = replace(search, states=search.states & STATES[word])
            case ("created", _):
                start, end = parse_range(value)
                search = replace(search, start=start, end=end)
            case ("closed", _):
                search = replace(search, closed=parse_range(value))
            case ("sort", "created-asc" | "created-desc" | "updated-asc" | "updated-desc" as order):
                search = replace(search, order=order)
            case _:
                raise refuse("UNPROCESSABLE", f"the sandbox does not know '{term}'")
    return search


def search_pull_requests(stage: Stage, text: str) -> list[Subject]:
    """Return what a search finds, in its order. Raises GraphQLError for what it does not know."""
    search = parse_search(text)
    field, _, way = search.order.partition("-")
    return sorted(
        filter(search.finds, stage.subjects()),
        key=lambda s: (s.story.created if field == "created" else s.state.updated, s.story.node),
        reverse=way == "desc",
    )


def parse_range(text: str) -> tuple[datetime, datetime]:
    """Read `A..B`, `>=A` or `<=B`, both ends included, `*` for no end.

    A bare date is that whole day in UTC. Raises GraphQLError for anything else.
    """
    if text.startswith(">="):
        low, high = text[2:], "*"
    elif text.startswith("<="):
        low, high = "*", text[2:]
    else:
        low, dots, high = text.partition("..")
        if not dots:
            high = low
    try:
        start = DAWN if low == "*" else _instant(low)
        end = ENDLESS if high == "*" else _instant(high, last=True)
    except ValueError:
        raise refuse("UNPROCESSABLE", f"the sandbox does not know the dates '{text}'") from None
    return start, end


def _lies_in(moment: datetime | None, span: tuple[datetime, datetime]) -> bool:
    return moment is not None and span[0] <= moment <= span[1]


def _instant(text: str, *, last: bool = False) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(text)
    day = moment.replace(tzinfo=UTC)
    return day + timedelta(days=1, microseconds=-1) if last else day
