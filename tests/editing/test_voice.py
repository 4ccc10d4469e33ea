"""The dry remarks: picked without dice, silent where humour has no place."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bulletin.editing.voice as module
from bulletin.editing.voice import WEARS_OFF, Line, Voice, is_grave, worn
from bulletin.model.edition import Edition
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.model.front import Remark
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

SITUATIONS = (
    "motto",
    "all-quiet",
    "many-fixed",
    "nothing-fixed",
    "source-dark",
    "old-item",
    "stale-pull-request",
    "big-pull-request",
)
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
    assert voice().pick("motto") == Remark(situation="motto", line="motto-2")


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
    assert set(said(week_of(pressing))) == {"motto"}


def test_nothing_is_said_beside_an_incident_or_an_error_however_mild() -> None:
    mild = incident(severity=Severity.LOW, opened=NOW - 90 * DAY)
    past: list[Edition] = []
    for back in range(8, 0, -1):
        past.insert(0, week_of(mild, past=past, week=WEEK.shift(-back)))
    edition = week_of(mild, past=past)
    assert edition.items[0].weeks > 4
    assert set(said(edition)) <= {"motto", "nothing-fixed"}


def test_nothing_is_said_beside_what_is_unknown_this_week() -> None:
    dark = [harvest("github", gaps=(gap("github", reason=Cause.REFUSED),), state=State.UNKNOWN)]
    edition = week_of(harvests=dark, past=[week_of(STALE, week=WEEK.shift(-1))])
    assert said(edition) == {"motto": None, "source-dark": None}


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
    before = week_of(STALE, week=WEEK.shift(-1))
    assert "many-fixed" in said(week_of(pull_request("acme/shop#1"), past=[before]))
    assert "nothing-fixed" in said(week_of(STALE, past=[before]))
    assert not {"many-fixed", "nothing-fixed"} & set(said(week_of(STALE)))


def test_nobody_is_blamed_for_a_list_that_could_not_be_read() -> None:
    before = week_of(STALE, week=WEEK.shift(-1))
    dark = [harvest("github", gaps=(gap("github"),), state=State.UNKNOWN), harvest("jira")]
    assert "nothing-fixed" not in said(week_of(harvests=dark, past=[before]))


def test_all_quiet_is_said_only_where_all_is_known() -> None:
    assert "all-quiet" in said(week_of())
    part = [harvest("github", gaps=(gap("github"),)), harvest("jira")]
    assert "all-quiet" not in said(week_of(harvests=part))


def test_the_templates_have_lines_for_every_situation_of_the_code_and_for_no_other() -> None:
    code = Path(module.__file__).read_text("utf-8")
    assert set(Bundle.read().voice_lines()) == set(SITUATIONS)
    assert all(f'"{situation}"' in code for situation in SITUATIONS)
