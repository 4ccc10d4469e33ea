"""The Sentry collector against the sandbox's Sentry, whole and with faults."""

import json
import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from werkzeug import Response

from bulletin.collectors.sentry.collector import LOST, RESOLUTIONS, SentryCollector
from bulletin.config import Secret
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.harvest import Cause, Missing, Moved, State
from bulletin.model.week import Week, Window
from bulletin.sandbox.sentry import answer
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import Change, ErrorStory, World
from bulletin.wire.http import Budget

START = datetime(2026, 11, 12, 9, tzinfo=UTC)
END = datetime(2026, 11, 19, 9, tzinfo=UTC)
WEEK = Window(START, END)
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
CANARY = "canary-3f9c"


def story(number, project="shop", **other):
    known = {"title": f"Error {number}", "first_seen": LONG_AGO, "per_day": 40}
    return ErrorStory(short_id=f"{project.upper()}-{number}", project=project, **known | other)


def change(what, day, value=""):
    return Change(datetime(2026, 11, day, 12, tzinfo=UTC), what, value)


def item(key, handle):
    return Item(
        key=FactKey.parse(key),
        kind="error",
        handle=handle,
        title="Error",
        url="https://sentry.io/",
        owner=None,
        severity=Severity.LOW,
        state=ItemState.CARRIED,
        trend=None,
        since=Week(2026, 46),
        weeks=1,
        reasons=(),
    )


@pytest.fixture
def sentry():
    """Start a Sentry of these stories; `fault` may answer, or return None to let Sentry do it."""
    with ExitStack() as stack:

        def start(*stories, fault=None, moment=END):
            def faulty(request, world, at):
                spoilt = fault(request, answer(request, world, at)) if fault else None
                return spoilt or answer(request, world, at)

            world = World(errors=stories)
            return stack.enter_context(Service("sentry", faulty, world, moment))

        yield start


def collector(service, token=TOKEN, seconds=600.0, **settings):
    made = SentryCollector.Settings(
        site=service.url, organization="recircle", token=Secret(env="UNUSED"), **settings
    )
    return SentryCollector(made, "sentry", token, Budget(seconds, sleep=lambda _: None))


def collect(service, **settings):
    return collector(service, **settings).collect(WEEK, END)


def by_subject(harvest):
    return {fact.key.subject: fact for fact in harvest.facts}


def json_answer(body, status=200, **headers):
    return Response(json.dumps(body), status, headers, content_type="application/json")


def reshape(**changes):
    """Spoil every listed issue."""

    def fault(request, response):
        if request.path.endswith("/issues/") and response.status_code == 200:
            rows = [
                {k: v for k, v in (row | changes).items() if v is not ...} for row in response.json
            ]
            return json_answer(rows, Link=response.headers.get("Link", ""))
        return None

    return fault


def failing(status, pattern, body=None, **headers):
    """Answer with a status wherever path and query match."""

    def fault(request, _response):
        query = request.query_string.decode().replace("%3A", ":")
        if re.search(pattern, f"{request.path}?{query}"):
            return json_answer(body or {"detail": f"no {CANARY}"}, status, **headers)
        return None

    return fault


def test_an_error_is_told_with_the_numbers_of_its_week(sentry):
    """Every field of a fact comes from the listing; the project's own counts are the oracle."""
    one = story(7, team="checkout", level="fatal", users_share=0.5)
    service = sentry(one)
    harvest = collect(service)
    (fact,) = harvest.facts
    assert fact.key == FactKey("sentry", "error", "SHOP-7")
    assert fact.handle == one.number
    assert fact.url == f"{service.url}/organizations/recircle/issues/{one.number}/"
    assert (fact.title, fact.project, fact.level) == ("Error 7", "shop", "fatal")
    assert (fact.life, fact.substatus, fact.assigned_team) == (Life.OPEN, "ongoing", "checkout")
    assert fact.events == one.events(START, END)
    assert fact.users == round(fact.events * 0.5)
    assert fact.first_seen == LONG_AGO
    assert fact.last_seen == one.last_seen(END)
    assert harvest.gaps == ()
    assert harvest.coverage.state is State.KNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 1)
    assert harvest.coverage.unit == "projects"
    assert harvest.coverage.closed_too


