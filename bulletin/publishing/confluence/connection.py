"""One Confluence, asked with one token. Raises `Refused` for all that is no good answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from bulletin.model.delivery import Artifact
from bulletin.model.harvest import Cause
from bulletin.model.text import clean
from bulletin.publishing.confluence.settings import ConfluenceSettings
from bulletin.wire.http import Budget, Refused, parse_json, session
from bulletin.wire.refused import refused_connection

Json = Any
SAYS = {
    405: ("takes no changes now", "Ask whoever runs it whether it is read-only."),
    409: ("has another version of the page by now", "It is read and made again by itself."),
}
"""Statuses that mean something of their own where one writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that stands in the wiki."""

    id: str
    title: str
    version: int
    body: bytes
    address: str
    """The address that people open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that is attached to a page."""

    id: str
    """Its number, without the `att` that Confluence writes before it in places."""
    comment: str


class Connection:
    """The requests of either API, and those that are the same in both."""

    def __init__(self, settings: ConfluenceSettings, token: str, budget: Budget) -> None:
        path = urlsplit(settings.site).path
        # A Data Center's address has its path; Cloud's is always the same.
        self.base = settings.site
        if settings.is_cloud and not path.endswith("/wiki"):
            self.base += "/wiki"
        self._host = settings.host
        # What writes has one attempt: whether the first arrived has to be looked up.
        self._reading = session(budget)
        self._writing = session(budget, attempts=1)
        for client in (self._reading, self._writing):
            client.headers["Accept"] = "application/json"
            if settings.user is None:
                client.headers["Authorization"] = f"Bearer {token}"
            else:
                client.auth = (settings.user, token)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Read an object."""
        return self._ask(self._reading, "GET", path, params=params)

    def post(self, path: str, body: Json) -> Json:
        """Make something."""
        return self._ask(self._writing, "POST", path, json=body)

    def put(self, path: str, body: Json) -> Json:
        """Replace something."""
        return self._ask(self._writing, "PUT", path, json=body)

    def who(self) -> str:
        """Say who the token belongs to."""
        return clean(str(self.get("/rest/api/user/current").get("displayName", "")), 60)

    def attach(
        self, page: str, file: Artifact, comment: str, standing: Attachment | None = None
    ) -> None:
        """Attach a file, or replace the one that stands; nobody is told of it by mail."""
        path = f"/rest/api/content/{page}/child/attachment"
        self._ask(
            self._writing,
            "POST",
            f"{path}/{standing.id}/data" if standing else path,
            files={"file": (file.name, file.body, file.media_type)},
            data={"comment": comment, "minorEdit": "true"},
            headers={"X-Atlassian-Token": "no-check"},
        )

    def label(self, page: str, names: Sequence[str]) -> None:
        """Give a page labels; those that it has stay."""
        body = [{"prefix": "global", "name": name} for name in names]
        self.post(f"/rest/api/content/{page}/label", body)

    def _ask(self, client: requests.Session, method: str, path: str, **more: Any) -> Json:
        try:
            response = client.request(method, f"{self.base}{path}", **more)
        except requests.RequestException as error:
            # Its text may hold a header's value: keep the kind alone, and no chain.
            raise refused_connection(error, self._host) from None
        if response.status_code in SAYS:
            problem, hint = SAYS[response.status_code]
            said = f"{self._host} {problem} ({response.status_code})"
            raise Refused(Cause.FORBIDDEN, said, hint, response.status_code)
        return parse_json(response, dict)


def rows(answer: Mapping[str, Json], host: str) -> Sequence[Mapping[str, Json]]:
    """Return the results of a listing. Raises `Refused` where it is none."""
    found = answer.get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise changed(host)
    return found


def number(given: object, host: str) -> str:
    """Return the number of a page, a space or a file, which goes into paths.

    Raises `Refused` where it is none.
    """
    found = re.fullmatch(r"(?:att)?([0-9]+)", str(given))
    if found is None:
        raise changed(host)
    return found[1]


def read_page(row: Mapping[str, Json], host: str, address: str) -> Page:
    """Read a page with its body; both APIs write it alike. Raises `Refused` where it is none."""
    try:
        return Page(
            id=number(row["id"], host),
            title=str(row["title"]),
            version=int(row["version"]["number"]),
            body=str(row["body"]["storage"]["value"]).encode(),
            address=address,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise changed(host) from error


def changed(host: str) -> Refused:
    """Return the refusal of an answer that is not what it was documented to be."""
    return Refused(
        Cause.CHANGED_SHAPE,
        f"{host} answered in a shape that is not known here",
        "Update bulletin, or name the deployment in the settings: cloud or data-center.",
    )
