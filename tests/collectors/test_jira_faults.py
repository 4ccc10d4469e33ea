"""What the Jira collector says when Jira does not do what it is documented to do."""

import json
from urllib.parse import parse_qs

import pytest
from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from bulletin.model.harvest import Cause, State
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import World
from tests.collectors.jira_sandbox import (
    CENTER,
    CLOUD,
    NOW,
    WINDOW,
    collector,
    company,
    item,
    items,
    on,
    rewrite,
    serve,
    status,
    story,
)

both = pytest.mark.parametrize("answer", [CLOUD, CENTER], ids=["cloud", "data_center"])

WORLD = World(
    incidents=(story(1, (2, "status", "Monitoring")), story(2, (3, "status", "Done")), story(3))
)
LOGIN = "<html><title>Log in</title></html>"


def refusals(service, monkeypatch, **more):
    """Collect and revisit; return both harvests' gaps."""
    jira = collector(service, monkeypatch, **more)
    return jira.collect(WINDOW, NOW), jira.revisit(items(WORLD))


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        (status(401, {"message": "no", "status-code": 401}), Cause.REFUSED),
        (status(403, LOGIN), Cause.FORBIDDEN),
        (status(404, {"errorMessages": None, "errors": None}), Cause.NOT_FOUND),
        (status(429, {}), Cause.RATE_LIMITED),
        (status(503, "down"), Cause.SERVER_ERROR),
        (status(500, [1, 2]), Cause.SERVER_ERROR),
        (status(200, LOGIN), Cause.CHANGED_SHAPE),
        (status(200, []), Cause.CHANGED_SHAPE),
        (status(200, "{" * 5000), Cause.CHANGED_SHAPE),
        (status(200, "[" * 100_000), Cause.CHANGED_SHAPE),
        (status(302, "", Location="https://id.evil.example/login"), Cause.REFUSED),
        (status(302, "", Location="/somewhere/else"), Cause.NOT_FOUND),
        (status(200, {}, **{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}), Cause.REFUSED),
        (status(200, {"nothing": "known"}), Cause.CHANGED_SHAPE),
    ],
    ids=[
        "unauthorized",
        "forbidden",
        "not found",
        "too many",
        "unavailable",
        "an error that is a list",
        "a sign-in page",
        "a list",
        "cut JSON",
        "JSON without a bottom",
        "sent away",
        "sent around",
        "taken for nobody",
        "something else",
    ],
)
@pytest.mark.parametrize("path", [".*", "search(/jql)?|issue/bulkfetch"], ids=["all", "search"])
def test_a_refusal_is_a_gap_and_nothing_is_known(path, response, cause, monkeypatch):
    """On every request, or on the searches alone; neither raises, neither prints an empty list."""
    with serve(WORLD, CLOUD, on(f"({path})", response)) as service:
        harvests = refusals(service, monkeypatch)
    for harvest in harvests:
        assert (harvest.facts, harvest.missing) == ((), ())
        assert [gap.reason for gap in harvest.gaps if not gap.parts] == [cause]
        assert harvest.coverage.state is State.UNKNOWN
        assert all(len(gap.detail) <= 200 and gap.hint for gap in harvest.gaps)


def test_nothing_listens(monkeypatch):
    with serve(WORLD) as service:
        jira = collector(service, monkeypatch)
    harvest = jira.collect(WINDOW, NOW)
    assert [gap.reason for gap in harvest.gaps] == [Cause.UNREACHABLE]


@both
def test_a_wrong_token_is_refused_and_never_shown(answer, monkeypatch):
    secret = "hunter2-and-more"
    with serve(WORLD, answer) as service:
        jira = collector(service, monkeypatch, answer is CLOUD, secret=secret)
        harvest = jira.collect(WINDOW, NOW)
    assert [gap.reason for gap in harvest.gaps] == [Cause.REFUSED]
    assert secret not in repr((harvest, vars(jira)["_settings"], jira))