def test_the_days_are_utc_days_oldest_first(sentry):
    one = story(1, changes=(change("volume", 16, "400"),))
    (fact,) = collect(sentry(one)).facts
    assert len(fact.daily) == 8  # Thursday 09:00 to Thursday 09:00 touches eight days
    friday = datetime(2026, 11, 13, tzinfo=UTC)
    assert fact.daily[1:7] == tuple(
        one.events(friday + timedelta(days=n), friday + timedelta(days=n + 1)) for n in range(6)
    )


def test_the_week_before_is_zero_only_where_sentry_counted_zero(sentry):
    old, young = story(1), story(2, first_seen=START + timedelta(days=1))
    facts = by_subject(collect(sentry(old, young)))
    before = old.events(START - timedelta(days=7), START)
    assert facts["SHOP-1"].events_before == pytest.approx(before, rel=0.1)
    assert facts["SHOP-2"].events_before == 0
    blind = by_subject(collect(sentry(old, fault=failing(500, "group="))))
    assert blind["SHOP-1"].events_before is None


def test_the_week_before_in_the_dark_is_a_gap_of_that_part_alone(sentry):
    harvest = collect(sentry(story(1), fault=failing(500, "group=")))
    assert [(gap.reason, gap.parts) for gap in harvest.gaps] == [
        (Cause.SERVER_ERROR, ("events_before",))
    ]
    assert harvest.coverage.state is State.KNOWN


def test_a_week_that_still_runs_is_counted_up_to_now(sentry):
    now = START + timedelta(days=3)
    one = story(1)
    harvest = collector(sentry(one, moment=now)).collect(WEEK, now)
    assert harvest.facts[0].events == one.events(START, now)
    assert len(harvest.facts[0].daily) == 4


def test_every_search_finds_its_own_and_no_error_comes_twice(sentry):
    quiet = {"per_day": 1}
    harvest = collect(
        sentry(
            *(story(n, per_day=500) for n in range(5)),
            story("NEW", first_seen=START + timedelta(hours=5), **quiet),
            story("BACK", changes=(change("resolve", 5), change("regress", 14)), **quiet),
            story("MORE", changes=(change("escalate", 14),), **quiet),
            story("DONE", changes=(change("resolve", 17),), **quiet),
            story("OLD", **quiet),
        ),
        top=5,
    )
    facts = by_subject(harvest)
    assert len(facts) == len(harvest.facts) == 9
    assert facts["SHOP-NEW"].substatus == "new"
    assert facts["SHOP-BACK"].substatus == "regressed"
    assert facts["SHOP-MORE"].substatus == "escalating"
    assert facts["SHOP-DONE"].life is Life.DONE
    assert facts["SHOP-DONE"].substatus is None
    assert harvest.gaps == ()


def test_what_fires_after_its_resolution_in_a_release_says_when_it_was_resolved(sentry):
    firing = story(1, release="shop@1", changes=(change("resolve", 14),))
    quiet = story(2, changes=(change("resolve", 14), change("volume", 14, "0")))
    facts = by_subject(collect(sentry(firing, quiet)))
    assert facts["SHOP-1"].resolved == datetime(2026, 11, 14, 12, tzinfo=UTC)
    assert facts["SHOP-1"].last_seen > facts["SHOP-1"].resolved
    assert facts["SHOP-1"].release == "shop@1"
    assert facts["SHOP-2"].resolved == facts["SHOP-2"].last_seen


def test_only_a_few_resolutions_are_asked_for_and_the_rest_is_counted(sentry):
    firing = [story(n, changes=(change("resolve", 14),)) for n in range(RESOLUTIONS + 3)]
    harvest = collect(sentry(*firing))
    assert sum(fact.resolved is not None for fact in harvest.facts) == RESOLUTIONS
    (gap,) = harvest.gaps
    assert (gap.reason, gap.parts) == (Cause.TRUNCATED, ("resolved",))
    assert (gap.seen, gap.expected) == (RESOLUTIONS, RESOLUTIONS + 3)


