"""The sandbox's Sentry answers as the real one would, about the company's own stories."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from werkzeug import Request
from werkzeug.test import Client

from bulletin.sandbox.sentry import answer
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import Change, ErrorStory, World

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
START = NOW - timedelta(days=7)
WEEK = {"start": "2026-11-12T09:00:00Z", "end": "2026-11-19T09:00:00Z"}
ISSUES = "/api/0/organizations/recircle/issues/"


def story(number, project="shop", **other):
    known = {"title": "KeyError", "first_seen": datetime(2026, 10, 1, tzinfo=UTC), "per_day": 24}
    return ErrorStory(short_id=f"SHOP-{number}", project=project, **known | other)


def at(day, what, value=""):
    return Change(datetime(2026, 11, day, tzinfo=UTC), what, value)


STORIES = (
    story("OLD", per_day=99),
    story("NEW", first_seen=NOW - timedelta(days=2)),
    story("BACK", changes=(at(5, "resolve"), at(14, "regress"))),
    story("MORE", changes=(at(14, "escalate"),)),
    story("DONE", changes=(at(18, "resolve"),)),
    story("GONE", changes=(at(3, "resolve"), at(3, "volume", "0"))),
    story("SHUT", "blog", level="fatal", changes=(at(14, "ignore"),)),
    story("NEXT", first_seen=NOW + timedelta(days=1)),
)


def ask(path, token=TOKEN, stories=STORIES, **params):
    def app(environ, start):

        return answer(Request(environ), World(errors=stories), NOW)(environ, start)

    return Client(app).get(path, query_string=params, headers={"Authorization": f"Bearer {token}"})


def found(**params):
    response = ask(ISSUES, **{**WEEK, **params})
    assert response.status_code == 200, response.json
    return {row["shortId"].removeprefix("SHOP-") for row in response.json}


def test_a_wrong_token_is_refused():
    assert ask(ISSUES, token="other").status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/api/0/organizations/other/", ISSUES + "1/", "/api/0/organizations/recircle"]
)
def test_what_is_not_there_is_not_found(path):
    response = ask(path)
    assert response.status_code == 404
    assert response.json == {"detail": "The requested resource does not exist"}


def test_the_organization_names_the_sandbox_as_its_region():
    body = ask("/api/0/organizations/recircle/").json
    assert body["slug"] == "recircle"
    assert body["links"]["regionUrl"] == "http://localhost"


def test_the_projects_are_those_of_the_stories():
    rows = ask("/api/0/organizations/recircle/projects/").json
    assert [row["slug"] for row in rows] == ["blog", "shop"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"OLD", "NEW", "BACK", "MORE", "DONE", "SHUT"}),
        ("is:unresolved", {"OLD", "NEW", "BACK", "MORE"}),
        ("is:resolved", {"DONE"}),
        ("is:ignored", {"SHUT"}),
        ("is:new", {"NEW"}),
        ("is:regressed", {"BACK"}),
        ("is:escalating", {"MORE"}),
        ("is:unresolved firstSeen:-7d", {"NEW"}),
        ("is:unresolved age:+7d", {"OLD", "BACK", "MORE"}),
        ("firstSeen:>=2026-11-12T09:00:00Z firstSeen:<2026-11-19T09:00:00Z", {"NEW"}),
        ("is:resolved lastSeen:>=2026-11-12T09:00:00Z", {"DONE"}),
        ("lastSeen:<2026-11-12T09:00:00Z", set()),
        ("level:fatal issue.category:error", {"SHUT"}),
        ("issue.category:performance", set()),
        (f"issue.id:[{STORIES[0].number},{STORIES[1].number}]", {"OLD", "NEW"}),
    ],
)
def test_a_query_is_honoured(query, expected):
    assert found(query=query) == expected


def test_without_a_query_only_the_unresolved_come():
    assert found() == {"OLD", "NEW", "BACK", "MORE"}


@pytest.mark.parametrize(
    "params",
    [
        {"query": "is:nonsense"},
        {"query": "colour:red"},
        {"query": "just words"},
        {"query": "firstSeen:>yesterday"},
        {"query": "age:-7x"},
        {"sort": "priority"},
        {"groupStatsPeriod": "7d"},
        {"statsPeriod": "soon"},
        {"start": "2026-11-20T00:00:00Z"},
        {"end": ""},
        {"start": "never"},
        {"cursor": "x"},
        {"group": "x"},
    ],
    ids=str,
)
def test_what_sentry_does_not_know_is_a_400_with_its_reason(params):
    response = ask(ISSUES, **{**WEEK, "query": "is:unresolved", **params})
    assert response.status_code == 400
    assert response.json["detail"]


def test_a_project_is_asked_for_by_slug_or_id():
    number = ask("/api/0/organizations/recircle/projects/").json[0]["id"]
    assert found(query="", project="blog") == found(query="", project=number) == {"SHUT"}
    assert found(query="", project="-1") == found(query="")


def test_a_group_comes_whatever_its_status_and_however_silent():
    assert found(group=STORIES[5].number, query="is:unresolved") == {"GONE"}
    assert found(group=STORIES[7].number) == set()  # it has not happened yet


def test_numbers_are_those_of_the_window_and_a_count_is_a_string():
    (row,) = [r for r in ask(ISSUES, **WEEK).json if r["shortId"] == "SHOP-OLD"]
    assert row["count"] == str(STORIES[0].events(START, NOW))
    assert row["firstSeen"].startswith("2026-11-12T09:00:00")
    assert row["lifetime"]["firstSeen"].startswith("2026-10-01T00:00:00")
    assert int(row["lifetime"]["count"]) > int(row["count"])


def test_a_group_that_is_asked_for_by_id_has_only_its_series_of_the_window():
    """As at Sentry, which forgets the window for `count` there."""
    (row,) = ask(ISSUES, **WEEK, group=STORIES[0].number, groupStatsPeriod="auto").json
    assert int(row["count"]) > STORIES[0].events(START, NOW)
    assert sum(count for _, count in row["stats"]["auto"]) < int(row["count"])


@pytest.mark.parametrize(("days", "hours"), [(1, 1), (2, 2), (3, 3), (7, 6), (14, 12), (30, 24)])
def test_a_series_has_steps_that_grow_with_its_window(days, hours):
    params = {"statsPeriod": f"{days}d", "groupStatsPeriod": "auto"}
    row = ask(ISSUES, **params).json[0]
    epochs = [epoch for epoch, _ in row["stats"]["auto"]]
    assert {later - one for one, later in pairwise(epochs)} == {hours * 3600}
    assert all(epoch % (hours * 3600) == 0 for epoch in epochs)


def test_the_most_frequent_come_first_and_the_pages_join_without_a_gap():
    many = tuple(story(n, per_day=10 + n) for n in range(25))
    rows, cursor, links = [], "0:0:0", []
    for _ in range(3):
        response = ask(ISSUES, stories=many, **WEEK, limit="10", sort="freq", cursor=cursor)
        links.append('rel="next"; results="true"' in response.headers["Link"])
        rows += response.json
        cursor = response.headers["Link"].rpartition('cursor="')[2].rstrip('"')
    assert links == [True, True, False]
    assert len({row["id"] for row in rows}) == 25
    counts = [int(row["count"]) for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert response.headers["X-Hits"] == "25"


def test_a_page_never_holds_more_than_a_hundred():
    many = tuple(story(n) for n in range(120))
    assert len(ask(ISSUES, stories=many, **WEEK, limit="500").json) == 100


def test_only_what_was_resolved_in_a_release_fires_on_and_tells_when():
    firing = story("FIRE", changes=(at(15, "resolve"),))
    (row,) = ask(ISSUES, stories=(firing,), **WEEK, query="is:resolved").json
    assert row["statusDetails"] == {"inRelease": firing.release}
    detail = ask(f"{ISSUES}{firing.number}/", stories=(firing,)).json
    resolved = [a for a in detail["activity"] if a["type"] == "set_resolved_in_release"]
    assert [a["dateCreated"][:10] for a in resolved] == ["2026-11-15"]
    quiet = story("CALM", changes=(at(15, "resolve"), at(15, "volume", "0")))
    (row,) = ask(ISSUES, stories=(quiet,), **WEEK, query="is:resolved").json
    assert row["statusDetails"] == {}
