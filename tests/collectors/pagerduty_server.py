"""A small PagerDuty that writes its rows as the document does, and keeps what it was asked.

It lists a month unless told otherwise, in pages that end at ten thousand rows.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from werkzeug import Request, Response

from tests.contracts.openapi import Exchange
from tests.contracts.traffic import exchange

TOKEN = "a-key-of-pagerduty"
END = datetime(2026, 11, 19, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SERVICES = {"PIJ90N7": "Checkout", "PSEARCH": "Search"}
TEAMS = {"PQ9K7I8": "Engineering"}
PERSON = "Earline Greenholt"


def reference(kind, handle, summary):
    host = "https://acme.pagerduty.com"
    page = f"{host}/{kind}s/{handle}"
    return {
        "id": handle, "type": f"{kind}_reference", "summary": summary, "html_url": page,
        "self": f"https://api.pagerduty.com/{kind}s/{handle}",
    }  # fmt: skip


def told(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def row(number, status="triggered", *, opened=END - DAY, closed=None, service="PIJ90N7", **more):
    """Return an incident as the document writes one, with a person in every place for one."""
    closed = closed or (END - HOUR if status == "resolved" else None)
    person = reference("user", "PXPGF42", PERSON)
    there = [] if status == "resolved" else [{"at": told(opened), "assignee": person}]
    return (
        reference("incident", f"Q{number:06}", f"[#{number}] Fire {number}")
        | {
            "type": "incident",
            "incident_number": number,
            "title": f"Fire {number}",
            "status": status,
            "created_at": told(opened),
            "updated_at": told(closed or opened),
            "resolved_at": closed and told(closed),
            "last_status_change_at": told(closed or opened),
            "last_status_change_by": person,
            "assignments": there,
            "service": reference("service", service, SERVICES[service]),
            "teams": [reference("team", "PQ9K7I8", "Engineering")],
            "urgency": "high",
        }
        | more
    )


@dataclass
class Pagerduty:
    """It lists a month unless told otherwise, and in the order that it is asked for."""

    rows: list
    page: int = 100
    fault: object = None
    """May answer in its place: takes the request and the answer, and returns another or None."""
    taken: list[Exchange] = field(default_factory=list)

    def __call__(self, request: Request, *_: object) -> Response:
        response = self.respond(request)
        response = (self.fault and self.fault(request, response)) or response
        self.taken.append(exchange(request, response))
        return response

    def respond(self, request):
        if request.headers.get("Authorization") != f"Token token={TOKEN}":
            return answer({"error": {"code": 2006, "message": "Unauthorized"}}, 401)
        match request.path.strip("/").split("/"):
            case ["incidents"]:
                return self._paged(request, "incidents", self._incidents(request))
            case ["incidents", handle]:
                found = [one for one in self.rows if one["id"] == handle]
                no = {"error": {"code": 2100, "message": "Not Found"}}
                return answer({"incident": found[0]}) if found else answer(no, 404)
            case ["services"]:
                rows = [{"id": i, "type": "service", "name": name} for i, name in SERVICES.items()]
                escalation = reference("escalation_policy", "PT20YPA", "On call")
                rows = [one | {"escalation_policy": escalation} for one in rows]
                return self._paged(request, "services", rows)
            case ["teams"]:
                rows = [{"id": i, "type": "team", "name": name} for i, name in TEAMS.items()]
                return self._paged(request, "teams", rows)
            case _:
                return answer({"error": {"code": 2100, "message": "Not Found"}}, 404)

    def _incidents(self, request):
        wanted = {name: set(request.args.getlist(name)) for name in request.args}
        found = [one for one in self.rows if one["status"] in wanted["statuses[]"]]
        if request.args.get("date_range") != "all":
            found = [one for one in found if one["created_at"] >= told(END - 30 * DAY)]
        if "service_ids[]" in wanted:
            found = [one for one in found if one["service"]["id"] in wanted["service_ids[]"]]
        if "team_ids[]" in wanted:
            teams = wanted["team_ids[]"]
            found = [one for one in found if {team["id"] for team in one["teams"]} & teams]
        name, _, way = request.args["sort_by"].partition(":")
        return sorted(found, key=lambda one: one[name], reverse=way == "desc")

    def _paged(self, request, name, rows):
        limit, offset = (int(request.args[one]) for one in ("limit", "offset"))
        if offset + limit > 10_000 or limit > 100:
            return answer({"error": {"code": 2001, "message": "Invalid Input Provided"}}, 400)
        end = offset + min(limit, self.page)
        place = {"limit": limit, "offset": offset, "more": end < len(rows), "total": None}
        return answer(place | {name: rows[offset:end]})


def answer(body, status=200):
    return Response(json.dumps(body), status, content_type="application/json")
