"""The GlitchTip collector against a small GlitchTip with all its traps, whole and with faults."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import requests

from bulletin.collectors.glitchtip import GlitchtipCollector
from bulletin.collectors.glitchtip.collector import LOST
from bulletin.collectors.glitchtip.reading import parse_cursor
from bulletin.config import Secret
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.harvest import Cause, Missing, Moved, State
from bulletin.model.week import Week, Window
from bulletin.wire.http import Budget
from tests.collectors.glitchtip_server import TOKEN, Glitchtip, Issue, served, told

START = datetime(2026, 11, 12, 9, tzinfo=UTC)
END = datetime(2026, 11, 19, 9, tzinfo=UTC)
WEEK = Window(START, END)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OLD = START - 30 * DAY


def every(step, first, last):
    """Return moments from the first up to but not including the last."""
    return tuple(first + n * step for n in range(-((first - last) // step)))


@pytest.fixture
def serve():
    """Start a GlitchTip with these issues."""
    with ExitStack() as stack:

        def serve(*issues, **more):
            glitchtip = Glitchtip([*issues], END, **more)
            return glitchtip, stack.enter_context(served(glitchtip))

        yield serve


def collector(service, token=TOKEN, **settings):
    made = GlitchtipCollector.Settings(
        **{"site": service.url, "organization": "acme", "token": Secret(env="UNUSED")} | settings
    )
    return GlitchtipCollector(made, "glitchtip", token, Budget(sleep=lambda _: None))


def collect(service, **settings):
    return collector(service, **settings).collect(WEEK, END)


def numbers(harvest):
    return {f.handle: (f.events, f.events_before) for f in harvest.facts}


def item(issue, key=None):
    return Item(
        key=FactKey("glitchtip", "error", key or issue.row["shortId"]),
        kind="error",
        handle=str(issue.number),
        title="Error",
        url="https://glitchtip.example/",
        owner=None,
        severity=Severity.LOW,
        state=ItemState.CARRIED,
        trend=None,
        since=Week(2026, 46),
        weeks=1,
        reasons=(),
    )


def failing(status, pattern):
    def fault(request, _response):
        return told({"detail": "no"}, status) if pattern in request.url else None

    return fault


def test_an_error_is_told_with_the_numbers_of_its_whole_days(serve):
    """The week closes on Thursday at 09:00: Wednesday's was the last of its seven whole days."""
    _, service = serve(Issue(26, level="fatal", events=every(HOUR, OLD, END)))
    harvest = collect(service)
    (fact,) = harvest.facts
    assert fact.key == FactKey("glitchtip", "error", "SHOP-1A")
    assert fact.url == f"{service.url}/acme/issues/26"
    assert (fact.title, fact.project, fact.level) == ("Error 26", "shop", "fatal")
    assert (fact.life, fact.substatus, fact.users) == (Life.OPEN, None, None)
    assert fact.daily == (24,) * 7
    assert fact.events == 168
    assert (fact.first_seen, fact.last_seen) == (OLD, END - HOUR)
    assert harvest.gaps == ()
    assert harvest.coverage.state is State.KNOWN
    assert harvest.coverage.closed_too
    assert harvest.coverage.requests == 3


def test_the_week_before_is_what_the_edition_before_said_of_it(serve):
    """What was new then was counted to the hour: its days would say another number."""
    aged = Issue(1, events=every(HOUR, OLD, END))
    younger = Issue(2, events=every(HOUR, START - 6 * DAY, END))
    new = Issue(3, events=every(HOUR, START + DAY, END))
    _, service = serve(aged, younger, new)
    assert numbers(collect(service)) == {"1": (168, None), "2": (168, None), "3": (6 * 24, 0)}


def test_consecutive_weeks_count_every_event_once(serve):
    step = timedelta(minutes=97)
    events = every(step, OLD, END + 7 * DAY)
    glitchtip, service = serve(Issue(1, events=every(step, OLD, END)))
    (first,) = collector(service).collect(WEEK, END).facts
    glitchtip.issues, glitchtip.moment = [Issue(1, events=events)], END + 7 * DAY
    (second,) = collector(service).collect(Window(END, END + 7 * DAY), END + 7 * DAY).facts
    midnight = START.replace(hour=0)
    both = sum(midnight <= at < midnight + 14 * DAY for at in events)
    assert first.events + second.events == both


