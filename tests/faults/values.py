"""The catalogue, last part: numbers, bytes and clocks that no documentation foresees."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from bulletin.model.harvest import Cause
from tests.faults.cell import HEALTHY, KNOWN, STALE, Row, always, each
from tests.faults.server import Honest, Reply, Request, Spoil, now
from tests.faults.shapes import by_source, dark, partly
from tests.faults.spoils import Json, altered, holder, lettered, page, status, victim

COUNT = {"github": "additions", "jira": "created", "sentry": "userCount"}
MOMENT = {"github": "createdAt", "jira": "created", "sentry": "firstSeen"}
DEEP = b"[" * 100_000 + b"]" * 100_000


def twice(source: str) -> Spoil:
    return lettered(source, "double", '1, "double": 2')


def in_the_future(source: str) -> Spoil:
    return victim(source, at_moment(source, "2099-01-01T00:00:00.000+0000"))


def at_moment(source: str, text: str) -> Callable[[Json], object]:
    """Put this moment into an item, wherever its source has its beginning."""

    def change(item: Json) -> None:
        holder(source, item)[MOMENT[source]] = text
        if "lifetime" in item:
            item["lifetime"][MOMENT[source]] = text

    return change


def zoneless(source: str) -> Spoil:
    def change(item: Json) -> None:
        for fields in (holder(source, item), item.get("lifetime", {})):
            if MOMENT[source] in fields:
                text = fields[MOMENT[source]]
                fields[MOMENT[source]] = re.sub(r"(Z|[+-]\d\d:?\d\d)$", "", text)

    return victim(source, change)


def broken_text(source: str) -> Spoil:
    """Put bytes into the victim's title that are no UTF-8."""

    def spoil(request: Request, honest: Honest) -> Reply:
        reply = lettered(source, "title", '"@@bad@@"')(request, honest)
        return replace(reply, body=reply.body.replace(b"@@bad@@", b"\xe9\xff caf\xe9"))

    return spoil


def two_hours_off(request: Request, honest: Honest) -> Reply:
    """The service's clock goes two hours ahead."""
    reply = honest(request)
    wrong = format_datetime(now() + timedelta(hours=2), usegmt=True)
    return replace(reply, headers=reply.headers | {"Date": wrong})


def from_a_cache(request: Request, honest: Honest) -> Reply:
    """A cache gives a copy of yesterday, and says so as caches do."""
    reply = honest(request)
    then = format_datetime(now() - timedelta(days=1), usegmt=True)
    return replace(reply, headers=reply.headers | {"Date": then, "Age": "86400"})


THROUGHOUT = each(KNOWN, None, **{source: (n, n, 0) for source, n in HEALTHY.items()})
"""Every answer is spoiled, and nothing comes of it."""

NUMBERS = (
    Row(
        id="H45a",
        family="numbers",
        what="a number is NaN",
        scripts=by_source(lambda s: lettered(s, COUNT[s], "NaN")),
        outcomes=dark(github=(3, 2, 17), jira=(5, 2, 12)) | partly(sentry=(13, 6, 20)),
    ),
    Row(
        id="H45b",
        family="numbers",
        what="a number is 1e400",
        scripts=by_source(lambda s: lettered(s, COUNT[s], "1e400")),
        outcomes=dark(github=(3, 2, 17), jira=(5, 2, 12)) | partly(sentry=(13, 6, 20)),
    ),
    Row(
        id="H45c",
        family="numbers",
        what="a number has 5,000 digits",
        scripts=by_source(lambda s: lettered(s, COUNT[s], "9" * 5000)),
        outcomes=dark(github=(3, 2, 17), jira=(5, 2, 12)) | partly(sentry=(13, 6, 20)),
    ),
    Row(
        id="H46a",
        family="numbers",
        what="an object has the same name twice",
        scripts=by_source(twice),
        outcomes=dark(github=(3, 2, 17), jira=(5, 2, 12)) | partly(sentry=(13, 6, 20)),
    ),
    Row(
        id="H46b",
        family="numbers",
        what="the JSON begins with a byte order mark",
        scripts=always(altered(lambda reply: replace(reply, body=b"\xef\xbb\xbf" + reply.body))),
        outcomes=THROUGHOUT,
    ),
    Row(
        id="H46c",
        family="numbers",
        what="the text is not UTF-8",
        scripts=by_source(broken_text),
        outcomes=dark(github=(3, 2, 17), jira=(5, 2, 12)) | partly(sentry=(13, 6, 20)),
    ),
    Row(
        id="H47",
        family="numbers",
        what="the JSON is nested 100,000 deep",
        scripts=always(page(DEEP)),
        outcomes=dark(github=(2, 2, 17), jira=(2, 2, 12), sentry=(2, 2, 27)),
    ),
)

CLOCK = (
    Row(
        id="H48",
        family="clock",
        what="the service's clock is two hours off",
        scripts=always(two_hours_off),
        outcomes=each(KNOWN, Cause.CLOCK, github=(6, 6, 0), jira=(5, 5, 0), sentry=(9, 9, 0)),
    ),
    Row(
        id="H49",
        family="clock",
        what="an item happened in the future",
        scripts=by_source(in_the_future),
        outcomes=partly(github=(6, 2, 1), jira=(6, 2, 1), sentry=(10, 3, 1)),
    ),
    Row(
        id="H50",
        family="clock",
        what="a moment has no time zone",
        scripts=by_source(zoneless),
        outcomes=partly(github=(6, 2, 1), jira=(6, 2, 1)) | each(KNOWN, None, sentry=(9, 3, 0)),
    ),
    Row(
        id="H51",
        family="clock",
        what="304: as before, though there was no before",
        scripts=always(status(304, b"")),
        outcomes=dark(github=(1, 1, 17), jira=(1, 1, 12), sentry=(1, 1, 27)),
    ),
    Row(
        id="H52",
        family="clock",
        what="a cache gives yesterday's answers",
        scripts=always(from_a_cache),
        stage="yesterday",
        outcomes=each(
            STALE, Cause.OUTDATED, older=True, github=(6, 6, 1), jira=(5, 5, 1), sentry=(9, 9, 0)
        ),
    ),
)
