"""Decisions on the ledger: followed like any other item, by the words that people filed."""

import pytest

from bulletin.editing.rules.decision_open import DecisionOpen
from bulletin.editing.rules.decision_unkept import DecisionUnkept
from bulletin.model.edition import ItemState, Trend
from bulletin.model.facts import Life, Severity
from bulletin.model.front import Sentence
from bulletin.model.harvest import Missing, State
from bulletin.model.week import Week
from tests.builders import NOW, WEEK, decision, edited, error, filed, harvest, incident, policy

ABOUT = incident("INC-1", severity=Severity.HIGH)
KEPT = decision(about=ABOUT.key)


def meeting(*facts):
    return harvest("meeting", facts)


def only(edition, key=KEPT.key):
    (item,) = [item for item in edition.items if item.key == key]
    return item


def test_a_decision_is_new_in_the_edition_after_its_meeting_even_with_no_source_known() -> None:
    """What people decide is never in the dark: it is new, and not merely first seen."""
    before = filed(edited([harvest("jira", state=State.UNKNOWN)], week=WEEK.shift(-1)))
    item = only(edited([meeting(KEPT)], [before]))
    assert (item.state, item.owner, item.severity) == (ItemState.NEW, "search", Severity.MEDIUM)
    assert [reason.rule for reason in item.reasons] == ["decision-open"]
    assert item.reasons[0].words == {"days": 0}


def test_before_its_week_a_decision_says_when_it_is_due() -> None:
    item = only(
        edited([meeting(decision(due=WEEK.shift(2)))], [filed(edited([], week=WEEK.shift(-1)))])
    )
    assert (item.reasons[0].rule, item.reasons[0].words) == ("decision-open.bare", {"due": 49})


@pytest.mark.parametrize("weeks", [1, 2, 5])
def test_lateness_is_told_and_makes_nothing_worse_so_a_waiver_of_it_holds(weeks: int) -> None:
    past = []
    for back in range(weeks, -1, -1):
        week = WEEK.shift(-back)
        kept = decision(week=WEEK.shift(-weeks - 1))
        past.insert(0, filed(edited([meeting(kept)], past, week=week)))
    item = only(past[0].edition, decision(week=WEEK.shift(-weeks - 1)).key)
    assert (item.trend, item.weeks) == (Trend.SAME, weeks + 1)
    assert item.reasons[0].words == {"days": 7 * weeks}


def test_done_is_fixed_given_up_is_dropped_and_done_without_its_effect_goes_on() -> None:
    before = filed(edited([meeting(KEPT), harvest("jira", [ABOUT])], week=WEEK))
    week = WEEK.shift(1)

    def becomes(life, *incidents):
        told = decision(about=ABOUT.key, life=life, closed=NOW)
        return only(edited([meeting(told), harvest("jira", incidents)], [before], week=week))

    solved = incident("INC-1", life=Life.DONE, resolved=NOW)
    assert becomes(Life.DONE, solved).state is ItemState.FIXED
    assert (becomes(Life.DECLINED, ABOUT).state, becomes(Life.DECLINED, ABOUT).why) == (
        ItemState.DROPPED, "declined",
    )  # fmt: skip
    unkept = becomes(Life.DONE, ABOUT)
    assert unkept.state is ItemState.PERSISTING
    assert [reason.rule for reason in unkept.reasons] == ["decision-unkept"]
    assert unkept.reasons[0].words == {"about": "INC-1"}


def test_a_decision_that_is_done_waits_while_nobody_knows_whether_its_subject_is_gone() -> None:
    """Silence fixes nothing: not what a service told of, and not what was decided about it."""
    before = filed(edited([meeting(KEPT), harvest("jira", [ABOUT])], week=WEEK))
    told = meeting(decision(about=ABOUT.key, life=Life.DONE, closed=NOW))
    dark = harvest("jira", state=State.UNKNOWN)
    then = edited([told, dark], [before], week=WEEK.shift(1))
    assert (only(then).state, only(then).why) == (ItemState.UNKNOWN, "closed_unverified")

    def after(jira):
        return only(edited([told, jira], [filed(then), before], week=WEEK.shift(2))).state

    assert after(dark) is ItemState.UNKNOWN
    assert after(harvest("jira", [ABOUT])) is ItemState.PERSISTING
    solved = incident("INC-1", life=Life.DONE, resolved=NOW)
    assert after(harvest("jira", [solved])) is ItemState.FIXED
    deleted = harvest("jira", missing=(Missing(key=ABOUT.key, why="deleted"),))
    assert after(deleted) is ItemState.FIXED