def test_what_fired_on_the_morning_of_the_cut_off_is_told_in_the_next_week(serve):
    """Also where it never fired again: its day had not ended when the week before was closed."""
    burst = every(timedelta(minutes=1), END - HOUR, END)
    glitchtip, service = serve(Issue(1, events=(OLD, *burst)), Issue(2, events=burst))
    assert numbers(collect(service)) == {"1": (0, None), "2": (60, 0)}
    glitchtip.moment = END + 7 * DAY
    second = collector(service).collect(Window(END, END + 7 * DAY), END + 7 * DAY)
    # What was new was told as far as it went, and is not told again.
    assert {handle: events for handle, (events, _) in numbers(second).items()} == {"1": 60, "2": 0}


def test_days_of_another_zone_are_not_taken_for_days_in_utc(serve):
    """GlitchTip's own setting decides what a day is: in Paris it begins at 23:00 in UTC."""

    def in_paris(request, response):
        if "issues-stats" not in request.url:
            return None
        for row in (rows := response.json):
            row["stats"]["14d"] = [[at - 3600, count] for at, count in row["stats"]["14d"]]
        return told(rows)

    _, service = serve(Issue(1, events=every(HOUR, OLD, END)), fault=in_paris)
    harvest = collect(service)
    assert numbers(harvest) == {"1": (None, None)}
    assert [gap.parts for gap in harvest.gaps] == [("events",)]


def test_what_has_no_whole_day_and_is_not_new_is_unknown(serve):
    """An edition six hours into its span: no day ended in it."""
    _, service = serve(Issue(1, events=every(HOUR, OLD, END)))
    harvest = collector(service).collect(Window(END - 6 * HOUR, END), END)
    assert numbers(harvest) == {"1": (None, None)}
    assert [gap.parts for gap in harvest.gaps] == [("events",)]


def test_status_becomes_life_and_nobody_tells_since_when(serve):
    """One that was resolved by a release may fire on, and looks like any other that is resolved."""
    events = every(DAY, START, END)
    statuses = enumerate(("unresolved", "resolved", "ignored"), 1)
    _, service = serve(*(Issue(n, status=status, events=events) for n, status in statuses))
    found = {fact.handle: (fact.life, fact.resolved) for fact in collect(service).facts}
    assert found == {
        "1": (Life.OPEN, None),
        "2": (Life.DONE, None),
        "3": (Life.DECLINED, None),
    }


def test_no_trap_is_stepped_into(serve):
    """No term, no sort of Sentry's, no slug of a project, no date: each lies or is refused."""
    _, service = serve(*(Issue(n, events=(START + n * HOUR,)) for n in range(1, 6)))
    assert len(collect(service, projects=("shop",)).facts) == 5
    queries = " ".join(seen.query for seen in service.seen)
    assert "project=11" in queries
    for trap in ("query=", "start=", "end=", "freq", "environment"):
        assert trap not in queries


def test_the_traps_are_there():
    """The small GlitchTip is one: what Sentry understands finds nothing here, or is refused."""
    with served(Glitchtip([Issue(1, events=(START,))], END)) as service:
        home = f"{service.url}/api/0/organizations/acme/issues/"
        headers = {"Authorization": f"Bearer {TOKEN}"}

        def ask(**params):
            return requests.get(home, params=params, headers=headers, timeout=5)

        assert len(ask().json()) == len(ask(query="is:unresolved").json()) == 1
        assert ask(query="is:unresolved firstSeen:-7d").json() == []
        assert ask(query="issue.category:error").json() == []
        assert ask(sort="freq").status_code == ask(project="shop").status_code == 422


