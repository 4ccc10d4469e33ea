"""Prism, which reads the documents in a way of its own, between the collector and nobody.

It refuses a request that is not as documented with its reasons, so it checks the checks of
`test_requests.py`; it takes seconds to start, so it waits for the night.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from bulletin.collectors.jira import JiraCollector
from bulletin.collectors.pagerduty import PagerdutyCollector
from bulletin.collectors.sentry import SentryCollector
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Cause, State
from bulletin.model.week import Window
from bulletin.wire.http import Budget
from tests.contracts import documents
from tests.contracts.traffic import END, WINDOW, item
from tests.e2e.tools import tool

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]


VERSIONED = "application/vnd.pagerduty+json;version=2"


@contextmanager
def prism(path: Path) -> Iterator[str]:
    """Run Prism with a document; yield its address once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [tool("node"), tool("prism"), "mock", "--port", str(port), "--host", "127.0.0.1"]
    with subprocess.Popen(
        [*command, path],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as server:
        try:
            wait(port)
            yield f"http://localhost:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("Prism did not start within a minute")


def budget() -> Budget:
    return Budget(sleep=lambda _: None)


def test_prism_accepts_every_request_to_jira(monkeypatch):
    monkeypatch.setenv("JIRA_TOKEN", "hush")
    given = {"user": "bot@acme.example", "token": {"env": "JIRA_TOKEN"}, "scope": "project = INC"}
    with prism(documents.path("jira-cloud-v3")) as url:
        settings = JiraCollector.Settings.model_validate(
            given | {"site": url, "incidents": "project = INC AND statusCategory != Done"}
        )
        harvest = JiraCollector(settings, "jira", budget).collect(WINDOW, END)
        wrong = requests.get(
            f"{url}/rest/api/3/search/jql",
            params={"maxResults": "many"},
            auth=("bot@acme.example", "hush"),
            timeout=30,
        )
    assert harvest.coverage.requests >= 4
    assert not {Cause.BAD_QUERY, Cause.REFUSED, Cause.NOT_FOUND} & {g.reason for g in harvest.gaps}
    assert wrong.status_code == 400, "the control: Prism refuses what is not as documented"


def test_prism_accepts_every_request_to_sentry():
    with prism(documents.path("sentry-v0")) as url:
        settings = SentryCollector.Settings.model_validate(
            {"site": url, "organization": "acme", "token": {"env": "UNUSED"}}
        )
        harvest = SentryCollector(settings, "sentry", "hush", budget()).collect(WINDOW, END)
        wrong = requests.get(
            f"{url}/api/0/organizations/acme/issues/",
            params={"sort": "fame"},
            headers={"Authorization": "Bearer hush"},
            timeout=30,
        )
    assert harvest.coverage.requests >= 7
    assert not {Cause.BAD_QUERY, Cause.REFUSED, Cause.NOT_FOUND} & {g.reason for g in harvest.gaps}
    assert wrong.status_code in {400, 422}, "the control: Prism refuses what is not as documented"


def with_its_own_type(node):
    """Return PagerDuty's document with the media type that its own header `Accept` asks for, and
    that its answers forget to be in: Prism would refuse every request that is as documented.
    """
    if isinstance(node, list):
        return [with_its_own_type(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: with_its_own_type(one) for name, one in node.items()}
    is_content = isinstance(made.get("application/json"), dict)
    return made | ({VERSIONED: made["application/json"]} if is_content else {})


def test_prism_accepts_every_request_to_pagerduty_and_its_example_is_read_to_the_end(tmp_path):
    document = json.loads(documents.path("pagerduty-v2").read_text("utf-8"))
    path = tmp_path / "pagerduty.json"
    path.write_text(json.dumps(with_its_own_type(document)), encoding="utf-8")
    resolved = datetime(2015, 10, 6, 21, 38, 23, tzinfo=UTC)
    week = Window(resolved - timedelta(days=6), resolved + timedelta(days=1))
    ours = {"services": ["PIJ90N7"], "teams": ["PQ9K7I8"], "token": {"env": "UNUSED"}}
    with prism(path) as url:
        settings = PagerdutyCollector.Settings.model_validate(ours | {"site": url})
        collector = PagerdutyCollector(settings, "pagerduty", "hush", budget())
        lines = [*collector.check()]
        harvest = collector.collect(week, week.end)
        again = collector.revisit([item(fact) for fact in harvest.facts])
        wrong = requests.get(
            f"{url}/incidents",
            params={"limit": "many"},
            headers=dict(collector._client._session.headers),
            timeout=30,
        )
    assert [line.what for line in lines if line.ok] == [
        "address", "credentials", "incidents", "services", "teams",
    ]  # fmt: skip
    (fact,) = harvest.facts
    assert (fact.handle, fact.title) == ("PT4KHLK", "The server is on fire.")
    assert (fact.life, fact.severity, fact.resolved) == (Life.DONE, Severity.HIGH, resolved)
    assert fact.url == "https://subdomain.pagerduty.com/incidents/PT4KHLK"
    assert fact.services == ("My Mail Service",)
    # The example says that there is more, and Prism gives the same page for ever.
    assert [gap.detail for gap in harvest.gaps] == ["the service leads on to the same page again"]
    assert harvest.coverage.state is State.PARTIAL
    assert [(one.handle, one.life) for one in again.facts] == [("PT4KHLK", Life.OPEN)]
    assert again.coverage.state is State.KNOWN
    assert "Earline" not in repr((harvest, again))
    assert wrong.status_code in {400, 422}, "the control: Prism refuses what is not as documented"
