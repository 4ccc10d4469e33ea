"""A Jira on loopback that can be made to misbehave, and a collector for it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from werkzeug import Request, Response

from bulletin.collectors.jira import JiraCollector
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import FactKey, Severity
from bulletin.model.week import Week, Window
from bulletin.sandbox import jira
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import Change, IncidentStory, World
from bulletin.wire.http import Budget

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(NOW - 7 * DAY, NOW)
OPEN = "project = INC AND statusCategory != Done"
CLOUD, CENTER = jira.answer, jira.answer_data_center

Fault = Callable[[Request], Response | None]
"""Answers in Jira's place, or lets it answer."""


def story(number: int, *changes: tuple[float, str, str], age: float = 30, **more) -> IncidentStory:
    """An incident `age` days old, with changes so many days ago."""
    return IncidentStory(
        key=f"INC-{number}",
        summary=more.pop("summary", f"Incident {number}"),
        created=NOW - age * DAY,
        changes=tuple(Change(NOW - ago * DAY, what, value) for ago, what, value in changes),
        **more,
    )


def company(count: int) -> World:
    """A company with so many open incidents, one an hour; none of them of this week."""
    return World(
        incidents=tuple(
            story(n, (8, "status", "Investigating"), age=8 + n / 24) for n in range(1, count + 1)
        )
    )


@contextmanager
def serve(world: World, answer=CLOUD, fault: Fault | None = None) -> Iterator[Service]:
    def faulty(request, world, moment):
        return (fault and fault(request)) or answer(request, world, moment)

    with Service("jira", faulty, world, NOW) as service:
        yield service


def collector(service: Service, monkeypatch, cloud: bool = True, **more) -> JiraCollector:
    monkeypatch.setenv("JIRA_TOKEN", more.pop("secret", TOKEN))
    given = {
        "site": service.url,
        "user": "bot@acme.example" if cloud else None,
        "token": {"env": "JIRA_TOKEN"},
        "incidents": OPEN,
    }
    settings = JiraCollector.Settings.model_validate(given | more)
    return JiraCollector(settings, "jira", lambda: Budget(sleep=lambda _: None))


def item(subject: str, handle: str) -> Item:
    return Item(
        key=FactKey("jira", "incident", subject),
        kind="incident",
        handle=handle,
        title=subject,
        url=f"https://jira.example/browse/{subject}",
        owner=None,
        severity=Severity.HIGH,
        state=ItemState.CARRIED,
        trend=None,
        since=Week(2026, 40),
        weeks=3,
        reasons=(),
    )


def items(world: World) -> list[Item]:
    return [item(one.key, one.number) for one in world.incidents]


def on(path: str, response: Callable[[Request], Response]) -> Fault:
    """Answer every request to this path of the API so."""
    return lambda request: (
        response(request) if re.search(f"/rest/api/[23]/{path}$", request.path) else None
    )


def status(code: int, body: object = None, **headers: str) -> Callable[[Request], Response]:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/html" if isinstance(body, str) else "application/json"
    return lambda _: Response(text, code, headers, content_type=kind)


def rewrite(answer, path: str, change: Callable[[dict], object], world: World) -> Fault:
    """Change the JSON that Jira answers on this path."""

    def changed(request: Request) -> Response:
        body = json.loads(answer(request, world, NOW).get_data())
        change(body)
        return Response(json.dumps(body), content_type="application/json")

    return on(path, changed)