def company(errors=300, projects=40):
    """A company whose errors need every search: some frequent, new, regressed, resolved."""
    kinds = (
        {"per_day": 200},
        {"first_seen": START + timedelta(days=2)},
        {"changes": (change("resolve", 3), change("regress", 15))},
        {"changes": (change("escalate", 15),)},
        {"changes": (change("resolve", 16),)},
    )
    return [story(n, f"project-{n % projects}", **kinds[n % 5]) for n in range(errors)]


def test_three_hundred_errors_of_forty_projects_cost_at_most_twenty_requests(sentry):
    service = sentry(*company())
    harvest = collect(service)
    assert len(harvest.facts) == 300
    assert harvest.coverage.requests == len(service.seen) <= 20
    assert (harvest.coverage.seen, harvest.coverage.expected) == (40, 40)


def test_looking_two_hundred_up_costs_at_most_six_requests(sentry):
    """Even where nothing was searched before, and much was resolved in a release and fires on."""
    stories = company()[:200]
    service = sentry(*stories)
    harvest = collector(service).revisit(
        [item(f"sentry:error:{one.short_id}", one.number) for one in stories]
    )
    assert len(harvest.facts) == 200
    assert harvest.coverage.requests == len(service.seen) <= 6
    assert (harvest.coverage.seen, harvest.coverage.expected) == (200, 200)


def test_one_looked_up_is_found_whatever_its_status_and_however_silent(sentry):
    silent = {"changes": (change("volume", 1, "0"),)}
    stories = (
        story(1),
        story(2, changes=(change("resolve", 2), change("volume", 1, "0"))),
        story(3, changes=(change("ignore", 13),)),
        story(4, **silent),
    )
    used = collector(sentry(*stories))
    used.collect(WEEK, END)
    facts = by_subject(
        used.revisit([item(f"sentry:error:{s.short_id}", s.number) for s in stories])
    )
    assert [facts[f"SHOP-{n}"].life for n in (1, 2, 3, 4)] == [
        Life.OPEN,
        Life.DONE,
        Life.DECLINED,
        Life.OPEN,
    ]
    assert facts["SHOP-1"].events == pytest.approx(stories[0].events(START, END), rel=0.1)
    assert facts["SHOP-4"].events == 0
    assert facts["SHOP-1"].users is None  # a look-up counts them over another period


def test_one_that_is_gone_is_missing_and_one_that_was_merged_has_moved(sentry):
    kept = story(1)

    def fault(request, response):
        if request.path.endswith("/issues/77/"):
            return json_answer({"id": kept.number})
        return None

    harvest = collector(sentry(kept, fault=fault)).revisit(
        [item("sentry:error:SHOP-8", "77"), item("sentry:error:SHOP-9", "99")]
    )
    gone, merged = FactKey("sentry", "error", "SHOP-9"), FactKey("sentry", "error", "SHOP-8")
    assert harvest.missing == (Missing(key=gone, why="unreadable"),)
    assert harvest.moved == (Moved(old=merged, new=FactKey("sentry", "error", "SHOP-1")),)
    assert [fact.key.subject for fact in harvest.facts] == ["SHOP-1"]
    assert harvest.gaps == ()


def test_one_that_was_merged_into_what_we_cannot_see_is_a_gap_and_not_missing(sentry):
    def fault(request, _response):
        return json_answer({"id": "78"}) if request.path.endswith("/issues/77/") else None

    service = sentry(story(1), fault=fault)
    harvest = collector(service).revisit([item("sentry:error:SHOP-8", "77")])
    assert harvest.missing == ()
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.CHANGED_SHAPE, 0, 1)
    ]


def test_a_renamed_short_id_has_moved(sentry):
    one = story(1)
    harvest = collector(sentry(one)).revisit([item("sentry:error:STORE-1", one.number)])
    assert harvest.moved == (
        Moved(old=FactKey("sentry", "error", "STORE-1"), new=FactKey("sentry", "error", "SHOP-1")),
    )


