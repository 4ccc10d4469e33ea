"""A company whose GitHub runs on loopback, for the tests of the collector."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug import Request, Response

from bulletin.collectors.github import GithubCollector, Settings
from bulletin.model.edition import Item, ItemState, Reason
from bulletin.model.facts import FactKey, Severity
from bulletin.model.week import Week, Window
from bulletin.sandbox.github import answer
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import Change, PullRequestStory, World
from bulletin.wire.http import Budget

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = Window(NOW - 7 * DAY, NOW)


def story(repository: str = "recircle/shop", number: int = 1, **fields: Any) -> PullRequestStory:
    given: dict[str, Any] = {
        "repository": repository,
        "number": number,
        "title": f"Change {number}",
        "author": "camille",
        "created": NOW - 20 * DAY + timedelta(minutes=number),
    }
    return PullRequestStory(**(given | fields))


def crowd(pull_requests: int, repositories: int = 100) -> tuple[PullRequestStory, ...]:
    """So many open pull requests, opened a minute after each other, all with green checks."""
    start = NOW - 90 * DAY
    return tuple(
        story(
            f"recircle/service-{n % repositories:03}",
            n,
            created=start + timedelta(minutes=n),
            changes=(Change(start + timedelta(minutes=n + 1), "checks", "SUCCESS"),),
        )
        for n in range(1, pull_requests + 1)
    )


def happened(what: str, days_ago: float, value: str = "") -> Change:
    return Change(NOW - days_ago * DAY, what, value)


def item_of(one: PullRequestStory, **fields: Any) -> Item:
    subject = f"{one.repository}#{one.number}"
    given: dict[str, Any] = {
        "key": FactKey("github", "pull_request", subject),
        "kind": "pull_request",
        "handle": one.node,
        "title": one.title,
        "url": "https://github.com/",
        "owner": None,
        "severity": Severity.MEDIUM,
        "state": ItemState.NEW,
        "trend": None,
        "since": Week(2026, 47),
        "weeks": 1,
        "reasons": (Reason(rule="stale"),),
    }
    return Item(**(given | fields))


class Patience:
    """A budget whose waits take no time and are written down."""

    def __init__(self, seconds: float = 600.0) -> None:
        self.waited: list[float] = []
        self.seconds = seconds

    def __call__(self) -> Budget:
        return Budget(seconds=self.seconds, sleep=self.waited.append)


Intrude = Callable[[Request, dict[str, Any]], Response | None]
"""Sees a request and its body; answers in GitHub's place, or lets GitHub answer."""


@contextmanager
def github(world: World, intrude: Intrude | None = None, moment: datetime = NOW):
    """Run the company's GitHub."""

    def answer_or_not(request: Request, world: World, moment: datetime) -> Response:
        body = request.get_json(silent=True) or {}
        said = intrude(request, body) if intrude else None
        return said or answer(request, world, moment)

    with Service("github", answer_or_not, world, moment) as service:
        yield service


def collector(service: Service, monkeypatch, patience=None, **settings: Any) -> GithubCollector:
    monkeypatch.setenv("GITHUB_TOKEN_OF_THE_TEST", TOKEN)
    given: dict[str, Any] = {
        "organization": "recircle",
        "token": {"env": "GITHUB_TOKEN_OF_THE_TEST"},
        "api": service.url,
    }
    made = GithubCollector.from_settings(Settings(**(given | settings)), "github")
    made._budget = patience or Patience()
    return made


def says(body: Any, status: int = 200, **headers: str) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text, status, headers=spelled, content_type="application/json")


def asks_for(body: dict[str, Any], operation: str) -> bool:
    """Whether a request is the query of that name."""
    return str(body.get("query", "")).strip().startswith(f"query {operation}")


def operations(service: Service) -> list[str]:
    """The names of the queries that a service was asked, in order."""
    queries = [json.loads(seen.body)["query"].split() for seen in service.seen]
    return [words[1].partition("(")[0] for words in queries]
