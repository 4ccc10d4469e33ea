"""The collector when GitHub does not do what it should."""

import json
import logging
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bulletin.collectors.github.wire import Wire
from bulletin.errors import SettingsError
from bulletin.model.harvest import Cause, Missing, State
from bulletin.sandbox.github import answer
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import Outage, World
from bulletin.wire.http import PolicyAdapter
from tests.collectors.github_company import (
    DAY,
    NOW,
    WEEK,
    Patience,
    asks_for,
    collector,
    crowd,
    github,
    happened,
    item_of,
    operations,
    says,
    story,
)


def world(*stories, **fields):
    return World(pull_requests=stories, **fields)


def harvest_of(monkeypatch, intrude, stories=None, patience=None, **settings):
    with github(World(pull_requests=stories or crowd(60)), intrude) as service:
        return collector(service, monkeypatch, patience, **settings).collect(WEEK, NOW)


def test_an_address_without_graphql_is_said_to_be_wrong(monkeypatch):
    """A name that is not there is an error within an answer, never a status."""
    harvest = harvest_of(monkeypatch, lambda *_: says({"message": "Not Found"}, 404))
    (gap,) = harvest.gaps
    assert gap.reason is Cause.NOT_FOUND
    assert "no GraphQL at this address" in gap.detail
    assert gap.hint.startswith("Correct `api` in the settings")


SLOW = "We couldn't respond to your request in time. Sorry about that."
BROKEN = "Something went wrong while executing your query. This may be the result of a timeout."


