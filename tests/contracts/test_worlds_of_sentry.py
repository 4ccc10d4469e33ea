"""Sentry with answers that its document allows and nobody here chose."""

from datetime import timedelta

import pytest
from werkzeug import Request

from bulletin.collectors.sentry import SentryCollector
from bulletin.wire.http import Budget
from tests.contracts import documents
from tests.contracts.dice import NOW, Dice
from tests.contracts.openapi import Exchange, Json
from tests.contracts.worlds import Say, run, stranger

pytestmark = pytest.mark.e2e

WORLDS = 100
NIGHTLY = 5000
STRANGERS = [stranger("sentry", "error", f"SHOP-{n}", f"{4000 + n}") for n in (1, 2, 901)]


def series(dice: Dice) -> Json:
    """Roll the series of an issue, of which the document says that it is an object."""
    start = int((NOW - timedelta(days=7)).timestamp())
    step = dice.pick(3600, 21600, 86400)
    points = [[start + n * step, dice.number(0, 50)] for n in range(dice.number(0, 30))]
    if dice.chance(0.05):
        return dice.anything()
    return {dice.pick("auto", "auto", "auto", "24h"): points}


LIKELY = {
    "id": lambda dice: f"{4000 + dice.number(1, 30)}",
    "shortId": lambda dice: f"SHOP-{dice.number(1, 60)}",
    "slug": lambda dice: dice.pick("shop", "checkout", "search"),
    "stats": series,
    "count": lambda dice: dice.pick("0", "17", "99999999999999", "many", dice.text()),
    "userCount": lambda dice: dice.pick(0, 3, -1, 2**63),
    "regionUrl": lambda dice: dice.pick("https://us.sentry.io", "https://evil.example", ""),
    "issueCategory": lambda dice: dice.pick("error", "error", "error", "outage"),
    "lifetime": lambda dice: {"firstSeen": dice.spelled(), "lastSeen": dice.spelled()},
    "lastRelease": lambda dice: dice.pick(None, {"version": dice.text()}, dice.anything()),
    "activity": lambda dice: [{"type": "set_resolved", "dateCreated": dice.spelled()}],
    "permalink": lambda dice: dice.pick("https://sentry.io/x", dice.text()),
}


def links(dice: Dice) -> dict[str, str]:
    """Roll the headers of a listing, which the document leaves out."""
    more, cursor = dice.pick("true", "false", "false"), f"0:{dice.number(1, 40)}:0"
    link = f'<https://x/>; rel="next"; results="{more}"; cursor="{cursor}"'
    hits = dice.pick("0", "12", "5000", "many")
    return dice.pick({"Link": link, "X-Hits": hits}, {"Link": "nonsense"}, {}, {"Link": link})


def say(seed: int) -> Say:
    """Return what answers by the document, whatever is asked."""
    document = documents.sentry()
    dice = Dice(seed, document, LIKELY)

    def said(request: Request):
        asked = Exchange(method=request.method, path=request.path)
        if dice.chance(0.02):
            return {"detail": dice.text()}, dice.pick(400, 401, 403, 404), {}
        body = dice.value(document.schema_of_answer(asked))
        wanted = request.args.getlist("group")
        if wanted and dice.chance(0.8):
            for issue, number in zip(body, wanted, strict=False):
                issue["id"] = number
        return body, 200, links(dice) if isinstance(body, list) else {}

    return said


def collector(url: str, seed: int) -> SentryCollector:
    settings = SentryCollector.Settings.model_validate(
        {
            "site": url,
            "organization": "acme",
            "token": {"env": "UNUSED"},
            "projects": ["shop", "checkout", "search"] if seed % 2 else [],
        }
    )
    return SentryCollector(settings, "sentry", "hush", Budget(sleep=lambda _: None))


@pytest.fixture
def collected():
    """Collect in the worlds of these seeds; return the tally."""
    return lambda seeds: run("sentry", seeds, say, collector, STRANGERS)


def test_no_answer_that_the_document_allows_breaks_it(collected):
    tally = collected(range(WORLDS))
    assert tally.worlds == WORLDS
    assert tally.facts > 3 * WORLDS
    assert {"changed_shape", "bad_query", "refused", "forbidden", "truncated"} <= set(tally.gaps)
    assert min(tally.states.values()) > WORLDS / 20


@pytest.mark.nightly
def test_no_answer_breaks_it_in_a_night_of_worlds(collected):
    assert collected(range(WORLDS, WORLDS + NIGHTLY)).worlds == NIGHTLY


def test_without_the_guard_of_the_parser_it_would_break(collected, monkeypatch):
    """The control: the worlds hold what the guard is for."""

    def believe(value: Json) -> int:
        return int(value)

    monkeypatch.setattr("bulletin.collectors.sentry.reading.parse_count", believe)
    with pytest.raises((ValueError, TypeError)):
        collected(range(WORLDS))
