"""What holds of a collector in any world: how a generated one is served, and what is asserted."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from werkzeug import Request, Response

from bulletin.archive import codec
from bulletin.model.edition import Item
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Incident, PullRequest
from bulletin.model.harvest import Harvest, State
from bulletin.model.text import clean
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from tests import builders
from tests.contracts.traffic import BEFORE, END, WINDOW, item

MOST_REQUESTS = 100
"""More than any world needs; what asks for more may never end."""
LENGTHS = (300, 200, 100)
"""To which the collectors cut what they print."""


@dataclass(slots=True)
class Tally:
    """What became of all worlds: a test that tried nothing must not pass."""

    worlds: int = 0
    facts: int = 0
    gaps: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    most: int = 0

    def count(self, harvest: Harvest) -> None:
        self.facts += len(harvest.facts)
        self.gaps.update(gap.reason.value for gap in harvest.gaps)
        self.states[harvest.coverage.state] += 1


@dataclass(slots=True)
class Served:
    """What a service said in one world, and how often it was asked."""

    strings: set[str] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)
    total: float = 0.0
    """Of every number that is not negative."""
    asked: int = 0

    def note(self, value: Any) -> None:
        match value:
            case dict():
                self.strings.update(value)
                for one in value.values():
                    self.note(one)
            case list():
                for one in value:
                    self.note(one)
            case str() | bool():
                self.strings.add(f"{value}")
            case int() | float():
                self.strings.add(f"{value}")
                self.numbers.add(value)
                self.total += max(0, value)
            case _:
                pass

    @property
    def words(self) -> set[str]:
        """Everything that was said as it may be printed."""
        return {word for text in self.strings for word in printed(text)}

    @property
    def moments(self) -> set[datetime]:
        """Every moment that was said, in UTC."""
        return {moment for text in self.strings if (moment := read(text))} | {
            datetime.fromtimestamp(number / scale, UTC)
            for number in self.numbers
            for scale in (1, 1000)
            if -(2**33) < number / scale < 2**37
        }


@cache
def printed(text: str) -> frozenset[str]:
    """Return what may be printed of a text."""
    if text.isascii() and text.isprintable() and len(text) < min(LENGTHS) and "  " not in text:
        return frozenset({text.strip()})
    return frozenset(clean(text, length) for length in LENGTHS)


@cache
def read(text: str) -> datetime | None:
    """Return the moment that a text says, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


Say = Callable[[Request], tuple[Any, int, dict[str, str]]]
"""Says what a service answers: a body, a status, and headers of its own."""


@contextmanager
def serve(name: str, says: Callable[[], tuple[Say, Served]]) -> Iterator[Service]:
    """Serve whatever world it is by then."""

    def answer(request: Request, *_: Any) -> Response:
        say, served = says()
        served.asked += 1
        if served.asked > MOST_REQUESTS:
            return Response("enough", 401)
        body, status, headers = say(request)
        served.note(body)
        return Response(json.dumps(body), status, headers, content_type="application/json")

    with Service(name, answer, World(), END) as service:
        yield service


def run(
    name: str,
    seeds: Iterable[int],
    say: Callable[[int], Say],
    collector: Callable[[str, int], Any],
    strangers: Sequence[Item],
) -> Tally:
    """Live through the world of each seed. What goes wrong says in which."""
    tally, world = Tally(), [(say(0), Served())]
    with serve(name, lambda: world[-1]) as service:
        for seed in seeds:
            world[-1] = say(seed), Served()
            try:
                live(collector(service.url, seed), world[-1][1], strangers, tally)
            except BaseException as error:
                error.add_note(f"in the world of seed {seed}")
                raise
    return tally


def live(made: Any, served: Served, strangers: Sequence[Item], tally: Tally) -> None:
    """Collect, look up and remember in one world, and hold all to what is always true."""
    harvest = made.collect(WINDOW, END)
    hold(harvest, served, tally)
    items = [*map(item, harvest.facts), *strangers]
    hold(made.revisit(items), served, tally, items)
    for one in made.remember((BEFORE, WINDOW), END):
        hold(one, served, tally)
    tally.worlds += 1
    tally.requests += served.asked
    tally.most = max(tally.most, served.asked)


def hold(harvest: Harvest, served: Served, tally: Tally, items: Sequence[Item] = ()) -> None:
    """Assert what is true of every harvest, whatever the service said."""
    assert served.asked <= MOST_REQUESTS, "it asks without end"
    if harvest.coverage.state is not State.KNOWN:
        assert harvest.gaps, "what is not known must say why"
    assert all(gap.detail and gap.hint for gap in harvest.gaps)
    keys = [fact.key for fact in harvest.facts]
    assert len(set(keys)) == len(keys)
    words, moments = served.words, served.moments
    for fact in harvest.facts:
        hold_fact(fact, served, words)
        assert set(moments_of(fact)) <= moments
    asked = {one.key for one in items}
    assert {one.key for one in harvest.missing} | {one.old for one in harvest.moved} <= asked
    settled = {*keys, *(one.key for one in harvest.missing), *(m.old for m in harvest.moved)}
    if not harvest.gaps:
        assert asked <= settled, "an item fell silent"
    edition = builders.edited([harvest])
    assert codec.file(edition).edition == edition
    assert {fact.key for fact in edition.facts} == set(keys)
    tally.count(harvest)


def hold_fact(fact: Fact, served: Served, words: set[str]) -> None:
    """Assert that what a fact prints was said."""
    subject = fact.key.subject
    assert fact.title == subject or fact.title in words
    assert fact.handle in served.strings
    match fact:
        case Incident():
            assert subject in served.strings
            assert {fact.status, *fact.services} <= words
            assert set(fact.links) <= served.strings
        case PullRequest():
            name, _, number = subject.rpartition("#")
            assert name in served.strings
            sizes = {int(number), fact.additions, fact.deletions, fact.files}
            assert sizes <= served.numbers
            assert set(fact.labels) <= words
        case ErrorTrend():
            assert {subject, fact.project} <= served.strings
            for count in (fact.events, fact.events_before, fact.users, *fact.daily):
                assert count is None or f"{count}" in served.strings or 0 <= count <= served.total


def moments_of(fact: Fact) -> Iterator[datetime]:
    for name in fact.__slots__:
        value = getattr(fact, name)
        if isinstance(value, datetime):
            assert value.utcoffset() is not None
            yield value


def stranger(source: str, kind: str, subject: str, handle: str) -> Item:
    """Return an item of last week's list that no service may know."""
    key = FactKey(source, kind, subject)
    fact = builders.incident(subject, key=key, handle=handle)
    return Item(**{n: getattr(item(fact), n) for n in Item.__slots__} | {"kind": kind})
