"""Specimens: four kinds of week that the desk made, to hold templates and themes against.

Each is the last of several consecutive weeks in a marketplace that does not exist. Its facts are
made up; what became of them is judged by the desk itself, as in any other edition.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bulletin.archive import codec
from bulletin.config import Bulletin
from bulletin.editing.desk import REMEMBERED, Policy, edit, span_of
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed, Waiver
from bulletin.model.facts import FactKey
from bulletin.model.week import Cutoff, Week
from bulletin.pipeline.drafting import policy_of
from bulletin.rendering.bundle import Bundle
from bulletin.specimens.market import Market
from bulletin.specimens.story import Story, read_story

KINDS = ("full", "quiet", "dreadful", "hostile")
LAST = Week(2026, 47)
ZONE = ZoneInfo("Europe/Paris")
CLOSES = Cutoff.parse("Thursday 10:00")
ASKED = timedelta(minutes=2)
"""How long after the closing the services were asked."""


def specimen(
    kind: str,
    bundle: Bundle,
    tone: str = "dry",
    zone: ZoneInfo = ZONE,
    mode: Mode = Mode.LIVE,
) -> Filed:
    """Return the last edition of a kind of week; the same arguments give the same bytes.

    `full` has one of everything, `quiet` nothing to point at, `dreadful` far too much of it, and
    in `hostile` every foreign word means harm.
    """
    story = read_story(kind)
    last = LAST.closes(zone, CLOSES)
    policy = _policy(story, bundle, tone, zone)
    past: list[Filed] = []
    for back in range(story.weeks - 1, -1, -1):
        past.insert(0, _edit(story, policy, back, last, past))
    return codec.file(replace(past[0].edition, mode=mode))


def _edit(story: Story, policy: Policy, back: int, last: datetime, past: list[Filed]) -> Filed:
    """Edit the week that closed so many weeks before the last one."""
    week = LAST.shift(-back)
    window = week.window(policy.zone, CLOSES)
    as_of = window.end + ASKED
    before = past[0].edition if past else None
    span = span_of(week, window, as_of, before)
    market = Market(story=story, last=last, back=back, as_of=as_of, span=span)
    followed = {item.key for item in before.followed} if before else set()
    given = {key: waiver for key, waiver in _waivers(story, last).items() if waiver.at <= as_of}
    return codec.file(
        edit(
            week=week,
            window=window,
            as_of=as_of,
            harvests=market.harvests(followed),
            past=past[:REMEMBERED],
            policy=replace(policy, waivers=given),
        )
    )


def _policy(story: Story, bundle: Bundle, tone: str, zone: ZoneInfo) -> Policy:
    settings = Bulletin.model_validate(
        {"title": story.title, "zone": zone, "tone": tone, "teams": story.teams}
    )
    return policy_of(settings, bundle)


def _waivers(story: Story, last: datetime) -> dict[FactKey, Waiver]:
    return {
        FactKey.parse(told.key): Waiver(
            key=FactKey.parse(told.key),
            until=(last - timedelta(days=told.until)).date(),
            reason=told.reason,
            author=told.author,
            at=last - timedelta(days=told.at),
        )
        for told in story.waiver
    }
