"""The service weather: how each service stands, by what is on the list about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bulletin.model.edition import Item, ItemState, Trend
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Incident, Life, Severity
from bulletin.model.front import Service, Sky
from bulletin.model.harvest import State

WATCHED = ("incident", "error")
"""Kinds of fact that name a service."""
MOVED = frozenset(
    {ItemState.NEW, ItemState.FIRST_SEEN, ItemState.REOPENED, ItemState.PERSISTING},
)


@dataclass(slots=True)
class _Seen:
    """What is known of one service."""

    name: str
    open: list[Incident] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


def services(
    facts: Sequence[Fact], items: Sequence[Item], states: Mapping[str, State]
) -> tuple[Service, ...]:
    """Return every service that a fact names, the worst sky first.

    The sun needs every source that could tell: without one of them, nobody knows (`Sky.FOG`).
    """
    listed = {item.key: item for item in items if item.state.on_list}
    seen: dict[str, _Seen] = {}
    for fact in facts:
        for name in _names(fact):
            # The lesser spelling stands for all, whatever the order of the facts.
            found = seen.setdefault(name.casefold(), _Seen(name))
            found.name = min(found.name, name)
            _note(found, fact, listed)
    is_known = all(states[kind] is State.KNOWN for kind in WATCHED if kind in states)
    told = (_service(one, is_known=is_known) for one in seen.values())
    return tuple(sorted(told, key=_worst_first))


def _names(fact: Fact) -> Iterable[str]:
    if isinstance(fact, Incident):
        return () if fact.drill else fact.services
    return (fact.project,) if isinstance(fact, ErrorTrend) else ()


def _note(found: _Seen, fact: Fact, listed: Mapping[FactKey, Item]) -> None:
    if isinstance(fact, Incident) and fact.life is Life.OPEN:
        found.open.append(fact)
    if fact.key in listed:
        found.items.append(listed[fact.key])


def _service(seen: _Seen, *, is_known: bool) -> Service:
    return Service(
        name=seen.name,
        sky=_sky(seen, is_known=is_known),
        incidents=len(seen.open),
        errors=sum(1 for item in seen.items if item.kind == "error"),
    )


def _sky(seen: _Seen, *, is_known: bool) -> Sky:
    severities = [one.severity or Severity.LOW for one in seen.open]
    severities += [item.severity for item in seen.items if item.state is not ItemState.UNKNOWN]
    if any(severity >= Severity.HIGH for severity in severities):
        return Sky.STORM
    if seen.open or any(i.state in MOVED or i.trend is Trend.WORSE for i in seen.items):
        return Sky.RAIN
    if seen.items:
        return Sky.CLOUD
    return Sky.SUN if is_known else Sky.FOG


def _worst_first(service: Service) -> tuple[int, int, int, str]:
    order = list(Sky).index(service.sky)
    return (order, -service.incidents, -service.errors, service.name)
