"""Talks to GitHub through PyGithub, which knows how to sign in, under our own policy."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Auth, Github, GithubException, GithubIntegration
from github.Requester import Requester
from requests.structures import CaseInsensitiveDict

from bulletin.collectors.github.parse import Node
from bulletin.collectors.github.settings import App, Settings
from bulletin.model.harvest import Cause
from bulletin.model.text import clean
from bulletin.wire.http import (
    ATTEMPTS,
    REDIRECT,
    Budget,
    Refused,
    govern,
    parse_json,
    pause,
    refused_status,
)

RETRIED = frozenset({500, 503})
"""Tried again as they are. 502 and 504 are not: they stand for a query of over ten seconds."""
SMALLEST = 5
SECONDARY_SECONDS = 60.0
"""What GitHub asks to wait where it limits without saying for how long."""
SAID_LENGTH = 110
OPTIONS: dict[str, Any] = {
    "user_agent": "bulletin",
    "retry": 0,
    "seconds_between_requests": None,
    "seconds_between_writes": None,
    "api_version": "2022-11-28",
}
SLOW = ("respond to your request in time", "something went wrong while executing", "timeout")
TROUBLES = {
    "NOT_FOUND": (
        Cause.NOT_FOUND,
        "Check the name in the settings, and that the token may see it.",
    ),
    "FORBIDDEN": (Cause.FORBIDDEN, "Grant the permissions listed in the documentation."),
    "INSUFFICIENT_SCOPES": (Cause.FORBIDDEN, "Grant the scopes listed in the documentation."),
    "undefinedField": (Cause.UNSUPPORTED, "This server is too old for what is asked: update it."),
    "undefinedType": (Cause.UNSUPPORTED, "This server is too old for what is asked: update it."),
}
WRONG_ADDRESS = "Correct `api` in the settings: for Enterprise Server it ends in /api/v3."
BAD_QUERY = (Cause.BAD_QUERY, "Correct the names in the settings, or update bulletin.")

# At DEBUG PyGithub logs whole answers, and one of them is an App's access token.
logging.getLogger("github").setLevel(logging.INFO)


class TooMuch(Refused):
    """The service could not answer so much at once; less may work."""


class Limited(Refused):
    """The service asks to come back later; `headers` may say when."""

    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error beside the data of an answer, and the place in the data that it is about."""

    kind: str
    said: str
    path: tuple[str, ...]

    @property
    def refused(self) -> Refused:
        """What it means to a person."""
        cause, hint = TROUBLES.get(self.kind, BAD_QUERY)
        return Refused(cause, f"GitHub answers {self.kind or 'with an error'}: {self.said}", hint)


@dataclass(frozen=True, slots=True)
class Answer:
    """The data of an answer, and what is wrong with it."""

    data: Node
    troubles: tuple[Trouble, ...]


