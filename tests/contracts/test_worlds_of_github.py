"""GitHub with answers that its public schema allows and nobody here chose."""

import json
from typing import Any

import pytest
from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    parse,
)
from werkzeug import Request

from bulletin.collectors.github import GithubCollector
from bulletin.collectors.github.parse import ChangedShape
from bulletin.wire.http import Budget
from tests.contracts import documents
from tests.contracts.dice import NOW, Dice
from tests.contracts.openapi import Json
from tests.contracts.worlds import Say, run, stranger

pytestmark = pytest.mark.e2e

WORLDS = 100
NIGHTLY = 5000
STRANGERS = [stranger("github", "pull_request", f"acme/shop#{n}", f"N_{n}") for n in (1, 2, 901)]
LIKELY = {
    "number": lambda dice: dice.number(1, 60),
    "nameWithOwner": lambda dice: dice.pick("acme/shop", "acme/search", "other/place"),
    "login": lambda dice: dice.pick("camille", "noor", "acme"),
    "id": lambda dice: f"N_{dice.number(1, 40)}",
    "issueCount": lambda dice: dice.pick(0, 2, 3, 4, 4, 4, 1000, 1001 if dice.chance(0.2) else 5),
    "hasNextPage": lambda dice: dice.chance(0.2),
    "isArchived": lambda dice: dice.chance(0.1),
    "text": lambda dice: dice.pick("* @acme/shop", "* @camille", dice.text()),
    "endCursor": lambda dice: f"cursor {dice.number(1, 40)}",
    **dict.fromkeys(
        ("additions", "deletions", "changedFiles"),
        lambda dice: dice.pick(0, 9, 2**31 - 1, -1) if dice.chance(0.1) else dice.number(0, 500),
    ),
}
LIKELY_TYPES = (
    *("PullRequest", "Blob", "ReadyForReviewEvent", "User", "Bot", "Commit", "Organization"),
)
TROUBLES = ("NOT_FOUND", "FORBIDDEN", "SERVICE_UNAVAILABLE", "", "RESOURCE_LIMITS_EXCEEDED")
WORDS = ('"MERGEABLE"', '"APPROVED"', '"SUCCESS"', '"OPEN"')
"""Words of which a later schema may have more."""


class Company:
    """Resolves every field of the schema to something that its type allows."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice

    def __call__(self, source: Json, info: GraphQLResolveInfo, **given: Any) -> Json:
        if self.dice.chance(0.002):
            trouble = self.dice.pick(*TROUBLES)
            raise GraphQLError(self.dice.text(), extensions={"type": trouble})
        if info.field_name in (source or {}):
            return source[info.field_name]
        if info.field_name == "nodes" and "ids" in given:
            return self.nodes(given["ids"], info)
        return self.roll(info.return_type, info)

    def nodes(self, ids: list[str], info: GraphQLResolveInfo) -> Json:
        """Roll what the ids stand for: as many, in this order, some of them gone."""
        asked = ids if self.dice.chance(0.98) else ids[1:]
        kind = "Repository" if info.operation.name.value == "Codeowners" else "PullRequest"
        return [
            {"__typename": kind if self.dice.chance(0.95) else "Gist", "id": one}
            if self.dice.chance(0.95)
            else None
            for one in asked
        ]

    def roll(self, kind: Any, info: GraphQLResolveInfo) -> Json:
        """Roll a value of a type, null only where the schema allows it."""
        dice, likely = self.dice, LIKELY.get(info.field_name)
        if is_non_null_type(kind):
            kind = kind.of_type
        elif dice.chance(0.01 if info.field_name in {"search", "nodes", "organization"} else 0.1):
            return None
        if is_list_type(kind):
            return [self.roll(kind.of_type, info) for _ in range(dice.number(0, 4))]
        if is_composite_type(kind):
            return {"__typename": self.concrete(kind, info)}
        if is_enum_type(kind):
            return dice.pick(*kind.values)
        if likely is not None and dice.chance(0.97):
            return likely(dice)
        match get_named_type(kind).name:
            case "Int":
                return dice.pick(0, 1, -1, 2**31 - 1, -(2**31), dice.number(0, 900))
            case "Boolean":
                return dice.chance(0.3)
            case "DateTime":
                moment = dice.moment() if dice.chance(0.05) else min(dice.moment(), NOW)
                return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + "Z"
            case _:
                return dice.text()

    def concrete(self, kind: Any, info: GraphQLResolveInfo) -> str:
        """Choose a type that may stand here, mostly one that the collectors care for."""
        if not is_abstract_type(kind):
            return str(kind)
        names = sorted(one.name for one in info.schema.get_possible_types(kind))
        likely = [name for name in LIKELY_TYPES if name in names]
        if info.field_name == "nodes" and "PullRequest" in names:
            likely = ["PullRequest"]
        return self.dice.pick(*(likely if likely and self.dice.chance(0.95) else names))


def say(seed: int) -> Say:
    """Return what answers by the schema, whatever is asked."""
    schema = documents.github_schema()
    dice = Dice(seed)

    def said(request: Request):
        if dice.chance(0.02):
            status = dice.pick(401, 403, 404, 422, 502, 504)
            return {"message": dice.text()}, status, {}
        asked = request.get_json()
        result = execute_sync(
            schema,
            parse(asked["query"]),
            variable_values=asked["variables"],
            field_resolver=Company(dice),
            type_resolver=lambda value, *_: value["__typename"],
        )
        errors = [
            {"type": (one.extensions or {}).get("type"), **one.formatted}
            for one in result.errors or ()
        ]
        text = json.dumps({"data": result.data} | ({"errors": errors} if errors else {}))
        if dice.chance(0.05):
            text = text.replace(dice.pick(*WORDS), '"A_WORD_OF_NEXT_YEAR"')
        return json.loads(text), 200, {}

    return said


def collector(url: str, seed: int) -> GithubCollector:
    scope = {"organization": "acme"} if seed % 3 else {"repositories": ["acme/shop", "other/place"]}
    settings = GithubCollector.Settings.model_validate(
        {"token": {"env": "UNUSED"}, "api": url, "web": "https://github.com"} | scope
    )
    return GithubCollector(settings, "github", "hush", lambda: Budget(sleep=lambda _: None))


@pytest.fixture
def collected():
    """Collect in the worlds of these seeds; return the tally."""
    return lambda seeds: run("github", seeds, say, collector, STRANGERS)


def test_no_answer_that_the_schema_allows_breaks_it(collected):
    tally = collected(range(WORLDS))
    assert tally.worlds == WORLDS
    assert tally.facts > 2 * WORLDS
    assert {"changed_shape", "forbidden", "not_found", "truncated"} <= set(tally.gaps)
    assert min(tally.states.values()) > WORLDS / 20


@pytest.mark.nightly
def test_no_answer_breaks_it_in_a_night_of_worlds(collected):
    assert collected(range(WORLDS, WORLDS + NIGHTLY)).worlds == NIGHTLY


def test_without_the_guard_of_the_parser_it_would_break(collected, monkeypatch):
    """The control: the worlds hold what the guard is for."""
    monkeypatch.setattr("bulletin.collectors.github.haul.ChangedShape", KeyError)
    with pytest.raises(ChangedShape):
        collected(range(WORLDS))
