"""Sentry's read API over the demo company: organization, projects and issues, in its own shapes.

Status and substatus are those at the sandbox's moment, whatever window is asked, as at Sentry.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from werkzeug import Request, Response

from bulletin.sandbox.sentry.query import Issue, Refusal, parse_moment, parse_period, parse_query
from bulletin.sandbox.sentry.shapes import RETENTION, Span, detail, listed, number, organization
from bulletin.sandbox.sentry.shapes import project as project_shape
from bulletin.sandbox.server import TOKEN
from bulletin.sandbox.world import World

PAGE = 100
SORTS = ("date", "freq", "inbox", "new", "recommended", "trends", "user")


def answer(request: Request, world: World, moment: datetime) -> Response:
    """Answer one request as Sentry would at `moment`."""
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return _json({"detail": "Invalid token"}, 401)
    try:
        return _route(request, world, moment)
    except Refusal as refusal:
        return _json({"detail": refusal.detail}, refusal.status)


def _route(request: Request, world: World, moment: datetime) -> Response:
    match request.path.removeprefix("/api/0/organizations/").split("/"):
        case [world.organization, ""]:
            return _json(organization(request, world))
        case [world.organization, "projects", ""]:
            slugs = sorted({story.project for story in world.errors})
            return _page(request, [project_shape(slug) for slug in slugs], "per_page")
        case [world.organization, "issues", ""]:
            return _issues(request, _living(world, moment), moment)
        case [world.organization, "issues", asked, ""]:
            for issue in _living(world, moment):
                if issue.story.number == asked:
                    return _json(detail(request, issue))
        case _:
            pass
    raise Refusal(404, "The requested resource does not exist")


def _living(world: World, moment: datetime) -> list[Issue]:
    states = ((story, story.at(moment)) for story in world.errors)
    return [Issue(story, state, moment) for story, state in states if state is not None]


def _issues(request: Request, living: Sequence[Issue], now: datetime) -> Response:
    span = _span(request, now)
    projects = request.args.getlist("project")
    if projects and "-1" not in projects:
        living = [i for i in living if {i.story.project, number(i.story.project)} & {*projects}]
    groups = request.args.getlist("group")
    if groups:
        if not all(group.isdecimal() for group in groups):
            raise Refusal(400, "Group ids must be integers")
        # Here Sentry minds neither the query nor, but for the stats, the period.
        chosen = [issue for issue in living if issue.story.number in groups]
        return _json([listed(request, i, (now - RETENTION, now), span) for i in chosen])
    tests = parse_query(request.args.get("query", "is:unresolved"), span[1])
    # Older events are gone: what is asked of them is cut off without a word.
    span = max(span[0], now - RETENTION), max(span[1], now - RETENTION)
    counts = {i.story.number: i.events(*span) for i in living if all(test(i) for test in tests)}
    found = [i for i in living if counts.get(i.story.number)]
    sort = request.args.get("sort", "date")
    if sort not in SORTS:
        raise Refusal(400, f"Invalid sort '{sort}'")
    orders: dict[str, Callable[[Issue], Any]] = {
        "freq": lambda i: counts[i.story.number],
        "user": lambda i: counts[i.story.number] * i.story.users_share,
        "new": lambda i: i.story.first_seen,
    }
    found.sort(key=orders.get(sort, lambda i: i.last_seen(span[1])), reverse=True)
    return _page(request, found, "limit", lambda issue: listed(request, issue, span, span))


def _span(request: Request, now: datetime) -> Span:
    period = request.args.get("statsPeriod")
    start, end = request.args.get("start"), request.args.get("end")
    if period:
        return now - parse_period(period), now
    if not start and not end:
        return now - RETENTION, now
    if not (start and end):
        raise Refusal(400, "start and end are both required")
    span = parse_moment(start), parse_moment(end)
    if span[0] >= span[1]:
        raise Refusal(400, "start must be before end")
    return span


def _page(
    request: Request,
    rows: Sequence[Any],
    size: str,
    show: Callable[[Any], Any] = lambda row: row,
) -> Response:
    limit = min(int(request.args.get(size, PAGE)), PAGE)
    match = re.fullmatch(r"0:(\d+):[01]", request.args.get("cursor", "0:0:0"))
    if match is None:
        raise Refusal(400, "Invalid cursor parameter.")
    offset = int(match[1])
    response = _json([show(row) for row in rows[offset : offset + limit]])
    links = (
        ("previous", offset > 0, f"0:{max(0, offset - limit)}:1"),
        ("next", offset + limit < len(rows), f"0:{offset + limit}:0"),
    )
    response.headers["Link"] = ", ".join(
        f'<{request.base_url}?&cursor={cursor}>; rel="{rel}"; '
        f'results="{str(more).lower()}"; cursor="{cursor}"'
        for rel, more, cursor in links
    )
    response.headers["X-Hits"] = str(len(rows))
    response.headers["X-Max-Hits"] = "1000"
    return response


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
