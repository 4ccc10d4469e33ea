"""A small Bugsink: issues by project, and events that it numbers, pages and throws away."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from werkzeug import Request, Response

from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World

TOKEN = "0123456789abcdef0123456789abcdef01234567"
PAGE = 250


@dataclass(frozen=True)
class Issue:
    number: int
    project: int = 1
    kind: str = "ValueError"
    said: str = "nothing left"
    events: tuple[datetime, ...] = ()
    kept: frozenset[int] | None = None
    """The numbers of the events that are still there; all of them unless given."""
    resolved: bool = False
    outright: bool = True
    muted: bool = False

    @property
    def id(self):
        return str(uuid5(NAMESPACE_URL, f"{self.project}/{self.number}"))

    @property
    def row(self):
        return {
            "id": self.id,
            "friendly_id": f"{SLUGS.get(self.project, 'SHOP').upper()}-{self.number}",
            "project": self.project,
            "digest_order": self.number,
            "last_seen": stamp(self.events[-1]),
            "first_seen": stamp(self.events[0]),
            "digested_event_count": len(self.events),
            "stored_event_count": len(self.events if self.kept is None else self.kept),
            "calculated_type": self.kind,
            "calculated_value": self.said,
            "transaction": "",
            "is_resolved": self.resolved,
            "is_resolved_unconditionally": self.resolved and self.outright,
            "is_resolved_by_next_release": self.resolved and not self.outright,
            "is_muted": self.muted,
        }


SLUGS = {1: "shop", 2: "search-engine"}


@dataclass
class Bugsink:
    issues: list[Issue] = field(default_factory=list)
    page: int = PAGE
    fault: object = None
    """May answer in its place: takes the request and the answer, and returns another or None."""

    def __call__(self, request: Request, *_: object) -> Response:
        response = self._answer(request)
        return (self.fault and self.fault(request, response)) or response

    def change(self, number: int, **fields: object) -> None:
        self.issues = [replace(i, **fields) if i.number == number else i for i in self.issues]

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return told({"detail": "Invalid Bearer token."}, 401)
        what, _, one = request.path.removeprefix("/api/canonical/0/").strip("/").partition("/")
        if what == "projects":
            rows = [{"id": number, "slug": slug, "name": slug} for number, slug in SLUGS.items()]
            return self._paged(request, rows, lambda row: row["slug"])
        if what == "issues" and one:
            found = [issue.row for issue in self.issues if issue.id == one]
            return told(found[0]) if found else told({"detail": "No Issue matches."}, 404)
        if what == "issues":
            rows = [i.row for i in self.issues if str(i.project) == request.args.get("project")]
            assert (request.args["sort"], request.args["order"]) == ("last_seen", "desc")
            return self._paged(request, rows, lambda row: row["last_seen"])
        issue = next(i for i in self.issues if i.id == request.args["issue"])
        rows = [
            {"digest_order": number, "ingested_at": stamp(at), "digested_at": stamp(at)}
            for number, at in enumerate(issue.events, 1)
            if issue.kept is None or number in issue.kept
        ]
        return self._paged(request, rows, lambda row: row["digest_order"])

    def _paged(self, request: Request, rows: list, position) -> Response:
        rows = sorted(rows, key=position, reverse=True)
        if cursor := request.args.get("cursor"):
            at = b64decode(cursor).decode().removeprefix("p=")
            rows = [row for row in rows if position(row) < type(position(row))(at)]
        page = rows[: self.page]
        more = len(rows) > self.page
        at = b64encode(f"p={position(page[-1])}".encode()).decode() if more else ""
        link = f"http://behind.a.proxy/api/canonical/0/?cursor={at.replace('=', '%3D')}"
        return told({"next": link if more else None, "previous": None, "results": page})


def served(bugsink: Bugsink, moment: datetime) -> Service:
    return Service("bugsink", bugsink, World(), moment)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def told(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
