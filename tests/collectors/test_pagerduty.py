"""The PagerDuty collector against a small PagerDuty, whole and with faults, and the small one
against PagerDuty's own document.
"""

import re
from contextlib import ExitStack

import pytest

from bulletin.collectors.pagerduty import PagerdutyCollector
from bulletin.collectors.pagerduty.collector import LOOK_UPS
from bulletin.collectors.pagerduty.reading import Reading, parse_incident
from bulletin.config import Secret
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.harvest import Cause, Missing, State
from bulletin.model.week import Week, Window
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from bulletin.wire.http import Budget
from tests.collectors.pagerduty_server import (
    DAY,
    END,
    HOUR,
    PERSON,
    TOKEN,
    Pagerduty,
    answer,
    reference,
    row,
)
from tests.contracts import documents

START = END - 7 * DAY
WEEK = Window(START, END)


@pytest.fixture
def serve():
    """Start a PagerDuty with these incidents."""
    with ExitStack() as stack:

        def serve(*rows, **more):
            pagerduty = Pagerduty([*rows], **more)
            service = Service("pagerduty", pagerduty, World(), END)
            return pagerduty, stack.enter_context(service)

        yield serve


def settings(**given):
    return PagerdutyCollector.Settings.model_validate({"token": Secret(env="UNUSED")} | given)


def collector(service, token=TOKEN, **given):
    made = settings(site=service.url, **given)
    return PagerdutyCollector(made, "pagerduty", token, Budget(sleep=lambda _: None))


def collect(service, **given):
    return collector(service, **given).collect(WEEK, END)


def handles(harvest):
    return sorted(int(fact.handle[1:]) for fact in harvest.facts)


def reasons(harvest):
    return [gap.reason for gap in harvest.gaps]


def item(number, handle=None):
    handle = handle or f"Q{number:06}"
    return Item(
        key=FactKey("pagerduty", "incident", handle),
        kind="incident",
        handle=handle,
        title="Fire",
        url="",
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
        return answer({}, status) if re.search(pattern, request.full_path) else None

    return fault


def read(**more):
    return parse_incident(row(1, **more), Reading.of(settings(), "pagerduty"))


def test_an_incident_is_told_without_anybody_s_name(serve):
    _, service = serve(row(7, "acknowledged", priority=reference("prioritie", "P53ZZH5", "P1")))
    harvest = collect(service)
    (fact,) = harvest.facts
    assert fact.key == FactKey("pagerduty", "incident", "Q000007")
    assert (fact.title, fact.url) == ("Fire 7", "https://acme.pagerduty.com/incidents/Q000007")
    assert (fact.life, fact.status, fact.assigned) == (Life.OPEN, "acknowledged", True)
    assert (fact.severity, fact.services, fact.project) == (
        Severity.CRITICAL, ("Checkout",), "Checkout",
    )  # fmt: skip
    assert (fact.opened, fact.resolved, fact.status_since) == (END - DAY, None, END - DAY)
    assert PERSON not in repr(harvest)
    assert (harvest.gaps, harvest.coverage.state) == ((), State.KNOWN)
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 1)
    assert harvest.coverage.closed_too
    assert harvest.coverage.requests == 2


def test_what_is_open_is_told_whatever_its_age_and_what_is_closed_if_it_was_in_the_week(serve):
    ages = {
        1: row(1, opened=END - 400 * DAY),
        2: row(2, "resolved", opened=END - 300 * DAY, closed=START),
        3: row(3, "resolved", opened=END - 2 * DAY, closed=END - DAY),
        4: row(4, "resolved", opened=END - 20 * DAY, closed=START - HOUR),
    }
    _, service = serve(*ages.values())
    assert handles(collect(service)) == [1, 2, 3]
    before = Window(START - 7 * DAY, START)
    assert handles(collector(service).collect(before, END)) == [1, 2, 3, 4]


def test_the_list_of_the_resolved_is_left_where_the_week_began(serve):
    rows = [row(n, "resolved", opened=END - 90 * DAY, closed=END - n * HOUR) for n in range(1, 999)]
    _, service = serve(*rows)
    harvest = collect(service)
    assert handles(harvest) == [*range(1, 7 * 24 + 1)]
    assert harvest.coverage.requests == 3