@pytest.mark.parametrize(
    "too_much",
    [
        says({"message": SLOW}, 502),
        says({"message": SLOW}, 504),
        says("<html>Bad Gateway</html>", 502),
        says({"data": None, "errors": [{"message": BROKEN}]}),
        says({"data": {}, "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "no"}]}),
    ],
)
def test_pages_that_are_too_big_are_halved_and_the_size_is_kept(monkeypatch, too_much):
    def intrude(_, body):
        big = body.get("variables", {}).get("first", 0) > 12
        return too_much if asks_for(body, "Search") and big else None

    with github(World(pull_requests=crowd(60)), intrude) as service:
        harvest = collector(service, monkeypatch, checks=False).collect(WEEK, NOW)
        asked = [json.loads(seen.body)["variables"].get("first") for seen in service.seen]
    assert len(harvest.facts) == 60
    assert harvest.gaps == ()
    assert [size for size in asked if size] == [50, 25, 12, 12, 12, 12, 12]


def test_checks_that_are_too_much_at_once_are_asked_in_smaller_numbers(monkeypatch):
    def intrude(_, body):
        big = len(body.get("variables", {}).get("ids", ())) > 25
        return says({"message": SLOW}, 502) if asks_for(body, "Checks") and big else None

    harvest = harvest_of(monkeypatch, intrude)
    assert {fact.checks for fact in harvest.facts} == {"passing"}
    assert harvest.gaps == ()


def test_what_is_too_much_however_small_is_a_gap_after_some_patience(monkeypatch):
    patience = Patience()
    harvest = harvest_of(
        monkeypatch,
        lambda _, body: says({"message": SLOW}, 502) if asks_for(body, "Search") else None,
        patience=patience,
    )
    assert [gap.reason for gap in harvest.gaps] == [Cause.TOO_SLOW]
    assert harvest.coverage.state is State.UNKNOWN
    assert harvest.coverage.requests == 6
    assert patience.waited == [1.0, 2.0, 4.0, 8.0]


def test_one_bad_gateway_in_a_question_that_cannot_be_halved_is_survived(monkeypatch):
    left = [says({"message": SLOW}, 502)]
    harvest = harvest_of(monkeypatch, lambda *_: left.pop() if left else None)
    assert len(harvest.facts) == 60
    assert harvest.gaps == ()


def forbid(service_answer):
    """Do as GitHub does with a field that a token may not read: null, and an error beside it."""
    said = json.loads(service_answer.get_data())
    for place, node in enumerate(said["data"]["nodes"]):
        commit = node["commits"]["nodes"][0]["commit"]
        commit["statusCheckRollup"] = None
        path = ["nodes", place, "commits", "nodes", 0, "commit", "statusCheckRollup"]
        said.setdefault("errors", []).append(
            {
                "type": "FORBIDDEN",
                "path": path,
                "message": "Resource not accessible by personal access token",
            }
        )
    return says(said)


def test_checks_that_the_token_may_not_read_are_a_gap_and_the_facts_stay(monkeypatch):
    company = World(pull_requests=crowd(120))

    def intrude(request, body):
        return forbid(answer(request, company, NOW)) if asks_for(body, "Checks") else None

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.parts) == (Cause.FORBIDDEN, ("checks",))
    assert (gap.seen, gap.expected) == (0, 120)
    assert len(harvest.facts) == 120
    assert {(fact.checks, fact.checks_since) for fact in harvest.facts} == {(None, None)}
    assert harvest.coverage.state is State.KNOWN
    assert operations(service).count("Checks") == 1, "what is refused once is not asked again"


def test_one_repository_whose_checks_are_refused_leaves_the_others_known(monkeypatch):
    company = World(pull_requests=crowd(3, repositories=3))

    def intrude(request, body):
        if not asks_for(body, "Checks"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        said["data"]["nodes"][1]["commits"] = None
        said["errors"] = [{"type": "FORBIDDEN", "path": ["nodes", 1, "commits"], "message": "no"}]
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert sorted(str(fact.checks) for fact in harvest.facts) == ["None", "passing", "passing"]
    (gap,) = harvest.gaps
    assert (gap.parts, gap.seen, gap.expected) == (("checks",), 2, 3)


def test_codeowners_that_cannot_be_read_cost_the_owner_and_nothing_else(monkeypatch):
    error = {"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]}
    harvest = harvest_of(
        monkeypatch, lambda _, body: says(error) if asks_for(body, "Codeowners") else None
    )
    (gap,) = harvest.gaps
    assert (gap.reason, gap.parts) == (Cause.FORBIDDEN, ("default_owner",))
    assert {fact.checks for fact in harvest.facts} == {"passing"}
    assert harvest.coverage.state is State.KNOWN


def test_results_that_come_as_null_are_counted(monkeypatch):
    company = World(pull_requests=crowd(4))

    def intrude(request, body):
        if not asks_for(body, "Search"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        said["data"]["search"]["nodes"][2] = None
        said["errors"] = [
            {
                "type": "FORBIDDEN",
                "path": ["search", "nodes", 2],
                "message": "Resource protected by organization SAML enforcement.",
            }
        ]
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.FORBIDDEN, 3, 4)
    assert "SAML" in gap.detail
    assert (harvest.coverage.state, len(harvest.facts)) == (State.PARTIAL, 3)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (says({"message": "Bad credentials"}, 401), Cause.REFUSED),
        (says({"message": "Resource not accessible by integration"}, 403), Cause.FORBIDDEN),
        (says({"message": "Not Found"}, 404), Cause.NOT_FOUND),
        (says("upstream", 503), Cause.SERVER_ERROR),
        (says("<html>Sign in</html>", 200), Cause.CHANGED_SHAPE),
        (says("", 200), Cause.CHANGED_SHAPE),
        (says("[1]", 200), Cause.CHANGED_SHAPE),
        (says("[" * 100_000, 200), Cause.CHANGED_SHAPE),
        (says('{"data": NaN}', 200), Cause.CHANGED_SHAPE),
        (says('{"data": {"search": 1}}', 200), Cause.CHANGED_SHAPE),
        (says('{"data": null}', 200), Cause.CHANGED_SHAPE),
        (says('{"errors": "no"}', 200), Cause.CHANGED_SHAPE),
        (says('{"errors": ["no"]}', 200), Cause.CHANGED_SHAPE),
        (says('{"errors": [], "data": {}, "message": 7}', 200), Cause.CHANGED_SHAPE),
        (
            says({"data": {}}, 200, X_RateLimit_Remaining="n", X_RateLimit_Limit="x"),
            Cause.CHANGED_SHAPE,
        ),
        (says({"errors": [{"message": "Parse error"}]}), Cause.BAD_QUERY),
        (
            says({"errors": [{"extensions": {"code": "undefinedField"}, "message": "no 'x'"}]}),
            Cause.UNSUPPORTED,
        ),
        (says("", 302, Location="https://sso.example/"), Cause.REFUSED),
        (says("", 301, Location="/graphql/"), Cause.REFUSED),
    ],
)
def test_whatever_is_answered_to_the_search_is_a_gap_and_never_an_exception(
    monkeypatch, said, cause
):
    harvest = harvest_of(monkeypatch, lambda _, body: said if asks_for(body, "Search") else None)
    assert [gap.reason for gap in harvest.gaps] == [cause]
    assert harvest.facts == ()
    assert harvest.coverage.state is State.UNKNOWN
    assert TOKEN not in repr(harvest)


def test_an_outage_in_the_middle_keeps_what_was_found_and_says_how_much_that_is(monkeypatch):
    def intrude(_, body):
        late = asks_for(body, "Search") and body["variables"]["after"]
        return says("upstream", 503) if late else None

    harvest = harvest_of(monkeypatch, intrude)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.SERVER_ERROR, 50, 60)
    assert (harvest.coverage.state, len(harvest.facts)) == (State.PARTIAL, 50)
    assert {fact.checks for fact in harvest.facts} == {"passing"}


