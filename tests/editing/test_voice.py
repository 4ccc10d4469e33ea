"""The dry remarks: picked without dice, silent where humour has no place."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bulletin.editing.voice as module
from bulletin.editing import headline
from bulletin.editing.voice import WEARS_OFF, Line, Voice, is_grave, remarks, worn
from bulletin.model.edition import Edition, ItemState, Ledger, Section
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.model.front import Correction, Countdown, Remark, Service, Sky
from bulletin.model.harvest import Cause, State
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
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

SITUATIONS = tuple(Bundle.read().voice_lines())
FURNITURE = {"motto", "price", "colophon"}
LINES = MappingProxyType(
    {
        situation: tuple(
            Line(id=f"{situation}-{n}", tone="merry" if n == 9 else "dry") for n in range(10)
        )
        for situation in SITUATIONS
    }
)
KEY = FactKey("github", "pull_request", "acme/shop#1")
STALE = pull_request("acme/shop#1", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
WEEKS = st.builds(Week, st.integers(2020, 2040), st.integers(1, 52))


def voice(tone: str = "merry", week: Week = WEEK, worn_out: Sequence[str] = ()) -> Voice:
    return Voice(lines=LINES, tone=tone, week=week, worn=frozenset(worn_out))


def said(edition: Edition) -> dict[str, FactKey | None]:
    return {remark.situation: remark.key for remark in edition.remarks}


def week_of(*facts: Fact, past: Sequence[Edition] = (), **fields: Any) -> Edition:
    """Print a week in which GitHub and Jira were asked."""
    tone = fields.pop("tone", "dry")
    week = fields.pop("week", WEEK)
    brought = [
        harvest("github", [fact for fact in facts if fact.type == "pull_request"]),
        harvest("jira", [fact for fact in facts if fact.type == "incident"]),
    ]
    brought = fields.pop("harvests", brought)
    return edited(
        brought, [filed(one) for one in past], week=week, policy=policy(tone=tone, lines=LINES)
    )


@given(WEEKS, st.sampled_from(SITUATIONS), st.sampled_from([None, KEY]))
def test_the_same_week_and_key_give_the_same_line(
    week: Week, situation: str, key: FactKey | None
) -> None:
    picked = voice(week=week).pick(situation, key)
    assert picked is not None
    assert picked == voice(week=week).pick(situation, key)
    assert (picked.situation, picked.key) == (situation, key)
    assert picked.line.startswith(situation)


def test_a_pick_is_what_it_always_was() -> None:
    """An edition that is made again must get its line again; Python's own hash would not do."""
    assert voice().pick("motto") == Remark(situation="motto", line="motto-2", words={})


def test_over_the_weeks_every_line_gets_its_turn() -> None:
    weeks = [WEEK.shift(n) for n in range(104)]
    picked = {getattr(voice(week=week).pick("motto"), "line", None) for week in weeks}
    assert picked == {line.id for line in LINES["motto"]}


def test_the_order_of_the_lines_in_the_file_changes_nothing() -> None:
    turned = Voice(lines={"motto": LINES["motto"][::-1]}, tone="merry", week=WEEK, worn=frozenset())
    assert turned.pick("motto") == voice().pick("motto")


@given(WEEKS)
def test_a_dry_edition_never_gets_a_merry_line_and_a_merry_one_gets_both(week: Week) -> None:
    merry = Voice(lines={"motto": LINES["motto"][9:]}, tone="merry", week=week, worn=frozenset())
    assert merry.pick("motto") == Remark(situation="motto", line="motto-9")
    dry = voice("dry", week=week).pick("motto")
    assert dry is not None
    assert dry.line != "motto-9"


@given(st.sets(st.integers(0, 9), max_size=9))
def test_a_worn_line_is_skipped(used: set[int]) -> None:
    picked = voice(worn_out=[f"motto-{n}" for n in used]).pick("motto")
    assert picked is not None
    assert picked.line not in {f"motto-{n}" for n in used}


