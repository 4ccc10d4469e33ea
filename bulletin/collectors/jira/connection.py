"""One Jira, asked through the `jira` library under our policy."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests
from jira import JIRA, JIRAError

from bulletin.collectors.jira.reading import UNREADABLE, Json
from bulletin.model.harvest import Cause, Harvest
from bulletin.model.text import clean
from bulletin.wire.http import (
    CONNECT_SECONDS,
    REDIRECT,
    SILENCE_SECONDS,
    Budget,
    govern,
    parse_json,
)
from bulletin.wire.refused import Refused, refused_status
from bulletin.wire.throttling import is_throttled

ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
SCOPED = "A scoped token of Jira Cloud works at the gateway's address only."


class BadQuery(Refused):
    """A query that was not accepted, and every number that Jira names in its reasons."""

    numbers: frozenset[str] = frozenset()


class Connection:
    """A session with one Jira. What it learns of the server and the account it keeps.

    Each method raises `Refused` and nothing else.
    """

    def __init__(self, site: str, user: str | None, token: str) -> None:
        self.library = JIRA(
            site,
            basic_auth=(user, token) if user else None,
            token_auth=None if user else token,
            options={"rest_api_version": "3" if user else "2"},
            # The library would ask in its constructor, before the session is under our policy.
            get_server_info=False,
            max_retries=0,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            logging=False,
        )
        # We give ids of fields; the library need not fetch all fields to translate names.
        self.library._fields_cache_value = {"_": "_"}  # noqa: SLF001  (it has no switch)
        session = self.library._session  # noqa: SLF001  (it shows its session to nobody)
        session.hooks["response"].append(self._refuse)
        self._adapter = govern(session, Budget())
        self._token = token
        self._fields: list[Any] | None = None
        self.host = urlsplit(site).hostname or ""
        self.deployment: str | None = None
        """What Jira calls its kind, `Cloud` or `Server`; None until `connect`."""
        self.base = site
        """The address that people use; the API's own may be a gateway."""
        self.zone: ZoneInfo | None = None
        """The account's time zone, which JQL reads its moments in; None where it is unknown."""

    def begin(self, budget: Budget) -> None:
        """Spend from this budget from now on."""
        self._adapter.budget = budget

    @property
    def spent(self) -> int:
        """Requests since `begin`."""
        return self._adapter.budget.requests

    def told(self, harvest: Harvest) -> Harvest:
        """Return the harvest with what the answers since `begin` say of their own age."""
        return self._adapter.budget.timekeeper.told(harvest)

    def connect(self) -> None:
        """Find out what Jira it is and who we are there, once.

        The account is asked for even where its time zone is of no use: a Jira that does not take
        our credentials may let us search as nobody, and find nothing.
        """
        if self.deployment is not None:
            return
        about = self._server()
        deployment = about.get("deploymentType") or "Server"
        if not isinstance(deployment, str) or "version" not in about:
            raise self.strange("something else than Jira's description of itself")
        self._speak("3" if deployment == "Cloud" else "2")
        self.library.deploymentType = deployment
        base = about.get("baseUrl")
        if isinstance(base, str) and ADDRESS.fullmatch(base):
            self.base = base.rstrip("/")
        myself = self.ask(dict, self.library.myself)
        self.zone = parse_zone(myself.get("timeZone"))
        self.deployment = deployment

    def _server(self) -> Json:
        try:
            about: Json = self.ask(dict, self.library.server_info)
        except Refused as refused:
            if refused.cause is not Cause.NOT_FOUND:
                raise
            self._speak("2")  # a Data Center with user and password: it has no version 3
            about = self.ask(dict, self.library.server_info)
        return about

    def _speak(self, version: str) -> None:
        self.library._options["rest_api_version"] = version  # noqa: SLF001  (as above)

    def fields(self) -> list[Any]:
        """Return every field of the instance, asked for once."""
        if self._fields is None:
            self._fields = list(self.ask(list, self.library.fields))
        return self._fields

    def get(self, path: str, params: Json) -> Json:
        """Return the JSON at a path of the API, which the library would make objects of."""
        fetch = self.library._get_json  # noqa: SLF001  (it shows no raw answers)
        answer: Json = self.ask(dict, fetch, path, params)
        return answer

    def post(self, path: str, body: Json) -> Json:
        """Send JSON to a path of the API that the library has no method for."""
        send = self.library._get_json  # noqa: SLF001  (it knows no bulk requests)
        answer: Json = self.ask(dict, send, path, body, use_post=True)
        return answer

    def ask(self, expected: type, call: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """Return what the library's function returns, if it is of this type."""
        try:
            answer = call(*values, **more)
        except (JIRAError, requests.RequestException, *UNREADABLE):
            # What these say may hold headers and whole bodies: nothing of it is quoted.
            raise self.strange("no JSON, usually a sign-in page or a proxy") from None
        except RecursionError:
            raise self.strange("JSON without a bottom") from None
        if not isinstance(answer, expected):
            raise self.strange(f"a {type(answer).__name__} where a {expected.__name__} was due")
        return answer

    def _refuse(self, response: requests.Response, **_: Any) -> None:
        """Raise `Refused` for an answer that is none, before the library reads it: it takes the
        bodies of errors to be well formed, and a header that says "not you" beside a 200 for good.
        """
        reason = response.headers.get("X-Seraph-LoginReason", "")
        if "AUTHENTICATED_FAILED" in reason or "AUTHENTICATION_DENIED" in reason:
            raise Refused(
                Cause.REFUSED,
                f"{self.host} does not accept the credentials",
                f"Make a new token; if Jira asks for a CAPTCHA, sign in with a browser. {SCOPED}",
                response.status_code,
            )
        if response.ok:
            if response.status_code not in REDIRECT:
                parse_json(response, object)
            return
        said = parse_errors(response) if response.status_code == requests.codes.bad_request else ()
        words = " ".join(said).replace(self._token, "[token]")
        status = 429 if is_throttled(response) else response.status_code
        refused = refused_status(status, words, self.host)
        if refused.cause is Cause.BAD_QUERY:
            refused = BadQuery(refused.cause, refused.detail, refused.hint, refused.status)
            refused.numbers = frozenset(re.findall(r"\d+", words))
        if refused.cause is Cause.REFUSED:
            refused.hint = f"{refused.hint} {SCOPED}"
        raise refused

    def strange(self, what: str) -> Refused:
        """Return the refusal for an answer that is not in its documented form."""
        return Refused(
            Cause.CHANGED_SHAPE,
            f"{self.host} answered with {what}",
            "Check the address and the credentials; if they are right, update bulletin.",
        )


def parse_errors(response: requests.Response) -> tuple[str, ...]:
    """Return Jira's own reasons out of an answer that is an error; none where it has none."""
    try:
        body = response.json()
        return tuple(clean(message, 300) for message in body["errorMessages"])
    except (*UNREADABLE, RecursionError):
        return ()


def parse_zone(name: Any) -> ZoneInfo | None:
    """Return the time zone of this name, or None where there is none."""
    try:
        return ZoneInfo(name)
    except (*UNREADABLE, OSError):
        return None
