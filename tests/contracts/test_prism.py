"""Prism, which reads the documents in a way of its own, between the collector and nobody.

It refuses a request that is not as documented with its reasons, so it checks the checks of
`test_requests.py`; it takes seconds to start, so it waits for the night.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from bulletin.collectors.jira import JiraCollector
from bulletin.collectors.sentry import SentryCollector
from bulletin.model.harvest import Cause
from bulletin.wire.http import Budget
from tests.contracts import documents
from tests.contracts.traffic import END, WINDOW
from tests.e2e.tools import tool

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]


@contextmanager
def prism(name: str) -> Iterator[str]:
    """Run Prism with a document; yield its address once it listens."""
    path = documents.path(name)
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
    with prism("jira-cloud-v3") as url:
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
    with prism("sentry-v0") as url:
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
