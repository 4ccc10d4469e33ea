"""What must hold of every edition, whatever was done to one of its sources.

The oracle is the same week with nothing wrong: a fault can hide things, it cannot make any.
"""

import json
from collections.abc import Iterator
from dataclasses import fields

from bulletin.model.edition import Edition, ItemState
from bulletin.model.facts import Fact
from bulletin.model.harvest import State
from tests.faults.cell import Outcome
from tests.faults.stage import SECTIONS, Made

GONE = frozenset({ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED})
PAGES = ("index.html", "email.html", "email.txt", "bulletin.md", "deck.pdf", "paper.pdf")
CAUSES = {
    "unreachable": "no connection could be made",
    "too_slow": "it did not answer in time",
    "refused": "the credentials were refused",
    "forbidden": "the credentials do not reach this",
    "not_found": "it is not there",
    "bad_query": "the service did not accept the query",
    "rate_limited": "the service asked us to stop",
    "server_error": "the service failed",
    "changed_shape": "the answer had an unexpected form",
    "truncated": "there was more than could be fetched",
    "unsupported": "this version of the service cannot say",
    "clock": "the service’s clock and ours disagree",
    "outdated": "it gave an old copy",
}
STATES = {
    "partial": "Incomplete: ",
    "stale": "Not fresh: newer data could not be read (",
    "unknown": "Not known: ",
}


def lies(edition: Edition, well: Edition, source: str, outcome: Outcome) -> Iterator[str]:
    """Yield every claim about the source that the same week, with nothing wrong, denies."""
    yield from _false_departures(edition, well, source)
    yield from _false_facts(edition, well, source, outcome)
    yield from _false_figures(edition, well, source, outcome)


def _false_departures(edition: Edition, well: Edition, source: str) -> Iterator[str]:
    really = {(item.key, item.state) for item in well.items if item.state in GONE}
    listed = {item.key for item in well.items if item.state.on_list}
    for item in edition.items:
        if item.key.source != source:
            continue
        if item.state in GONE and (item.key, item.state) not in really:
            yield f"{item.key} is told to be {item.state}"
        if item.state is ItemState.NEW and item.key not in listed:
            yield f"{item.key} is told to be new"


def _false_facts(edition: Edition, well: Edition, source: str, outcome: Outcome) -> Iterator[str]:
    truth = {fact.key: fact for fact in well.facts}
    if outcome.older:
        return
    for fact in edition.facts:
        if fact.key.source != source:
            continue
        if fact.key not in truth:
            yield f"{fact.key} does not exist"
            continue
        for name in _false_fields(fact, truth[fact.key]):
            told = any(gap.blinds(fact.type, name) for gap in edition.gaps)
            if not told:
                yield f"{name} of {fact.key} is {getattr(fact, name)!r}"


def _false_fields(fact: Fact, truth: Fact) -> Iterator[str]:
    for one in fields(fact):
        said, right = getattr(fact, one.name), getattr(truth, one.name)
        if said in {None, ()} or said == right or _is_near(one.name, said, right):
            continue
        yield one.name


def _is_near(name: str, said: object, right: object) -> bool:
    # Looked up by id, an error is counted in steps of hours, so up to six hours early or late.
    if name != "events" or not isinstance(said, int) or not isinstance(right, int):
        return False
    return abs(said - right) <= right / 10


def _false_figures(edition: Edition, well: Edition, source: str, outcome: Outcome) -> Iterator[str]:
    name = {section.kind: section.name for section in well.sections}[SECTIONS[source]]
    right = {figure.name: figure.value for figure in well.figures}
    for figure in edition.figures:
        if figure.section != name or outcome.older:
            continue
        if outcome.state is State.UNKNOWN and figure.value is not None:
            yield f"{figure.name} is {figure.value} though nothing is known"
        exact = figure.state is State.KNOWN
        if figure.value is not None and (
            figure.value > right[figure.name] or (exact and figure.value != right[figure.name])
        ):
            yield f"{figure.name} is {figure.value} and not {right[figure.name]}"


def unsaid(made: Made, source: str, outcome: Outcome) -> Iterator[str]:
    """Yield what a reader of some page is not told, and would have to know."""
    for name in (one for one in PAGES if one in made.pages):
        page = made.pages[name]
        if outcome.cause is not None and f"{source}: {CAUSES[outcome.cause]}" not in page:
            yield f"{name} does not say why"
        if outcome.state is State.UNKNOWN and f"{source} not known" not in page:
            yield f"{name} does not say that {source} is not known"
        if outcome.state is not State.KNOWN:
            if f"{STATES[outcome.state]}{source}: " not in page:
                yield f"{name} does not say it at the section"
            if "All clear" in page:
                yield f"{name} says that all is clear"
    data = json.loads(next(a.body for a in made.printed.artifacts if a.name == "edition.json"))
    states = {one["source"]: one["state"] for one in data["coverage"]}
    if states[source] != outcome.state:
        yield f"edition.json says that {source} is {states[source]}"
    if outcome.cause and outcome.cause not in {g["reason"] for g in data["gaps"]}:
        yield "edition.json has no gap for it"