def test_one_that_left_the_projects_we_look_at_has_moved_away(sentry):
    here, there = story(1), story(2, "blog")
    harvest = collector(sentry(here, there), projects=("shop",)).revisit(
        [item("sentry:error:SHOP-2", there.number)]
    )
    assert [(gone.key.subject, gone.why) for gone in harvest.missing] == [("SHOP-2", "moved_away")]
    assert harvest.facts == ()


def test_one_being_deleted_is_deleted(sentry):
    one = story(1)
    harvest = collector(sentry(one, fault=reshape(status="pending_deletion"))).revisit(
        [item("sentry:error:SHOP-1", one.number)]
    )
    assert [(gone.key.subject, gone.why) for gone in harvest.missing] == [("SHOP-1", "deleted")]


def test_a_look_up_that_fails_is_a_gap_and_nothing_is_missing(sentry):
    service = sentry(story(1), fault=failing(503, "group="))
    harvest = collector(service).revisit([item("sentry:error:SHOP-1", "41")])
    assert harvest.missing == ()
    assert harvest.coverage.state is State.UNKNOWN
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.SERVER_ERROR, 0, 1)
    ]


def test_a_single_look_that_fails_is_a_gap_and_not_missing(sentry):
    service = sentry(story(1), fault=failing(500, r"issues/41/"))
    harvest = collector(service).revisit([item("sentry:error:SHOP-1", "41")])
    assert harvest.missing == ()
    assert [gap.reason for gap in harvest.gaps] == [Cause.SERVER_ERROR]
    assert harvest.coverage.state is State.PARTIAL


def test_many_lost_ones_are_not_all_looked_for_and_the_rest_is_counted(sentry):
    service = sentry(story(1))
    items = [item(f"sentry:error:SHOP-{n}", str(90 + n)) for n in range(LOST + 5)]
    harvest = collector(service).revisit(items)
    assert len(harvest.missing) == LOST
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.TRUNCATED, LOST, LOST + 5)
    ]


def test_a_handle_that_is_no_id_is_never_asked_for(sentry):
    service = sentry(story(1))
    harvest = collector(service).revisit([item("sentry:error:SHOP-1", "../../users")])
    assert all("users" not in seen.path + seen.query for seen in service.seen)
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]


def test_only_the_projects_and_the_environment_of_the_settings_are_asked_for(sentry):
    service = sentry(story(1), story(2, "blog"))
    harvest = collect(service, projects=("shop",), environment="production")
    assert set(by_subject(harvest)) == {"SHOP-1"}
    listings = [
        parse_qs(seen.query)
        for seen in service.seen
        if "query=is:" in seen.query.replace("%3A", ":")
    ]
    assert len(listings) == 5
    assert all(listing["environment"] == ["production"] for listing in listings)
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 1)


def test_projects_out_of_reach_are_counted(sentry):
    def fault(request, response):
        if request.path.endswith("/projects/"):
            rows = response.json
            return json_answer([row | {"hasAccess": row["slug"] != "blog"} for row in rows])
        return None

    harvest = collect(sentry(story(1), story(2, "blog"), fault=fault))
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 2)
    assert harvest.coverage.state is State.PARTIAL
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.FORBIDDEN, 1, 2)
    ]


def test_projects_that_cannot_be_listed_leave_their_number_unknown(sentry):
    harvest = collect(sentry(story(1), fault=failing(403, "/projects/")))
    assert len(harvest.facts) == 1
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, None)
    assert [(gap.reason, gap.parts) for gap in harvest.gaps] == [(Cause.FORBIDDEN, ("coverage",))]


def test_projects_that_are_not_there_leave_nothing_to_ask(sentry):
    service = sentry(story(1))
    harvest = collect(service, projects=("typo",))
    assert harvest.coverage.state is State.UNKNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (0, 1)
    assert all("/issues/" not in seen.path for seen in service.seen)


def test_an_old_server_without_categories_is_asked_once(sentry):
    """The first search finds out; the others do not ask again."""
    service = sentry(story(1), fault=failing(400, "issue.category"))
    harvest = collect(service)
    assert len(harvest.facts) == 1
    assert harvest.gaps == ()
    assert sum(seen.status == 400 for seen in service.seen) == 1


