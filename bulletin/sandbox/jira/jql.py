"""An honest part of JQL: what it does not know it refuses, as Jira does, and never ignores."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bulletin.sandbox.world import RESOLUTIONS, STATUSES, IncidentState, IncidentStory, World

TOKEN = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[<>!]=|[()<>=!,~]|[^\s()<>=!,~"']+)\s*"""
)
QUOTES = "\"'"
RELATIVE = re.compile(r"([+-]?\d+)([wdhm])")
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
MOMENTS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
NAMES = {
    "issuekey": "key",
    "issue": "key",
    "type": "issuetype",
    "resolutiondate": "resolved",
    "createddate": "created",
    "updateddate": "updated",
}
CATEGORIES = {"to do": "new", "in progress": "indeterminate", "done": "done"}
COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An incident as it stands at the sandbox's moment."""

    story: IncidentStory
    state: IncidentState

    def moment(self, name: str) -> datetime | None:
        """Return the moment of a date field."""
        moments = {"created": self.story.created, "updated": self.state.updated}
        return moments.get(name, self.state.resolved)

    def words(self, name: str) -> set[str]:
        """Return what a field of words holds, in small letters."""
        words: dict[str, Sequence[str]] = {
            "project": [self.story.project],
            "issuetype": [self.story.kind],
            "status": [self.state.status],
            "statuscategory": [STATUSES[self.state.status]],
            "resolution": [self.state.resolution or "unresolved"],
            "id": [self.story.number],
            "key": [self.story.key],
            "labels": self.story.labels,
            "component": self.story.components,
        }
        return {word.casefold() for word in words[name]}


Test = Callable[[Ticket], bool]


