"""The lead's own text: what is known of the headline's subject, and what stands beside it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from bulletin.editing.rules import Scene
from bulletin.editing.trends import limits
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import (
    Decision,
    ErrorTrend,
    Fact,
    FactKey,
    Incident,
    PullRequest,
    Severity,
)
from bulletin.model.front import Headline, Picture, Sentence
from bulletin.model.harvest import State

ROOM = 6
"""Sentences that a front page has room for."""
A_WEEK = 7
SILENT = timedelta(days=2)
"""Without a word on an incident for so long, that is said."""
OLD = 3
"""Weeks on the list from which age is the news."""


def lead(
    *,
    headline: Headline,
    facts: Mapping[FactKey, Fact],
    items: Sequence[Item],
    states: Sequence[State],
    picture: Picture | None,
    scene: Scene,
) -> tuple[Sentence, ...]:
    """Return what the headline leaves out, each sentence a fact or a count of facts.

    `items` are what is told by itself, each as grave as the gravest that is told with it. `states`
    is how much each source gave. `scene` says when they were asked, and what we printed before.
    Where none gave anything, only that is said.
    """
    if states and all(state is State.UNKNOWN for state in states):
        dark = sum(1 for item in items if item.is_dark)
        return (_say("lead.dark", n=dark),) if dark else ()
    item = next((one for one in items if one.key == headline.key and one.state.on_list), None)
    told = [*_subject(item, facts.get(item.key), scene)] if item else [*_quiet(facts, states)]
    told += _others(item, items)
    if picture is not None and (picture.key is None or picture.key == headline.key):
        told += _marked(picture)
    return tuple(islice(told, ROOM))


def _say(pattern: str, /, **words: str | int) -> Sentence:
    return Sentence(pattern=pattern, words=words)


def _moment(at: datetime) -> int:
    """Return a moment as a word of a sentence: in seconds since 1970."""
    return int(at.timestamp())


def _subject(item: Item, fact: Fact | None, scene: Scene) -> Iterator[Sentence]:
    match fact:
        case Incident():
            yield from _incident(fact, scene.as_of)
        case ErrorTrend():
            yield from _error(fact, scene)
        case PullRequest() | Decision() | None:
            pass
    yield _say("lead.owner", team=item.owner) if item.owner else _say("lead.unowned")


def _incident(fact: Incident, as_of: datetime) -> Iterator[Sentence]:
    opened = _moment(fact.opened)
    if fact.reopened is not None:
        reopened = _moment(fact.reopened)
        yield _say("lead.reopened", opened=opened, reopened=reopened, status=fact.status)
    else:
        recent = as_of - fact.opened < timedelta(days=A_WEEK)
        yield _say(
            "lead.opened.week" if recent else "lead.opened", opened=opened, status=fact.status
        )
    yield from _services(fact.services)
    if fact.updated is not None and as_of - fact.updated >= SILENT:
        yield _say("lead.silent", updated=_moment(fact.updated))


def _services(names: Sequence[str]) -> Iterator[Sentence]:
    match names:
        case [one]:
            yield _say("lead.service", service=one)
        case [one, two]:
            yield _say("lead.services.two", service=one, other=two)
        case [one, two, *more]:
            yield _say("lead.services.more", service=one, other=two, n=len(more))
        case _:
            return


def _error(fact: ErrorTrend, scene: Scene) -> Iterator[Sentence]:
    if fact.events is not None and fact.events_before:
        which = "lead.events" if scene.recounted(fact) is None else "lead.events.recounted"
        yield _say(which, events=fact.events, before=fact.events_before)
    if fact.users:
        yield _say("lead.users", n=fact.users)
    if fact.first_seen is not None:
        yield _say("lead.first-seen", first=_moment(fact.first_seen))
    if fact.release:
        yield _say("lead.release", release=fact.release)


def _quiet(facts: Mapping[FactKey, Fact], states: Sequence[State]) -> Iterator[Sentence]:
    if facts and all(state is State.KNOWN for state in states):
        yield _say("lead.read", n=len(facts), sources=len(states))


def _others(lead: Item | None, items: Sequence[Item]) -> Iterator[Sentence]:
    """Say what else on the list should not be missed: the grave, the returned, the oldest."""
    listed = [item for item in items if item.state.on_list and item is not lead]
    grave = sum(1 for item in listed if item.severity >= Severity.HIGH)
    if grave:
        yield _say("lead.grave.more" if lead else "lead.grave", n=grave)
    back = sum(1 for item in listed if item.state is ItemState.REOPENED)
    if back:
        yield _say("lead.back", n=back)
    oldest = min(listed, key=lambda i: (-i.weeks, -i.severity, i.key), default=None)
    if oldest is not None and oldest.weeks >= OLD:
        yield _say("lead.oldest", title=oldest.title, weeks=oldest.weeks)


def _marked(picture: Picture) -> Iterator[Sentence]:
    """Say which day of the picture stands out, and from what."""
    if picture.marked is None:
        return
    routine = limits(picture.days[:-A_WEEK])
    day = picture.until - timedelta(days=len(picture.days) - 1 - picture.marked)
    if routine is not None:
        which = "lead.marked.one" if picture.key else "lead.marked"
        events = picture.days[picture.marked] or 0
        yield _say(
            which,
            day=_moment(datetime.combine(day, time(), UTC)),
            events=events,
            upper=round(routine.upper),
        )