@pytest.mark.parametrize("page", [100, 40])
def test_every_page_is_read_also_where_they_are_shorter_than_asked_for(serve, page):
    _, service = serve(*(row(n, opened=END - n * HOUR) for n in range(1, 251)), page=page)
    harvest = collect(service)
    assert len(harvest.facts) == harvest.coverage.expected == 250
    assert harvest.coverage.requests == -(-250 // page) + 1


def test_what_moves_off_its_page_while_pages_are_turned_is_not_lost(serve):
    def resolve(request, _response):
        if request.args.get("offset") != "100":
            return None
        pagerduty.rows[0] = row(1, "resolved", opened=END - 9 * DAY)
        return pagerduty.respond(request)

    rows = [row(1, opened=END - 9 * DAY), *(row(n, opened=END - 8 * DAY) for n in range(2, 151))]
    pagerduty, service = serve(*rows, fault=resolve)
    harvest = collect(service)
    assert handles(harvest) == [*range(1, 151)]
    assert harvest.coverage.state is State.KNOWN


def test_beyond_ten_thousand_is_a_gap_and_never_asked_for(serve):
    _, service = serve(*(row(n, opened=END - DAY) for n in range(1, 10_102)))
    harvest = collect(service)
    assert len(harvest.facts) == 10_000
    assert (reasons(harvest), harvest.coverage.state) == ([Cause.TRUNCATED], State.PARTIAL)
    assert harvest.coverage.expected is None
    assert not harvest.coverage.closed_too
    assert all(seen.status == 200 for seen in service.seen)


@pytest.mark.parametrize(
    ("change", "cause"),
    [({"more": None}, Cause.CHANGED_SHAPE), ({"incidents": {}}, Cause.CHANGED_SHAPE),
     ({"more": True}, Cause.CHANGED_SHAPE), ({"incidents": [], "more": True}, Cause.CHANGED_SHAPE)],
)  # fmt: skip
def test_a_list_in_another_form_or_without_end_is_a_gap(serve, change, cause):
    def spoil(request, response):
        return answer(response.json | change | {"offset": 0}) if "more" in response.json else None

    _, service = serve(row(1), fault=spoil)
    harvest = collector(service).collect(WEEK, END)
    assert reasons(harvest) == [cause]
    assert harvest.coverage.state in {State.PARTIAL, State.UNKNOWN}
    assert len(service.seen) < 4


def test_a_list_in_another_order_is_not_believed(serve):
    rows = [row(n, "resolved", opened=END - 90 * DAY, closed=END - n * DAY) for n in range(1, 30)]

    def reverse(request, response):
        return answer(response.json | {"incidents": response.json["incidents"][::-1]})

    _, service = serve(*rows, row(99), fault=reverse)
    harvest = collect(service)
    assert (handles(harvest), reasons(harvest)) == ([99], [Cause.UNSUPPORTED])
    assert harvest.coverage.state is State.PARTIAL


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"id": "../x"}, {"status": "snoozed"}, {"status": None}, {"created_at": None},
     {"created_at": "2026-11-18T09:00:00"}, {"created_at": "2036-01-01T00:00:00Z"},
     {"status": "resolved", "last_status_change_at": None}],
)  # fmt: skip
def test_an_incident_that_cannot_be_read_is_counted(serve, change):
    _, service = serve(row(1), row(2))

    def spoil(request, response):
        if "triggered" not in request.args.getlist("statuses[]"):
            return None
        first, *rest = response.json["incidents"]
        return answer(response.json | {"incidents": [first | change, *rest, "nonsense"]})

    service.answer.fault = spoil
    harvest = collect(service)
    (gap,) = harvest.gaps
    assert (handles(harvest), gap.reason) == ([2], Cause.CHANGED_SHAPE)
    assert (gap.seen, gap.expected) == (1, 3)
    assert harvest.coverage.state is State.PARTIAL


@pytest.mark.parametrize(
    ("status", "pattern", "cause", "state"),
    [
        (401, "incidents", Cause.REFUSED, State.UNKNOWN),
        (402, "incidents", Cause.BAD_QUERY, State.UNKNOWN),
        (403, "triggered", Cause.FORBIDDEN, State.UNKNOWN),
        (403, "=resolved", Cause.FORBIDDEN, State.PARTIAL),
        (429, "incidents", Cause.RATE_LIMITED, State.UNKNOWN),
        (503, "incidents", Cause.SERVER_ERROR, State.UNKNOWN),
    ],
)
def test_a_refusal_is_a_gap_and_never_a_quiet_week(serve, status, pattern, cause, state):
    _, service = serve(row(1), fault=failing(status, pattern))
    harvest = collect(service)
    assert (reasons(harvest), harvest.coverage.state) == ([cause], state)
    assert not harvest.coverage.closed_too
    assert harvest.gaps[0].hint


