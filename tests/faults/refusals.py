"""The catalogue, second part: signed out, refused, asked to wait, and storms."""

from datetime import timedelta
from email.utils import format_datetime

from bulletin.model.harvest import Cause
from tests.faults.cell import (
    HEALTHY,
    KNOWN,
    PARTIAL,
    UNKNOWN,
    Outcome,
    Row,
    alike,
    always,
    each,
    well,
)
from tests.faults.server import Fault, Honest, Reply, Request, now
from tests.faults.spoils import page, small_pages, status

LOGIN = b"<!doctype html><title>Sign in</title><form action=/login>"
NEXT_PAGE = {
    "github": r'query Search.*"after": "',
    "jira": r"search/jql.*nextPageToken=",
    "sentry": r"issues/\?.*cursor=",
}
"""What the request for a page after the first has, by source."""
ELSEWHERE: list[str] = []
"""The address of the other host, while a cell runs that has one."""


def sent_elsewhere(*_: object) -> Reply:
    """Send everybody to the other host."""
    return Reply(302, {"Location": f"{ELSEWHERE[-1]}/login"})


def busy_until_later(request: Request, honest: Honest) -> Reply:
    """Refuse until a moment that is told as a date."""
    later = now() + timedelta(seconds=30)
    return Reply(429, {"Retry-After": format_datetime(later, usegmt=True)}, b"{}")


def spent(request: Request, honest: Honest) -> Reply:
    """Refuse as GitHub does for the rest of the hour."""
    reset = int(now().timestamp()) + 3500
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return Reply(403, headers, b'{"message": "API rate limit exceeded"}')


def refused(code: int, cause: Cause, **requests: int) -> dict[str, Outcome]:
    """Not known, after one request unless another number is told."""
    return {
        source: Outcome(
            state=UNKNOWN, cause=cause, requests=(n := requests.get(source, 1)), fired=n
        )
        for source in HEALTHY
    }


SIGNED_OUT = (
    Row(
        id="H15",
        family="signed-out",
        what="a sign-in page comes with status 200",
        scripts=always(page(LOGIN, "text/html")),
        outcomes=alike(Cause.CHANGED_SHAPE, 2),
    ),
    Row(
        id="H16",
        family="signed-out",
        what="a sign-in page calls itself JSON",
        scripts=always(page(LOGIN)),
        outcomes=alike(Cause.CHANGED_SHAPE, 2),
    ),
    Row(
        id="H17",
        family="signed-out",
        what="the service redirects to another host",
        scripts=always(sent_elsewhere),
        stage="elsewhere",
        outcomes=alike(Cause.REFUSED, 1),
    ),
)


REFUSALS = (
    Row(
        id="H18",
        family="refusals",
        what="the service answers 400: it does not take the query",
        scripts=always(status(400)),
        outcomes=refused(400, Cause.BAD_QUERY),
    ),
    Row(
        id="H19",
        family="refusals",
        what="the service answers 401: it does not take the token",
        scripts=always(status(401)),
        outcomes=refused(401, Cause.REFUSED),
    ),
    Row(
        id="H20",
        family="refusals",
        what="the service answers 403: the token has no right to this",
        scripts=always(status(403)),
        outcomes=refused(403, Cause.FORBIDDEN, sentry=7),
    ),
    Row(
        id="H21",
        family="refusals",
        what="the service answers 404: there is no such thing",
        scripts=always(status(404)),
        outcomes=refused(404, Cause.NOT_FOUND, jira=2),
    ),
    Row(
        id="H22",
        family="refusals",
        what="the service answers 410: this part of it is gone",
        scripts=always(status(410)),
        outcomes=refused(410, Cause.UNSUPPORTED),
    ),
    Row(
        id="H22b",
        family="refusals",
        what="the service answers 422: it does not take the query",
        scripts=always(status(422)),
        outcomes=refused(422, Cause.BAD_QUERY),
    ),
)

THROTTLING = (
    Row(
        id="H23",
        family="throttling",
        what="429 once, with the seconds to wait",
        scripts=always(status(429, Retry_After="3"), last=1),
        outcomes=well(1, waits=((3.0, 3.0),)),
    ),
    Row(
        id="H24",
        family="throttling",
        what="429 once, with the date to wait for",
        scripts=always(busy_until_later, last=1),
        outcomes=well(1, waits=((25.0, 32.0),)),
    ),
    Row(
        id="H25",
        family="throttling",
        what="429 for ever, without a word on when to come back",
        scripts=always(status(429)),
        outcomes=alike(Cause.RATE_LIMITED, 3),
    ),
    Row(
        id="H26",
        family="throttling",
        what="403 as nothing remains of the hour's requests",
        scripts=always(spent),
        outcomes=alike(Cause.RATE_LIMITED, 1, waits=()),
    ),
    Row(
        id="H27",
        family="throttling",
        what="the requests are used up in the middle of the pages",
        scripts={
            source: lambda on=on: (
                Fault(status(429, Retry_After="3600"), on),
                Fault(small_pages(4), scenery=True),
            )
            for source, on in NEXT_PAGE.items()
        },
        outcomes=each(
            PARTIAL, Cause.RATE_LIMITED, github=(8, 1, 8), jira=(8, 1, 5), sentry=(10, 1, 18)
        ),
    ),
)

STORMS = (
    Row(
        id="H28",
        family="storms",
        what="500 once, then all is well",
        scripts=always(status(500), last=1),
        outcomes=well(1),
    ),
    Row(
        id="H29",
        family="storms",
        what="503 for ever",
        scripts=always(status(503)),
        outcomes=alike(Cause.SERVER_ERROR, 3),
    ),
    Row(
        id="H30",
        family="storms",
        what="every second answer is a 502",
        scripts=always(status(502, b"<html>Bad Gateway</html>"), every=2),
        outcomes=each(KNOWN, None, github=(12, 6, 0), jira=(10, 5, 0), sentry=(18, 9, 0)),
    ),
)
