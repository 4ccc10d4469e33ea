"""The Jira collector against the sandbox: what it brings, what it costs, what it asks."""

from datetime import timedelta
from math import ceil

import pytest
from pydantic import ValidationError

from bulletin.collectors.jira import JiraCollector
from bulletin.errors import SettingsError
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.harvest import Cause, Missing, Moved, State
from bulletin.sandbox.world import World
from tests.collectors.jira_sandbox import (
    CENTER,
    CLOUD,
    DAY,
    NOW,
    WINDOW,
    collector,
    company,
    item,
    items,
    rewrite,
    serve,
    story,
)

both = pytest.mark.parametrize("answer", [CLOUD, CENTER], ids=["cloud", "data_center"])

WORLD = World(
    incidents=(
        story(1, (20, "status", "Investigating"), (3, "severity", "SEV1"), assignee="ana"),
        story(2, (9, "status", "Done"), (2, "status", "Open"), components=("pay", "cart")),
        story(3, (5, "status", "Done"), age=10, labels=("Drill",)),
        story(4, (4, "status", "Won't do"), age=6, links=("SHOP-9", "INC-1")),
        story(5, (12, "status", "Done")),
        story(6, age=1, severity="SEV4"),
        story(7, (1, "delete", "")),
    )
)


def by_key(harvest):
    return {fact.key.subject: fact for fact in harvest.facts}


@both
def test_open_incidents_and_those_of_the_week_are_collected(answer, monkeypatch):
    """Closed ones of older weeks are not, nor the deleted one."""
    with serve(WORLD, answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD, scope="project = INC").collect(
            WINDOW, NOW
        )
    assert sorted(by_key(harvest)) == ["INC-1", "INC-2", "INC-3", "INC-4", "INC-6"]
    assert harvest.gaps == ()
    coverage = harvest.coverage
    assert (coverage.state, coverage.seen, coverage.expected) == (State.KNOWN, 5, 5)
    assert (coverage.unit, coverage.as_of, coverage.closed_too) == ("incidents", NOW, True)


@both
def test_without_a_scope_only_what_is_open_is_known(answer, monkeypatch):
    with serve(WORLD, answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD).collect(WINDOW, NOW)
    assert sorted(by_key(harvest)) == ["INC-1", "INC-2", "INC-6"]
    assert not harvest.coverage.closed_too


@both
def test_a_fact_says_what_the_ticket_says(answer, monkeypatch):
    with serve(WORLD, answer) as service:
        facts = by_key(
            collector(service, monkeypatch, answer is CLOUD, scope="project = INC").collect(
                WINDOW, NOW
            )
        )
    first = facts["INC-1"]
    assert first.key == FactKey("jira", "incident", "INC-1")
    assert first.url == "https://jira.recircle.example/browse/INC-1"
    assert (first.life, first.status, first.project) == (Life.OPEN, "Investigating", "INC")
    assert (first.severity, first.assigned) == (Severity.CRITICAL, True)
    assert (first.opened, first.updated) == (NOW - 30 * DAY, NOW - 3 * DAY)
    assert (first.status_since, first.reopened) == (NOW - 20 * DAY, None)
    again = facts["INC-2"]
    assert (again.life, again.resolved, again.reopened) == (Life.OPEN, None, NOW - 2 * DAY)
    assert again.services == ("cart", "pay")
    assert (facts["INC-3"].life, facts["INC-3"].resolved) == (Life.DONE, NOW - 5 * DAY)
    assert (facts["INC-3"].drill, first.drill) == (True, False)
    assert (facts["INC-4"].life, facts["INC-4"].links) == (Life.DECLINED, ("INC-1", "SHOP-9"))
    assert facts["INC-6"].status_since == NOW - DAY


@both
@pytest.mark.parametrize("number", [1, 100, 500, 2000])
def test_incidents_take_a_request_for_a_hundred_and_at_most_five_more(number, answer, monkeypatch):
    with serve(company(number), answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD, scope="project = INC").collect(
            WINDOW, NOW
        )
    assert len(harvest.facts) == number
    assert all(fact.status_since == NOW - 8 * DAY for fact in harvest.facts)
    assert harvest.coverage.requests == len(service.seen) <= ceil(number / 100) + 5


@both
def test_two_hundred_look_ups_cost_at_most_six_requests(answer, monkeypatch):
    """Even for a collector that has not collected before, and with ids among them that are gone."""
    world = company(190)
    gone = [item(f"INC-{n}", str(n)) for n in range(1, 11)]
    with serve(world, answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD).revisit([*items(world), *gone])
    assert len(harvest.facts) == 190
    assert harvest.missing == tuple(Missing(key=one.key, why="unreadable") for one in gone)
    assert harvest.gaps == ()
    assert harvest.coverage.requests == len(service.seen) <= 6


