"""The two optional questions: what the checks say, and whom CODEOWNERS names for everything."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bulletin.collectors.github import queries
from bulletin.collectors.github.haul import Haul
from bulletin.collectors.github.parse import (
    ChangedShape,
    Node,
    parse_checks,
    parse_default_owner,
)
from bulletin.collectors.github.wire import Wire, changed_shape
from bulletin.model.facts import Life
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused

BULK = 100
OWNERS = 300
"""Repositories that are asked for their CODEOWNERS, a hundred a request."""

T = TypeVar("T")


def add_checks(wire: Wire, haul: Haul, size: int) -> None:
    """Add the state of checks to every open pull request, asking for so many at once."""
    keys = {fact.handle: fact.key for fact in haul.facts.values() if fact.life is Life.OPEN}
    known, refused = learn(wire, queries.CHECKS, list(keys), size, parse_checks)
    for handle, checks in known.items():
        fact = haul.facts[keys[handle]]
        haul.facts[fact.key] = replace(
            fact, checks=checks.state, checks_since=checks.since, commit_names=checks.names
        )
    if refused is not None:
        haul.refuse(refused, parts=("checks",), seen=len(known), expected=len(keys))


def add_owners(wire: Wire, haul: Haul) -> None:
    """Add the team that each repository's CODEOWNERS names for everything."""
    busy = Counter(fact.repository for fact in haul.facts.values())
    asked = sorted(haul.repositories, key=lambda name: (-busy[name], name))[:OWNERS]
    names = {haul.repositories[name]: name for name in asked}
    known, refused = learn(wire, queries.CODEOWNERS, list(names), BULK, parse_default_owner)
    if refused is None and len(names) < len(haul.repositories):
        refused = Refused(
            Cause.TRUNCATED,
            f"CODEOWNERS was read for the {OWNERS} busiest repositories alone",
            "Name the others in [teams], or switch `codeowners` off.",
        )
    owners = {names[node]: owner for node, owner in known.items()}
    for fact in list(haul.facts.values()):
        haul.facts[fact.key] = replace(fact, default_owner=owners.get(fact.repository))
    if refused is not None:
        total = len(haul.repositories)
        haul.refuse(refused, parts=("default_owner",), seen=len(known), expected=total)


def learn(
    wire: Wire, query: str, ids: Sequence[str], size: int, read: Callable[[Node], T]
) -> tuple[dict[str, T], Refused | None]:
    """Ask about each node. Returns what was learnt, by id, and why the rest was not.

    Where nothing of the first batch may be read, the others are not asked for.
    """
    known: dict[str, T] = {}
    refused: Refused | None = None
    try:
        for asked, (node_id, node, trouble) in enumerate(wire.nodes(query, ids, size), 1):
            if node is None or trouble is not None:
                gone = changed_shape("a node that was there a moment ago is gone")
                refused = refused or (trouble.refused if trouble else gone)
                if not known and asked >= size:
                    break
                continue
            try:
                known[node_id] = read(node)
            except ChangedShape as shape:
                refused = refused or changed_shape(str(shape))
    except Refused as outage:
        refused = outage
    return known, refused