def test_an_open_list_that_breaks_off_hides_nothing_of_the_resolved(serve):
    _, service = serve(row(1), row(2, "resolved"), fault=failing(500, "triggered"))
    harvest = collect(service)
    assert (handles(harvest), reasons(harvest)) == ([2], [Cause.SERVER_ERROR])
    assert harvest.coverage.state is State.PARTIAL


def test_services_and_teams_narrow_the_lists(serve):
    rows = row(1), row(2, service="PSEARCH"), row(3, service="PSEARCH", teams=[])
    _, service = serve(*rows)
    assert handles(collect(service, services=["PSEARCH"])) == [2, 3]
    assert handles(collect(service, services=["PSEARCH"], teams=["PQ9K7I8"])) == [2]
    assert handles(collect(service, teams=["PQ9K7I8"])) == [1, 2]


def test_a_service_that_is_not_there_is_said_and_the_rest_is_not_looked_at_instead(serve):
    _, service = serve(row(1), row(2, service="PSEARCH"))
    part = collect(service, services=["PSEARCH", "PGONE"])
    assert (handles(part), reasons(part)) == ([2], [Cause.NOT_FOUND])
    assert part.coverage.state is State.PARTIAL
    none = collect(service, services=["checkout"])
    assert (none.facts, none.coverage.state) == ((), State.UNKNOWN)
    assert "PIJ90N7 (Checkout)" in none.gaps[0].hint


@pytest.mark.parametrize(
    ("priority", "urgency", "given", "expected"),
    [("P1", "low", {}, Severity.CRITICAL), ("p2 - Bad", "low", {}, Severity.HIGH),
     ("P3", "high", {}, Severity.MEDIUM), ("P5", "high", {}, Severity.LOW),
     ("P12", "low", {}, Severity.LOW), (None, "high", {}, Severity.HIGH),
     ("Sev A", "low", {"priorities": {"sev a": "critical"}}, Severity.CRITICAL),
     ("P1", "low", {"priorities": {"P1": "medium"}}, Severity.MEDIUM),
     (None, "high", {"urgencies": {"high": "medium"}}, Severity.MEDIUM),
     (None, "odd", {}, None)],
)  # fmt: skip
def test_priority_tells_the_severity_and_urgency_where_there_is_none(
    serve, priority, urgency, given, expected
):
    named = priority and reference("prioritie", "P53ZZH5", priority)
    _, service = serve(row(1, priority=named, urgency=urgency))
    harvest = collect(service, **given)
    assert [fact.severity for fact in harvest.facts] == [expected]
    assert [gap.parts for gap in harvest.gaps] == ([] if expected else [("severity",)])
    assert harvest.coverage.state is State.KNOWN


def test_status_becomes_life_and_only_who_acknowledges_is_on_it():
    assert (read().life, read().assigned, read().status_since) == (Life.OPEN, False, None)
    done = read(status="resolved")
    assert (done.life, done.resolved, done.assigned) == (Life.DONE, END - HOUR, None)
    # A resolved incident whose answer has no `resolved_at` changed its status when it was resolved.
    assert read(status="resolved", resolved_at=None).resolved == END - HOUR
    into = {"type": "merge_resolve_reason", "incident": reference("incident", "Q9", "Another")}
    merged = read(status="resolved", resolve_reason=into)
    assert (merged.life, merged.links) == (
        Life.DECLINED, ("https://acme.pagerduty.com/incidents/Q9",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "url"),
    [("https://acme.pagerduty.com/incidents/Q1?x=1", "https://acme.pagerduty.com/incidents/Q1"),
     ("https://pagerduty.com.evil.example/incidents/Q1", ""), ("http://acme.pagerduty.com/i", ""),
     ("https://acme.pagerduty.com@evil.example/", ""), ("https://notpagerduty.com/", ""),
     ("javascript:alert(1)", ""), ("https://[", ""), (None, ""), (7, "")],
)  # fmt: skip
def test_a_link_leads_to_pagerduty_or_nowhere(given, url):
    assert read(html_url=given).url == url


def test_titles_are_cleaned_and_an_exercise_is_known_by_its_word():
    assert read(title="Fire\u202e\n  down").title == "Fire down"
    assert read(title=None).title == "Q000001"
    assert read(title="[DRILL] Fire").drill
    assert not read(title="Drilling stopped").drill
    assert not parse_incident(row(1, title="drill"), Reading.of(settings(drills=""), "x")).drill