def test_a_query_that_jira_does_not_accept_is_named(monkeypatch):
    """The other search still brings what it finds."""
    with serve(WORLD) as service:
        jira = collector(service, monkeypatch, scope="project = INC AND blast ~ 3")
        harvest = jira.collect(WINDOW, NOW)
    assert len(harvest.facts) == 2
    (gap,) = harvest.gaps
    assert (gap.reason, gap.parts) == (Cause.BAD_QUERY, ())
    assert "Field 'blast' does not exist" in gap.detail
    assert "`scope`" in gap.hint
    assert harvest.coverage.state is State.PARTIAL
    assert harvest.coverage.expected is None


def test_what_jira_says_of_a_query_is_bounded_and_holds_no_token(monkeypatch):
    said = {"errorMessages": [f"{TOKEN}\x1b[2J\u202e <script>" + "x" * 5000]}
    fault = on("search/jql", status(400, said))
    with serve(WORLD, CLOUD, fault) as service:
        (gap,) = collector(service, monkeypatch).collect(WINDOW, NOW).gaps
    assert len(gap.detail) <= 200
    assert TOKEN not in gap.detail.replace("[token]", "")
    assert not {"\x1b", "\u202e", "\n"} & {*gap.detail}


@pytest.mark.parametrize(
    "body",
    ["nonsense", {"errorMessages": 7}, [], {"errorMessages": [None]}],
    ids=["text", "a number", "a list", "a list of nothing"],
)
def test_an_error_in_no_known_form_is_still_an_error(body, monkeypatch):
    with serve(WORLD, CLOUD, on("search/jql", status(400, body))) as service:
        (gap,) = collector(service, monkeypatch).collect(WINDOW, NOW).gaps
    assert gap.reason in {Cause.BAD_QUERY, Cause.CHANGED_SHAPE}


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(isLast=False, nextPageToken="again"),
        lambda body: body.update(isLast=False, nextPageToken=None),
        lambda body: body.update(isLast=False, nextPageToken=17),
    ],
    ids=["the same token for ever", "no token", "a token of another kind"],
)
def test_pages_that_do_not_end_are_left_and_told(change, monkeypatch):
    def first(request):
        body = json.loads(CLOUD(request, WORLD, NOW).get_data() or "{}")
        if "issues" not in body:  # the sandbox does not know the token
            body = {"issues": []}
        change(body)
        return Response(json.dumps(body), content_type="application/json")

    with serve(WORLD, CLOUD, on("search/jql", first)) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
        assert len(service.seen) < 10
    assert len(harvest.facts) == 2
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.state is State.PARTIAL
    assert harvest.coverage.expected is None


def test_ever_new_tokens_end_too(monkeypatch):
    count = iter(range(10**6))
    fresh = on(
        "search/jql",
        lambda _: Response(
            json.dumps({"issues": [], "nextPageToken": str(next(count)), "isLast": False})
        ),
    )
    with serve(WORLD, CLOUD, fresh) as service:
        harvest = collector(service, monkeypatch, limit=100).collect(WINDOW, NOW)
        assert len(service.seen) < 20
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]


def test_a_page_that_fails_keeps_the_pages_before_it(monkeypatch):
    def second(request):
        return status(503, "down")(request) if "nextPageToken" in request.args else None

    with serve(company(150), CLOUD, second) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
    assert len(harvest.facts) == 100
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.SERVER_ERROR, 100, None)