def test_an_old_server_without_substatus_says_so_once_and_the_rest_goes_on(sentry):
    service = sentry(story(1), fault=failing(400, "is:(regressed|escalating)"))
    harvest = collect(service)
    assert len(harvest.facts) == 1
    assert [(gap.reason, gap.parts) for gap in harvest.gaps] == [
        (Cause.UNSUPPORTED, ("substatus",))
    ]
    assert harvest.coverage.state is State.KNOWN


def test_other_things_than_errors_are_left_out_where_the_server_does_not(sentry):
    assert collect(sentry(story(1), fault=reshape(issueCategory="performance"))).facts == ()


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, Cause.REFUSED),
        (404, Cause.NOT_FOUND),
        (429, Cause.RATE_LIMITED),
        (500, Cause.SERVER_ERROR),
        (503, Cause.SERVER_ERROR),
    ],
)
def test_a_sentry_that_refuses_is_unknown_and_never_empty(sentry, status, cause):
    harvest = collect(sentry(story(1), fault=failing(status, "/api/0/")))
    assert [gap.reason for gap in harvest.gaps] == [cause]
    assert harvest.coverage.state is State.UNKNOWN
    assert harvest.facts == ()


def test_an_organization_that_may_not_be_read_still_lists_its_errors(sentry):
    harvest = collect(sentry(story(1), fault=failing(403, r"recircle/\?")))
    assert len(harvest.facts) == 1
    assert harvest.coverage.state is State.KNOWN


def test_one_failed_search_makes_it_partial(sentry):
    harvest = collect(sentry(story(1), fault=failing(500, "is:regressed")))
    assert len(harvest.facts) == 1
    assert harvest.coverage.state is State.PARTIAL
    assert [gap.reason for gap in harvest.gaps] == [Cause.SERVER_ERROR]


def test_all_searches_failed_is_unknown_and_one_gap(sentry):
    harvest = collect(sentry(story(1), fault=failing(500, "query=")))
    assert harvest.coverage.state is State.UNKNOWN
    assert [gap.reason for gap in harvest.gaps] == [Cause.SERVER_ERROR]


def test_a_rate_limit_that_outlasts_the_budget_ends_the_searches(sentry):
    service = sentry(story(1), fault=failing(429, "is:regressed", **{"Retry-After": "100000"}))
    harvest = collect(service)
    assert harvest.gaps[0].reason is Cause.RATE_LIMITED
    assert harvest.coverage.state is State.PARTIAL
    assert not harvest.coverage.closed_too
    assert all("escalating" not in seen.query for seen in service.seen)


def test_a_server_without_an_address_is_unreachable():
    gone = Service("sentry", answer, World(), END)
    with gone:
        used = collector(gone)
    harvest = used.collect(WEEK, END)
    assert [gap.reason for gap in harvest.gaps] == [Cause.UNREACHABLE]
    assert harvest.coverage.state is State.UNKNOWN


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ...},
        {"id": 12},
        {"id": "../1"},
        {"shortId": None},
        {"shortId": "A B"},
        {"status": "haunted"},
        {"status": ["resolved"]},
        {"status": None},
        {"project": None},
        {"project": {"slug": "../x"}},
    ],
)
def test_an_issue_that_cannot_be_read_is_counted_and_nothing_is_known(sentry, changes):
    harvest = collect(sentry(story(1), fault=reshape(**changes)))
    assert harvest.facts == ()
    assert harvest.coverage.state is State.UNKNOWN
    assert Cause.CHANGED_SHAPE in [gap.reason for gap in harvest.gaps]


@pytest.mark.parametrize("count", ["many", None, -1, 1.5, True, "9" * 30, ...])
def test_a_count_that_cannot_be_read_is_unknown_and_not_zero(sentry, count):
    harvest = collect(sentry(story(1), fault=reshape(count=count)))
    assert harvest.facts[0].events is None
    assert ("events",) in [gap.parts for gap in harvest.gaps]


