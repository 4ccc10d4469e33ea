"""What the collectors ask of the demo company in two weeks, and what it answers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug import Request, Response

from bulletin.collectors.github import GithubCollector
from bulletin.collectors.jira import JiraCollector
from bulletin.collectors.sentry import SentryCollector
from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import Fact, FactKey, Severity
from bulletin.model.harvest import State
from bulletin.model.week import Week, Window
from bulletin.sandbox import github, jira, sentry
from bulletin.sandbox.server import TOKEN, Answer, Service
from bulletin.sandbox.world import World, load
from tests.contracts.openapi import Exchange

VARIABLE = "TOKEN_OF_THE_CONTRACTS"
KEY = "KEY_OF_THE_CONTRACTS"
END = datetime(2026, 11, 19, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(END - 7 * DAY, END)
BEFORE = Window(END - 14 * DAY, END - 7 * DAY)
MINTED = "/app/installations/77/access_tokens"
COLLECTORS: dict[str, Any] = {
    "github": GithubCollector,
    "jira": JiraCollector,
    "sentry": SentryCollector,
}
ANSWERS: dict[str, Answer] = {
    "github": github.answer,
    "jira": jira.answer,
    "sentry": sentry.answer,
}


def settings(kind: str, url: str) -> Iterator[dict[str, Any]]:
    """Yield settings that, taken together, make every request there is."""
    given: dict[str, Any] = {"token": {"env": VARIABLE}}
    match kind:
        case "github":
            here = {"api": url, "organization": "recircle"}
            yield given | here
            shops = ["recircle/payments", "recircle/no-such-repository"]
            yield given | {"api": url, "repositories": shops}
            yield here | {"app": {"id": "Iv1.test", "key": {"env": KEY}, "installation": 77}}
        case "jira":
            here = {"site": url, "user": "bot@recircle.example"}
            given |= here | {"incidents": "project = INC AND statusCategory != Done"}
            yield given | {"scope": "project = INC"}
            yield given | {"severity": "Severity"}
        case "sentry":
            given |= {"site": url, "organization": "recircle"}
            yield given
            yield given | {"projects": ["checkout", "search"], "environment": "production"}


def collectors(kind: str, url: str) -> Iterator[Any]:
    """Yield a collector for each of the settings."""
    plug = COLLECTORS[kind]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, TOKEN)
        patch.setenv(KEY, private_key())
        for given in settings(kind, url):
            yield plug.from_settings(plug.Settings.model_validate(given), kind)


@cache
def private_key() -> str:
    """Return a key of an App, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, kind, plain).decode()


def item(fact: Fact) -> Item:
    """Return the item of last week's list that a fact may have been."""
    return Item(
        key=fact.key,
        kind=fact.type,
        handle=fact.handle,
        title=fact.title,
        url=fact.url,
        owner=None,
        severity=Severity.HIGH,
        state=ItemState.CARRIED,
        trend=None,
        since=Week(2026, 40),
        weeks=3,
        reasons=(),
    )


@contextmanager
def tape(kind: str, world: World, taken: list[Exchange]) -> Iterator[Service]:
    """Run a service of the sandbox; what is asked and answered goes into `taken`."""
    inner = minting if kind == "github" else ANSWERS[kind]

    def heard(request: Request, world: World, moment: datetime) -> Response:
        response = inner(request, world, moment)
        taken.append(exchange(request, response))
        return response

    with Service(kind, heard, world, END) as service:
        yield service


def exchange(request: Request, response: Response) -> Exchange:
    """Return what was asked, and what was answered to it."""
    return Exchange(
        method=request.method,
        path=request.path,
        query=request.query_string.decode(),
        headers={name.lower(): value for name, value in request.headers},
        body=request.get_data(),
        status=response.status_code,
        answer=json.loads(response.get_data()),
    )


def minting(request: Request, world: World, moment: datetime) -> Response:
    """Answer as GitHub, and give an App its token, which the sandbox leaves to others."""
    if request.path != MINTED:
        return github.answer(request, world, moment)
    claims = jwt.decode(
        request.headers["Authorization"].split()[1], options={"verify_signature": False}
    )
    assert claims["iss"] == "Iv1.test"
    minted = {"token": TOKEN, "expires_at": "2099-01-01T00:00:00Z", "permissions": {}}
    return Response(json.dumps(minted), 201, content_type="application/json")


@cache
def traffic(kind: str) -> Sequence[Exchange]:
    """Return every exchange of two weeks, of the same weeks asked for afterwards, of looking
    everything up again, and of the checks.
    """
    taken: list[Exchange] = []
    with tape(kind, load(), taken) as service:
        for made in collectors(kind, service.url):
            assert all(line.detail for line in made.check())
            found: dict[FactKey, Fact] = {}
            for window in (BEFORE, WINDOW):
                service.moment = window.end
                harvest = made.collect(window, window.end)
                found |= {fact.key: fact for fact in harvest.facts}
            assert found
            for harvest in made.remember((BEFORE, WINDOW), service.moment):
                assert harvest.facts
                assert harvest.coverage.state in {State.KNOWN, State.PARTIAL}
            again = made.revisit([item(fact) for fact in found.values()])
            assert again.coverage.state is State.KNOWN
    return taken
