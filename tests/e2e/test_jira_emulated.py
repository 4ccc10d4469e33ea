"""Editions about incidents that live in jira820, a Data Center 8.20 that nobody here wrote.

It passes over every clause of JQL that it does not know and gives what the rest finds, so it cannot
prove what a query finds: that the queries carry their scope and their dates is looked at instead.
It gives no histories in a search either, and no hour to a date.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bulletin.model.facts import Life
from tests.e2e.newsroom import JIRA, Newsroom, items, states

pytestmark = pytest.mark.e2e

CUTOFF = datetime(2026, 11, 19, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
OURS = """
incidents = 'project = INC AND type = Incident AND statusCategory != Done'
scope = 'project = INC AND type = Incident'
"""


@pytest.fixture
def asked(monkeypatch):
    """The JQL of every search that was sent, in order."""
    queries, send = [], requests.Session.send

    def recorded(session, request, **more):
        query = parse_qs(urlsplit(request.url).query)
        queries.extend(query.get("jql", ()))
        return send(session, request, **more)

    monkeypatch.setattr(requests.Session, "send", recorded)
    return queries


@pytest.fixture
def newsroom(jira_empty, tmp_path, monkeypatch):
    monkeypatch.setenv("E2E_TOKEN", "a token")
    return Newsroom(tmp_path, JIRA.format(url=jira_empty, more=OURS))


def test_what_became_of_incidents_on_a_server_that_is_not_ours(tickets, newsroom):
    tickets.day("2026-11-02")
    solved, declined, deleted, retyped, waiting, calm = (
        tickets.open(f"Incident {n}", priority={"name": "High"}) for n in range(6)
    )
    first = newsroom.edition(CUTOFF)
    assert set(states(first).values()) == {"first_seen"}
    assert len(first.items) == 6

    tickets.day("2026-11-23")
    tickets.move(solved, "Done")
    tickets.move(declined, "Done", resolution={"name": "Won't Do"})
    tickets.ask("DELETE", f"rest/api/2/issue/{deleted}")
    tickets.ask("POST", f"type/{retyped}/Task")
    tickets.move(calm, "Done")
    tickets.move(calm, "Reopened")
    new = tickets.open("A new one", priority={"name": "Highest"})
    second = newsroom.edition(CUTOFF + WEEK)
    assert states(second) == {
        solved: "fixed",
        declined: "dropped",
        deleted: "dropped",
        retyped: "carried",
        waiting: "carried",
        calm: "persisting",
        new: "new",
    }
    assert [items(second)[key].why for key in (declined, deleted)] == ["declined", "unreadable"]
    assert "incident-reopened" in {reason.rule for reason in items(second)[calm].reasons}
    ledger = second.ledger
    assert (ledger.open_then, ledger.fixed, ledger.dropped, ledger.new) == (6, 1, 2, 1)
    assert ledger.open_now == 4

    tickets.day("2026-11-30")
    tickets.move(solved, "Reopened")
    third = newsroom.edition(CUTOFF + 2 * WEEK)
    assert states(third)[solved] == "reopened"
    assert [edition.gaps for edition in (first, second, third)] == [(), (), ()]


def test_a_closed_incident_counts_as_fixed_by_its_own_status_and_not_by_its_absence(
    tickets, newsroom
):
    """The control of the test above: nothing is closed, nothing is fixed."""
    tickets.day("2026-11-02")
    keys = [tickets.open(f"Incident {n}") for n in range(3)]
    newsroom.edition(CUTOFF)
    for key in keys:  # no search of ours finds them any more, and nobody has solved them
        tickets.ask("POST", f"type/{key}/Task")
    assert {*states(newsroom.edition(CUTOFF + WEEK)).values()} == {"carried"}


def test_a_search_carries_both_queries_and_the_dates_of_its_week(tickets, newsroom, asked):
    """In UTC, the zone of the account there, and an hour more at either end."""
    newsroom.edition(CUTOFF)
    (jql,) = asked
    assert jql == (
        "((project = INC AND type = Incident AND statusCategory != Done))"
        " OR ((project = INC AND type = Incident)"
        ' AND ((created >= "2026-11-12 08:00" AND created < "2026-11-19 10:00")'
        ' OR (resolved >= "2026-11-12 08:00" AND resolved < "2026-11-19 10:00")))'
        " ORDER BY created ASC"
    )


@pytest.fixture
def seeded(jira_seeded, tmp_path, monkeypatch):
    """A newsroom over the 364 issues of jira820's own."""
    monkeypatch.setenv("E2E_TOKEN", "a token")

    def newsroom(more: str) -> Newsroom:
        return Newsroom(tmp_path, JIRA.format(url=jira_seeded, more=more))

    return newsroom


def closed_and_open(url: str) -> tuple[int, int]:
    query = f"{url}/rest/api/2/search?maxResults=0&jql=statusCategory"
    totals = [
        requests.get(f"{query}{sign}Done", timeout=30).json()["total"] for sign in ("=", "!=")
    ]
    return totals[0], totals[1]


def test_two_editions_of_many_incidents_add_up(seeded, jira_seeded):
    closed, still = closed_and_open(jira_seeded)
    assert closed + still == 364
    newsroom = seeded("incidents = 'statusCategory != Done'")
    first, second = (newsroom.edition(CUTOFF + n * WEEK) for n in (0, 1))
    for edition in (first, second):
        (coverage,) = edition.coverage
        assert (coverage.seen, coverage.expected, edition.gaps) == (still, still, ())
    assert second.ledger.open_then == first.ledger.open_now > 100
    assert {item.state for item in second.items} <= {"carried", "new"}


def test_closed_incidents_that_a_search_for_open_ones_gives_are_not_taken_for_open(
    seeded, jira_seeded
):
    """jira820 does not know `resolution`: asked for the unresolved, it gives all it has."""
    _, still = closed_and_open(jira_seeded)
    edition = seeded("incidents = 'resolution = Unresolved'").edition(CUTOFF)
    week = [fact for fact in edition.facts if fact.life is not Life.OPEN]
    assert sum(fact.life is Life.OPEN for fact in edition.facts) == still
    assert week
    assert all(CUTOFF - WEEK <= (fact.resolved or CUTOFF) <= CUTOFF for fact in week)
    assert edition.coverage[0].seen == still + len(week)
    listed = {item.key for item in edition.items}
    assert not listed & {fact.key for fact in week}


def test_check_says_that_this_server_passes_over_parts_of_a_query(seeded):
    done = seeded("incidents = 'resolution = Unresolved'").run("check")
    assert done.exit_code == 1
    assert "query `incidents`: accepted, finds 364" in done.output
    assert "this server passes over parts of a query" in done.output
    assert "history: readable" in done.output


def test_the_pages_are_printed(seeded):
    newsroom = seeded("incidents = 'statusCategory != Done'")
    printed = newsroom.draft(CUTOFF, render=True)
    assert printed.exit_code == 0
    assert {"index.html", "paper.pdf", "edition.json"} <= {p.name for p in printed.folder.iterdir()}
