"""The catalogue, third part: pages that lead astray."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from bulletin.model.harvest import Cause
from tests.faults.cell import HEALTHY, KNOWN, PARTIAL, Row, each, well
from tests.faults.refusals import ELSEWHERE, NEXT_PAGE
from tests.faults.server import Fault, Honest, Reply, Request, Spoil
from tests.faults.spoils import Json, items, rewritten, small_pages, smaller

FIRST_PAGE = {"github": "query Search", "jira": "search/jql", "sentry": r"issues/\?query"}
"""What the request for a page has, by source."""
SIZE = 4


def paged(request: Request, honest: Honest, next_: str | None, rows: int | None = None) -> Reply:
    """Let the service answer the first page, and put another next page, or fewer rows, in it."""
    first = smaller(without_cursor(request), SIZE if rows is None else 100)
    reply = honest(first)
    said = reply.json()
    headers = dict(reply.headers)
    if isinstance(said, list):
        said = said[:rows]
        headers["Link"] = (
            f'<https://sentry.example/x>; rel="next"; results="true"; cursor="{next_}"'
        )
    elif "issues" in said:
        said |= {"issues": said["issues"][:rows], "isLast": False, "nextPageToken": next_}
    else:
        search = said["data"]["search"]
        search |= {"nodes": search["nodes"][:rows]}
        search["pageInfo"] = {"hasNextPage": True, "endCursor": next_}
    return replace(reply, headers=headers, body=json.dumps(said).encode())


def without_cursor(request: Request) -> Request:
    """Return the request for the first page."""
    target = re.sub(r"&(cursor|nextPageToken)=[^&]*", "", request.target)
    body = request.body
    if body.startswith(b"{"):
        asked = json.loads(body)
        if "after" in asked.get("variables", {}):
            asked["variables"]["after"] = None
            body = json.dumps(asked).encode()
    return replace(request, target=target, body=body)


def looping() -> Spoil:
    """Every page says that the same one is next."""
    return lambda request, honest: paged(request, honest, "again")


def endless() -> Spoil:
    """Every page says that another one is next, for ever; each is the first again."""
    number = count()
    said: dict[str, Reply] = {}

    def spoil(request: Request, honest: Honest) -> Reply:
        asked = without_cursor(request).text
        if asked not in said:
            said[asked] = paged(request, honest, "0000")
        body = said[asked]
        fresh = f"{next(number):04}".encode()
        link = body.headers.get("Link", "").replace("0000", fresh.decode())
        return replace(
            body,
            headers=body.headers | {"Link": link},
            body=body.body.replace(b'"0000"', b'"' + fresh + b'"'),
        )

    return spoil


def emptied(request: Request, honest: Honest) -> Reply:
    """An empty page that says there is more."""
    return paged(request, honest, "empty", rows=0)


def resumed(request: Request, honest: Honest) -> Reply:
    """What follows the empty page is the first one."""
    return honest(without_cursor(request))


def shifted(said: Json) -> Json | None:
    """The page has lost its first item to the page before it, which was read already."""
    gone = next(items(said))
    if isinstance(said, list):
        return [row for row in said if row is not gone]
    rows = said["issues"] if "issues" in said else said["data"]["search"]["nodes"]
    rows.remove(gone)
    return None


def doubled(said: Json) -> Json | None:
    """Every item comes twice."""
    if isinstance(said, list):
        return [row for row in said for _ in range(2)]
    rows = said["issues"] if "issues" in said else said["data"]["search"]["nodes"]
    rows[:] = [row for row in rows for _ in range(2)]
    return None


def links_elsewhere(request: Request, honest: Honest) -> Reply:
    """The address of every subject, and of the next page, is another host's.

    Sentry calls the addresses of others' tickets `url`, and its own `permalink`.
    """
    reply = honest(smaller(request, SIZE))
    host = ELSEWHERE[-1]
    body = reply.body
    own = b'"url": "' if "graphql" in request.target else b'"permalink": "'
    for field in (own, b'"self":"'):
        body = re.sub(re.escape(field) + rb"https?://[^/\"]+", field + host.encode(), body)
    link = re.sub(r"https?://[^/>]+", host, reply.headers.get("Link", ""))
    return replace(reply, headers=reply.headers | {"Link": link}, body=body)


def counting_more(request: Request, honest: Honest) -> Reply:
    """The service counts many more than it gives."""
    reply = honest(request)
    hits = {"X-Hits": "90"} if "X-Hits" in reply.headers else {}
    body = re.sub(rb'("issueCount": |"total":)(\d+)', rb"\g<1>9\2", reply.body)
    return replace(reply, headers=reply.headers | hits, body=body)


def on_pages(spoil: Callable[[], Spoil], pattern: dict[str, str] = FIRST_PAGE, **when: int):
    """The same script for every source, on the requests for pages alone."""
    return {
        source: lambda on=on: (
            Fault(spoil(), on, **when),
            Fault(small_pages(SIZE), scenery=True),
        )
        for source, on in pattern.items()
    }


PAGING = (
    Row(
        id="H31",
        family="paging",
        what="the next page lies on another host",
        scripts=on_pages(lambda: links_elsewhere),
        stage="elsewhere",
        outcomes=each(KNOWN, None, github=(9, 4, 0), jira=(7, 3, 0), sentry=(16, 10, 0)),
        instead={
            "github": "GraphQL pages by cursor: the addresses of pull requests lead elsewhere",
            "jira": "Cloud pages by token: the addresses of incidents lead elsewhere",
        },
    ),
    Row(
        id="H32",
        family="paging",
        what="the next page is the same page again",
        scripts=on_pages(looping),
        outcomes=each(
            PARTIAL, Cause.CHANGED_SHAPE, github=(8, 2, 8), jira=(8, 2, 5), sentry=(16, 10, 15)
        ),
    ),
    Row(
        id="H33",
        family="paging",
        what="there is always one more page",
        scripts=on_pages(endless),
        outcomes=each(
            PARTIAL,
            Cause.CHANGED_SHAPE,
            github=(256, 250, 8),
            jira=(37, 31, 5),
            sentry=(82, 76, 15),
        ),
    ),
    Row(
        id="H34",
        family="paging",
        what="items move up while pages are turned",
        scripts=on_pages(lambda: rewritten(shifted), NEXT_PAGE, last=1),
        outcomes=each(KNOWN, None, github=(8, 1, 0), jira=(8, 1, 0))
        | each(PARTIAL, Cause.TRUNCATED, sentry=(12, 1, 1)),
    ),
    Row(
        id="H35",
        family="paging",
        what="every item comes twice",
        scripts=on_pages(lambda: rewritten(doubled)),
        outcomes=each(KNOWN, None, github=(6, 1, 0), jira=(5, 1, 0), sentry=(11, 5, 0)),
    ),
    Row(
        id="H36",
        family="paging",
        what="a page is empty, and more follow",
        scripts={
            source: lambda on=on: (
                Fault(emptied, on, last=1),
                Fault(resumed, "empty", scenery=True),
            )
            for source, on in FIRST_PAGE.items()
        },
        outcomes=well(1, fired=1),
    ),
    Row(
        id="H37",
        family="paging",
        what="the service counts more than it gives",
        scripts={source: lambda: (Fault(counting_more),) for source in HEALTHY},
        stage="data-center",
        outcomes=each(PARTIAL, Cause.TRUNCATED, github=(6, 1, 0), jira=(6, 3, 0), sentry=(9, 6, 0)),
        instead={"jira": "Cloud tells no total: a Data Center answers here"},
    ),
)
