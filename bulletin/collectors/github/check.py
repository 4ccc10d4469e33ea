"""Tries, one after the other, what a run will need."""

from collections.abc import Callable, Iterator

from bulletin.collectors import Check
from bulletin.collectors.github import queries
from bulletin.collectors.github.extras import learn
from bulletin.collectors.github.parse import (
    ChangedShape,
    Node,
    count,
    entries,
    get,
    parse_checks,
    parse_default_owner,
)
from bulletin.collectors.github.scope import Scope, look_up
from bulletin.collectors.github.search import OPEN, places
from bulletin.collectors.github.settings import Settings
from bulletin.collectors.github.wire import Wire, changed_shape
from bulletin.model.harvest import Cause
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

ANSWERED = frozenset({Cause.REFUSED, Cause.FORBIDDEN, Cause.RATE_LIMITED})
"""Refusals that somebody at the address gave."""


def check(settings: Settings, secret: str, budget: Budget) -> Iterator[Check]:
    """Try the address, the credentials, the names, and what may be read."""
    try:
        wire = Wire(settings, secret, budget)
        wire.ask(queries.VIEWER, {})
    except Refused as refused:
        what = "credentials" if refused.cause in ANSWERED else settings.api
        yield _failed(what, refused)
        return
    yield Check(what=settings.api, ok=True, detail="answers")
    yield Check(what="credentials", ok=True, detail="accepted")
    try:
        scope = look_up(wire, settings)
    except Refused as refused:
        yield _failed("organization and repositories", refused)
        return
    yield from _check_scope(scope)
    yield from _check_reading(wire, scope, settings)


def _check_scope(scope: Scope) -> Iterator[Check]:
    if scope.organization is not None:
        yield Check(what=f"organization {scope.organization}", ok=True, detail="found")
    if scope.repositories:
        yield Check(what="repositories", ok=True, detail=f"{len(scope.repositories)} found")
    for lost in scope.lost:
        yield _failed("names in the settings", lost)


def _check_reading(wire: Wire, scope: Scope, settings: Settings) -> Iterator[Check]:
    try:
        total, sample = _count(wire, scope)
    except Refused as refused:
        yield _failed("pull requests", refused)
        return
    yield Check(what="pull requests", ok=True, detail=f"{total} open")
    if sample is None:
        return
    if settings.checks:
        yield _check_extra(wire, "checks", queries.CHECKS, sample, parse_checks)
    if settings.codeowners:
        repository = sample.get("repository") or {}
        yield _check_extra(wire, "CODEOWNERS", queries.CODEOWNERS, repository, parse_default_owner)


def _count(wire: Wire, scope: Scope) -> tuple[int, Node | None]:
    """Return how many are open, and one of them to try the rest on."""
    total, sample = 0, None
    try:
        for where in places(scope.organization, scope.repositories):
            answer = wire.ask(queries.COUNT, {"q": f"{where} {OPEN}"})
            found = get(answer.data, "search", dict)
            total += count(found, "issueCount")
            sample = next(iter(entries(found)), sample)
    except ChangedShape as shape:
        raise changed_shape(str(shape)) from None
    return total, sample


def _check_extra(
    wire: Wire, what: str, query: str, node: Node, read: Callable[[Node], object]
) -> Check:
    _, refused = learn(wire, query, [str(node.get("id"))], 1, read)
    return _failed(what, refused) if refused else Check(what=what, ok=True, detail="readable")


def _failed(what: str, refused: Refused) -> Check:
    return Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)
