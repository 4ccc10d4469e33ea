"""The lead: which fact it takes, in which order, and every pattern that there is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import bulletin.editing.headline as module
from bulletin.editing.voice import Line
from bulletin.model.edition import Edition
from bulletin.model.facts import Fact, Life, Severity
from bulletin.model.front import Headline
from bulletin.model.harvest import Harvest, State
from tests.builders import (
    DAY,
    NOW,
    WEEK,
    closing,
    edited,
    error,
    filed,
    gap,
    harvest,
    incident,
    policy,
    pull_request,
)

LAST = WEEK.shift(-1)
PO = Path(__file__).parents[2] / "templates" / "locale"

GRAVE = incident(
    "INC-9", severity=Severity.HIGH, opened=NOW - 30 * DAY, status_since=NOW - 30 * DAY
)
SILENT = replace(GRAVE, status_since=None)
BACK = replace(GRAVE, reopened=NOW - 2 * DAY, status_since=NOW - 2 * DAY)
FRESH = incident("INC-9", severity=Severity.HIGH, opened=NOW - 3 * DAY)
FIRING = error("SHOP-8", events=70)
FIRING_ON = error("SHOP-8", events=70, life=Life.DONE, resolved=NOW - 2 * DAY)
BARE_ON = error("SHOP-8", events=None, life=Life.DONE, resolved=NOW - 2 * DAY)
LOUD = error("SHOP-7", first_seen=NOW - DAY, events=500)
STALE = pull_request("acme/shop#1", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
BIG = pull_request(
    "acme/shop#1", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY, additions=9000
)
OTHER = pull_request("acme/shop#2", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
SOURCES = {"incident": "jira", "error": "sentry", "pull_request": "github"}


def brought(facts: Sequence[Fact]) -> list[Harvest]:
    return [
        harvest(source, [fact for fact in facts if fact.type == kind])
        for kind, source in SOURCES.items()
    ]


def lead(now: Sequence[Fact], then: Sequence[Fact] | None = ()) -> Headline:
    """Return this week's headline; `then` is what last week saw, None if there was no last week."""
    past = [] if then is None else [filed(before(then))]
    return edited(brought(now), past).headline


def before(facts: Sequence[Fact]) -> Edition:
    return edited(brought(facts), week=LAST)


@dataclass(frozen=True)
class Story:
    """What last week saw, what this week sees, and what is made of it."""

    pattern: str
    now: tuple[Fact, ...]
    then: tuple[Fact, ...] | None = ()


REGRESSED = error("SHOP-8", substatus="regressed", events=70)
STORIES = [
    Story("headline.grave-incident", (GRAVE, FIRING_ON, LOUD, STALE), (REGRESSED, STALE)),
    Story("headline.grave-incident.new", (FRESH, FIRING_ON, LOUD, STALE), (REGRESSED, STALE)),
    Story("headline.grave-incident.silent", (SILENT, FIRING_ON), (REGRESSED, STALE)),
    Story("headline.grave-incident.reopened", (BACK, FIRING_ON), (REGRESSED, STALE)),
    Story("headline.firing-after-close", (FIRING_ON, LOUD, STALE), (REGRESSED,)),
    Story("headline.firing-after-close.bare", (BARE_ON, LOUD, STALE), (REGRESSED,)),
    Story("headline.fixed", (LOUD, error("SHOP-8", life=Life.DONE, events=0, last_seen=NOW - 30
          * DAY), BIG), (REGRESSED, STALE)),
    Story("headline.errors-rising", (LOUD, BIG), (STALE,)),
    Story("headline.worse", (BIG,), (STALE,)),
    Story("headline.first", (STALE,), None),
    Story("headline.quiet", (), ()),
    Story("headline.list", (STALE,), (STALE,)),
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.pattern)
def test_each_pattern_has_its_week(story: Story) -> None:
    """Each story holds what the next ones are about as well: the first that applies is taken."""
    assert lead(story.now, story.then).pattern == story.pattern


def test_where_every_source_is_dark_the_headline_says_so() -> None:
    dark = [harvest(s, gaps=(gap(s),), state=State.UNKNOWN) for s in SOURCES.values()]
    past = [filed(before([GRAVE, STALE]))]
    found = edited(dark, past).headline
    assert (found.pattern, found.words, found.key) == ("headline.dark", {"n": 3}, None)


def test_an_error_whose_count_is_unknown_leads_without_the_number() -> None:
    """It is there because it was flagged worse by something other than its count."""
    then = [error("SHOP-7", first_seen=NOW - 3 * DAY, events=500)]
    found = lead([error("SHOP-7", life=Life.DONE, resolved=NOW - DAY, events=None)], then)
    assert found.pattern == "headline.firing-after-close.bare"
    assert found.words == {"title": "Error SHOP-7"}


def test_every_pattern_of_the_code_is_told_here_and_has_its_words_in_each_language() -> None:
    """A pattern that nobody can reach, or that has no sentence, fails here."""
    told = set(re.findall(r'"(headline\.[a-z.-]+)"', Path(module.__file__).read_text("utf-8")))
    elsewhere = {"headline.dark", "headline.unsure"}
    reached = {story.pattern.removesuffix(".bare") for story in STORIES} | elsewhere
    assert told == reached
    for language in ("en", "fr"):
        catalogue = (PO / f"{language}.po").read_text("utf-8")
        assert not [pattern for pattern in told if f'msgid "{pattern}"' not in catalogue]