class Wire:
    """A line to one GitHub, for one thread and one piece of work. Raises `Refused` and its like."""

    def __init__(self, settings: Settings, secret: str, budget: Budget) -> None:
        self._host = urlsplit(settings.api).hostname or ""
        self._budget = budget
        self._secret = secret
        token = self._minted(settings.api, settings.app) if settings.app else secret
        self._secret = token
        github = Github(auth=Auth.Token(token), base_url=settings.api, **OPTIONS)
        self._requester = github.requester
        self._hold(self._requester)

    def ask(self, query: str, variables: Mapping[str, Any]) -> Answer:
        """Ask what cannot be asked in smaller pieces: three times, if need be."""
        return self.ask_for(query, lambda _: variables, 4 * SMALLEST)[0]

    def ask_for(
        self, query: str, variables: Callable[[int], Mapping[str, Any]], size: int
    ) -> tuple[Answer, int]:
        """Ask for so many, and for half of it where that is too much at once.

        Returns the answer and the size that worked: start there the next time.
        """
        pace = 1.0
        while True:
            try:
                return self._wait_and_ask(query, variables(size)), size
            except TooMuch:
                if size <= SMALLEST or not self._budget.wait(pace):
                    raise
                size = max(SMALLEST, size // 2)
                pace *= 2

    def nodes(
        self, query: str, ids: Sequence[str], size: int
    ) -> Iterator[tuple[str, Node | None, Trouble | None]]:
        """Look up nodes by id, so many a request: each id, its node and what is wrong with it."""
        start = 0
        while start < len(ids):

            def batch(most: int, start: int = start) -> Mapping[str, Any]:
                return {"ids": list(ids[start : start + most])}

            answer, size = self.ask_for(query, batch, size)
            asked = batch(size)["ids"]
            nodes = answer.data.get("nodes")
            if not isinstance(nodes, list) or len(nodes) != len(asked):
                raise changed_shape("another number of nodes than was asked for")
            troubles = {t.path[1]: t for t in answer.troubles if len(t.path) > 1}
            for place, (node_id, node) in enumerate(zip(asked, nodes, strict=True)):
                yield node_id, node if isinstance(node, dict) else None, troubles.get(str(place))
            start += len(asked)

    def _wait_and_ask(self, query: str, variables: Mapping[str, Any]) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(query, variables)
            except Limited as limited:
                wait = seconds_to_wait(limited.headers, attempt, datetime.now(UTC))  # noqa: TID251  (how long to wait, not what to print)
                if attempt == ATTEMPTS or not self._budget.wait(wait):
                    raise
        raise AssertionError

    def _once(self, query: str, variables: Mapping[str, Any]) -> Answer:
        headers: Mapping[str, Any] = {}
        try:
            _, body = self._requester.graphql_query(query, dict(variables))
        except GithubException as error:
            # PyGithub raises for any error in a 200, with partial data as well.
            body, headers = error.data, error.headers or {}
        except (requests.RequestException, RuntimeError, ValueError) as error:
            raise changed_shape(f"an answer that cannot be read ({type(error).__name__})") from None
        troubles = tuple(self._trouble(error) for error in body.get("errors") or ())
        for trouble in troubles:
            if trouble.kind.startswith("RATE_LIMIT"):
                raise self._limited(trouble.said, headers)
            if trouble.kind == "RESOURCE_LIMITS_EXCEEDED" or _tells_of_slowness(trouble.said):
                raise self._too_much()
        data = body.get("data")
        if isinstance(data, dict):
            return Answer(data, troubles)
        raise troubles[0].refused if troubles else changed_shape("an answer without data")

    def _trouble(self, error: Mapping[str, Any]) -> Trouble:
        extensions = error.get("extensions")
        code = extensions.get("code") if isinstance(extensions, dict) else None
        path = error.get("path")
        return Trouble(
            kind=clean(str(error.get("type") or code or ""), 40),
            said=self._said(error.get("message")),
            path=tuple(map(str, path)) if isinstance(path, list) else (),
        )

    def _said(self, message: Any) -> str:
        return clean(str(message or "").replace(self._secret, "…"), SAID_LENGTH)

    def _too_much(self) -> TooMuch:
        return TooMuch(
            Cause.TOO_SLOW,
            f"{self._host} could not answer in time, even for {SMALLEST} at once",
            "Try again at a quieter hour; look at githubstatus.com or your server's load.",
        )

    def _limited(self, said: str, headers: Mapping[str, Any]) -> Limited:
        limited = Limited(
            Cause.RATE_LIMITED,
            f"{self._host} says that we ask too much: {said}",
            "Run again in an hour, or give the bulletin a token of its own.",
        )
        limited.headers = CaseInsensitiveDict(headers)
        return limited

    def _check(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Refuse what PyGithub would take for data, follow, or try for ever."""
        status = response.status_code
        if response.ok and status not in REDIRECT:
            body = parse_json(response, dict)
            # PyGithub reads the text once more, and would stumble over a byte order mark.
            response.encoding = "utf-8-sig"
            errors = body.get("errors") or []
            if not isinstance(errors, list) or not all(isinstance(e, dict) for e in errors):
                raise changed_shape("errors that are no list of errors")
            if not isinstance(body.get("message", ""), str):
                raise changed_shape("a message that is no text")
            return
        if status in REDIRECT:
            raise Refused(
                Cause.REFUSED,
                f"{self._host} redirects to another address",
                WRONG_ADDRESS,
                status,
            )
        raise self._refusal(response)

    def _refusal(self, response: requests.Response) -> Refused:
        status = response.status_code
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = None
        said = self._said(body.get("message")) if isinstance(body, dict) else ""
        if status in {502, 504}:
            return self._too_much()
        if status == 429 or (status == 403 and _tells_of_a_limit(response.headers, said)):  # noqa: PLR2004  (HTTP statuses)
            return self._limited(said, response.headers)
        refused = refused_status(status, said, self._host)
        if status == 404 and urlsplit(response.url).path.endswith("/graphql"):  # noqa: PLR2004  (an HTTP status)
            # A name that is not there is an error inside an answer, never a status.
            refused.detail = f"{self._host} answered 404: there is no GraphQL at this address"
            refused.hint = WRONG_ADDRESS
        return refused

    def _hold(self, requester: Requester) -> None:
        # PyGithub takes no session: its connection classes are the process's, its connection is
        # private. Made once, it is kept for as long as the host stays the same.
        session = getattr(requester, "_Requester__createConnection")().session  # noqa: B009  (mypy knows no private names)
        govern(session, self._budget, retried=RETRIED)
        session.hooks["response"].append(self._check)

    def _minted(self, api: str, app: App) -> str:
        """Return an access token of the App's installation; it lives for an hour."""
        try:
            integration = GithubIntegration(
                auth=Auth.AppAuth(app.id, self._secret), base_url=api, **OPTIONS
            )
            self._hold(integration.requester)
            return integration.get_access_token(app.installation).token
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001  (whatever a key may be wrong for, and some say it aloud)
            raise Refused(
                Cause.REFUSED,
                f"the App could not sign in ({type(error).__name__})",
                "Check the App's id, its private key in PEM, and the installation's number.",
            ) from None


def seconds_to_wait(headers: Mapping[str, str], attempt: int, now: datetime) -> float:
    """Return how long GitHub wants us to wait, by its headers and its documentation."""
    told = "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"
    return pause(headers, attempt, now) if told else SECONDARY_SECONDS


def changed_shape(what: str) -> Refused:
    """Return the refusal of an answer that is not as documented."""
    hint = "Update bulletin, or ask whoever runs the service what changed."
    return Refused(Cause.CHANGED_SHAPE, f"an answer is not as documented: {what}", hint)


def _tells_of_slowness(said: str) -> bool:
    return any(phrase in said.lower() for phrase in SLOW)


def _tells_of_a_limit(headers: Mapping[str, str], said: str) -> bool:
    return (
        "Retry-After" in headers
        or headers.get("X-RateLimit-Remaining") == "0"
        or "rate limit" in said.lower()
    )
