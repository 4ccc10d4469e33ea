"""What is asked of Jira Cloud, and what the sandbox answers, against Atlassian's own document."""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft4Validator

from bulletin.sandbox.server import Seen
from bulletin.sandbox.world import World
from tests.collectors.jira_sandbox import NOW, WINDOW, collector, items, serve, story

ROOT = Path(__file__).resolve().parents[2]
SPEC = (
    Path(os.environ.get("BULLETIN_SPECS", ROOT.parent / "shared" / "specs")) / "jira-cloud-v3.json"
)
pytestmark = pytest.mark.skipif(
    not SPEC.is_file(), reason="Jira's API document is not here; name its folder in BULLETIN_SPECS"
)

WORLD = World(
    incidents=(
        story(1, (20, "status", "Investigating"), assignee="ana", labels=("drill",)),
        story(2, (5, "status", "Done"), (1, "status", "Open"), components=("cart",)),
        story(3, (5, "status", "Won't do"), links=("SHOP-1",)),
        story(4, (4, "delete", "")),
    )
)


@cache
def document() -> dict:
    return json.loads(SPEC.read_text("utf-8"))


def validate(value: object, schema: dict) -> None:
    """Hold a value to a schema of the document, whose references stay inside it."""
    Draft4Validator({"allOf": [schema], "components": document()["components"]}).validate(value)


def drop_nulls(value: object) -> object:
    """Jira writes null for what is empty; the document does not know."""
    if isinstance(value, dict):
        return {key: drop_nulls(inner) for key, inner in value.items() if inner is not None}
    return [drop_nulls(inner) for inner in value] if isinstance(value, list) else value


def operation(seen: Seen) -> dict:
    return document()["paths"][seen.path][seen.method.lower()]


@pytest.fixture(scope="module")
def traffic():
    """Every request of a week, and the answers to them."""
    with pytest.MonkeyPatch.context() as patch, serve(WORLD) as service:
        bodies = []
        inner = service.answer

        def listen(request, world, moment):
            response = inner(request, world, moment)
            bodies.append(json.loads(response.get_data()))
            return response

        service.answer = listen
        jira = collector(service, patch, scope="project = INC")
        jira.collect(WINDOW, NOW)
        jira.revisit(items(WORLD))
        list(collector(service, patch, scope="project = INC").check())
        return list(zip(service.seen, bodies, strict=True))


def test_every_kind_of_request_is_made(traffic):
    """The tests below see what they are about."""
    assert {seen.path.removeprefix("/rest/api/3/") for seen, _ in traffic} == {
        *("serverInfo", "myself", "field", "search/jql"),
        *("issue/bulkfetch", "changelog/bulkfetch"),
    }
    assert all(seen.status == 200 for seen, _ in traffic)


def test_every_request_is_in_the_document_and_not_deprecated(traffic):
    for seen, _ in traffic:
        assert not operation(seen).get("deprecated")


def test_every_parameter_is_in_the_document(traffic):
    for seen, _ in traffic:
        known = {one["name"]: one["schema"] for one in operation(seen).get("parameters", ())}
        for name, value in parse_qsl(seen.query, strict_parsing=bool(seen.query)):
            assert name in known, seen.path
            assert known[name]["type"] != "integer" or re.fullmatch(r"\d+", value)


def test_every_body_is_in_the_documented_form(traffic):
    bodies = [seen for seen, _ in traffic if seen.body]
    assert bodies
    for seen in bodies:
        schema = operation(seen)["requestBody"]["content"]["application/json"]["schema"]
        validate(json.loads(seen.body), schema)


def test_the_sandbox_answers_in_the_documented_form(traffic):
    for seen, body in traffic:
        schema = operation(seen)["responses"]["200"]["content"]["application/json"]["schema"]
        validate(drop_nulls(body), schema)


def test_a_parameter_that_is_not_in_the_document_would_be_found(traffic):
    """The check itself can fail."""
    seen = next(one for one, _ in traffic if one.path.endswith("changelog/bulkfetch"))
    schema = operation(seen)["requestBody"]["content"]["application/json"]["schema"]
    with pytest.raises(Exception, match="Additional properties"):
        validate(json.loads(seen.body) | {"pages": 1}, schema)