def test_quiet_is_only_said_where_every_source_is_known() -> None:
    part = harvest("github", gaps=(gap("github"),))
    past = [filed(before([]))]
    found = edited([harvest("jira"), harvest("sentry"), part], past).headline
    assert (found.pattern, found.words) == ("headline.unsure", {})


def test_an_item_that_is_unknown_this_week_never_leads() -> None:
    """Last week's incident may be over: the headline speaks of what is known."""
    past = [filed(before([GRAVE]))]
    dark = harvest("jira", gaps=(gap("jira"),), state=State.UNKNOWN)
    found = edited([dark, harvest("sentry"), harvest("github")], past).headline
    assert (found.pattern, found.words) == ("headline.list", {"n": 1})


def test_the_gravest_incident_leads_and_among_equals_the_new_one() -> None:
    critical = incident("INC-5", severity=Severity.CRITICAL)
    assert lead([GRAVE, critical]).key == critical.key
    new = incident("INC-99", severity=Severity.HIGH)
    assert lead([GRAVE, new], [GRAVE]).key == new.key


def test_the_headline_says_how_long_the_incident_has_been_open() -> None:
    assert lead([GRAVE]).words == {"title": "Incident INC-9", "days": 30}
    ahead = incident("INC-9", severity=Severity.HIGH, opened=NOW + 3 * DAY)
    assert lead([ahead]).words["days"] == 0


def test_an_incident_that_was_closed_in_between_is_as_old_as_its_reopening() -> None:
    assert lead([BACK]).words["days"] == 2
    again = replace(FRESH, reopened=NOW - DAY)
    assert (lead([again]).pattern, lead([again]).words["days"]) == (
        "headline.grave-incident.reopened", 1,
    )  # fmt: skip


def test_half_of_the_list_settled_is_the_good_news_and_less_is_not() -> None:
    woken = pull_request("acme/shop#2")
    found = lead([STALE, woken], [STALE, OTHER])
    assert (found.pattern, found.words) == ("headline.fixed", {"fixed": 1, "n": 2})
    third = pull_request("acme/shop#3", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
    assert lead([STALE, woken, third], [STALE, OTHER, third]).pattern == "headline.list"


def test_the_headline_follows_from_the_facts_and_not_from_their_order() -> None:
    facts = [GRAVE, incident("INC-3", severity=Severity.HIGH), STALE, LOUD]
    assert lead(facts) == lead(facts[::-1])


def test_its_words_are_text_and_whole_numbers_for_the_catalogue() -> None:
    for story in STORIES:
        words = lead(story.now, story.then).words
        assert all(type(value) in {str, int} for value in words.values())


def test_the_moment_is_the_editions_own() -> None:
    """Printed a week later, the same incident has been open for a week longer."""
    later = edited(brought([GRAVE]), [filed(before([]))], as_of=closing(WEEK.shift(1)))
    assert later.headline.words["days"] == 37


LINES = {
    situation: (Line(id=f"{situation}-a", tone="dry"), Line(id=f"{situation}-b", tone="merry"))
    for situation in (*module.SPOKEN.values(), "headline-grave-incident", "headline-unsure")
}


def worded(now: Sequence[Fact], then: Sequence[Fact] | None = (), tone: str = "dry") -> Headline:
    """Return the headline of an edition whose voice has a line for everything."""
    past = [] if then is None else [filed(before(then))]
    return edited(brought(now), past, policy=policy(tone=tone, lines=LINES)).headline


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.pattern)
def test_a_headline_about_the_list_has_a_line_and_one_about_a_fact_has_none(story: Story) -> None:
    found = worded(story.now, story.then)
    situation = module.SPOKEN.get(story.pattern)
    assert found.line == (f"{situation}-a" if situation else None)
    assert replace(found, line=None) == lead(story.now, story.then)


def test_a_headline_has_no_line_with_the_tone_off_or_in_a_grave_week() -> None:
    critical = incident("INC-5", severity=Severity.CRITICAL)
    assert worded([STALE], [STALE]).line == "headline-list-a"
    assert worded([STALE], [STALE], tone="off").line is None
    assert worded([STALE, critical], [STALE]).line is None


def test_a_headline_is_not_funny_about_a_critical_incident_that_is_out_of_sight() -> None:
    """It does not lead, since nobody knows whether it is over; it may well be open."""
    critical = incident("INC-5", severity=Severity.CRITICAL)
    past = [filed(before([critical, STALE]))]
    dark = harvest("jira", gaps=(gap("jira"),), state=State.UNKNOWN)
    known = [dark, harvest("sentry"), harvest("github", [STALE])]
    found = edited(known, past, policy=policy(tone="dry", lines=LINES)).headline
    assert (found.pattern, found.line) == ("headline.list", None)


def test_a_worn_line_leaves_the_catalogue_s_wording() -> None:
    first = edited(
        brought([STALE]), [filed(before([STALE]))], policy=policy(tone="dry", lines=LINES)
    )
    again = edited(
        brought([STALE]), [filed(first)], week=WEEK.shift(1), policy=policy(tone="dry", lines=LINES)
    )
    assert (first.headline.line, again.headline.line) == ("headline-list-a", None)
