"""Jira's REST API over the demo company's incidents, as Cloud and as Data Center speak it."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug import Request, Response

from bulletin.sandbox.jira.jql import BadJqlError, Query, Ticket, parse
from bulletin.sandbox.jira.shapes import fields, histories, issue, myself, server_info
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import World, digest

PATH = re.compile(r"(?:/ex/jira/[^/]+)?/rest/api/(?:2|3|latest)/(.+)")
ISSUES = 100
"""Issues a page, where more than their ids is asked for."""
IDS = 5000
CHANGES = 10_000
BULK = {"issue/bulkfetch": 100, "changelog/bulkfetch": 1000}
REMOVED = "The requested API has been removed (CHANGE-2046): use /rest/api/3/search/jql."

Json = dict[str, Any]


def answer(request: Request, world: World, moment: datetime) -> Response:
    """Answer one request as Jira Cloud would at `moment`."""
    return _Jira(request, world, moment, cloud=True).answer()


def answer_data_center(request: Request, world: World, moment: datetime) -> Response:
    """Answer one request as Jira Data Center would at `moment`."""
    return _Jira(request, world, moment, cloud=False).answer()


class _RefusalError(Exception):
    """A status that is no success, and Jira's reasons."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__(*messages)
        self.status = status
        self.messages = messages