def test_what_a_decision_was_about_is_found_under_its_name_of_today() -> None:
    old = incident("INC-1", handle="4711", severity=Severity.HIGH)
    told = decision(about=old.key, life=Life.DONE, closed=NOW)
    before = filed(edited([meeting(KEPT), harvest("jira", [old])], week=WEEK))
    renamed = incident("NEW-1", handle="4711", severity=Severity.HIGH)
    after = edited([meeting(told), harvest("jira", [renamed])], [before], week=WEEK.shift(1))
    assert only(after).reasons[0].words == {"about": "NEW-1"}


def test_decisions_have_a_section_of_their_own_and_a_question_when_they_get_old() -> None:
    past = []
    for back in range(3, -1, -1):
        kept = decision(week=WEEK.shift(-4))
        past.insert(0, filed(edited([meeting(kept)], past, week=WEEK.shift(-back))))
    edition = past[0].edition
    (section,) = edition.sections
    assert (section.kind, section.state, len(section.keys)) == ("decision", State.KNOWN, 1)
    words = {"title": "Decision 1", "weeks": 4}
    assert edition.questions[0].asks == Sentence(pattern="question.old.decision", words=words)


def test_the_meeting_does_not_make_a_dark_week_known() -> None:
    """With every service dark the headline says so, whatever the meeting knows of itself."""
    before = filed(edited([harvest("jira", [ABOUT])], week=WEEK.shift(-1)))
    edition = edited([harvest("jira", state=State.UNKNOWN), meeting(KEPT)], [before])
    assert edition.headline.pattern == "headline.dark"


def test_a_decision_is_nobodys_weather_and_no_figure_counts_it() -> None:
    before = filed(edited([harvest("sentry", [error()])], week=WEEK.shift(-1)))
    with_one = edited([harvest("sentry", [error()]), meeting(KEPT)], [before])
    without = edited([harvest("sentry", [error()])], [before])
    assert with_one.services == without.services
    of_the_list = {"ledger", "history"}
    assert [f for f in with_one.figures if f.section not in of_the_list] == [
        f for f in without.figures if f.section not in of_the_list
    ]


def test_the_two_rules_can_be_switched_off() -> None:
    others = [r for r in policy().rules if not isinstance(r, DecisionOpen | DecisionUnkept)]
    assert not edited([meeting(KEPT)], policy=policy(rules=tuple(others))).items


def test_a_week_53_is_no_trap_for_lateness() -> None:
    kept = decision(week=Week(2026, 52), due=Week(2026, 53))
    past = [filed(edited([meeting(kept)], week=Week(2026, 53)))]
    item = only(edited([meeting(kept)], past, week=Week(2027, 1)), kept.key)
    assert item.reasons[0].words == {"days": 7}


def test_a_promise_about_what_left_the_list_waits_in_the_dark_too() -> None:
    """What was cleared is on no list: that nobody speaks of it proves nothing."""
    clear = incident("INC-1", severity=Severity.LOW)
    before = filed(edited([meeting(KEPT), harvest("jira", [clear])], week=WEEK))
    told = meeting(decision(about=ABOUT.key, life=Life.DONE, closed=NOW))
    dark = harvest("jira", state=State.UNKNOWN)
    then = only(edited([told, dark], [before], week=WEEK.shift(1)))
    assert (then.state, then.why) == (ItemState.UNKNOWN, "closed_unverified")
    deleted = harvest("jira", missing=(Missing(key=ABOUT.key, why="deleted"),))
    assert only(edited([told, deleted], [before], week=WEEK.shift(1))).state is ItemState.FIXED


def test_what_is_said_to_be_done_and_is_not_is_counted_asked_and_talked_about_from_the_start() -> (
    None
):
    before = filed(edited([harvest("jira", [ABOUT])], week=WEEK.shift(-1)))
    told = meeting(decision(about=ABOUT.key, life=Life.DONE, closed=NOW))
    edition = edited([told, harvest("jira", [ABOUT])], [before])
    item = only(edition)
    assert (item.state, item.trend) == (ItemState.NEW, None)
    (heading,) = [one for one in edition.headings if one.place == "decision"]
    assert heading.so_what == Sentence(pattern="so.unkept", words={"n": 1})
    assert item.key in {question.key for question in edition.questions}
    assert item.key not in edition.agenda.appendix


def test_that_a_decision_is_not_kept_is_nothing_that_got_worse() -> None:
    before = filed(edited([meeting(KEPT), harvest("jira", [ABOUT])], week=WEEK))
    told = meeting(decision(about=ABOUT.key, life=Life.DONE, closed=NOW))
    item = only(edited([told, harvest("jira", [ABOUT])], [before], week=WEEK.shift(1)))
    assert (item.state, item.trend) == (ItemState.PERSISTING, Trend.SAME)
