"""A small GlitchTip, with the traps that are set for whoever takes it for Sentry.

A term that it does not know is a tag, and finds nothing; `start` and `end` filter by the first
event; a sort of Sentry's is refused; counts are for life; a cursor ends in `=`.
"""

import json
import shlex
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from werkzeug import Request, Response

from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World

TOKEN = "a-token-of-glitchtip"
SORTS = {"last_seen", "first_seen", "count", "priority"}
PROJECTS = {"11": "shop", "12": "search"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issue:
    number: int
    project: str = "11"
    status: str = "unresolved"
    level: str = "error"
    events: tuple[datetime, ...] = ()
    deleting: bool = False

    @property
    def row(self):
        return {
            "id": str(self.number),
            "shortId": f"{PROJECTS[self.project].upper()}-{self.number:X}",
            "title": f"Error {self.number}",
            "count": str(len(self.events)),
            "type": "error",
            "level": self.level,
            "status": self.status,
            "project": {"id": self.project, "slug": PROJECTS[self.project], "platform": "python"},
            "stats": {"24h": []},
            "permalink": "Not implemented",
            "statusDetails": {},
            "userCount": 0,
            "firstSeen": self.events[0].isoformat(),
            "lastSeen": self.events[-1].isoformat(),
        }


@dataclass
class Glitchtip:
    issues: list[Issue]
    moment: datetime
    page: int = 100
    knows_ids: bool = True
    """Older ones have no filter by id."""
    fault: object = None
    """May answer in its place: takes the request and the answer, and returns another or None."""
    organization: str = "acme"
    counted: list[str] = field(default_factory=list)

    def __call__(self, request: Request, *_: object) -> Response:
        response = self._answer(request)
        return (self.fault and self.fault(request, response)) or response

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return told({"detail": "Unauthorized"}, 401)
        match request.path.removeprefix("/api/0/").strip("/").split("/"):
            case ["organizations", self.organization, "projects"]:
                rows = [{"id": i, "slug": slug, "isMember": False} for i, slug in PROJECTS.items()]
                return self._paged(request, rows, "slug")
            case ["organizations", self.organization, "issues"]:
                return self._list(request)
            case ["organizations", self.organization, "issues-stats"]:
                return self._stats(request)
            case ["issues", number]:
                found = [i.row for i in self.issues if str(i.number) == number]
                return told(found[0]) if found else told({"detail": "Not Found"}, 404)
            case _:
                return told({"detail": "Not Found"}, 404)

    def _list(self, request: Request) -> Response:
        sort = request.args.get("sort", "-last_seen")
        if sort.removeprefix("-") not in SORTS or not all(
            one.isdecimal() for one in request.args.getlist("project")
        ):
            return told({"detail": [{"type": "literal_error"}]}, 422)
        found = [issue for issue in self.issues if not issue.deleting]
        for term in shlex.split(request.args.get("query", "")):
            name, _, value = term.partition(":")
            kept = {"is": lambda i, v: i.status == v, "level": lambda i, v: i.level == v}
            found = [i for i in found if name in kept and kept[name](i, value)]
        if projects := request.args.getlist("project"):
            found = [issue for issue in found if issue.project in projects]
        if self.knows_ids and (ids := request.args.getlist("id")):
            found = [issue for issue in found if str(issue.number) in ids]
        if start := request.args.get("start"):
            found = [i for i in found if i.events[0] >= datetime.fromisoformat(start)]
        key = {"last_seen": "lastSeen", "first_seen": "firstSeen"}[sort.removeprefix("-")]
        return self._paged(request, [issue.row for issue in found], key)

    def _stats(self, request: Request) -> Response:
        groups = request.args.getlist("groups")
        self.counted += groups
        rows = []
        for issue in [i for i in self.issues if str(i.number) in groups][:200]:
            days: dict[datetime, int] = {}
            for at in issue.events:
                if at >= self.moment - 14 * DAY:
                    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
                    days[day] = days.get(day, 0) + 1
            series = [[int(day.timestamp()), count] for day, count in sorted(days.items())]
            rows.append({"id": str(issue.number), "userCount": 99, "stats": {"14d": series}})
        return told(rows)

    def _paged(self, request: Request, rows: list, key: str) -> Response:
        rows = sorted(rows, key=lambda row: row[key], reverse=True)
        if cursor := request.args.get("cursor"):
            at = b64decode(cursor).decode().removeprefix("p=")
            rows = [row for row in rows if row[key] < at]
        size = min(int(request.args.get("limit", 50)), self.page)
        page, more = rows[:size], len(rows) > size
        link = f'<{request.base_url}>; rel="next"; results="false"'
        if more:
            at = b64encode(f"p={page[-1][key]}".encode()).decode()
            address = f"{request.base_url}?limit=100&cursor={quote(at, safe='')}"
            link = f'<{address}>; rel="next"; results="true"; cursor="{at}"'
        answer = told(page)
        answer.headers["Link"] = f'<{request.base_url}>; rel="previous"; results="false", {link}'
        answer.headers["X-Max-Hits"] = "1000"
        return answer


def served(glitchtip: Glitchtip) -> Service:
    return Service("glitchtip", glitchtip, World(), glitchtip.moment)


def told(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