def test_when_every_line_is_worn_nothing_is_said() -> None:
    assert voice(worn_out=[line.id for line in LINES["motto"]]).pick("motto") is None
    assert voice().pick("no-such-situation") is None


def test_a_line_is_worn_for_twelve_editions() -> None:
    """A reader forgets a joke in a quarter of a year."""
    past: list[Edition] = []
    for back in range(30, -1, -1):
        week = WEEK.shift(-back)
        now = closing(week)
        quiet = [harvest("github", as_of=now), harvest("jira", as_of=now)]
        edition = week_of(harvests=quiet, past=past[:12], week=week)
        recent = {remark.line for one in past[:WEARS_OFF] for remark in one.remarks}
        recent |= {one.headline.line for one in past[:WEARS_OFF] if one.headline.line}
        assert recent == set(worn(past))
        assert not recent & {remark.line for remark in edition.remarks}
        past.insert(0, edition)
    mottos = [one.line for edition in past for one in edition.remarks if one.situation == "motto"]
    assert len(mottos) > len(set(mottos))


def test_with_the_tone_off_nothing_is_said_at_all() -> None:
    assert said(week_of(STALE, tone="dry"))
    assert said(week_of(STALE, tone="off")) == {}


def test_while_customers_are_being_hurt_nothing_is_said_at_all() -> None:
    critical = incident(severity=Severity.CRITICAL)
    assert said(week_of(STALE, incident(severity=Severity.HIGH)))
    assert said(week_of(STALE, critical)) == {}


@pytest.mark.parametrize(
    ("fields", "grave"),
    [
        ({}, True),
        ({"severity": Severity.HIGH}, False),
        ({"severity": None}, False),
        ({"life": Life.DONE}, False),
        ({"drill": True}, False),
    ],
)
def test_grave_is_an_open_critical_incident_that_is_no_drill(
    fields: dict[str, Any], grave: bool
) -> None:
    facts = [incident(**({"severity": Severity.CRITICAL} | fields)), STALE, error(level="fatal")]
    assert is_grave(facts, ()) is grave


def test_nothing_is_said_beside_a_grave_item() -> None:
    pressing = pull_request(
        "acme/shop#1",
        labels=("blocker",),
        created=NOW - 40 * DAY,
        last_activity=NOW - 30 * DAY,
    )
    assert said(week_of(STALE))["stale-pull-request"] == STALE.key
    assert set(said(week_of(pressing))) == {*FURNITURE, "first-edition", "clear-section"}


def test_nothing_is_said_beside_an_incident_or_an_error_however_mild() -> None:
    mild = incident(severity=Severity.LOW, opened=NOW - 90 * DAY)
    past: list[Edition] = []
    for back in range(8, 0, -1):
        past.insert(0, week_of(mild, past=past, week=WEEK.shift(-back)))
    edition = week_of(mild, past=past)
    assert edition.items[0].weeks > 4
    assert set(said(edition)) == {*FURNITURE, "nothing-fixed", "clear-section"}


def test_nothing_is_said_beside_what_is_unknown_this_week() -> None:
    dark = [harvest("github", gaps=(gap("github", reason=Cause.REFUSED),), state=State.UNKNOWN)]
    edition = week_of(harvests=dark, past=[week_of(STALE, week=WEEK.shift(-1))])
    assert said(edition) == dict.fromkeys((*FURNITURE, "source-dark"))


def test_an_item_is_worth_a_remark_from_its_fourth_week_on() -> None:
    past: list[Edition] = []
    for back in (2, 1):
        past.insert(0, week_of(STALE, past=past, week=WEEK.shift(-back)))
    assert "old-item" not in said(week_of(STALE, past=past))
    past.insert(0, week_of(STALE, past=past))
    edition = week_of(STALE, past=past, week=WEEK.shift(1))
    assert edition.items[0].weeks == 4
    assert said(edition)["old-item"] == STALE.key


