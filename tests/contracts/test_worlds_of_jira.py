"""Jira Cloud with answers that its document allows and nobody here chose."""

import json

import pytest
from werkzeug import Request

from bulletin.collectors.jira import JiraCollector, reading
from bulletin.wire.http import Budget
from tests.contracts import documents
from tests.contracts.dice import Dice
from tests.contracts.openapi import Exchange
from tests.contracts.worlds import Say, run, stranger

pytestmark = pytest.mark.e2e

WORLDS = 100
NIGHTLY = 5000
STRANGERS = [stranger("jira", "incident", f"INC-{n}", f"{10000 + n}") for n in (1, 2, 901)]
LIKELY = {
    "id": lambda dice: f"{10000 + dice.number(1, 30)}",
    "issueId": lambda dice: f"{10000 + dice.number(1, 30)}",
    "key": lambda dice: dice.pick("new", "indeterminate", "done"),
    "deploymentType": lambda dice: "Cloud" if dice.chance(0.95) else dice.text(),
    "baseUrl": lambda _: "https://acme.example",
    "timeZone": lambda dice: dice.pick("Europe/Paris", "Asia/Kathmandu", "Mars/Base"),
    "isLast": lambda dice: dice.chance(0.7),
    "nextPageToken": lambda dice: f"token {dice.number(1, 40)}",
    "fieldId": lambda dice: dice.pick("status", "resolution", "assignee"),
    "from": lambda dice: dice.pick("1", "3", "10001"),
    "to": lambda dice: dice.pick("1", "3", "10001"),
    "name": lambda dice: dice.pick("Severity", "Affected services", "Highest", "Done", dice.text()),
    "issueErrors": lambda _: [],
}
SCHEMAS = {
    "status": "StatusDetails",
    "assignee": "UserDetails",
    "priority": "Priority",
}
"""What Jira's document says of some of the fields that it leaves open in an issue."""


def issue_fields(dice: Dice) -> dict[str, object]:
    """Roll the fields of an issue, of which the document says nothing as a whole."""
    made = {
        name: dice.value({"$ref": f"#/components/schemas/{schema}"})
        for name, schema in SCHEMAS.items()
    }
    components = {"type": "array", "items": {"$ref": "#/components/schemas/ProjectComponent"}}
    made |= {
        "summary": dice.text(),
        "components": dice.value(components),
        "labels": [dice.text() for _ in range(dice.number(0, 3))],
        "issuelinks": [
            {dice.pick("outwardIssue", "inwardIssue"): {"key": f"SHOP-{dice.number(1, 9)}"}}
            for _ in range(dice.number(0, 2))
        ],
        "resolution": {"id": "10001", "name": dice.pick("Done", "Won't do", dice.text())},
        "customfield_10042": {"value": dice.pick("SEV1", "Bizarre")},
    }
    made |= {name: dice.spelled() for name in ("created", "updated", "resolutiondate")}
    for name in (name for name in [*made] if dice.chance(0.03)):
        made[name] = dice.anything()
    empty = {"assignee", "resolution", "resolutiondate", "priority"}
    return {
        name: None if name in empty and dice.chance(0.4) else value
        for name, value in made.items()
        if not dice.chance(0.01)
    }


def say(seed: int) -> Say:
    """Return what answers by the document, whatever is asked."""
    document = documents.jira()
    dice = Dice(seed, document, LIKELY)

    def said(request: Request):
        asked = Exchange(method=request.method, path=request.path)
        try:
            schema = document.schema_of_answer(asked)
        except LookupError:
            return {"errorMessages": ["dead link"]}, 404, {}
        if dice.chance(0.01):
            return {"errorMessages": [dice.text()], "errors": {}}, dice.pick(400, 401), {}
        body = dice.value(schema)
        for issue in body.get("issues", ()) if isinstance(body, dict) else ():
            issue["fields"] = issue_fields(dice)
            if dice.chance(0.97):
                issue["key"] = f"INC-{dice.number(1, 60)}"
        if request.path.endswith("/bulkfetch") and dice.chance(0.8):
            wanted = json.loads(request.get_data())["issueIdsOrKeys"]
            for issue, handle in zip(body.get("issues", ()), wanted, strict=False):
                issue["id"] = handle
            for log in body.get("issueChangeLogs", ()):
                log["issueId"] = dice.pick(*wanted)
        return body, 200, {}

    return said


def collector(url: str, seed: int) -> JiraCollector:
    settings = JiraCollector.Settings.model_validate(
        {
            "site": url,
            "user": "bot@acme.example",
            "token": {"env": "TOKEN_OF_THE_WORLDS"},
            "incidents": "project = INC AND statusCategory != Done",
            "scope": "project = INC" if seed % 2 else None,
        }
    )
    return JiraCollector(settings, "jira", lambda: Budget(sleep=lambda _: None))


@pytest.fixture
def collected(monkeypatch):
    """Collect in the worlds of these seeds; return the tally."""
    monkeypatch.setenv("TOKEN_OF_THE_WORLDS", "hush")
    return lambda seeds: run("jira", seeds, say, collector, STRANGERS)


def test_no_answer_that_the_document_allows_breaks_it(collected):
    tally = collected(range(WORLDS))
    assert tally.worlds == WORLDS
    assert tally.facts > WORLDS
    assert {"changed_shape", "bad_query", "refused", "unsupported"} <= set(tally.gaps)
    assert min(tally.states.values()) > WORLDS / 20


@pytest.mark.nightly
def test_no_answer_breaks_it_in_a_night_of_worlds(collected):
    assert collected(range(WORLDS, WORLDS + NIGHTLY)).worlds == NIGHTLY


def test_without_the_guard_of_the_parser_it_would_break(collected, monkeypatch):
    """The control: the worlds hold what the guard is for."""
    monkeypatch.setattr("bulletin.collectors.jira.incidents.UNREADABLE", ())
    with pytest.raises(reading.UNREADABLE):
        collected(range(WORLDS))
