"""What Sentry's issue search understands, as far as the sandbox honours it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from bulletin.sandbox.world import DAY, HOUR, ErrorState, ErrorStory

STATUSES = ("unresolved", "resolved", "ignored")
SUBSTATUSES = ("new", "ongoing", "regressed", "escalating")
TERM = re.compile(r"(?P<key>[A-Za-z.]+):(?P<sign>>=|<=|>|<|)(?P<value>\S+)")


class Refusal(Exception):  # noqa: N818  (an answer, not an error)
    """A status and Sentry's `detail` for it."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Issue:
    """A story as it stands at the sandbox's moment."""

    story: ErrorStory
    state: ErrorState
    now: datetime

    def events(self, start: datetime, end: datetime) -> int:
        """Count the events of `[start, end)` that have happened by now."""
        return _events(self.story, start, min(end, self.now))

    def last_seen(self, before: datetime) -> datetime:
        """Return its last event before a moment, or its first if there is none."""
        return self.story.last_seen(min(before, self.now)) or self.story.first_seen


@lru_cache(maxsize=8192)
def _events(story: ErrorStory, start: datetime, end: datetime) -> int:
    return story.events(start, end)


Test = Callable[[Issue], bool]


def parse_query(query: str, now: datetime) -> list[Test]:
    """Read a query. `now` is what `-7d` counts from. Raises `Refusal` for an unknown term."""
    tests: list[Test] = []
    for word in query.split():
        match = TERM.fullmatch(word)
        if match is None:
            raise Refusal(400, f"Error parsing search query: '{word}'")
        tests.append(_test(match["key"], match["sign"], match["value"], now))
    return tests


def _test(key: str, sign: str, value: str, now: datetime) -> Test:
    match key:
        case "is" if value in STATUSES:
            return lambda i: i.state.status == value
        case "is" if value in SUBSTATUSES:
            return lambda i: i.state.substatus == value
        case "is":
            valid = ", ".join(STATUSES + SUBSTATUSES)
            raise Refusal(400, f'Invalid value for "is" search, valid values are [{valid}]')
        case "issue.category":
            return lambda _: value == "error"
        case "issue.id":
            numbers = value.strip("[]").split(",")
            return lambda i: i.story.number in numbers
        case "level":
            return lambda i: i.story.level == value
        case "firstSeen" | "age":
            compare = _comparison(sign, value, now)
            return lambda i: compare(i.story.first_seen)
        case "lastSeen":
            compare = _comparison(sign, value, now)
            return lambda i: compare(i.last_seen(i.now))
        case _:
            raise Refusal(400, f"Invalid key for this search: {key}")


def _comparison(sign: str, value: str, now: datetime) -> Callable[[datetime], bool]:
    if value[0] in "+-":
        border = now - parse_period(value[1:])
        return (lambda at: at >= border) if value[0] == "-" else (lambda at: at <= border)
    border = parse_moment(value)
    comparisons: dict[str, Callable[[datetime], bool]] = {
        ">": lambda at: at > border,
        ">=": lambda at: at >= border,
        "<": lambda at: at < border,
        "<=": lambda at: at <= border,
        "": lambda at: at.date() == border.date(),
    }
    return comparisons[sign]


def parse_period(text: str) -> timedelta:
    """Read `7d`. Raises `Refusal` for anything else."""
    match = re.fullmatch(r"(\d{1,4})([hdw])", text)
    if match is None:
        raise Refusal(400, f"Invalid statsPeriod: '{text}'")
    return int(match[1]) * {"h": HOUR, "d": DAY, "w": 7 * DAY}[match[2]]


def parse_moment(text: str) -> datetime:
    """Read an ISO moment, in UTC where it names no zone. Raises `Refusal` for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"'{text}' is not a valid datetime") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