def test_data_center_that_gives_less_than_it_counts_is_found_out(monkeypatch):
    fault = rewrite(CENTER, "search", lambda body: body.update(total=9), WORLD)

    def once(request):
        if request.args.get("startAt") not in {None, "0"}:
            return Response(json.dumps({"issues": [], "total": 9}))
        return fault(request)

    with serve(WORLD, CENTER, once) as service:
        harvest = collector(service, monkeypatch, cloud=False).collect(WINDOW, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.TRUNCATED, 2, 9)
    assert (harvest.coverage.seen, harvest.coverage.expected) == (2, 9)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda issue: issue.pop("id"),
        lambda issue: issue.update(id="7 OR 1"),
        lambda issue: issue.update(key="../../evil"),
        lambda issue: issue.pop("fields"),
        lambda issue: issue["fields"].pop("status"),
        lambda issue: issue["fields"].update(status={"name": "Open"}),
        lambda issue: issue["fields"].pop("created"),
        lambda issue: issue["fields"].update(created="yesterday"),
        lambda issue: issue["fields"].update(created="2026-11-19T09:00:00"),
        lambda issue: issue["fields"].update(labels=[{}]),
        lambda issue: issue["fields"].update(summary={"no": "text"}),
        lambda issue: issue["fields"].update(issuelinks=["INC-1"]),
        lambda issue: issue.update(key="INC-3"),
    ],
    ids=[
        *("no id", "a strange id", "a strange key", "no fields", "no status", "no category"),
        *("no date", "a word for a date", "no zone", "strange labels", "a strange title"),
        *("strange links", "another's key"),
    ],
)
def test_an_issue_in_another_form_is_counted_and_costs_no_other(spoil, monkeypatch):
    fault = rewrite(CLOUD, "search/jql", lambda body: spoil(body["issues"][0]), WORLD)
    with serve(WORLD, CLOUD, fault) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
    assert len(harvest.facts) == 1
    (gap,) = harvest.gaps
    assert (gap.reason, gap.parts, gap.detail[:6]) == (Cause.CHANGED_SHAPE, (), "1 of 2")
    assert (harvest.coverage.seen, harvest.coverage.expected) == (1, 2)
    assert harvest.coverage.state is State.PARTIAL


def test_an_unreadable_issue_that_was_looked_up_is_not_missing(monkeypatch):
    fault = rewrite(CLOUD, "issue/bulkfetch", lambda body: body["issues"][0].pop("fields"), WORLD)
    with serve(WORLD, CLOUD, fault) as service:
        harvest = collector(service, monkeypatch).revisit(items(WORLD))
    assert (len(harvest.facts), harvest.missing) == (2, ())
    assert [gap.parts for gap in harvest.gaps] == [()]


@pytest.mark.parametrize(
    "response",
    [
        status(403, {}),
        status(200, {"issueChangeLogs": [{"issueId": "1"}]}),
        status(200, {"issueChangeLogs": [], "nextPageToken": "again"}),
        status(200, {"issueChangeLogs": None}),
    ],
    ids=["forbidden", "without entries", "without an end", "without a list"],
)
def test_without_history_only_the_history_is_unknown(response, monkeypatch):
    with serve(WORLD, CLOUD, on("changelog/bulkfetch", response)) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
    assert [(fact.status_since, fact.reopened) for fact in harvest.facts] == [(None, None)] * 2
    assert [gap.parts for gap in harvest.gaps] == [("status_since", "reopened")]
    assert harvest.coverage.state is State.KNOWN


def test_a_history_longer_than_a_page_is_read_to_its_end(monkeypatch):
    """Also with moments in milliseconds since 1970, as the documentation's example has them."""

    def small(request):
        asked = json.loads(request.get_data())
        asked["maxResults"] = 1
        request._cached_data = json.dumps(asked).encode()
        body = json.loads(CLOUD(request, WORLD, NOW).get_data())
        for log in body["issueChangeLogs"]:
            log["changeHistories"][0]["created"] = int((NOW.timestamp() - 3600) * 1000)
        return Response(json.dumps(body), content_type="application/json")

    with serve(WORLD, CLOUD, on("changelog/bulkfetch", small)) as service:
        jira = collector(service, monkeypatch, scope="project = INC")
        facts = {fact.key.subject: fact for fact in jira.collect(WINDOW, NOW).facts}
        assert [one.path for one in service.seen].count("/rest/api/3/changelog/bulkfetch") == 2
    assert (NOW - facts["INC-1"].status_since).total_seconds() == 3600