def test_a_look_up_says_what_became_of_each(serve):
    old = row(1, "resolved", opened=END - 60 * DAY, closed=START - DAY)
    pagerduty, service = serve(old, row(2, service="PSEARCH"), row(4))
    pagerduty.fault = failing(403, "Q000004")
    one = collector(service, services=["PIJ90N7"])
    harvest = one.revisit([item(1), item(2), item(3), item(4)])
    (fact,) = harvest.facts
    assert (fact.handle, fact.life, fact.resolved) == ("Q000001", Life.DONE, START - DAY)
    assert harvest.missing == (
        Missing(key=item(2).key, why="moved_away"), Missing(key=item(3).key, why="unreadable"),
    )  # fmt: skip
    assert reasons(harvest) == [Cause.FORBIDDEN]
    assert (harvest.coverage.seen, harvest.coverage.expected) == (3, 4)
    assert (harvest.coverage.state, harvest.coverage.requests) == (State.PARTIAL, 5)


def test_a_look_up_that_fails_calls_nothing_gone(serve):
    for status in (401, 404, 500, 503):
        _, service = serve(row(1), fault=failing(status, "incidents"))
        harvest = collector(service).revisit([item(1)])
        assert not harvest.missing
        assert harvest.coverage.state is State.UNKNOWN


def test_a_handle_or_an_answer_of_another_service_is_not_believed(serve):
    def another(request, response):
        return answer({"incident": row(2)}) if request.path.endswith("Q000001") else None

    _, service = serve(row(1), fault=another)
    harvest = collector(service).revisit([item(1), item(0, "../teams")])
    assert (harvest.facts, harvest.missing) == ((), ())
    (gap,) = harvest.gaps
    assert (gap.reason, gap.expected) == (Cause.CHANGED_SHAPE, 2)
    assert not any("teams" in seen.path for seen in service.seen)


def test_a_long_list_is_looked_up_as_far_as_it_goes(serve):
    _, service = serve()
    harvest = collector(service).revisit([item(n) for n in range(LOOK_UPS + 9)])
    assert (len(harvest.missing), reasons(harvest)) == (LOOK_UPS, [Cause.TRUNCATED])
    assert harvest.coverage.requests == LOOK_UPS + 1


def test_check_says_what_is_wrong(serve):
    pagerduty, service = serve(row(1))
    made = collector(service, services=["PIJ90N7"], teams=["PQ9K7I8"])
    lines = [line.what for line in made.check() if line.ok]
    assert lines == ["address", "credentials", "incidents", "services", "teams"]
    (last,) = collector(service, token="wrong").check()
    assert (last.what, last.ok) == ("credentials", False)
    *_, last = collector(service, services=["Serch"]).check()
    assert (last.what, last.ok) == ("services", False)
    assert "Did you mean PSEARCH (Search)?" in last.hint
    for pattern, what in (
        ("triggered", "incidents"),
        ("=resolved", "incidents"),
        ("/teams", "teams"),
    ):
        pagerduty.fault = failing(403, pattern)
        *_, last = collector(service, teams=["PQ9K7I8"]).check()
        assert (last.what, last.ok) == (what, False)
    pagerduty.fault = failing(404, "incidents")
    (last,) = collector(service).check()
    assert (last.what, last.ok) == ("address", False)


QUIRK = "statuses[] is there 2 times"
"""The document says to pass it more than once, in words, and declares a single text."""
NULL = "resolved_at: None"
"""It says that this is null of what is not resolved, shows it, and declares a text."""


@pytest.mark.e2e
def test_every_request_and_every_answer_of_the_small_one_is_as_documented(serve):
    document = documents.pagerduty()
    merged = {"type": "merge_resolve_reason", "incident": reference("incident", "Q9", "Another")}
    gone = row(2, "resolved", resolve_reason=merged)
    pagerduty, service = serve(*(row(n) for n in range(3, 130)), gone)
    made = collector(service, services=["PIJ90N7"], teams=["PQ9K7I8"])
    assert all(line.ok for line in made.check())
    assert made.collect(WEEK, END).coverage.state is State.KNOWN
    assert made.revisit([item(2), item(999)]).coverage.state is State.KNOWN
    assert {document.operation(one).template for one in pagerduty.taken} == {
        "/incidents", "/incidents/{id}", "/services", "/teams",
    }  # fmt: skip
    faults = {fault for one in pagerduty.taken for fault in document.faults_of_request(one)}
    assert faults == {QUIRK}
    answers = [one for one in pagerduty.taken if one.status == 200]
    faults = {
        fault
        for one in answers
        for fault in document.faults(document.schema_of_answer(one), one.answer)
        if NULL not in fault
    }
    assert not faults
    versions = {(one.headers["accept"], one.headers["content-type"]) for one in pagerduty.taken}
    assert versions == {("application/vnd.pagerduty+json;version=2", "application/json")}
