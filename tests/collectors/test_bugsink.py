"""The Bugsink collector against a small Bugsink, whole and with faults."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.collectors.bugsink import BugsinkCollector
from bulletin.collectors.bugsink.collector import LOOK_UPS
from bulletin.collectors.bugsink.tally import Page, Tally
from bulletin.config import Secret
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.harvest import Cause, Missing, Moved, State
from bulletin.model.week import Week, Window
from bulletin.wire.http import Budget
from tests.collectors.bugsink_server import TOKEN, Bugsink, Issue, served, told

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
    """Start a Bugsink with these issues."""
    with ExitStack() as stack:

        def serve(*issues, **more):
            bugsink = Bugsink([*issues], **more)
            return bugsink, stack.enter_context(served(bugsink, END))

        yield serve


def collector(service, token=TOKEN, **settings):
    made = BugsinkCollector.Settings(site=service.url, token=Secret(env="UNUSED"), **settings)
    return BugsinkCollector(made, "bugsink", token, Budget(sleep=lambda _: None))


def collect(service, **settings):
    return collector(service, **settings).collect(WEEK, END)


def numbers(harvest):
    return {f.key.subject: (f.events, f.events_before) for f in harvest.facts}


def item(issue, handle=None):
    return Item(
        key=FactKey("bugsink", "error", issue.row["friendly_id"]),
        kind="error",
        handle=handle or issue.id,
        title="Error",
        url="https://bugsink.example/",
        owner=None,
        severity=Severity.LOW,
        state=ItemState.CARRIED,
        trend=None,
        since=Week(2026, 46),
        weeks=1,
        reasons=(),
    )


def failing(status, pattern, body=None):
    def fault(request, _response):
        return told(body or {"detail": "no"}, status) if pattern in request.url else None

    return fault


def test_an_error_is_told_with_the_numbers_of_its_week(serve):
    events = every(HOUR, OLD, END)
    _, service = serve(Issue(7, kind="KeyError", said="'price'\nand more", events=events))
    harvest = collect(service)
    (fact,) = harvest.facts
    assert fact.key == FactKey("bugsink", "error", "SHOP-7")
    assert fact.title == "KeyError: 'price'"
    assert fact.url == f"{service.url}/issues/issue/{fact.handle}/event/last/"
    assert (fact.life, fact.project, fact.first_seen) == (Life.OPEN, "shop", OLD)
    assert (fact.events, fact.events_before) == (168, 168)
    assert (fact.users, fact.substatus, fact.level, fact.release) == (None, None, None, None)
    assert harvest.gaps == ()
    assert harvest.coverage.state is State.KNOWN
    assert (harvest.coverage.seen, harvest.coverage.expected) == (2, 2)
    assert harvest.coverage.closed_too


def test_what_began_in_the_week_costs_no_request_to_count(serve):
    young = [Issue(n, events=every(HOUR, START + n * HOUR, END)) for n in range(1, 31)]
    _, service = serve(*young)
    harvest = collect(service)
    assert {n: (168 - n, 0) for n in range(1, 31)} == {
        int(subject.removeprefix("SHOP-")): counts for subject, counts in numbers(harvest).items()
    }
    assert harvest.coverage.requests == 3


def test_an_error_that_did_not_fire_in_the_week_is_not_told(serve):
    quiet = Issue(1, events=every(HOUR, OLD, START))
    loud = Issue(2, events=(*every(HOUR, OLD, OLD + DAY), START))
    _, service = serve(quiet, loud)
    assert numbers(collect(service)) == {"SHOP-2": (1, 0)}


def test_a_loud_error_is_counted_in_a_few_leaps(serve):
    """Half a minute apart for 37 days: 106,000 events, of which a page holds 250."""
    step = timedelta(seconds=30)
    _, service = serve(Issue(1, events=every(step, OLD, END)))
    harvest = collect(service)
    assert numbers(harvest) == {"SHOP-1": (20160, 20160)}
    assert harvest.coverage.requests < 30


def test_what_bugsink_threw_away_is_counted_all_the_same(serve):
    """It keeps one in forty, as it does with old events of a loud issue."""
    events = every(timedelta(minutes=1), OLD, END)
    kept = frozenset(range(40, len(events) + 1, 40))
    _, service = serve(Issue(1, events=events, kept=kept))
    (fact,) = collect(service).facts
    assert 10080 * 0.99 <= fact.events <= 10080
    assert 10080 * 0.99 <= fact.events_before <= 10080


def test_a_count_that_is_too_uncertain_is_unknown_and_never_zero(serve):
    events = every(HOUR, OLD, END)
    _, service = serve(Issue(1, events=events, kept=frozenset({1, 400, len(events)})))
    harvest = collect(service)
    assert numbers(harvest) == {"SHOP-1": (None, None)}
    assert {gap.parts for gap in harvest.gaps} == {("events",), ("events_before",)}
    assert harvest.coverage.state is State.KNOWN


def test_more_errors_than_the_top_are_told_without_a_count(serve):
    old = [Issue(n, events=(*every(HOUR, OLD, OLD + n * HOUR), START)) for n in range(1, 6)]
    _, service = serve(*old)
    harvest = collect(service, top=2)
    known = {subject for subject, (events, _) in numbers(harvest).items() if events is not None}
    assert known == {"SHOP-5", "SHOP-4"}
    events = next(gap for gap in harvest.gaps if gap.parts == ("events",))
    assert (events.reason, events.seen, events.expected) == (Cause.TRUNCATED, 2, 5)


def test_resolved_is_done_and_muted_is_declined(serve):
    events = every(DAY, START, END)
    outright = Issue(1, events=events, resolved=True)
    released = Issue(2, events=events, resolved=True, outright=False)
    muted = Issue(3, events=events, muted=True)
    _, service = serve(outright, released, muted)
    told_ = {f.key.subject: (f.life, f.resolved) for f in collect(service).facts}
    assert told_ == {
        "SHOP-1": (Life.DONE, events[-1]),
        "SHOP-2": (Life.DONE, None),
        "SHOP-3": (Life.DECLINED, None),
    }


def test_every_page_is_read_until_the_week_began(serve):
    issues = [Issue(n, events=(START + n * HOUR,)) for n in range(1, 31)]
    issues += [Issue(n, events=(OLD + n * HOUR,)) for n in range(31, 61)]
    _, service = serve(*issues, page=10)
    assert len(collect(service, projects=("shop",)).facts) == 30
    pages = [seen for seen in service.seen if seen.path.endswith("/issues/")]
    assert len(pages) == 5


def test_an_error_that_fires_while_pages_are_turned_is_not_lost(serve):
    issues = [Issue(n, events=(START + n * HOUR,)) for n in range(1, 31)]

    def fire(request, response):
        if "cursor" in request.args:
            bugsink.change(1, events=(START, END - HOUR))

    bugsink, service = serve(*issues, page=10)
    bugsink.fault = fire
    assert len(collect(service, projects=("shop",)).facts) == 30


def test_what_is_cut_off_is_said(serve):
    _, service = serve(*(Issue(n, events=(START + n * HOUR,)) for n in range(1, 31)), page=10)
    harvest = collect(service, limit=15, projects=("shop",))
    assert [gap.reason for gap in harvest.gaps] == [Cause.TRUNCATED]
    assert harvest.coverage.state is State.PARTIAL
    assert not harvest.coverage.closed_too


@pytest.mark.parametrize("following", ["http://x/?cursor=cD0x", "http://x/?cursor=%00", "/", 7])
def test_a_page_that_leads_nowhere_ends_in_a_gap(serve, following):
    def astray(request, response):
        if "issues" in request.path:
            return told(response.json | {"next": following})
        return None

    _, service = serve(Issue(1, events=(START,)), fault=astray)
    harvest = collect(service, projects=("shop",))
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.state is State.PARTIAL
    assert len(service.seen) < 6


def test_a_server_that_cannot_leap_is_not_believed(serve):
    def stuck(request, response):
        if "events" in request.path and "cursor" in request.args:
            return told(
                {
                    "next": None,
                    "results": [{"digest_order": 10**6, "ingested_at": "2026-11-19T08:00:00Z"}],
                }
            )
        return None

    _, service = serve(Issue(1, events=every(timedelta(minutes=1), OLD, END)), fault=stuck)
    harvest = collect(service)
    assert numbers(harvest) == {"SHOP-1": (None, None)}
    assert Cause.UNSUPPORTED in {gap.reason for gap in harvest.gaps}


def test_one_project_that_fails_hides_no_other(serve):
    issues = Issue(1, events=(START,)), Issue(1, project=2, events=(START,))
    _, service = serve(*issues, fault=failing(403, "project=2"))
    harvest = collect(service)
    assert numbers(harvest) == {"SHOP-1": (1, 0)}
    assert [gap.reason for gap in harvest.gaps] == [Cause.FORBIDDEN]
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 2)
    assert harvest.coverage.state is State.PARTIAL


def test_a_server_that_is_down_leaves_everything_unknown(serve):
    _, service = serve(fault=failing(503, "projects"))
    harvest = collect(service)
    assert (harvest.facts, harvest.coverage.state) == ((), State.UNKNOWN)
    assert [gap.reason for gap in harvest.gaps] == [Cause.SERVER_ERROR]


def test_a_project_that_is_not_there_is_said(serve):
    _, service = serve(Issue(1, events=(START,)))
    harvest = collect(service, projects=("shop", "nowhere"))
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 2)
    assert [gap.reason for gap in harvest.gaps] == [Cause.FORBIDDEN]


def test_a_project_that_cannot_be_read_is_said(serve):
    def spoil(request, response):
        if request.path.endswith("/projects/"):
            rows = response.json["results"]
            return told(response.json | {"results": [rows[0] | {"slug": "a b"}, *rows[1:]]})
        return None

    _, service = serve(Issue(1, events=(START,)), fault=spoil)
    harvest = collect(service)
    assert harvest.coverage.state is not State.KNOWN
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"id": "../x"}, {"friendly_id": "a b"}, {"is_resolved": "no"}, {"project": 9},
     {"last_seen": "soon"}, {"digested_event_count": -1}, {"last_seen": "2036-01-01T00:00:00Z"}],
)  # fmt: skip
def test_an_issue_that_cannot_be_read_is_counted(serve, change):
    def spoil(request, response):
        if request.path.endswith("/issues/") and request.args["project"] == "1":
            first, *rest = response.json["results"]
            return told(response.json | {"results": [first | change, *rest]})
        return None

    issues = [Issue(n, events=(START + n * HOUR,)) for n in (1, 2)]
    _, service = serve(*issues, fault=spoil)
    harvest = collect(service)
    assert len(harvest.facts) == 1
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.CHANGED_SHAPE, 1, 2)


def test_a_look_up_says_what_became_of_each(serve):
    quiet = Issue(1, events=every(HOUR, OLD, START), resolved=True)
    gone = Issue(2, events=(START,))
    _, service = serve(quiet)
    one = collector(service)
    one.collect(WEEK, END)
    harvest = one.revisit([item(quiet), item(gone)])
    (fact,) = harvest.facts
    assert (fact.life, fact.events, fact.events_before) == (Life.DONE, 0, 168)
    assert harvest.missing == (Missing(key=item(gone).key, why="deleted"),)
    assert harvest.coverage.state is State.KNOWN


def test_an_error_of_a_renamed_project_stays_the_same_item(serve):
    issue = Issue(1, events=(OLD,))
    _, service = serve(issue)
    was = replace(item(issue), key=FactKey("bugsink", "error", "TILL-1"))
    harvest = collector(service).revisit([was])
    assert harvest.moved == (Moved(old=was.key, new=FactKey("bugsink", "error", "SHOP-1")),)


def test_an_error_outside_the_projects_has_moved_away(serve):
    issue = Issue(1, project=2, events=(OLD,))
    _, service = serve(issue)
    harvest = collector(service, projects=("shop",)).revisit([item(issue)])
    assert [gone.why for gone in harvest.missing] == ["moved_away"]
    assert not harvest.facts


def test_a_long_list_is_looked_up_as_far_as_it_goes(serve):
    _, service = serve()
    issues = [Issue(n, events=(OLD,)) for n in range(LOOK_UPS + 10)]
    harvest = collector(service).revisit([item(issue) for issue in issues])
    assert len(harvest.missing) == LOOK_UPS
    assert [gap.reason for gap in harvest.gaps] == [Cause.TRUNCATED]
    assert harvest.coverage.requests == LOOK_UPS + 1


def test_a_look_up_that_fails_calls_nothing_gone(serve):
    issue = Issue(1, events=(OLD,))
    for status in (401, 500, 503):
        _, service = serve(issue, fault=failing(status, "/issues/"))
        harvest = collector(service).revisit([item(issue)])
        assert not harvest.missing
        assert harvest.coverage.state is State.UNKNOWN


def test_check_says_what_is_wrong(serve):
    _, service = serve(Issue(1, events=(START,)))
    lines = [*collector(service).check()]
    assert [line.what for line in lines if line.ok] == [
        "address", "credentials", "projects", "issues", "events",
    ]  # fmt: skip
    *_, last = collector(service, token="f" * 40).check()
    assert (last.what, last.ok) == ("credentials", False)
    assert last.hint
    _, service = serve(Issue(1, events=(START,)), fault=failing(403, "events"))
    *_, last = collector(service, projects=("shop",)).check()
    assert (last.what, last.ok) == ("events", False)


@given(st.data())
def test_a_tally_is_never_more_than_there_were_and_never_far_less(data):
    """Whatever was thrown away, and however small the pages, against the moments themselves."""
    steps = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=400))
    events = [START + sum(steps[: n + 1]) * HOUR for n in range(len(steps))]
    kept = data.draw(st.sets(st.integers(1, len(events)))) if data.draw(st.booleans()) else None
    size = data.draw(st.integers(1, 20))
    asked = []

    def ask(below):
        asked.append(below)
        left = [
            (number, at)
            for number, at in enumerate(events, 1)
            if (kept is None or number in kept) and (below is None or number < below)
        ]
        page = left[::-1][:size]
        return Page(tuple(page), is_last=len(page) == len(left))

    first = START + data.draw(st.integers(-2, 1200)) * HOUR
    window = Window(first, first + data.draw(st.integers(1, 1200)) * HOUR)
    truth = sum(at in window for at in events)
    told_ = Tally(len(events), events[0], events[-1], ask).between(window)
    assert kept is not None or told_ == truth
    assert told_ is None or truth * 0.98 <= told_ <= truth
    assert len(asked) <= 2 * 10