def test_data_center_without_history_in_a_search_is_asked_without(monkeypatch):
    """Too heavy for the server with histories, the search goes on without them."""

    def heavy(request):
        return status(500, "heap")(request) if request.args.get("expand") else None

    with serve(WORLD, CENTER, heavy) as service:
        harvest = collector(service, monkeypatch, cloud=False).collect(WINDOW, NOW)
    assert len(harvest.facts) == 2
    assert [gap.parts for gap in harvest.gaps] == [("status_since", "reopened")]


def cut_short(path):
    """A Data Center whose histories of one issue, or of the first that a search finds, are cut."""

    def cut(body):
        body.get("issues", [body])[0]["changelog"].update(total=60)

    return rewrite(CENTER, path, cut, WORLD)


def test_data_center_with_a_history_cut_short_is_asked_for_it_alone(monkeypatch):
    with serve(WORLD, CENTER, cut_short("search")) as service:
        harvest = collector(service, monkeypatch, cloud=False).collect(WINDOW, NOW)
        asked = [seen.path for seen in service.seen if "/issue/" in seen.path]
    assert asked == ["/rest/api/2/issue/INC-1"]
    assert [fact.status_since is None for fact in harvest.facts] == [False, False]
    assert harvest.gaps == ()


def test_a_history_that_is_cut_short_there_too_is_not_trusted(monkeypatch):
    with serve(WORLD, CENTER, cut_short("(search|issue/.*)")) as service:
        harvest = collector(service, monkeypatch, cloud=False).collect(WINDOW, NOW)
    assert [fact.status_since is None for fact in harvest.facts] == [True, False]
    assert [gap.parts for gap in harvest.gaps] == [("status_since", "reopened")]


def test_a_jira_without_any_history_is_asked_for_one_alone_only_once(monkeypatch):
    def old(request):
        if "/issue/" in request.path:
            return status(404, {"errorMessages": ["no"], "errors": {}})(request)
        return status(500, "heap")(request) if request.args.get("expand") else None

    with serve(WORLD, CENTER, old) as service:
        collector(service, monkeypatch, cloud=False).collect(WINDOW, NOW)
        assert sum("/issue/" in seen.path for seen in service.seen) == 1


def test_check_tells_of_a_server_that_passes_over_parts_of_a_query(monkeypatch):
    """It answers what cannot be, a query and its opposite, with what the query alone finds."""

    def credulous(request):
        jql = request.args.get("jql", "").partition(" AND NOT ")[0]
        query = EnvironBuilder(query_string={**request.args, "jql": jql}).query_string
        return CENTER(Request(request.environ | {"QUERY_STRING": query}), WORLD, NOW)

    with serve(WORLD, CENTER, credulous) as service:
        lines = [*collector(service, monkeypatch, cloud=False).check()]
    (line,) = [line for line in lines if not line.ok]
    assert (line.what, "passes over" in line.detail) == ("query `incidents`", True)


def strict(world):
    """A Data Center that minds dead ids even when told not to, and names them."""

    def answer(request):
        if "id in" not in request.args.get("jql", ""):
            return None
        query = request.query_string.decode().replace("validateQuery=False", "validateQuery=True")
        return CENTER(Request(request.environ | {"QUERY_STRING": query}), world, NOW)

    return answer


def test_dead_ids_that_are_named_are_left_out(monkeypatch):
    world, gone = company(150), [item("INC-901", "1"), item("INC-902", "2")]
    with serve(world, CENTER, strict(world)) as service:
        jira = collector(service, monkeypatch, cloud=False)
        harvest = jira.revisit([*items(world), *gone])
        assert len(service.seen) <= 7
    assert len(harvest.facts) == 150
    assert [one.key for one in harvest.missing] == [one.key for one in gone]