class BadJqlError(Exception):
    """A query that Jira would answer with 400, and its reasons."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query that was understood."""

    test: Test | None
    """None where it has no restriction at all."""
    order: tuple[tuple[str, bool], ...]
    """Fields, and whether downwards."""
    warnings: tuple[str, ...]
    """What is amiss with its values; Jira refuses such a query unless told not to."""

    def find(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """Return the tickets that match, in order."""
        found = [one for one in tickets if self.test is None or self.test(one)]
        for name, downwards in reversed(self.order or (("created", True),)):
            found.sort(key=lambda one: _rank(one, name), reverse=downwards)
        return found


def _rank(ticket: Ticket, name: str) -> float:
    if name in {"id", "key"}:
        return float(ticket.story.number if name == "id" else ticket.story.key.rpartition("-")[2])
    moment = ticket.moment(name)
    return moment.timestamp() if moment else 0.0


def parse(jql: str, world: World, tickets: Sequence[Ticket], moment: datetime) -> Query:
    """Understand a query. Raises `BadJqlError` for anything it does not know."""
    known = {
        "project": {one.project.casefold() for one in (*world.incidents, *world.tasks)},
        "issuetype": {"incident", "task"},
        "status": {status.casefold() for status in STATUSES},
        "statuscategory": {*STATUSES.values(), *CATEGORIES},
        "resolution": {*(one.casefold() for one in RESOLUTIONS.values()), "unresolved"},
        "id": {one.story.number for one in tickets},
        "key": {one.story.key.casefold() for one in tickets},
        "component": {part.casefold() for one in world.incidents for part in one.components},
    }
    return _Parser(_tokens(jql.strip()), known, ZoneInfo(world.user_zone), moment).query()


def _tokens(jql: str) -> list[str]:
    tokens, start = [], 0
    while start < len(jql):
        token = TOKEN.match(jql, start)
        if token is None:
            raise BadJqlError(f"Error in the JQL Query: character {start + 1} is out of place.")
        tokens.append(token[1])
        start = token.end()
    return tokens


@dataclass(slots=True)
class _Parser:
    """Reads from the front of `tokens`."""

    tokens: list[str]
    known: Mapping[str, set[str]]
    """The values of a field that Jira knows of; labels may be anything."""
    zone: ZoneInfo
    moment: datetime
    warnings: list[str] = field(default_factory=list)

    def query(self) -> Query:
        test = None if self._next_is("order") or not self.tokens else self._any()
        order = self._order() if self.tokens else ()
        if self.tokens:
            raise BadJqlError(
                f"Error in the JQL Query: expecting nothing but got '{self.tokens[0]}'."
            )
        return Query(test=test, order=order, warnings=tuple(self.warnings))

    def _next_is(self, *words: str) -> bool:
        return bool(self.tokens) and self.tokens[0].casefold() in words

    def _take(self) -> str:
        if not self.tokens:
            raise BadJqlError("Error in the JQL Query: it ends too early.")
        return self.tokens.pop(0)

    def _expect(self, word: str) -> None:
        if (got := self._take()).casefold() != word:
            raise BadJqlError(f"Error in the JQL Query: expecting '{word}' but got '{got}'.")

    def _any(self) -> Test:
        tests = [self._all()]
        while self._next_is("or"):
            self._take()
            tests.append(self._all())
        return lambda ticket: any(test(ticket) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next_is("and"):
            self._take()
            tests.append(self._one())
        return lambda ticket: all(test(ticket) for test in tests)

    def _one(self) -> Test:
        if self._next_is("not", "!"):
            self._take()
            test = self._one()
            return lambda ticket: not test(ticket)
        if self._next_is("("):
            self._take()
            test = self._any()
            self._expect(")")
            return test
        return self._clause()

    def _clause(self) -> Test:
        said = _unquoted(self._take())
        name = NAMES.get(said.casefold(), said.casefold())
        if name in {"created", "updated", "resolved"}:
            return self._moments(name)
        if name not in {"labels", *self.known}:
            raise BadJqlError(
                f"Field '{said}' does not exist or you do not have permission to view it."
            )
        return self._words(name)

    def _moments(self, name: str) -> Test:
        sign = self._take()
        if sign not in COMPARISONS:
            raise BadJqlError(f"The operator '{sign}' is not supported by the '{name}' field.")
        compare, bound = COMPARISONS[sign], self._moment(_unquoted(self._take()))

        def test(ticket: Ticket) -> bool:
            moment = ticket.moment(name)
            return moment is not None and compare(moment, bound)

        return test

    def _moment(self, text: str) -> datetime:
        """Read a moment in the account's time zone, or one relative to now."""
        if relative := RELATIVE.fullmatch(text):
            return self.moment + timedelta(**{UNITS[relative[2]]: int(relative[1])})
        for form in MOMENTS:
            try:
                there = datetime.strptime(text, form).replace(tzinfo=self.zone)
            except ValueError:
                continue
            return there.astimezone(UTC)
        raise BadJqlError(f"Date value '{text}' is invalid; write it as in '2026-11-19 10:00'.")

    def _words(self, name: str) -> Test:
        sign = self._take().casefold()
        if sign == "is":
            return self._empty(name)
        negated = sign in {"!=", "not"}
        if sign == "not":
            self._expect("in")
        if sign not in {"=", "!=", "in", "not"}:
            raise BadJqlError(f"The operator '{sign}' is not supported by the '{name}' field.")
        values = self._list() if sign in {"in", "not"} else [_unquoted(self._take())]
        wanted = {self._value(name, value) for value in values}
        return lambda ticket: bool(ticket.words(name) & wanted) is not negated

    def _empty(self, name: str) -> Test:
        negated = self._next_is("not")
        if negated:
            self._take()
        self._expect("empty")
        return lambda ticket: (ticket.words(name) <= {"unresolved"}) is not negated

    def _list(self) -> list[str]:
        self._expect("(")
        values = [_unquoted(self._take())]
        while self._next_is(","):
            self._take()
            values.append(_unquoted(self._take()))
        self._expect(")")
        return values

    def _value(self, name: str, value: str) -> str:
        word = value.casefold()
        if name != "labels" and word not in self.known[name]:
            reasons = {
                "id": f"A value with ID '{value}' does not exist for the field 'id'.",
                "key": f"An issue with key '{value}' does not exist for field 'key'.",
            }
            other = f"The value '{value}' does not exist for the field '{name}'."
            self.warnings.append(reasons.get(name, other))
        return CATEGORIES.get(word, word) if name == "statuscategory" else word

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._expect("order")
        self._expect("by")
        order = []
        while True:
            said = _unquoted(self._take())
            name = NAMES.get(said.casefold(), said.casefold())
            if name not in {"created", "updated", "resolved", "id", "key"}:
                raise BadJqlError(f"Not able to sort using field '{said}'.")
            order.append((name, self._next_is("desc")))
            if self._next_is("asc", "desc"):
                self._take()
            if not self._next_is(","):
                return tuple(order)
            self._take()


def _unquoted(token: str) -> str:
    if token[0] not in QUOTES:
        return token
    return re.sub(r"\\(.)", r"\1", token[1:-1])