def test_of_two_that_claim_one_short_id_one_is_told_and_the_other_counted(sentry):
    harvest = collect(sentry(story(1), story(2), fault=reshape(shortId="SHOP-1")))
    assert set(by_subject(harvest)) == {"SHOP-1"}
    assert len(harvest.facts) == 1
    assert harvest.coverage.state is State.PARTIAL


def test_a_resolution_in_the_future_is_a_gap_of_that_part_alone(sentry):
    def fault(request, response):
        if re.search(r"/issues/\d+/$", request.path):
            resolved = {"type": "set_resolved", "dateCreated": "9999-12-31T23:59:59Z"}
            return json_answer(response.json | {"activity": [resolved]})
        return None

    firing = story(1, release="shop@1", changes=(change("resolve", 14),))
    harvest = collect(sentry(firing, fault=fault))
    assert harvest.facts[0].resolved is None
    assert [(gap.reason, gap.parts) for gap in harvest.gaps] == [
        (Cause.CHANGED_SHAPE, ("resolved",))
    ]


def test_one_unreadable_issue_among_others_makes_it_partial(sentry):
    def fault(request, response):
        if request.path.endswith("/issues/") and response.status_code == 200:
            rows = response.json
            rows = [
                row | {"status": "haunted"} if row["shortId"] == "SHOP-2" else row for row in rows
            ]
            return json_answer(rows)
        return None

    harvest = collect(sentry(story(1), story(2), fault=fault))
    assert set(by_subject(harvest)) == {"SHOP-1"}
    assert harvest.coverage.state is State.PARTIAL
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.CHANGED_SHAPE, 1, 2)
    ]


def test_a_next_page_on_another_host_is_never_fetched(sentry):
    """Only the cursor is taken from the link, so the token cannot follow it."""

    def fault(request, response):
        response.headers["Link"] = response.headers.get("Link", "").replace(
            request.host_url, "https://evil.example/"
        )
        return response

    service = sentry(*(story(n, first_seen=START) for n in range(150)), fault=fault)
    harvest = collect(service)
    assert len(harvest.facts) == 150
    assert harvest.gaps == ()


@pytest.mark.parametrize("cursor", ["0:100:0", "", "bad cursor", "x" * 300])
def test_pages_that_go_round_or_lead_nowhere_end_in_a_gap(sentry, cursor):
    def fault(request, response):
        if request.path.endswith("/issues/"):
            link = f'<{request.base_url}>; rel="next"; results="true"; cursor="{cursor}"'
            return json_answer(response.json, Link=link)
        return None

    service = sentry(story(1), fault=fault)
    harvest = collect(service)
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.state is not State.KNOWN
    assert len(service.seen) < 20


def test_pages_without_end_end(sentry):
    counter = iter(range(10**6))

    def fault(request, response):
        if request.path.endswith("/issues/"):
            link = f'<x>; rel="next"; results="true"; cursor="0:{next(counter)}:0"'
            return json_answer([], Link=link)
        return None

    service = sentry(story(1), fault=fault)
    harvest = collect(service, limit=100)
    assert harvest.coverage.state is not State.KNOWN
    assert len(service.seen) <= 2 + 5 * 10


def test_short_and_empty_pages_are_not_the_end(sentry):
    def fault(request, response):
        first = request.path.endswith("/issues/") and "cursor" not in request.args
        if first and "group" not in request.args:
            link = f'<{request.base_url}>; rel="next"; results="true"; cursor="0:0:0"'
            return json_answer([], Link=link)
        return None

    assert len(collect(sentry(story(1), fault=fault)).facts) == 1


def test_more_than_the_limit_is_said_with_how_many(sentry):
    fresh = [story(n, first_seen=START + timedelta(hours=1)) for n in range(30)]
    harvest = collect(sentry(*fresh), limit=20, top=10)
    assert len(harvest.facts) == 20
    assert [(gap.reason, gap.seen, gap.expected) for gap in harvest.gaps] == [
        (Cause.TRUNCATED, 20, 30)
    ]
    assert harvest.coverage.state is State.PARTIAL