@both
def test_what_is_closed_comes_back_as_closed(answer, monkeypatch):
    with serve(WORLD, answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD).revisit(items(WORLD))
    lives = {key: fact.life for key, fact in by_key(harvest).items()}
    assert lives == {
        "INC-1": Life.OPEN,
        "INC-2": Life.OPEN,
        "INC-3": Life.DONE,
        "INC-4": Life.DECLINED,
        "INC-5": Life.DONE,
        "INC-6": Life.OPEN,
    }
    assert [one.key.subject for one in harvest.missing] == ["INC-7"]
    assert (harvest.coverage.seen, harvest.coverage.expected) == (7, 7)


@both
def test_a_ticket_that_moved_to_another_project_is_the_same_item(answer, monkeypatch):
    asked = item("OLD-77", WORLD.incidents[0].number)
    with serve(WORLD, answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD).revisit([asked])
    new = FactKey("jira", "incident", "INC-1")
    assert harvest.moved == (Moved(old=asked.key, new=new),)
    assert [fact.key for fact in harvest.facts] == [new]
    assert harvest.missing == ()


def test_nothing_to_look_up_asks_nothing(monkeypatch):
    with serve(WORLD) as service:
        harvest = collector(service, monkeypatch).revisit([])
        assert service.seen == []
    assert (harvest.coverage.state, harvest.coverage.expected) == (State.KNOWN, 0)


def test_an_item_of_another_service_is_not_looked_up(monkeypatch):
    """Its handle is no number: in a query it could say anything."""
    with serve(WORLD) as service:
        harvest = collector(service, monkeypatch).revisit([item("INC-1", "1) OR (id = 2")])
        assert service.seen == []
    assert [gap.reason for gap in harvest.gaps] == [Cause.NOT_FOUND]
    assert harvest.missing == ()


def test_a_second_question_does_not_ask_again_who_we_are(monkeypatch):
    with serve(WORLD) as service:
        jira = collector(service, monkeypatch)
        jira.collect(WINDOW, NOW)
        harvest = jira.revisit(items(WORLD))
    assert harvest.coverage.requests == 2
    assert harvest.coverage.as_of == NOW


@both
def test_more_than_the_limit_is_said_to_be_cut(answer, monkeypatch):
    with serve(company(150), answer) as service:
        harvest = collector(service, monkeypatch, answer is CLOUD, limit=100).collect(WINDOW, NOW)
    assert len(harvest.facts) == 100
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.parts) == (Cause.TRUNCATED, 100, ())
    assert gap.expected == (None if answer is CLOUD else 150)
    assert harvest.coverage.state is State.PARTIAL
    assert harvest.coverage.expected == gap.expected


def test_the_window_is_asked_in_the_accounts_time_zone(monkeypatch):
    """An hour to spare on both sides; what is outside the window does not come along."""
    just_before = WINDOW.start - timedelta(minutes=1)
    world = World(
        user_zone="Pacific/Auckland",
        incidents=(
            story(1, (6, "status", "Done"), age=(NOW - WINDOW.start) / DAY),
            story(2, ((NOW - just_before) / DAY, "status", "Done")),
        ),
    )
    with serve(world) as service:
        harvest = collector(service, monkeypatch, scope="project = INC").collect(WINDOW, NOW)
    assert sorted(by_key(harvest)) == ["INC-1"]
    assert "created+%3E%3D+%222026-11-12+21%3A00%22" in service.seen[3].query


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", 7])
def test_without_a_time_zone_the_window_has_a_day_to_spare(zone, monkeypatch):
    world = World(incidents=(story(1, (1, "status", "Done")), story(2, age=6.99)))
    fault = rewrite(CLOUD, "myself", lambda body: body.update(timeZone=zone), world)
    with serve(world, CLOUD, fault) as service:
        harvest = collector(service, monkeypatch, scope="project = INC").collect(WINDOW, NOW)
    assert sorted(by_key(harvest)) == ["INC-1", "INC-2"]
    assert "2026-11-11+09%3A00" in service.seen[3].query


