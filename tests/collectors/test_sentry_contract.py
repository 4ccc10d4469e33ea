"""What we ask and what the sandbox answers, against Sentry's published API description."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from bulletin.collectors.http import Budget
from bulletin.collectors.sentry import SentryCollector
from bulletin.collectors.sentry.reading import parse_moment
from bulletin.config import Secret
from bulletin.model.week import Window
from bulletin.sandbox.sentry import answer
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import Change, ErrorStory, World

SPECS = Path(os.environ.get("BULLETIN_SPECS", Path(__file__).parents[2] / "../shared/specs"))
SPEC = SPECS / "sentry-v0.json"
pytestmark = pytest.mark.skipif(
    not SPEC.exists(),
    reason="Sentry's API description is not here: name its folder in BULLETIN_SPECS",
)
UNDOCUMENTED = {"group"}
"""Sentry's own pages send it beside the documented `query`, which says the same."""
START, END = datetime(2026, 11, 12, 9, tzinfo=UTC), datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def operations():
    """Return pattern of a path → its `get`."""
    paths = json.loads(SPEC.read_text(encoding="utf-8"))["paths"]
    return {
        re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): methods["get"]
        for path, methods in paths.items()
        if "get" in methods
    }


@pytest.fixture(scope="module")
def exchanges():
    """Run everything the collector does; return the requests and the answers to them."""
    answers = []

    def noted(request, world, moment):
        response = answer(request, world, moment)
        answers.append(response.get_json())
        return response

    def story(number, **other):
        known = {"first_seen": datetime(2026, 10, 1, tzinfo=UTC), "per_day": 9, "title": "KeyError"}
        return ErrorStory(short_id=f"SHOP-{number}", project="shop", **known | other)

    resolved = Change(datetime(2026, 11, 14, tzinfo=UTC), "resolve")
    world = World(errors=(story(1, team="checkout"), story(2, changes=(resolved,))))
    with Service("sentry", noted, world, END) as service:
        settings = SentryCollector.Settings(
            site=service.url,
            organization="recircle",
            token=Secret(env="UNUSED"),
            environment="production",
        )
        used = SentryCollector(settings, "sentry", TOKEN, Budget())
        assert all(line.ok for line in used.check())
        harvest = used.collect(Window(START, END), END)
        assert len(harvest.facts) == 2
        return list(zip(service.seen, answers, strict=True))


def operation_of(operations, path):
    (found,) = [get for pattern, get in operations.items() if pattern.fullmatch(path)]
    return found


def test_every_request_is_one_that_sentry_documents(operations, exchanges):
    for seen, _ in exchanges:
        operation = operation_of(operations, seen.path)
        assert seen.method == "GET"
        assert not operation.get("deprecated")
        known = {p["name"]: p["schema"] for p in operation["parameters"] if p["in"] == "query"}
        pairs = parse_qsl(seen.query, keep_blank_values=True)
        for name, value in pairs:
            if name not in UNDOCUMENTED:
                check_value(known[name], value)
        once = [name for name, _ in pairs if known.get(name, {}).get("type") != "array"]
        assert len({*once} - UNDOCUMENTED) == len([n for n in once if n not in UNDOCUMENTED])


def check_value(schema, value):
    schema = schema.get("items", schema)
    if "enum" in schema:
        assert value in schema["enum"]
    if schema.get("type") == "integer":
        assert value.isdecimal()
    if schema.get("format") == "date-time":
        assert parse_moment(value) is not None
        assert value.endswith("Z")


def test_the_sandbox_answers_in_the_documented_shapes(operations, exchanges):
    for seen, body in exchanges:
        operation = operation_of(operations, seen.path)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert list(mismatches(schema, body, seen.path)) == []


def mismatches(schema, value, where):
    """Yield where a value has another type than documented; what it leaves out is not looked at."""
    if value is None:
        if not (schema.get("nullable") or None in schema.get("enum", ()) or not schema):
            yield f"{where} is null"
        return
    types = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": int | float,
        "boolean": bool,
    }
    kind = schema.get("type")
    if kind and not isinstance(value, types[kind]):
        yield f"{where} is {type(value).__name__}, not {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}"
    elif kind == "array":
        for number, entry in enumerate(value):
            yield from mismatches(schema.get("items", {}), entry, f"{where}[{number}]")
    elif kind == "object":
        for name, entry in value.items():
            yield from mismatches(
                schema.get("properties", {}).get(name, {}), entry, f"{where}.{name}"
            )