def test_foreign_text_is_cleaned_and_never_asked_for(sentry):
    title = "<script>\u202e pay\x00\nme https://evil.example " + "x" * 1000
    service = sentry(story(1, title=title))
    (fact,) = collect(service).facts
    assert len(fact.title) == 300
    assert fact.title.startswith("<script> pay me https://evil.example x")
    assert all("evil" not in seen.query + seen.path for seen in service.seen)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://evil.example/issues/1/",
        "http://sentry.io/issues/1/",
        "//evil.example/",
        "https://sentry.io.evil.example/",
        "https://me@sentry.io/",
        "https://[",
        None,
        5,
    ],
)
def test_a_link_that_leads_elsewhere_is_replaced_by_our_own(sentry, link):
    service = sentry(story(1), fault=reshape(permalink=link))
    (fact,) = collect(service).facts
    assert fact.url == f"{service.url}/organizations/recircle/issues/{fact.handle}/"


def test_no_person_is_ever_kept(sentry):
    person = {"type": "user", "id": "1", "name": "Camille", "email": "camille@recircle.example"}
    harvest = collect(
        sentry(story(1), fault=reshape(assignedTo=person, statusDetails={"actor": person}))
    )
    assert harvest.facts[0].assigned_team is None
    assert "amille" not in repr(harvest)


def test_a_region_elsewhere_never_gets_the_token(sentry):
    other = sentry(story(1))

    def fault(request, response):
        if request.path.endswith("/recircle/"):
            return json_answer(response.json | {"links": {"regionUrl": other.url}})
        return None

    here = sentry(story(1), fault=fault)
    harvest = collect(here)
    assert len(harvest.facts) == 1
    assert other.seen == []


def test_the_token_is_in_no_gap_and_no_repr(sentry):
    def echo(request, _response):
        return json_answer({"detail": request.headers["Authorization"]}, 400)

    used = collector(sentry(story(1), fault=echo), token=CANARY)
    harvest = used.collect(WEEK, END)
    assert harvest.gaps
    assert CANARY not in repr(harvest) + repr(used) + repr(used._client) + repr(list(used.check()))


def test_a_token_that_makes_no_header_is_a_gap_without_the_token(sentry):
    harvest = collector(sentry(story(1)), token=f"{CANARY}\nX: y").collect(WEEK, END)
    assert harvest.coverage.state is State.UNKNOWN
    assert CANARY not in repr(harvest)


def test_check_goes_through_everything(sentry):
    checks = list(collector(sentry(story(1))).check())
    assert [(line.what, line.ok) for line in checks] == [
        ("address", True),
        ("credentials", True),
        ("organization", True),
        ("region", True),
        ("projects", True),
        ("issues", True),
    ]


@pytest.mark.parametrize(
    ("status", "pattern", "what"),
    [
        (401, "/api/", "credentials"),
        (403, r"recircle/\?", "organization"),
        (404, "/api/", "organization"),
        (503, "/api/", "address"),
        (403, "/projects/", "projects"),
        (403, "/issues/", "issues"),
    ],
)
def test_check_says_what_to_do(sentry, status, pattern, what):
    checks = list(collector(sentry(story(1), fault=failing(status, pattern))).check())
    failed = [line for line in checks if not line.ok]
    assert [line.what for line in failed] == [what]
    assert all(line.hint for line in failed)


def test_check_names_the_projects_that_are_not_there(sentry):
    checks = list(collector(sentry(story(1)), projects=("shop", "typo")).check())
    (failed,) = [line for line in checks if not line.ok]
    assert "typo" in failed.detail
    assert "shop" not in failed.detail


@pytest.mark.parametrize(
    "site", ["http://sentry.io", "sentry.io", "https://me:pw@sentry.io", "https://", "ftp://x"]
)
def test_a_site_that_would_expose_the_token_is_refused(site):
    with pytest.raises(ValueError, match="https"):
        SentryCollector.Settings(site=site, organization="x", token=Secret(env="X"))


def test_the_same_answers_give_the_same_facts(sentry):
    service = sentry(*company(30, 4))
    first, second = collect(service), collect(service)
    assert replace(first, coverage=second.coverage) == second