@pytest.mark.parametrize(
    ("severity", "expected", "parts"),
    [
        ("Severity", Severity.HIGH, []),
        ("customfield_10042", Severity.HIGH, []),
        ("priority", Severity.HIGH, []),
        ("Blast radius", None, [("severity",)]),
    ],
)
def test_the_severity_field_is_found_by_name_or_id(severity, expected, parts, monkeypatch):
    """One that is not there leaves the severity unknown, and says so."""
    with serve(World(incidents=(story(1, severity="SEV2"),))) as service:
        harvest = collector(service, monkeypatch, severity=severity).collect(WINDOW, NOW)
    assert harvest.facts[0].severity == expected
    assert [gap.parts for gap in harvest.gaps] == parts
    assert harvest.coverage.state is State.KNOWN


def test_a_severity_word_that_nobody_explained_is_unknown_and_said(monkeypatch):
    world = World(incidents=(story(1),))

    def purple(body):
        body["issues"][0]["fields"]["customfield_10042"] = {"value": "Purple"}

    fault = rewrite(CLOUD, "search/jql", purple, world)
    with serve(world, CLOUD, fault) as service:
        silent = collector(service, monkeypatch).collect(WINDOW, NOW)
        told = collector(service, monkeypatch, severities={"purple": "low"}).collect(WINDOW, NOW)
    assert silent.facts[0].severity is None
    assert [gap.parts for gap in silent.gaps] == [("severity",)]
    assert "'Purple'" in silent.gaps[0].detail
    assert (told.facts[0].severity, told.gaps) == (Severity.LOW, ())


def test_cloud_is_asked_through_the_gateway_and_linked_by_its_own_address(monkeypatch):
    with serve(WORLD) as service:
        jira = collector(service, monkeypatch, site=f"{service.url}/ex/jira/1234-abcd/")
        harvest = jira.collect(WINDOW, NOW)
        assert all(one.path.startswith("/ex/jira/1234-abcd/rest/api/3/") for one in service.seen)
    assert harvest.facts[0].url.startswith("https://jira.recircle.example/browse/INC-")


@pytest.mark.parametrize("base", ["javascript:alert(1)//", "https://evil.example/<b>", None, 3])
def test_links_never_take_an_address_that_is_none(base, monkeypatch):
    fault = rewrite(CLOUD, "serverInfo", lambda body: body.update(baseUrl=base), WORLD)
    with serve(WORLD, CLOUD, fault) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
        assert harvest.facts[0].url.startswith(f"{service.url}/browse/")


@both
def test_check_is_green_where_all_is_well(answer, monkeypatch):
    with serve(WORLD, answer) as service:
        lines = list(
            collector(service, monkeypatch, answer is CLOUD, scope="project = INC").check()
        )
    assert all(line.ok for line in lines)
    assert {line.what: line.detail for line in lines} == {
        "address": "https://jira.recircle.example, Jira "
        + ("Cloud" if answer is CLOUD else "Data Center"),
        "credentials": "accepted",
        "time zone of the account": "Europe/Paris",
        "severity": "Severity, else Priority",
        "query `incidents`": "accepted, finds 3",
        "query `scope`": "accepted, finds 6",
        "history": "readable",
    }


def test_check_says_what_to_do_about_a_query(monkeypatch):
    with serve(WORLD) as service:
        lines = list(collector(service, monkeypatch, incidents="project = NOPE").check())
    (bad,) = [line for line in lines if not line.ok]
    assert (bad.what, "`incidents`" in bad.hint) == ("query `incidents`", True)
    assert "'NOPE' does not exist" in bad.detail


def test_check_stops_at_credentials_that_are_not_taken(monkeypatch):
    with serve(WORLD) as service:
        lines = list(collector(service, monkeypatch, secret="wrong").check())
    assert [line.ok for line in lines] == [False]
    assert "token" in lines[0].hint


@pytest.mark.parametrize(
    "site",
    [
        "http://jira.acme.example",
        "https://user:secret@acme.atlassian.net",
        "https://acme.atlassian.net?x=1",
        "https://api.atlassian.com",
        "acme.atlassian.net",
        "ftp://acme.example",
        "https://[",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_by_the_settings(site):
    with pytest.raises(ValidationError) as error:
        JiraCollector.Settings(site=site, token={"env": "X"}, incidents="project = INC")
    assert "secret@" not in str(error.value)


def test_a_missing_token_is_a_mistake_in_the_settings(monkeypatch):
    monkeypatch.delenv("JIRA_TOKEN", raising=False)
    settings = JiraCollector.Settings(
        site="https://acme.atlassian.net", token={"env": "JIRA_TOKEN"}, incidents="project = INC"
    )
    with pytest.raises(SettingsError):
        JiraCollector.from_settings(settings, "jira")