def test_a_service_that_is_out_is_unknown(monkeypatch):
    outage = Outage(service="github", start=NOW - DAY, end=NOW + DAY)
    with github(world(story(), outages=(outage,))) as service:
        made = collector(service, monkeypatch)
        harvest, again = made.collect(WEEK, NOW), made.revisit([item_of(story())])
    assert [gap.reason for gap in harvest.gaps] == [Cause.SERVER_ERROR]
    assert (harvest.coverage.state, harvest.coverage.requests) == (State.UNKNOWN, 3)
    assert [(gap.reason, gap.seen, gap.expected) for gap in again.gaps] == [
        (Cause.SERVER_ERROR, 0, 1)
    ]
    assert again.missing == ()


def test_nobody_at_the_address_is_unreachable(monkeypatch):
    with github(world()) as service:
        made = collector(service, monkeypatch)
    harvest = made.collect(WEEK, NOW)
    assert [gap.reason for gap in harvest.gaps] == [Cause.UNREACHABLE]


def test_a_cursor_that_comes_again_ends_the_search_with_a_gap(monkeypatch):
    page = {"hasNextPage": True, "endCursor": "again"}
    search = {"search": {"issueCount": 90, "pageInfo": page, "nodes": []}}
    harvest = harvest_of(
        monkeypatch, lambda _, body: says({"data": search}) if asks_for(body, "Search") else None
    )
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.requests == 3


def test_pages_without_end_end(monkeypatch):
    turn = iter(range(10_000))

    def intrude(_, body):
        if not asks_for(body, "Search"):
            return None
        page = {"hasNextPage": True, "endCursor": str(next(turn))}
        return says({"data": {"search": {"issueCount": 90, "pageInfo": page, "nodes": []}}})

    harvest = harvest_of(monkeypatch, intrude)
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]
    assert harvest.coverage.requests < 300


def test_a_count_that_is_higher_than_what_is_given_is_a_gap(monkeypatch):
    company = World(pull_requests=crowd(10))

    def intrude(request, body):
        if not asks_for(body, "Search"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        said["data"]["search"]["issueCount"] = 11
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.TRUNCATED, 10, 11)
    assert harvest.coverage.state is State.PARTIAL


def test_a_pull_request_merged_while_pages_are_turned_is_no_gap(monkeypatch):
    """The list moves up by one under our hands: one is skipped, and the count says so late."""
    stories = list(crowd(60))
    stories[0] = story(
        stories[0].repository,
        stories[0].number,
        created=stories[0].created,
        changes=(happened("merge", -0.01),),
    )

    with github(World(pull_requests=tuple(stories))) as service:

        def later(request, world, moment):
            pages = [seen for seen in service.seen if b"query Search" in seen.body]
            return answer(request, world, moment + (timedelta(hours=1) if pages else timedelta()))

        service.answer = later
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert harvest.gaps == ()
    assert harvest.coverage.state is State.KNOWN