@dataclass(frozen=True, slots=True)
class _Jira:
    request: Request
    world: World
    moment: datetime
    cloud: bool

    def answer(self) -> Response:
        path = PATH.fullmatch(self.request.path)
        if path is None:
            return Response("<html><body>Oops, you've found a dead link.</body></html>", 404)
        is_open = path[1] == "serverInfo" and "Authorization" not in self.request.headers
        if not is_open and not self._is_known():
            return self._unauthorized()
        try:
            return _json(self._route(self.request.method, path[1]))
        except BadJqlError as bad:
            return _json({"errorMessages": [*bad.messages], "errors": {}}, 400)
        except _RefusalError as refusal:
            return _json({"errorMessages": [*refusal.messages], "errors": {}}, refusal.status)

    def _is_known(self) -> bool:
        sent = self.request.authorization
        if sent is None:
            return False
        if sent.type == "bearer":
            return sent.token == TOKEN
        return sent.type == "basic" and "@" in (sent.username or "") and sent.password == TOKEN

    def _unauthorized(self) -> Response:
        if self.cloud:
            text = "Client must be authenticated to access this resource."
            return _json({"message": text, "status-code": 401}, 401)
        page = "<html><head><title>Unauthorized (401)</title></head></html>"
        return Response(
            page, 401, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, content_type="text/html"
        )

    def _route(self, method: str, path: str) -> Any:
        root = self.request.url_root + "rest/api/2/"
        match method, path:
            case "GET", "serverInfo":
                return server_info(self.world, self.moment, cloud=self.cloud)
            case "GET", "myself":
                return myself(self.world, root, cloud=self.cloud)
            case "GET", "field":
                return fields()
            case (("GET" | "POST"), "search/jql") if self.cloud:
                return self._search_cloud(self._asked())
            case (("GET" | "POST"), "search") if self.cloud:
                raise _RefusalError(410, REMOVED)
            case (("GET" | "POST"), "search"):
                return self._search_data_center(self._asked())
            case "GET", name if not self.cloud and name.startswith("issue/"):
                return self._issue(name.removeprefix("issue/"), self._asked())
            case "POST", "issue/bulkfetch" if self.cloud:
                return self._bulk_issues(self._asked())
            case "POST", "changelog/bulkfetch" if self.cloud:
                return self._bulk_changes(self._asked())
            case _:
                raise _RefusalError(404, "null for uri: " + self.request.path)

    def _asked(self) -> Json:
        """Return the query of a GET or the JSON of a POST, the fields as a list."""
        if self.request.method == "GET":
            asked: Json = self.request.args.to_dict()
            several = self.request.args.getlist("fields")
            return asked | {"fields": [one for some in several for one in some.split(",")]}
        try:
            body = json.loads(self.request.get_data())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise _RefusalError(
                400, "Invalid request payload. Refer to the REST API documentation."
            )
        return body

    def _tickets(self) -> list[Ticket]:
        stories = (*self.world.incidents, *self.world.tasks)
        states = ((story, story.at(self.moment)) for story in stories)
        return [Ticket(story=story, state=state) for story, state in states if state]

    def _query(self, jql: str, *, lenient: bool = False) -> tuple[Query, list[Ticket]]:
        tickets = self._tickets()
        query = parse(jql, self.world, tickets, self.moment)
        if query.warnings and not lenient:
            raise BadJqlError(*query.warnings)
        return query, query.find(tickets)

    def _show(self, tickets: Sequence[Ticket], wanted: Sequence[str]) -> list[Json]:
        root = self.request.url_root + "rest/api/2/"
        return [issue(ticket, self.world, root, wanted, cloud=self.cloud) for ticket in tickets]

    def _show_whole(self, tickets: Sequence[Ticket], asked: Json) -> list[Json]:
        """Show tickets with their histories, where these are asked for."""
        shown = self._show(tickets, asked.get("fields") or ["*navigable"])
        if "changelog" in asked.get("expand", ""):
            for one, ticket in zip(shown, tickets, strict=True):
                changes = histories(ticket, self.world)
                total = len(changes)
                one["changelog"] = {
                    "startAt": 0,
                    "maxResults": total,
                    "total": total,
                    "histories": changes,
                }
        return shown

    def _issue(self, name: str, asked: Json) -> Json:
        """Show one issue by its id or key."""
        for ticket in self._tickets():
            if name in {ticket.story.number, ticket.story.key}:
                return self._show_whole([ticket], asked)[0]
        raise _RefusalError(404, "Issue Does Not Exist")

    def _search_cloud(self, asked: Json) -> Json:
        query, found = self._query(asked.get("jql", ""))
        if query.test is None:
            raise _RefusalError(400, "Unbounded JQL queries are not allowed here.")
        wanted = asked.get("fields") or ["id"]
        most = IDS if {*wanted} <= {"id", "key"} else ISSUES
        size = min(_number(asked.get("maxResults", 50)), most)
        mark = digest(asked.get("jql", ""))[:8]
        start = _position(asked.get("nextPageToken"), mark)
        page = found[start : start + size]
        answer: Json = {"issues": self._show(page, wanted)}
        is_last = start + size >= len(found)
        if not is_last:
            answer["nextPageToken"] = _token(start + size, mark)
        return answer | {"isLast": is_last}

    def _search_data_center(self, asked: Json) -> Json:
        lenient = str(asked.get("validateQuery", "true")).casefold() in {"false", "none", "warn"}
        query, found = self._query(asked.get("jql", ""), lenient=lenient)
        start, size = _number(asked.get("startAt", 0)), _number(asked.get("maxResults", 50))
        page = found[start : start + size]
        shown = self._show_whole(page, asked)
        answer = {
            "expand": "schema,names",
            "startAt": start,
            "maxResults": size,
            "total": len(found),
            "issues": shown,
        }
        return answer | ({"warningMessages": [*query.warnings]} if query.warnings else {})

    def _bulk(self, asked: Json, kind: str) -> tuple[list[Ticket], list[str]]:
        """Return the tickets that were named by id or key, and the names that name none."""
        names = asked.get("issueIdsOrKeys")
        if not isinstance(names, list) or not 0 < len(names) <= BULK[kind]:
            raise _RefusalError(400, f"Name from 1 to {BULK[kind]} issues by id or key.")
        tickets = self._tickets()
        known = {name: one for one in tickets for name in (one.story.number, one.story.key)}
        found = {known[name].story.key: known[name] for name in names if name in known}
        return [*found.values()], [name for name in names if name not in known]

    def _bulk_issues(self, asked: Json) -> Json:
        found, _ = self._bulk(asked, "issue/bulkfetch")
        # Jira lists errors that may pass; what is not there is in neither list.
        return {
            "issues": self._show(found, asked.get("fields") or ["*navigable"]),
            "issueErrors": [],
        }

    def _bulk_changes(self, asked: Json) -> Json:
        found, _ = self._bulk(asked, "changelog/bulkfetch")
        fields = {*asked.get("fieldIds", ["status", "resolution"])}
        changes = [
            (change["created"], ticket.story.number, change | {"items": items})
            for ticket in found
            for change in histories(ticket, self.world)
            if (items := [item for item in change["items"] if item["fieldId"] in fields])
        ]
        changes.sort(key=lambda change: change[:2])
        mark = digest(*sorted(ticket.story.key for ticket in found))[:8]
        start = _position(asked.get("nextPageToken"), mark)
        size = min(_number(asked.get("maxResults", 1000)), CHANGES)
        logs: dict[str, list[Json]] = {}
        for _, number, change in changes[start : start + size]:
            logs.setdefault(number, []).append(change)
        answer: Json = {
            "issueChangeLogs": [
                {"issueId": number, "changeHistories": log} for number, log in logs.items()
            ]
        }
        is_last = start + size >= len(changes)
        return answer if is_last else answer | {"nextPageToken": _token(start + size, mark)}


def _number(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        raise _RefusalError(400, f"'{value}' is not a number.") from None


def _token(position: int, mark: str) -> str:
    return base64.urlsafe_b64encode(f"{position}.{mark}".encode()).decode()


def _position(token: str | None, mark: str) -> int:
    """Read a page's token, which belongs to one query."""
    if token is None:
        return 0
    try:
        position, _, sign = base64.urlsafe_b64decode(token).decode().partition(".")
        if sign == mark:
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise _RefusalError(400, "The provided next page token is invalid or expired.")


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, content_type="application/json;charset=UTF-8")
