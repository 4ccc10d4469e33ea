"""The agenda: what a meeting has time for, and the wheel."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.agenda import agenda
from bulletin.model.agenda import Agenda, Place, Talk, Wedge, Wheel
from bulletin.model.edition import Figure, Item, ItemState, Reason, Trend
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.front import Question, Sentence
from bulletin.model.harvest import State
from tests.builders import (
    DAY,
    NOW,
    WEEK,
    decision,
    edited,
    error,
    filed,
    harvest,
    incident,
    policy,
)

TEAMS = ("checkout", "payments", "search")
ASKED = tuple(
    Question(asks=Sentence(pattern="question.dark", words={"source": n})) for n in "abcdefgh"
)


def item(number: int, state: ItemState = ItemState.CARRIED, **fields) -> Item:
    key = FactKey("jira", fields.pop("kind", "incident"), f"INC-{number}")
    given_ = {
        "key": key, "kind": key.kind, "handle": "", "title": key.subject, "url": "",
        "owner": "search", "severity": Severity.MEDIUM, "state": state, "trend": None,
        "since": WEEK, "weeks": 1, "reasons": (),
    }  # fmt: skip
    return Item(**(given_ | fields))


def plan(items=(), minutes: int = 45, **more) -> Agenda:
    asked = {
        "week": WEEK, "facts": (), "figures": (), "questions": ASKED, "teams": TEAMS,
        "past": (), "seed": "seed",
    }  # fmt: skip
    return agenda(items=items, minutes=minutes, **(asked | more))


def talks(made: Agenda, place: Place) -> dict[str, int]:
    slots = [slot for slot in made.slots if slot.place is place]
    return {t.key.subject if t.key else t.figure: t.minutes for s in slots for t in s.talks}


items_ = st.lists(
    st.builds(
        item,
        st.integers(1, 10_000),
        st.sampled_from(ItemState),
        kind=st.sampled_from(["incident", "error", "pull_request"]),
        owner=st.sampled_from([*TEAMS, "another", None]),
        severity=st.sampled_from(Severity),
        trend=st.sampled_from([None, *Trend]),
        weeks=st.integers(1, 20),
    ),
    max_size=80,
    unique_by=lambda one: one.key,
)


@given(items_, st.integers(10, 240), st.randoms())
def test_nothing_is_beyond_the_slot_and_every_item_is_talked_about_or_in_the_appendix(
    items, minutes, dice
) -> None:
    made = plan(items, minutes)
    assert sum(slot.minutes for slot in made.slots) <= minutes
    for slot in made.slots:
        assert sum(talk.minutes for talk in slot.talks) <= slot.minutes
        assert all(talk.minutes >= 1 for talk in slot.talks)
    told = [t.key for s in made.slots if s.place is not Place.WHEEL for t in s.talks]
    listed = {one.key for one in items if one.state.on_list}
    assert sorted([*told, *made.appendix]) == sorted(listed)
    assert [slot.place for slot in made.slots] == [
        place for place in Place if place in {slot.place for slot in made.slots}
    ]
    assert plan(dice.sample(items, len(items)), minutes) == made


def test_a_usual_week_fits_with_last_weeks_items_first() -> None:
    made = plan(
        [
            item(1, weeks=9, trend=Trend.SAME),
            item(2, ItemState.PERSISTING, severity=Severity.HIGH, weeks=2),
            item(3, weeks=2, trend=Trend.SAME),
            item(4, weeks=2, trend=Trend.WORSE),
            item(5, ItemState.NEW, severity=Severity.CRITICAL),
            item(6, ItemState.NEW),
            item(7, ItemState.FIXED),
        ]
    )
    assert talks(made, Place.STAYED) == {"INC-2": 3, "INC-1": 2, "INC-4": 1}
    assert talks(made, Place.CROSSED) == {"INC-5": 3}
    assert [key.subject for key in made.appendix] == ["INC-3", "INC-6"]
    assert made.crowded == 0
    assert [(slot.place, slot.minutes) for slot in made.slots] == [
        (Place.GONE, 1), (Place.STAYED, 6), (Place.CROSSED, 3), (Place.WHEEL, 11),
        (Place.QUESTIONS, 6),
    ]  # fmt: skip
    assert made.questions == 6


def test_a_long_list_does_not_crowd_out_what_is_new_and_grave() -> None:
    many = [item(n, weeks=9) for n in range(100)]
    new = [item(1000 + n, ItemState.NEW, severity=Severity.HIGH) for n in range(20)]
    made = plan([*many, *new])
    assert sum(talks(made, Place.CROSSED).values()) == 9
    assert sum(talks(made, Place.STAYED).values()) == 19
    assert len(made.appendix) == 120 - 3 - 10
    assert made.crowded == len(made.appendix), "none of them is calm"


def test_numbers_that_left_their_limits_on_the_bad_side_are_talked_about() -> None:
    figure = Figure(
        name="errors_new", section="errors", value=90, unit="count", state=State.KNOWN,
        history=(90,), lower=1.0, upper=9.0,
    )  # fmt: skip
    made = plan(figures=(figure, replace(figure, name="calm", value=5)))
    assert talks(made, Place.CROSSED) == {"errors_new": 1}


def test_a_decision_that_is_due_is_last_weeks_business_even_if_it_is_new() -> None:
    due = item(
        1, ItemState.NEW, kind="decision", reasons=(Reason(rule="decision-open", measure=0),)
    )
    later = item(2, ItemState.NEW, kind="decision", reasons=(Reason(rule="decision-open.bare"),))
    made = plan([due, later])
    assert talks(made, Place.STAYED) == {"INC-1": 1}
    assert [key.subject for key in made.appendix] == ["INC-2"]


@pytest.mark.parametrize("minutes", [10, 29])
def test_a_short_meeting_has_no_wheel(minutes: int) -> None:
    assert plan(minutes=minutes).wheel is None


def test_the_wheel_stops_where_anybody_can_check() -> None:
    wheel = plan().wheel
    assert wheel == Wheel(
        seed="seed", wedges=tuple(Wedge(team=team, weight=12) for team in TEAMS),
        chosen=TEAMS[int(sha256(b"seed").hexdigest(), 16) % 36 // 12],
    )  # fmt: skip


def test_a_team_with_a_grave_incident_open_is_excused_and_one_whose_drill_it_is_is_not() -> None:
    grave = incident(severity=Severity.HIGH, owner="search")
    drill = incident("INC-2", severity=Severity.HIGH, owner="payments", drill=True)
    done = incident("INC-3", severity=Severity.CRITICAL, owner="checkout", life=Life.DONE)
    for seed in map(str, range(40)):
        wheel = plan(facts=(grave, drill, done), seed=seed).wheel
        assert wheel.excused == ("search",)
        assert wheel.chosen in {"checkout", "payments"}
    unknown = incident("INC-4", severity=None, owner="payments")
    assert plan(facts=(grave, unknown)).wheel.excused == ("payments", "search")
    listed = item(9, ItemState.UNKNOWN, severity=Severity.HIGH, owner="checkout")
    assert plan([listed], facts=(grave, unknown)).wheel is None, "nobody is left"


def test_who_was_chosen_lately_weighs_little_and_grows_back() -> None:
    past = []
    for back in (3, 2, 1):
        made = edited([], past, week=WEEK.shift(-back))
        chosen = replace(plan().wheel, chosen=TEAMS[back - 1])
        past.insert(0, filed(replace(made, agenda=replace(made.agenda, wheel=chosen))))
    wheel = plan(past=[one.edition for one in past]).wheel
    assert {wedge.team: wedge.weight for wedge in wheel.wedges} == {
        "checkout": 1, "payments": 2, "search": 3,
    }  # fmt: skip


def test_the_chosen_team_shows_its_most_pressing_item() -> None:
    mine = [
        item(10 * n + weeks, owner=team, weeks=weeks)
        for n, team in enumerate(TEAMS, 1)
        for weeks in (1, 2)
    ]
    made = plan(mine)
    at = TEAMS.index(made.wheel.chosen) + 1
    assert made.wheel.topic.subject == f"INC-{10 * at + 2}"
    (slot,) = [slot for slot in made.slots if slot.place is Place.WHEEL]
    assert slot.talks == (Talk(minutes=11, key=made.wheel.topic),)


def test_the_desk_gives_the_wheel_the_digest_of_the_edition_before_for_its_seed() -> None:
    before = filed(edited([harvest("jira", [incident()])], week=WEEK.shift(-1)))
    made = edited([harvest("meeting", [decision()])], [before], policy=policy(minutes=60))
    assert made.agenda.minutes == 60
    assert made.agenda.wheel is None, "no team is named"


def test_a_fold_is_talked_about_for_as_long_as_its_gravest_part_asks() -> None:
    """A calm ticket that a grave error is told under is no calm thing."""
    head = incident(severity=Severity.LOW, links=("https://sentry.example/issues/SHOP-1/",))
    part = error(life=Life.DONE, last_seen=NOW, resolved=NOW - 5 * DAY)
    rules_ = [rule for rule in policy().rules if rule.id != "incident-severe"]
    facts = [harvest("jira", [replace(head, opened=NOW - 20 * DAY)]), harvest("sentry", [part])]
    before = filed(edited(facts, week=WEEK.shift(-1), policy=policy(rules=tuple(rules_))))
    made = edited(facts, [before], policy=policy(rules=tuple(rules_)))
    assert [fold.head.subject for fold in made.folds] == ["INC-1"]
    assert talks(made.agenda, Place.CROSSED) == {"INC-1": 3}