def test_one_result_of_a_new_shape_is_a_gap_and_the_others_stay(monkeypatch):
    company = World(pull_requests=crowd(5))

    def intrude(request, body):
        if not asks_for(body, "Search"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        nodes = said["data"]["search"]["nodes"]
        nodes[0]["createdAt"] = "yesterday"
        nodes[1]["reviewDecision"] = "BLESSED"
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    whole, part = harvest.gaps
    assert (whole.reason, whole.parts, whole.seen, whole.expected) == (
        Cause.CHANGED_SHAPE,
        (),
        4,
        5,
    )
    assert (part.parts, part.seen, part.expected) == (("review",), 4, 5)
    assert [fact.review for fact in harvest.facts].count(None) == 1
    assert (len(harvest.facts), harvest.coverage.state) == (4, State.PARTIAL)


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (
            says({"message": "You have exceeded a secondary rate limit"}, 403, Retry_After="7"),
            [7.0],
        ),
        (says({"message": "You have exceeded a secondary rate limit"}, 403), [60.0]),
        (says({"message": "slow down"}, 429, Retry_After="3"), [3.0]),
        (says({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]}), [60.0]),
    ],
)
def test_a_limit_is_waited_for_as_github_asks(monkeypatch, said, waits):
    left, patience = [said], Patience()

    def intrude(_, body):
        return left.pop() if asks_for(body, "Search") and left else None

    harvest = harvest_of(monkeypatch, intrude, patience=patience)
    assert patience.waited == waits
    assert len(harvest.facts) == 60
    assert harvest.gaps == ()


