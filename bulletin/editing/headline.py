"""The lead: the gravest fact, or the best. Never invented."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bulletin.editing.rules import BARE
from bulletin.editing.voice import Voice
from bulletin.model.edition import Item, ItemState, Ledger, Trend
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Incident, Life, Severity
from bulletin.model.front import Headline, Words
from bulletin.model.harvest import State

A_WEEK = 7
"""Days for which an incident is new rather than old."""
RISING = frozenset({"error-escalating", "error-new", "error-rising"})
"""Rules that speak of an error's growth."""

SPOKEN = {
    "headline.fixed": "headline-fixed",
    "headline.worse": "headline-worse",
    "headline.first": "headline-first",
    "headline.quiet": "headline-quiet",
    "headline.list": "headline-list",
}
"""Patterns about the list as a whole → the voice's situation; a single fact is no joke."""


def headline(
    *,
    items: Sequence[Item],
    facts: Mapping[FactKey, Fact],
    ledger: Ledger,
    states: Sequence[State],
    as_of: datetime,
    first: bool,
    all_told: bool,
    voice: Voice | None = None,
) -> Headline:
    """Return the first that applies, from the gravest to the quietest.

    Without a voice it has the catalogue's wording.
    """
    found = _found(
        items=items,
        facts=facts,
        ledger=ledger,
        states=states,
        as_of=as_of,
        first=first,
        all_told=all_told,
    )
    if voice is None or found.pattern not in SPOKEN:
        return found
    remark = voice.pick(SPOKEN[found.pattern])
    return found if remark is None else replace(found, line=remark.line)


def _found(
    *,
    items: Sequence[Item],
    facts: Mapping[FactKey, Fact],
    ledger: Ledger,
    states: Sequence[State],
    as_of: datetime,
    first: bool,
    all_told: bool,
) -> Headline:
    on_list = [item for item in items if item.state.on_list and item.state is not ItemState.UNKNOWN]
    if states and all(state is State.UNKNOWN for state in states):
        return Headline(pattern="headline.dark", words={"n": len(states)})
    by_gravity = sorted(on_list, key=lambda i: (-i.severity, i.state is not ItemState.NEW, i.key))
    for item in by_gravity:
        fact = facts.get(item.key)
        if isinstance(fact, Incident) and item.severity >= Severity.HIGH:
            return _grave(item, fact, as_of)
    for item in by_gravity:
        if item.kind == "error" and item.state is ItemState.PERSISTING:
            return _error(item, facts, "headline.firing-after-close")
    settled = ledger.fixed + ledger.cleared
    if ledger.open_then and settled * 2 >= ledger.open_then:
        return Headline(pattern="headline.fixed", words={"fixed": settled, "n": ledger.open_then})
    for item in by_gravity:
        if _rises(item, facts.get(item.key)):
            return _error(item, facts, "headline.errors-rising")
    worse = sum(1 for item in on_list if item.trend is Trend.WORSE)
    if worse:
        return Headline(pattern="headline.worse", words={"n": worse})
    if first:
        return Headline(pattern="headline.first", words={"n": ledger.open_now})
    if not ledger.open_now:
        quiet = all_told and all(state is State.KNOWN for state in states)
        return Headline(pattern="headline.quiet" if quiet else "headline.unsure", words={})
    return Headline(pattern="headline.list", words={"n": ledger.open_now})


def _grave(item: Item, fact: Incident, as_of: datetime) -> Headline:
    """Tell a grave incident's age: since it was reopened, if it was. Where its history is not
    known it may have been closed in between: then only when it was opened is said.
    """
    days = max(0, (as_of - (fact.reopened or fact.opened)).days)
    if fact.reopened is not None:
        pattern = "headline.grave-incident.reopened"
    elif days < A_WEEK:
        pattern = "headline.grave-incident.new"
    elif fact.status_since is None:
        pattern = "headline.grave-incident.silent"
    else:
        pattern = "headline.grave-incident"
    return Headline(pattern=pattern, words={"title": item.title, "days": days}, key=item.key)


def _rises(item: Item, fact: Fact | None) -> bool:
    """Whether an open error that arrived or got worse does rise, as counted and as flagged."""
    if not isinstance(fact, ErrorTrend) or fact.life is not Life.OPEN:
        return False
    moved = item.state in {ItemState.NEW, ItemState.REOPENED} or item.trend is Trend.WORSE
    flagged = any(reason.rule.removesuffix(BARE) in RISING for reason in item.reasons)
    return moved and flagged and (fact.events or 0) > (fact.events_before or 0)


def _error(item: Item, facts: Mapping[FactKey, Fact], pattern: str) -> Headline:
    fact = facts.get(item.key)
    if not isinstance(fact, ErrorTrend) or fact.events is None:
        return Headline(pattern=f"{pattern}.bare", words={"title": item.title}, key=item.key)
    words: Words = {"title": item.title, "events": fact.events}
    return Headline(pattern=pattern, words=words, key=item.key)