def test_every_page_is_read_until_the_week_began(serve):
    issues = [Issue(n, events=(START + n * HOUR,)) for n in range(1, 31)]
    issues += [Issue(n, events=(OLD + n * HOUR,)) for n in range(31, 61)]
    _, service = serve(*issues, page=10)
    harvest = collect(service)
    assert len(harvest.facts) == 30
    pages = [seen for seen in service.seen if seen.path.endswith("/issues/")]
    assert len(pages) == 5


def test_a_cursor_is_read_whole_from_the_address_of_the_page(serve):
    """It ends in `=`, where the library that parses `Link` gives up on the parameter."""
    odd = START + timedelta(microseconds=1)
    _, service = serve(*(Issue(n, events=(odd + n * HOUR,)) for n in range(1, 4)), page=2)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{service.url}/api/0/organizations/acme/issues/"
    links = requests.get(url, headers=headers, timeout=5).links
    assert "cursor" not in links["next"]
    assert parse_cursor(links).endswith("=")
    assert len(collect(service).facts) == 3


@pytest.mark.parametrize("cursor", ["", "%00", "cD0x"])
def test_a_page_that_leads_nowhere_ends_in_a_gap(serve, cursor):
    def astray(request, response):
        link = f'<http://elsewhere.example/?cursor={cursor}>; rel="next"; results="true"'
        if request.path.endswith("/issues/"):
            response.headers["Link"] = link
        return response

    _, service = serve(Issue(1, events=(START,)), fault=astray)
    harvest = collect(service)
    assert len(service.seen) < 8
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.state is State.PARTIAL


def test_two_hundred_are_counted_a_request(serve):
    """Of more the server would leave some out without a word."""
    late = timedelta(seconds=1)
    issues = (Issue(n, events=every(12 * HOUR, OLD + n * late, END)) for n in range(1, 251))
    _, service = serve(*issues)
    harvest = collect(service)
    assert [seen.path for seen in service.seen].count(
        "/api/0/organizations/acme/issues-stats/"
    ) == 2
    assert {fact.events for fact in harvest.facts} == {14}
    assert len(harvest.facts) == 250


def test_counts_that_fail_leave_errors_without_them(serve):
    _, service = serve(Issue(1, events=every(HOUR, OLD, END)), fault=failing(500, "issues-stats"))
    harvest = collect(service)
    assert numbers(harvest) == {"1": (None, None)}
    assert {gap.reason for gap in harvest.gaps} == {Cause.SERVER_ERROR, Cause.UNSUPPORTED}
    assert all(gap.parts for gap in harvest.gaps)


@pytest.mark.parametrize(
    ("status", "pattern", "cause"),
    [(404, "acme/issues/", Cause.NOT_FOUND), (401, "projects", Cause.REFUSED),
     (403, "acme/issues/", Cause.FORBIDDEN), (503, "projects", Cause.SERVER_ERROR)],
)  # fmt: skip
def test_a_server_that_refuses_leaves_everything_unknown(serve, status, pattern, cause):
    _, service = serve(Issue(1, events=(START,)), fault=failing(status, pattern))
    harvest = collect(service)
    assert (harvest.facts, harvest.coverage.state) == ((), State.UNKNOWN)
    assert [gap.reason for gap in harvest.gaps] == [cause]


def test_a_project_that_is_not_there_is_said_and_the_rest_is_not_looked_at_instead(serve):
    _, service = serve(Issue(1, events=(START,)))
    harvest = collect(service, projects=("nowhere",))
    assert not harvest.facts
    assert (harvest.coverage.state, harvest.coverage.expected) == (State.UNKNOWN, 1)
    assert [gap.reason for gap in harvest.gaps] == [Cause.FORBIDDEN]


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"id": "../x"}, {"status": "odd"}, {"project": None}, {"lastSeen": "soon"},
     {"lastSeen": "2036-01-01T00:00:00Z"}],
)  # fmt: skip
def test_an_issue_that_cannot_be_read_is_counted(serve, change):
    def spoil(request, response):
        if request.path.endswith("acme/issues/"):
            first, *rest = response.json
            return told([first | change, *rest])
        return None

    _, service = serve(*(Issue(n, events=(START + n * HOUR,)) for n in (1, 2)), fault=spoil)
    harvest = collect(service)
    assert len(harvest.facts) == 1
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.CHANGED_SHAPE, 1, 2)