def test_dead_ids_that_are_not_named_are_found_by_halves(monkeypatch):
    world, gone = company(20), item("INC-901", "1")

    def silent(request):
        answer = strict(world)(request)
        if answer is not None and answer.status_code == 400:
            return status(400, {"errorMessages": ["One of them is not there."]})(request)
        return answer

    with serve(world, CENTER, silent) as service:
        jira = collector(service, monkeypatch, cloud=False)
        harvest = jira.revisit([*items(world), gone])
    assert len(harvest.facts) == 20
    assert [one.key for one in harvest.missing] == [gone.key]
    assert harvest.gaps == ()


def test_a_jira_that_refuses_every_look_up_is_not_asked_for_ever(monkeypatch):
    """And nothing is called missing: nobody said so."""
    bad = status(400, {"errorMessages": ["No."]})
    fault = lambda r: bad(r) if "id in" in r.args.get("jql", "") else None  # noqa: E731  (one line)
    with serve(WORLD, CENTER, fault) as service:
        world = company(90)
        harvest = collector(service, monkeypatch, cloud=False).revisit(items(world))
        assert len(service.seen) <= 25
    assert (harvest.facts, harvest.missing) == ((), ())
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]


def test_fields_that_may_not_be_listed_leave_the_priority(monkeypatch):
    with serve(WORLD, CLOUD, on("field", status(403, {}))) as service:
        harvest = collector(service, monkeypatch).collect(WINDOW, NOW)
    assert harvest.facts[0].severity is not None
    assert [gap.parts for gap in harvest.gaps] == [("severity", "services")]
    assert harvest.coverage.state is State.KNOWN


def test_a_title_cannot_do_any_harm(monkeypatch):
    hostile = "\x1b[31m<b>&\r\nBcc: x@evil.example \u202e" + "A" * 999
    world = World(incidents=(story(1, summary=hostile),))
    with serve(world) as service:
        (fact,) = collector(service, monkeypatch).collect(WINDOW, NOW).facts
        asked = " ".join(one.path + one.query + one.body.decode() for one in service.seen)
    assert len(fact.title) <= 300
    assert not {"\x1b", "\r", "\n", "\u202e"} & {*fact.title}
    assert "evil" not in asked


def test_an_order_of_the_users_own_is_replaced(monkeypatch):
    """Pages must not shift while they are read: oldest first, whatever the settings say."""
    own = "project = INC AND statusCategory != Done order by updated DESC"
    with serve(WORLD) as service:
        harvest = collector(service, monkeypatch, incidents=own).collect(WINDOW, NOW)
        (asked,) = [parse_qs(one.query)["jql"] for one in service.seen if "search" in one.path]
    assert asked == ["(project = INC AND statusCategory != Done) ORDER BY created ASC"]
    assert len(harvest.facts) == 2


@both
def test_what_was_not_asked_for_does_not_come_along(answer, monkeypatch):
    """A server that passes over the ids gives everything it has."""

    def careless(request):
        if "id in" in request.args.get("jql", ""):
            return CENTER(Request(request.environ | {"QUERY_STRING": "jql="}), WORLD, NOW)
        return None

    path = "issue/bulkfetch"
    more = rewrite(CLOUD, path, lambda body: body["issues"].append({"id": "1"}), WORLD)
    with serve(WORLD, answer, more if answer is CLOUD else careless) as service:
        jira = collector(service, monkeypatch, answer is CLOUD)
        harvest = jira.revisit(items(WORLD)[:1])
    assert [fact.key.subject for fact in harvest.facts] == ["INC-1"]


def test_a_look_up_that_ends_too_early_calls_nothing_missing(monkeypatch):
    def short(request):
        body = json.loads(CENTER(request, WORLD, NOW).get_data())
        body["issues"] = body["issues"][:1] if request.args.get("startAt") == "0" else []
        return Response(json.dumps(body), content_type="application/json")

    with serve(WORLD, CENTER, on("search", short)) as service:
        harvest = collector(service, monkeypatch, cloud=False).revisit(items(WORLD))
    assert harvest.missing == ()
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