def test_a_situation_is_remarked_upon_once_beside_the_oldest_item() -> None:
    other = pull_request("acme/shop#0", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
    before = week_of(STALE, week=WEEK.shift(-1))
    assert said(week_of(other, STALE, past=[before]))["stale-pull-request"] == STALE.key
    assert said(week_of(other, STALE))["stale-pull-request"] == other.key


def test_a_big_pull_request_gets_its_own_remark() -> None:
    big = pull_request(additions=9000)
    assert said(week_of(big))["big-pull-request"] == big.key


def test_half_of_the_list_settled_is_remarked_upon_and_so_is_none_of_it() -> None:
    other = pull_request("acme/shop#0", created=NOW - 40 * DAY, last_activity=NOW - 30 * DAY)
    before = week_of(STALE, other, week=WEEK.shift(-1))
    assert "many-fixed" in said(week_of(pull_request("acme/shop#1"), other, past=[before]))
    assert "nothing-fixed" in said(week_of(STALE, other, past=[before]))
    assert not {"many-fixed", "nothing-fixed"} & set(said(week_of(STALE)))


def test_nobody_is_blamed_for_a_list_that_could_not_be_read() -> None:
    before = week_of(STALE, week=WEEK.shift(-1))
    dark = [harvest("github", gaps=(gap("github"),), state=State.UNKNOWN), harvest("jira")]
    assert "nothing-fixed" not in said(week_of(harvests=dark, past=[before]))


def test_all_quiet_is_said_only_where_all_is_known() -> None:
    assert "all-quiet" in said(week_of())
    part = [harvest("github", gaps=(gap("github"),)), harvest("jira")]
    assert "all-quiet" not in said(week_of(harvests=part))


MOODS = (
    "source-dark",
    "all-quiet",
    "many-fixed",
    "nothing-fixed",
    "list-shrank",
    "list-grew",
    "some-fixed",
    "first-edition",
)
KNOWN = [State.KNOWN]


def spoken(**fields: Any) -> dict[str, FactKey | None]:
    """Return what is said of a quiet, known and finished week, but for `fields`."""
    given: dict[str, Any] = {
        "grave": False,
        "ledger": Ledger(),
        "items": (),
        "states": KNOWN,
        "all_told": True,
        "is_over": True,
    }
    return {r.situation: r.key for r in remarks(voice(), **(given | fields))}


@pytest.mark.parametrize(
    ("mood", "fields"),
    [
        ("all-quiet", {}),
        ("all-quiet", {"ledger": Ledger(open_then=2, fixed=2)}),
        ("all-quiet", {"first": True}),
        ("source-dark", {"states": [State.UNKNOWN, State.KNOWN]}),
        ("source-dark", {"states": [State.UNKNOWN], "ledger": Ledger(open_then=2, fixed=2)}),
        ("many-fixed", {"ledger": Ledger(open_then=4, fixed=1, cleared=1, open_now=2)}),
        ("many-fixed", {"ledger": Ledger(open_then=2, fixed=1, new=9, open_now=10)}),
        ("nothing-fixed", {"ledger": Ledger(open_then=4, open_now=4)}),
        ("nothing-fixed", {"ledger": Ledger(open_then=4, new=4, open_now=8)}),
        ("list-shrank", {"ledger": Ledger(open_then=4, fixed=1, open_now=3)}),
        ("list-grew", {"ledger": Ledger(open_then=4, fixed=1, new=2, open_now=5)}),
        ("list-grew", {"ledger": Ledger(new=1, open_now=1)}),
        ("some-fixed", {"ledger": Ledger(open_then=4, fixed=1, new=1, open_now=4)}),
        ("some-fixed", {"ledger": Ledger(open_then=5, fixed=1, open_now=4)}),
        ("first-edition", {"ledger": Ledger(first_seen=3, open_now=3), "first": True}),
        (None, {"ledger": Ledger(open_then=4, open_now=4), "is_over": False}),
        (None, {"ledger": Ledger(open_then=4, open_now=4), "states": [State.PARTIAL]}),
        (None, {"all_told": False}),
        (None, {"states": [State.STALE]}),
    ],
)
def test_a_week_has_one_mood(mood: str | None, fields: dict[str, Any]) -> None:
    assert [name for name in MOODS if name in spoken(**fields)] == ([mood] if mood else [])


def test_there_is_no_mood_under_a_grave_incident() -> None:
    before = week_of(STALE, week=WEEK.shift(-1))
    high = incident(severity=Severity.HIGH)
    assert not set(MOODS) & set(said(week_of(STALE, high, past=[before])))
    assert set(said(week_of(STALE, high, past=[before]))) >= FURNITURE
    assert "nothing-fixed" in said(week_of(STALE, incident(), past=[before]))


@pytest.mark.parametrize(
    ("skies", "outlook"),
    [
        ((), None),
        ((Sky.SUN,), "weather-fair"),
        ((Sky.CLOUD, Sky.SUN), "weather-fair"),
        ((Sky.FOG, Sky.SUN), "weather-fog"),
        ((Sky.RAIN, Sky.FOG), "weather-mixed"),
        ((Sky.RAIN, Sky.STORM), None),
    ],
)
def test_the_outlook_is_the_worst_sky_s_and_a_storm_has_none(
    skies: Sequence[Sky], outlook: str | None
) -> None:
    services = [Service(name="shop", sky=sky, incidents=0, errors=0) for sky in skies]
    found = [name for name in spoken(services=services) if name.startswith("weather-")]
    assert found == ([outlook] if outlook else [])


@pytest.mark.parametrize(
    ("days", "distance"),
    [
        (31, "countdown-far"),
        (30, "countdown-near"),
        (8, "countdown-near"),
        (7, "countdown-week"),
        (0, "countdown-week"),
        (-1, None),
    ],
)
def test_the_countdown_speaks_until_the_day(days: int, distance: str | None) -> None:
    said = spoken(countdown=Countdown(event="the sale", days=days))
    assert [name for name in said if name.startswith("countdown-")] == [distance] * bool(distance)


@pytest.mark.parametrize(("days", "holds"), [(None, False), (1, False), (0, True), (-3, True)])
def test_the_freeze_is_remarked_upon_while_it_holds(days: int | None, holds: bool) -> None:
    countdown = Countdown(event="the sale", days=9, freeze_days=days)
    assert ("freeze" in spoken(countdown=countdown)) is holds
    assert "freeze" not in spoken()


@pytest.mark.parametrize(
    ("kind", "severity", "is_said"),
    [
        ("pull_request", Severity.MEDIUM, True),
        ("pull_request", Severity.HIGH, False),
        ("incident", Severity.MEDIUM, False),
        ("error", Severity.LOW, False),
    ],
)
def test_no_joke_stands_under_the_correction_of_a_grave_thing(
    kind: str, severity: Severity, is_said: bool
) -> None:
    item = replace(week_of(STALE).items[0], kind=kind, severity=severity)
    correction = Correction(key=item.key, week=WEEK, state="fixed")
    assert ("correction" in spoken(items=(item,), corrections=[correction])) == is_said


def test_what_is_there_to_stand_over_is_stood_over() -> None:
    resting = week_of(STALE).items[0]
    settled = Ledger(open_then=9, cleared=1, open_now=8)
    assert not {"credits", "correction", "waived"} & set(spoken())
    assert "credits" in spoken(ledger=settled)
    assert "waived" in spoken(waived=[replace(resting, state=ItemState.WAIVED)])
    assert "waived" not in spoken(waived=[replace(resting, state=ItemState.FIXED)])


@pytest.mark.parametrize(
    ("fields", "clear"),
    [
        ({}, True),
        ({"state": State.PARTIAL}, False),
        ({"keys": (KEY,)}, False),
        ({"left_out": 1}, False),
        ({"blind": 1}, False),
    ],
)
def test_a_section_is_clear_if_all_of_it_was_read_and_nothing_is_in_it(
    fields: dict[str, Any], clear: bool
) -> None:
    empty = Section(name="errors", kind="error", state=State.KNOWN, keys=(), left_out=0)
    assert ("clear-section" in spoken(sections=[replace(empty, **fields)])) is clear


CHECKED: dict[str, dict[str, Any]] = {
    "conflicting-pull-request": {"mergeable": "conflicting", "last_activity": NOW - 3 * DAY},
    "red-pull-request": {"checks": "failing", "checks_since": NOW - 5 * DAY},
    "changes-idle-pull-request": {
        "review": "changes_requested",
        "last_activity": NOW - 6 * DAY,
    },
    "unreviewed-pull-request": {"review": "none", "reviews": 0, "created": NOW - 6 * DAY},
    "stale-pull-request": {"last_activity": NOW - 20 * DAY, "created": NOW - 30 * DAY},
    "big-pull-request": {"additions": 9000},
}


@pytest.mark.parametrize(("situation", "fields"), CHECKED.items())
def test_each_trouble_has_its_remark(situation: str, fields: dict[str, Any]) -> None:
    troubled = pull_request(**fields)
    assert [name for name, key in said(week_of(troubled)).items() if key] == [situation]


def test_the_checks_have_a_remark_also_where_nobody_knows_since_when_they_fail() -> None:
    assert "red-pull-request" in said(week_of(pull_request(checks="failing", checks_since=None)))


def test_what_came_back_is_greeted_as_such() -> None:
    gone = week_of(pull_request("acme/shop#1"), past=[week_of(STALE, week=WEEK.shift(-2))])
    edition = week_of(STALE, past=[gone], week=WEEK.shift(1))
    assert edition.items[0].state is ItemState.REOPENED
    assert said(edition)["reopened-item"] == STALE.key


def test_four_remarks_stand_beside_items_and_two_others_have_an_ad() -> None:
    facts = [pull_request(f"acme/shop#{n}", **f) for n, f in enumerate(CHECKED.values())]
    more = [
        pull_request(f"acme/shop#{n}", last_activity=NOW - n * DAY, created=NOW - 60 * DAY)
        for n in range(20, 25)
    ]
    edition = week_of(*facts, *more)
    beside = [remark for remark in edition.remarks if remark.key is not None]
    ads = [remark for remark in beside if remark.situation == "small-ad"]
    assert len(beside) == 6
    assert len({remark.key for remark in beside}) == 6
    assert len({remark.situation for remark in beside}) == 5
    assert len({remark.line for remark in ads}) == len(ads) == 2
    for ad in ads:
        item = next(item for item in edition.items if item.key == ad.key)
        assert ad.words == {"days": item.reasons[0].words["days"]}


def test_without_days_there_is_no_ad() -> None:
    facts = [pull_request(f"acme/shop#{n}", additions=9000) for n in range(3)]
    assert "small-ad" not in said(week_of(*facts))


def test_a_line_of_a_headline_wears_off_as_well() -> None:
    edition = week_of(STALE, past=[week_of(STALE, week=WEEK.shift(-1))])
    assert edition.headline.line is not None
    assert edition.headline.line in worn([edition])


def test_the_templates_have_lines_for_every_situation_of_the_code_and_for_no_other() -> None:
    code = "".join(Path(one.__file__).read_text("utf-8") for one in (module, headline))
    ours = set(re.findall(r'"((?:[a-z]+-)*[a-z]+)"', code))
    assert set(SITUATIONS) <= ours
    strangers = {one for one in ours - set(SITUATIONS) if "-" in one}
    assert strangers == {*module.RULES, *headline.RISING}, "a rule is no situation"