@pytest.mark.parametrize("knows_ids", [True, False])
def test_a_look_up_says_what_became_of_each(serve, knows_ids):
    quiet = Issue(1, status="resolved", events=every(HOUR, OLD, START - DAY))
    going, gone = Issue(2, events=(OLD,), deleting=True), Issue(3, events=(OLD,))
    _, service = serve(quiet, *([going] if knows_ids else []), knows_ids=knows_ids)
    one = collector(service)
    one.collect(WEEK, END)
    items = [item(quiet), item(gone), *([item(going)] if knows_ids else [])]
    harvest = one.revisit(items)
    (fact,) = harvest.facts
    assert (fact.handle, fact.life, fact.events) == ("1", Life.DONE, 0)
    why = {gone.key.subject: gone.why for gone in harvest.missing}
    assert why == {"SHOP-3": "unreadable"} | ({"SHOP-2": "deleted"} if knows_ids else {})
    assert harvest.coverage.state is State.KNOWN


@pytest.mark.parametrize(("page", "requests_"), [(100, 3), (50, 5)])
def test_two_hundred_items_are_looked_up_in_a_few_requests(serve, page, requests_):
    """Also where pages are shorter than asked for: what is on a later one is not gone."""
    issues = [Issue(n, events=(OLD + n * HOUR,)) for n in range(1, 201)]
    _, service = serve(*issues, page=page)
    harvest = collector(service).revisit([item(issue) for issue in issues])
    assert (len(harvest.facts), harvest.missing) == (200, ())
    assert harvest.coverage.requests == requests_


def test_a_server_without_bulk_is_asked_for_some_and_the_rest_is_said(serve):
    issues = [Issue(n, events=(OLD,)) for n in range(1, LOST + 6)]
    _, service = serve(*issues, knows_ids=False, page=5)
    strangers = [Issue(n, events=(OLD,)) for n in range(100, 105)]
    harvest = collector(service).revisit([item(i) for i in (*issues[5:], *strangers)])
    assert len(harvest.facts) + len(harvest.missing) == LOST
    assert [gap.reason for gap in harvest.gaps] == [Cause.TRUNCATED]


def test_a_look_up_that_fails_calls_nothing_gone(serve):
    issue = Issue(1, events=(OLD,))
    for status in (401, 500, 503):
        _, service = serve(issue, fault=failing(status, "issues/"))
        harvest = collector(service).revisit([item(issue)])
        assert not harvest.missing
        assert harvest.coverage.state is State.UNKNOWN


def test_an_error_of_a_renamed_project_stays_the_same_item(serve):
    issue = Issue(1, events=(OLD,))
    _, service = serve(issue)
    harvest = collector(service).revisit([item(issue, key="TILL-1")])
    old, new = (FactKey("glitchtip", "error", name) for name in ("TILL-1", "SHOP-1"))
    assert harvest.moved == (Moved(old=old, new=new),)


def test_an_error_outside_the_projects_has_moved_away(serve):
    issue = Issue(1, project="12", events=(OLD,))
    _, service = serve(issue)
    harvest = collector(service, projects=("shop",)).revisit([item(issue)])
    assert harvest.missing == (Missing(key=item(issue).key, why="moved_away"),)


def test_check_says_what_is_wrong(serve):
    _, service = serve(Issue(1, events=(START,)))
    assert [line.what for line in collector(service).check() if line.ok] == [
        "address", "credentials", "projects", "issues", "counts",
    ]  # fmt: skip
    *_, last = collector(service, token="wrong").check()
    assert (last.what, last.ok) == ("credentials", False)
    assert last.hint
    *_, last = collector(service, organization="nobody").check()
    assert not last.ok
    lines = {line.what: line for line in collector(service, projects=("nowhere",)).check()}
    assert not lines["projects"].ok
