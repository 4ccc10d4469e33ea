"""What GitHub really answered, 2,382 times, through our policy and our parsers."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from werkzeug import Request, Response

from bulletin.collectors.github import GithubCollector, parse
from bulletin.collectors.jira.reading import UNREADABLE, Fields, Reading, parse_incident
from bulletin.collectors.sentry import reading as sentry
from bulletin.model.harvest import Cause, Harvest, State
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import World
from bulletin.wire.http import Budget, Refused, get, parse_json, pause, session
from tests.contracts.recordings import Recording, recordings
from tests.contracts.traffic import END, WINDOW

pytestmark = pytest.mark.e2e

EXCHANGES = 2382
STATUSES = dict(
    [
        *((200, 1836), (201, 205), (202, 13), (204, 176), (205, 3), (301, 7), (302, 12)),
        *((304, 28), (400, 2), (401, 6), (403, 12), (404, 59), (409, 2), (422, 12)),
        *((500, 1), (502, 7), (503, 1)),
    ]
)
CAUSES = (
    dict.fromkeys((204, 205, 304), Cause.CHANGED_SHAPE)
    | dict.fromkeys((301, 302, 401), Cause.REFUSED)
    | dict.fromkeys((400, 409, 422), Cause.BAD_QUERY)
    | dict.fromkeys((500, 502, 503), Cause.SERVER_ERROR)
    | {403: Cause.FORBIDDEN, 404: Cause.NOT_FOUND}
)
BACKOFF = [2.0, 4.0]
"""What we wait, in seconds, where the service does not say."""
LIMITED = {
    "SpecificExceptions.testAuthenticatedRateLimitExceeded.txt": [60.0, 60.0],
    "SpecificExceptions.testRateLimitExceeded.txt": BACKOFF,
}
"""The two limits among the recordings, and the waits that they call for."""


@pytest.fixture(scope="module")
def replay() -> Iterator[Service]:
    """A server that answers /7 with the seventh recording."""

    def answer(request: Request, *_: Any) -> Response:
        return played(recordings()[int(request.path.strip("/"))])

    with Service("github", answer, World(), END) as service:
        yield service


def played(recording: Recording) -> Response:
    headers = [(n, v.encode("latin-1", "replace").decode("latin-1")) for n, v in recording.headers]
    return Response(recording.body, recording.status, headers)


def through(client: requests.Session, url: str) -> tuple[Any, list[float], int]:
    """Return what comes of an answer: its JSON or the refusal, the waits, the requests."""
    waits: list[float] = []
    client.get_adapter(url).budget = budget = Budget(sleep=waits.append)
    try:
        return parse_json(get(client, url), object), waits, budget.requests
    except Refused as refused:
        return refused, waits, budget.requests


@pytest.fixture(scope="module")
def outcomes(replay):
    """Every recording beside what came of it."""
    with session(Budget()) as client:
        return [(one, *through(client, f"{replay.url}/{n}")) for n, one in enumerate(recordings())]


def test_every_recording_is_read():
    assert len(recordings()) == EXCHANGES
    assert Counter(one.status for one in recordings()) == STATUSES


def test_every_success_in_json_is_read_as_it_was_recorded(outcomes):
    tried = 0
    for recording, outcome, _, _ in outcomes:
        if recording.status in {200, 201, 202} and is_json(recording):
            assert outcome == recording.json
            tried += 1
    assert tried > 2000


def is_json(recording: Recording) -> bool:
    try:
        json.loads(recording.body)
    except ValueError:
        return False
    return True


def test_everything_else_is_refused_for_its_cause(outcomes):
    tried = Counter()
    for recording, outcome, _, _ in outcomes:
        if recording.status in CAUSES and recording.file not in LIMITED:
            assert isinstance(outcome, Refused), recording
            assert outcome.cause is CAUSES[recording.status], recording
            assert outcome.detail
            assert outcome.hint
            tried[recording.status] += 1
    assert set(tried) == set(CAUSES)
    assert tried.total() >= 310


def test_a_body_that_is_no_json_is_refused_whatever_its_header_says(outcomes):
    bodies = [
        (recording, outcome)
        for recording, outcome, _, _ in outcomes
        if recording.status in {200, 201, 202} and not is_json(recording)
    ]
    assert len(bodies) > 20
    assert all(outcome.cause is Cause.CHANGED_SHAPE for _, outcome in bodies)


def test_servers_that_fail_are_asked_three_times_and_forbidden_things_once(outcomes):
    tried = Counter()
    for recording, _, waits, asked in outcomes:
        if recording.status >= 500:
            assert (waits, asked) == (BACKOFF, 3), recording
        elif recording.status >= 400 and recording.file not in LIMITED:
            assert (waits, asked) == ([], 1), recording
        tried[recording.status] += 1
    assert tried[502] == 7
    assert tried[403] == 12


def test_a_limit_is_waited_for_as_long_as_it_says_and_told_as_one(outcomes):
    limited = {
        recording.file: (outcome, waits)
        for recording, outcome, waits, _ in outcomes
        if recording.file in LIMITED and recording.status == 403
    }
    assert {file: waits for file, (_, waits) in limited.items()} == LIMITED
    for refused, _ in limited.values():
        assert refused.cause is Cause.RATE_LIMITED
        assert "answered 429, too many requests" in refused.detail


def test_without_the_headers_of_a_limit_it_would_be_a_plain_refusal():
    """The control: the headers tell, not the status."""
    (limit,) = (one for one in recordings() if one.file in LIMITED and one.header("retry-after"))
    headers = tuple(one for one in limit.headers if one[0].lower() != "retry-after")
    plain = Recording(limit.file, "GET", "/", limit.status, headers, limit.body)
    github = Service("github", lambda *_: played(plain), World(), END)
    with github, session(Budget()) as client:
        outcome, waits, asked = through(client, github.url)
    assert (outcome.cause, waits, asked) == (Cause.FORBIDDEN, [], 1)


def collect(monkeypatch, recording: Recording) -> Harvest:
    """Collect from a GitHub that answers everything so."""
    monkeypatch.setenv("TOKEN_OF_THE_RECORDINGS", TOKEN)
    with Service("github", lambda *_: played(recording), World(), END) as service:
        settings = GithubCollector.Settings(
            organization="acme", token={"env": "TOKEN_OF_THE_RECORDINGS"}, api=service.url
        )
        made = GithubCollector(settings, "github", TOKEN, lambda: Budget(sleep=lambda _: None))
        return made.collect(WINDOW, END)


def kinds_of_trouble() -> dict[str, Recording]:
    """Return one recording of each status that is no success, and both limits."""
    found = {f"{one.status}": one for one in recordings() if one.status >= 300}
    return found | {
        one.file: one for one in recordings() if one.file in LIMITED and one.status == 403
    }


def test_whatever_github_answered_once_is_a_gap_in_words_now(monkeypatch):
    causes = {}
    for name, recording in kinds_of_trouble().items():
        harvest = collect(monkeypatch, recording)
        assert harvest.facts == ()
        assert harvest.coverage.state is State.UNKNOWN
        (gap,) = (gap for gap in harvest.gaps if not gap.parts)
        assert gap.hint
        causes[name] = gap.reason
    assert causes.pop("502") is Cause.TOO_SLOW, "at GitHub it stands for a query of ten seconds"
    assert {causes.pop(file) for file in LIMITED} == {Cause.RATE_LIMITED}
    assert causes == {str(s): CAUSES[s] for s in CAUSES if s >= 300 and s != 502}


def test_answers_to_other_questions_in_graphql_are_gaps(monkeypatch):
    answers = [one for one in recordings() if one.path.endswith("/graphql")]
    assert len(answers) == 51
    for recording in answers:
        harvest = collect(monkeypatch, recording)
        assert harvest.facts == ()
        assert harvest.gaps


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            yield from objects(one)


PARSERS: dict[str, Any] = {
    "pull request": lambda node: parse.parse_pull_request(node, "github", "https://github.com"),
    "checks": parse.parse_checks,
    "default owner": parse.parse_default_owner,
    "entries": parse.entries,
    "name": parse.parse_name,
    "error": lambda issue: sentry.parse_issue(
        issue, sentry.Reading("sentry", "https://sentry.io", "acme", WINDOW), windowed=True
    ),
    "incident": lambda issue: parse_incident(
        issue,
        Reading(source="jira", base="https://x", fields=Fields(), severities={}, drill="drill"),
        None,
        frozenset(),
    ),
}
REFUSALS = {"error": ValueError, "incident": UNREADABLE}


def test_every_object_in_every_body_is_read_or_refused_by_every_parser():
    """None of it has the form that the parsers are for; none of it may break them."""
    read, refused = Counter(), Counter()
    for recording in recordings():
        if not is_json(recording) or not isinstance(recording.json, dict | list):
            continue
        for one in objects(recording.json):
            for name, parser in PARSERS.items():
                try:
                    parser(one)
                except REFUSALS.get(name, parse.ChangedShape):
                    refused[name] += 1
                else:
                    read[name] += 1
    assert min((read + refused)[name] for name in PARSERS) > 20_000
    assert not {"pull request", "error", "incident"} & set(read)
    assert {"checks", "default owner", "entries"} <= set(read)


def test_the_moments_of_real_headers_are_understood():
    """Every reset time that was recorded lies in the past, so there is nothing to wait for."""
    resets = [one for one in recordings() if one.header("x-ratelimit-reset")]
    assert len(resets) > 1400
    now = datetime(2026, 11, 19, tzinfo=UTC)
    for one in resets:
        spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": one.header("x-ratelimit-reset")}
        assert pause(spent, 1, now) == 1.0
