"""The sandbox's Jira: what it knows of JQL, what it refuses, and the manners of its two kinds."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from bulletin.sandbox import jira
from bulletin.sandbox.jira.jql import BadJqlError, Ticket, parse
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import Change, IncidentStory, World

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BASIC = "Basic " + b64encode(f"bot@acme.example:{TOKEN}".encode()).decode()


def story(number, *changes, age=30, project="INC", **more):
    return IncidentStory(
        key=f"{project}-{number}",
        summary=f"Incident {number}",
        created=NOW - age * DAY,
        changes=tuple(Change(NOW - ago * DAY, what, value) for ago, what, value in changes),
        **more,
    )


WORLD = World(
    incidents=(
        story(1, (3, "status", "Investigating"), labels=("drill",), components=("pay",)),
        story(2, (5, "status", "Done")),
        story(3, (6, "status", "Won't do"), age=20),
        story(4, age=2),
        story(5, (1, "delete", "")),
        story(6, age=10, project="OPS"),
    )
)
NUMBERS = {one.key: one.number for one in WORLD.incidents}


def ask(path, answer=jira.answer, body=None, authorization=BASIC, world=WORLD, **query):
    """Return the status and the JSON."""
    headers = {"Authorization": authorization} if authorization else {}
    builder = EnvironBuilder(
        f"/rest/api/2/{path}",
        query_string=urlencode(query, doseq=True),
        method="GET" if body is None else "POST",
        headers=headers,
        json=body,
    )
    response = answer(Request(builder.get_environ()), world, NOW)
    is_json = response.content_type.startswith("application/json")
    return response.status_code, json.loads(response.get_data()) if is_json else None


def find(jql):
    status, body = ask("search", jira.answer_data_center, jql=jql, fields="summary")
    assert status == 200, body
    return [issue["key"] for issue in body["issues"]]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = INC AND statusCategory != Done ORDER BY created ASC", ["INC-1", "INC-4"]),
        ("project = INC and statuscategory = 'In Progress'", ["INC-1"]),
        ('project = "inc" AND status in (Done, "Won\'t do") ORDER BY key ASC', ["INC-2", "INC-3"]),
        ("status not in (Open, Done) AND project = INC ORDER BY id ASC, key DESC", None),
        ("project in (OPS)", ["OPS-6"]),
        ("NOT (project = INC OR labels = drill)", ["OPS-6"]),
        ("labels = drill", ["INC-1"]),
        ("component = pay OR component is empty AND project = OPS", ["OPS-6", "INC-1"]),
        ("resolution = Unresolved AND project = INC ORDER BY key ASC", ["INC-1", "INC-4"]),
        ("resolution is not EMPTY ORDER BY resolved DESC", ["INC-2", "INC-3"]),
        ("key in (INC-4, INC-1) ORDER BY created", ["INC-1", "INC-4"]),
        ("issuekey = INC-2", ["INC-2"]),
        (f"id = {NUMBERS['INC-3']}", ["INC-3"]),
        ("created >= -3d", ["INC-4"]),
        ("created >= '2026-11-09' AND created < '2026/11/10'", ["OPS-6"]),
        ("updated > -4d ORDER BY updated ASC", ["INC-4", "INC-1"][::-1]),
        ("", ["INC-4", "OPS-6", "INC-3", "INC-1", "INC-2"]),
    ],
)
def test_jql_finds_what_it_says(jql, keys):
    if keys is None:
        keys = sorted(["INC-1", "INC-3"], key=lambda key: int(NUMBERS[key]))
    assert find(jql) == keys


def test_jql_reads_moments_in_the_accounts_time_zone():
    """INC-2 was closed at 10:00 in Paris, which is 09:00 in UTC."""
    assert find('resolved >= "2026-11-14 10:00"') == ["INC-2"]
    assert find('resolved >= "2026-11-14 10:01"') == []


@pytest.mark.parametrize(
    "jql",
    [
        "project = NOPE",
        "status = Closed",
        "statusCategory = Finished",
        "severity = SEV1",
        "project ~ INC",
        "project = INC AND",
        "project = INC status = Open",
        "(project = INC",
        "created > soon",
        "created = -1d",
        "created >= startOfWeek()",
        "key = INC-5",
        "id in (1, 2)",
        "project = INC ORDER BY rank",
        "project = 'INC",
        "ORDER project",
        "=",
    ],
)
@pytest.mark.parametrize("answer", [jira.answer, jira.answer_data_center])
def test_jql_that_it_does_not_know_is_refused(jql, answer):
    path = "search/jql" if answer is jira.answer else "search"
    status, body = ask(path, answer, jql=jql)
    assert status == 400
    assert body["errorMessages"]
    assert all(body["errorMessages"])


@given(st.text(alphabet="projectINC=!<>()', \"orderby1", max_size=40))
def test_jql_is_understood_or_refused(jql):
    tickets = [Ticket(story=one, state=state) for one in WORLD.incidents if (state := one.at(NOW))]
    try:
        query = parse(jql, WORLD, tickets, NOW)
    except BadJqlError as bad:
        assert bad.messages  # noqa: PT017  (either is right)
    else:
        assert len(query.find(tickets)) <= len(tickets)


def test_data_center_passes_over_dead_ids_where_it_is_told_to():
    jql = f"id in ({NUMBERS['INC-1']}, 1)"
    status, body = ask("search", jira.answer_data_center, jql=jql, validateQuery="False")
    assert (status, [one["key"] for one in body["issues"]]) == (200, ["INC-1"])
    assert body["warningMessages"] == ["A value with ID '1' does not exist for the field 'id'."]


def test_cloud_pages_by_tokens_and_tells_no_total():
    world = World(incidents=tuple(story(n, age=n / 9 + 1) for n in range(1, 251)))
    query = {"jql": "project = INC ORDER BY created ASC", "maxResults": 1000, "fields": "summary"}
    keys, sizes, token = [], [], {}
    while True:
        _, body = ask("search/jql", world=world, **query, **token)
        keys += [one["key"] for one in body["issues"]]
        sizes.append(len(body["issues"]))
        assert "total" not in body
        if body["isLast"]:
            break
        token = {"nextPageToken": body["nextPageToken"]}
    assert sizes == [100, 100, 50]
    assert len({*keys}) == 250
    assert ask("search/jql", world=world, **query | {"jql": "project = INC"}, **token)[0] == 400
    assert ask("search/jql", world=world, **query, nextPageToken="!")[0] == 400


def test_cloud_gives_ids_alone_unless_asked():
    _, body = ask("search/jql", jql="project = OPS")
    assert body["issues"][0]["fields"] == {}


def test_cloud_has_removed_the_old_search_and_wants_a_restriction():
    assert ask("search", jql="project = INC")[0] == 410
    assert ask("search/jql", jql="ORDER BY created")[0] == 400


def test_data_center_pages_by_number_and_has_whole_histories():
    query = {"jql": "project = INC ORDER BY key ASC", "expand": "changelog", "fields": "status"}
    _, body = ask("search", jira.answer_data_center, startAt=1, maxResults=1, **query)
    (issue,) = body["issues"]
    assert (body["total"], body["startAt"], issue["key"]) == (4, 1, "INC-2")
    (entry,) = issue["changelog"]["histories"]
    assert entry["created"] == "2026-11-14T10:00:00.000+0100"
    assert [(item["field"], item["toString"]) for item in entry["items"]] == [
        ("status", "Done"),
        ("resolution", "Fixed"),
    ]


@pytest.mark.parametrize("name", ["INC-2", WORLD.incidents[1].number])
def test_data_center_shows_one_issue_by_key_or_id_with_its_history(name):
    query = {"expand": "changelog", "fields": "status"}
    _, body = ask(f"issue/{name}", jira.answer_data_center, **query)
    assert (body["key"], body["changelog"]["total"]) == ("INC-2", 1)
    assert ask("issue/INC-99", jira.answer_data_center)[0] == 404


def test_cloud_fetches_in_bulk_and_leaves_out_what_is_not_there():
    wanted = {"issueIdsOrKeys": [NUMBERS["INC-1"], "INC-5", "77"], "fields": ["summary"]}
    _, body = ask("issue/bulkfetch", body=wanted)
    assert [one["key"] for one in body["issues"]] == ["INC-1"]
    assert body["issueErrors"] == []


@pytest.mark.parametrize(
    ("path", "most"), [("issue/bulkfetch", 100), ("changelog/bulkfetch", 1000)]
)
def test_cloud_refuses_too_much_at_once(path, most):
    assert ask(path, body={"issueIdsOrKeys": ["1"] * most})[0] == 200
    assert ask(path, body={"issueIdsOrKeys": ["1"] * (most + 1)})[0] == 400
    assert ask(path, body={"issueIdsOrKeys": []})[0] == 400
    assert ask(path, body=[1])[0] == 400


def test_cloud_pages_histories_oldest_first():
    wanted = {"issueIdsOrKeys": ["INC-1", "INC-2", "INC-3"], "fieldIds": ["status"]}
    logs, token = [], {}
    for _ in range(3):
        _, body = ask("changelog/bulkfetch", body=wanted | {"maxResults": 1} | token)
        logs += body["issueChangeLogs"]
        token = {"nextPageToken": body.get("nextPageToken")}
    assert token == {"nextPageToken": None}
    assert [log["issueId"] for log in logs] == [NUMBERS[f"INC-{n}"] for n in (3, 2, 1)]
    items = [item for log in logs for entry in log["changeHistories"] for item in entry["items"]]
    assert {item["field"] for item in items} == {"status"}


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (BASIC, 200),
        (f"Bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        ("Basic " + b64encode(f"bot:{TOKEN}".encode()).decode(), 401),
        ("Basic ?", 401),
        (None, 401),
    ],
)
@pytest.mark.parametrize("answer", [jira.answer, jira.answer_data_center])
def test_nobody_is_let_in_without_the_token(authorization, status, answer):
    assert ask("myself", answer, authorization=authorization)[0] == status
    open_to_all = 200 if authorization is None else status
    assert ask("serverInfo", answer, authorization=authorization)[0] == open_to_all


@pytest.mark.parametrize("path", ["issue/INC-1", "search/approximate-count", "../../admin"])
def test_what_it_does_not_speak_is_not_found(path):
    assert ask(path)[0] == 404