def test_a_limit_that_outlasts_our_time_is_a_gap(monkeypatch):
    said = says(
        {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit already exceeded"}]},
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset="4102444800",
    )
    patience = Patience()
    harvest = harvest_of(
        monkeypatch, lambda _, body: said if asks_for(body, "Search") else None, patience=patience
    )
    assert [gap.reason for gap in harvest.gaps] == [Cause.RATE_LIMITED]
    assert patience.waited == []


def test_an_error_that_lasts_a_moment_is_not_slept_on_until_the_hour_ends(monkeypatch):
    left, patience = [1], Patience()

    def intrude(_, body):
        ends = {"X_RateLimit_Remaining": "4990", "X_RateLimit_Reset": "4102444800"}
        return (
            says("upstream", 503, **ends)
            if asks_for(body, "Search") and left and left.pop()
            else None
        )

    harvest = harvest_of(monkeypatch, intrude, patience=patience)
    assert patience.waited == [2.0]
    assert harvest.gaps == ()


def test_partial_answers_settle_what_they_can(monkeypatch):
    """PyGithub raises for any error beside the data; the data counts all the same."""
    stories = crowd(3, repositories=3)
    items = [item_of(one) for one in stories]
    gone = item_of(story(number=99), handle="PR_gone")
    with github(World(pull_requests=stories)) as service:
        harvest = collector(service, monkeypatch).revisit([items[0], gone, *items[1:]])
    assert len(harvest.facts) == 3
    assert harvest.missing == (Missing(key=gone.key, why="unreadable"),)
    assert harvest.gaps == ()


def test_a_node_behind_single_sign_on_is_not_known_and_not_missing(monkeypatch):
    node = {"type": "FORBIDDEN", "path": ["nodes", 0], "message": "SAML enforcement"}

    def intrude(_, body):
        said = {"data": {"nodes": [None]}, "errors": [node]}
        return says(said) if asks_for(body, "PullRequests") else None

    with github(world(story()), intrude) as service:
        harvest = collector(service, monkeypatch).revisit([item_of(story())])
    assert harvest.missing == ()
    (gap,) = harvest.gaps
    assert (gap.reason, gap.seen, gap.expected) == (Cause.FORBIDDEN, 0, 1)
    assert harvest.coverage.state is State.UNKNOWN


def test_an_archived_repository_has_left_what_is_looked_at(monkeypatch):
    company = world(story())

    def intrude(request, body):
        if not asks_for(body, "PullRequests"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        said["data"]["nodes"][0]["repository"]["isArchived"] = True
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).revisit([item_of(story())])
    assert harvest.missing == (Missing(key=item_of(story()).key, why="moved_away"),)
    assert harvest.facts == ()


def test_a_token_with_a_line_break_is_refused_without_being_shown(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("BROKEN_TOKEN", "ghp_half\nother_half")
    with github(world()) as service, pytest.raises(SettingsError, match="no token has") as refused:
        collector(service, monkeypatch, token={"env": "BROKEN_TOKEN"})
    assert "half" not in str(refused.value) + caplog.text


def test_a_token_that_the_service_echoes_is_not_repeated(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    said = says({"message": f"unknown token {TOKEN}"}, 403)
    harvest = harvest_of(monkeypatch, lambda *_: said)
    assert "unknown token" in harvest.gaps[0].detail
    assert TOKEN not in harvest.gaps[0].detail
    assert f"token {TOKEN}" not in caplog.text


@pytest.fixture(scope="module")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def app(monkeypatch, pem):
    monkeypatch.setenv("APP_KEY", pem)
    return {"token": None, "app": {"id": "Iv1.test", "key": {"env": "APP_KEY"}, "installation": 77}}


def test_an_app_signs_in_with_its_key_under_the_same_policy(monkeypatch, private_key, caplog):
    caplog.set_level(logging.DEBUG)
    key, pem = private_key
    claims = []

    def intrude(request, _):
        if request.path != "/app/installations/77/access_tokens":
            return None
        bearer = request.headers["Authorization"].removeprefix("Bearer ")
        claims.append(jwt.decode(bearer, key.public_key(), algorithms=["RS256"]))
        minted = {"token": TOKEN, "expires_at": "2099-01-01T00:00:00Z", "permissions": {}}
        return says(minted, 201)

    harvest = harvest_of(monkeypatch, intrude, **app(monkeypatch, pem))
    assert claims[0]["iss"] == "Iv1.test"
    assert len(harvest.facts) == 60
    assert harvest.coverage.requests == 7, "the sign-in is counted"
    assert f'"{TOKEN}"' not in caplog.text


@pytest.mark.parametrize("pem", ["no key at all", "-----BEGIN RSA PRIVATE KEY-----\nhush\n"])
def test_a_key_that_is_none_is_a_gap_that_does_not_show_it(monkeypatch, pem):
    harvest = harvest_of(monkeypatch, lambda *_: None, **app(monkeypatch, pem))
    (gap,) = harvest.gaps
    assert gap.reason is Cause.REFUSED
    assert "hush" not in repr(harvest)
    assert "no key at all" not in repr(harvest)


def test_an_installation_that_is_gone_is_a_gap(monkeypatch, private_key):
    def intrude(request, _):
        return says({"message": "Not Found"}, 404) if request.path.startswith("/app") else None

    harvest = harvest_of(monkeypatch, intrude, **app(monkeypatch, private_key[1]))
    assert [gap.reason for gap in harvest.gaps] == [Cause.NOT_FOUND]


def test_a_repository_name_that_no_repository_can_have_stays_out_of_keys(monkeypatch):
    company = World(pull_requests=crowd(2))

    def intrude(request, body):
        if not asks_for(body, "Search"):
            return None
        said = json.loads(answer(request, company, NOW).get_data())
        said["data"]["search"]["nodes"][0]["repository"]["nameWithOwner"] = "a/b?c=<x>"
        return says(said)

    with github(company, intrude) as service:
        harvest = collector(service, monkeypatch).collect(WEEK, NOW)
    assert len(harvest.facts) == 1
    assert [gap.reason for gap in harvest.gaps] == [Cause.CHANGED_SHAPE]


def test_the_private_name_in_pygithub_is_still_there_and_its_connection_is_ours(monkeypatch):
    """The one place where we reach inside PyGithub; a release that moves it must fail here."""
    with github(world()) as service:
        made = collector(service, monkeypatch)
        patience = Patience()
        budget = patience()
        wire = Wire(made._settings, made._secret, budget)
        session = wire._requester._Requester__createConnection().session
        wire.ask("query Viewer { viewer { login } }", {})
    adapter = session.get_adapter(made._settings.api)
    assert isinstance(adapter, PolicyAdapter)
    assert adapter.budget is budget
    assert budget.requests == 1
