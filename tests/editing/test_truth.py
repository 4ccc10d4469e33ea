"""Ways in which a weekly list could lie, each with the sequence of weeks that would show it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bulletin.editing.rules.pull_request_stale import PullRequestStale
from bulletin.model.edition import Edition, ItemState, Trend
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Harvest, Moved, State
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
    rules,
)

LAST = WEEK.shift(-1)
HOUR = timedelta(hours=1)
STALE = pull_request(last_activity=NOW - 40 * DAY, created=NOW - 60 * DAY)
RED = replace(STALE, checks="failing", checks_since=NOW - 35 * DAY)
LOUD = error(first_seen=closing(LAST) - DAY, events=900)


def states(edition: Edition) -> dict[str, ItemState]:
    return {item.key.subject: item.state for item in edition.items}


def figure(edition: Edition, name: str):
    return next(one for one in edition.figures if one.name == name)


def test_nothing_falls_between_an_early_edition_and_the_next() -> None:
    """Wednesday evening's edition leaves the rest of its week to the next one."""
    early = edited([harvest("jira")], week=LAST, as_of=closing(LAST) - 14 * HOUR)
    night = closing(LAST) - 2 * HOUR
    blip = incident(life=Life.DONE, opened=night, resolved=night + HOUR)
    now = edited([harvest("jira", [blip])], [filed(early)])
    assert now.span.start == early.as_of
    assert figure(now, "incidents_opened").value == 1
    assert figure(now, "incidents_resolved").value == 1


def test_after_an_edition_in_time_the_span_is_the_week() -> None:
    before = edited([harvest("jira")], week=LAST, as_of=closing(LAST) + HOUR)
    assert edited([harvest("jira")], [filed(before)]).span.start == closing(LAST)


def test_an_error_born_in_the_dark_is_pointed_at_when_the_light_is_back() -> None:
    known = edited([harvest("sentry")], week=WEEK.shift(-2))
    dark = edited(
        [harvest("sentry", gaps=(gap("sentry"),), state=State.UNKNOWN)], [filed(known)], week=LAST
    )
    born = error(first_seen=closing(LAST) - 3 * DAY, events=50_000, events_before=30_000)
    now = edited([harvest("sentry", [born])], [filed(dark), filed(known)])
    assert states(now) == {"SHOP-1": ItemState.FIRST_SEEN}


def test_a_draft_in_the_middle_of_a_week_clears_and_praises_nothing_by_counting() -> None:
    before = edited([harvest("sentry", [LOUD])], week=LAST)
    a_day = replace(LOUD, events=900 // 7, events_before=900)
    now = edited([harvest("sentry", [a_day])], [filed(before)], as_of=closing(LAST) + DAY)
    (item,) = now.items
    assert (item.state, item.trend) == (ItemState.CARRIED, Trend.SAME)
    found = figure(now, "errors_events")
    assert (found.state, found.history[-1]) == (State.PARTIAL, None)
    assert figure(now, "settled").history[-1] is None


def test_what_a_rule_can_no_longer_tell_is_not_taken_back() -> None:
    """Red and stale; then the checks are hidden and only a comment is new."""
    hidden = {"gaps": (gap("github", parts=("checks",)),)}
    first = edited([harvest("github", [RED])], week=WEEK.shift(-2))
    blind = replace(RED, checks=None)
    second = edited([harvest("github", [blind], **hidden)], [filed(first)], week=LAST)
    assert [(item.state, item.trend) for item in second.items] == [(ItemState.CARRIED, Trend.SAME)]
    woken = replace(blind, last_activity=NOW - DAY)
    third = edited([harvest("github", [woken], **hidden)], [filed(second), filed(first)])
    assert states(third) == {"acme/shop#1": ItemState.UNKNOWN}


def test_a_rename_that_only_the_subjects_own_id_shows_is_one_item() -> None:
    before = edited([harvest("github", [STALE])], week=LAST)
    renamed = replace(STALE, key=replace(STALE.key, subject="acme/store#1"))
    now = edited([harvest("github", [renamed], gaps=(gap("github"),))], [filed(before)])
    (item,) = now.items
    assert (item.state, item.key, item.formerly) == (
        ItemState.CARRIED,
        renamed.key,
        (STALE.key,),
    )


def test_a_stranger_under_an_old_name_fixes_nothing_and_is_seen_itself() -> None:
    before = edited([harvest("github", [STALE])], week=LAST)
    stranger = replace(STALE, handle="another", title="Somebody else")
    now = edited([harvest("github", [stranger])], [filed(before)])
    assert [(item.title, item.state, item.why) for item in now.items] == [
        (STALE.title, ItemState.DROPPED, "unreadable"),
        ("Somebody else", ItemState.NEW, None),
    ]


def test_two_that_swap_their_names_stay_two() -> None:
    other = replace(STALE, key=replace(STALE.key, subject="acme/x#1"), handle="PR_2", title="Two")
    before = edited([harvest("github", [STALE, other])], week=WEEK.shift(-2))
    swapped = [replace(STALE, key=other.key), replace(other, key=STALE.key)]
    then = edited([harvest("github", swapped)], [filed(before)], week=LAST)
    now = edited([harvest("github", swapped)], [filed(then), filed(before)])
    for edition in (then, now):
        assert {(item.title, item.state) for item in edition.items} == {
            (STALE.title, ItemState.CARRIED),
            ("Two", ItemState.CARRIED),
        }


def test_a_name_that_was_used_before_is_no_old_acquaintance() -> None:
    old = replace(STALE, key=replace(STALE.key, subject="acme/legacy#1"))
    stranger = replace(STALE, handle="other", title="Stranger")
    a = filed(edited([harvest("github", [STALE])], week=WEEK.shift(-3)))
    b = filed(edited([harvest("github", [old])], [a], week=WEEK.shift(-2)))
    c = filed(edited([harvest("github", [old, stranger])], [b, a], week=LAST))
    d = edited([harvest("github", [old, stranger])], [c, b, a])
    assert {(item.key.subject, item.state) for item in d.items} == {
        ("acme/legacy#1", ItemState.CARRIED),
        ("acme/shop#1", ItemState.CARRIED),
    }


def test_a_rule_that_was_changed_in_a_dark_week_repairs_nothing() -> None:
    lax = policy(
        rules=(
            *(rule for rule in rules() if rule.id != "pull-request-stale"),
            PullRequestStale(days=90),
        )
    )
    dark = harvest("github", gaps=(gap("github"),), state=State.UNKNOWN)
    a = filed(edited([harvest("github", [STALE])], week=WEEK.shift(-2)))
    b = filed(edited([dark], [a], week=LAST, policy=lax))
    (item,) = edited([harvest("github", [STALE])], [b, a], policy=lax).items
    assert (item.state, item.why) == (ItemState.DROPPED, "rule_changed")


def test_after_an_early_edition_a_longer_count_is_no_rise() -> None:
    def steady(events: int, before: int) -> Harvest:
        born = NOW - 300 * DAY
        return harvest("sentry", [error(events=events, events_before=before, first_seen=born)])

    past: list = []
    for back in range(8, 1, -1):
        past.insert(0, filed(edited([steady(700, 700)], past, week=WEEK.shift(-back))))
    hasty = closing(LAST) - 3 * DAY
    past.insert(0, filed(edited([steady(400, 400)], past, week=LAST, as_of=hasty)))
    longer = edited([steady(1000, 1000)], past)
    assert longer.span.hours == 240
    assert not longer.items
    found = figure(longer, "errors_events")
    assert (found.upper, found.is_signal, found.history[-1]) == (None, False, None)


def test_one_hour_into_a_week_silence_proves_nothing() -> None:
    before = edited([harvest("sentry", [LOUD])], week=LAST)
    hushed = replace(LOUD, events=0, events_before=5)
    now = edited([harvest("sentry", [hushed])], [filed(before)], as_of=closing(LAST) + HOUR)
    assert states(now) == {"SHOP-1": ItemState.UNKNOWN}


def test_a_severity_that_was_lowered_is_not_held_up_by_a_blind_rule() -> None:
    grave = incident(severity=Severity.CRITICAL, assigned=False, opened=NOW - 60 * DAY)
    before = edited([harvest("jira", [grave])], week=LAST)
    lowered = replace(grave, severity=Severity.LOW, assigned=None)
    (item,) = edited([harvest("jira", [lowered])], [filed(before)]).items
    assert item.trend is Trend.BETTER


def test_what_was_renamed_after_it_left_is_reopened_and_not_new() -> None:
    listed = edited([harvest("github", [STALE])], week=WEEK.shift(-2))
    merged = replace(STALE, life=Life.DONE)
    left = edited([harvest("github", [merged])], [filed(listed)], week=LAST)
    back = replace(STALE, key=replace(STALE.key, subject="acme/store#1"))
    now = edited([harvest("github", [back])], [filed(left), filed(listed)])
    assert states(now) == {"acme/store#1": ItemState.REOPENED}


def test_where_two_become_one_the_survivor_is_told_as_itself() -> None:
    other = replace(STALE, key=replace(STALE.key, subject="acme/store#1"), handle="PR_2")
    before = edited([harvest("github", [STALE, other])], week=LAST)
    merged = harvest("github", [other], moved=(Moved(old=STALE.key, new=other.key),))
    now = edited([merged], [filed(before)])
    assert states(now) == {
        "acme/shop#1": ItemState.DROPPED,
        "acme/store#1": ItemState.CARRIED,
    }


def test_a_renamed_error_is_held_against_its_own_past() -> None:
    past: list = []
    quiet = error(events=100, events_before=100)
    for back in range(7, 1, -1):
        past.insert(0, filed(edited([harvest("sentry", [quiet])], past, week=WEEK.shift(-back))))
    risen = replace(quiet, events=180)
    past.insert(0, filed(edited([harvest("sentry", [risen])], past, week=LAST)))
    renamed = replace(risen, key=replace(risen.key, subject="STORE-1"), events_before=180)
    moved = (Moved(old=risen.key, new=renamed.key),)
    now = edited([harvest("sentry", [renamed], moved=moved)], past)
    assert states(now) == {"STORE-1": ItemState.CARRIED}


def test_switching_a_rule_off_fixes_nothing() -> None:
    before = edited([harvest("github", [STALE])], week=LAST)
    fewer = policy(rules=tuple(r for r in rules() if r.id != "pull-request-stale"))
    now = edited([harvest("github", [STALE])], [filed(before)], policy=fewer)
    (item,) = now.items
    assert (item.state, item.why) == (ItemState.DROPPED, "rule_changed")
    assert figure(now, "settled").value == 0


def test_a_stricter_rule_makes_old_things_first_seen_and_not_new() -> None:
    young = pull_request(last_activity=NOW - 5 * DAY, created=NOW - 30 * DAY)
    before = edited([harvest("github", [young])], week=LAST)
    others = [rule for rule in rules() if rule.id != "pull-request-stale"]
    strict = policy(rules=(*others, PullRequestStale(days=3)))
    now = edited([harvest("github", [young])], [filed(before)], policy=strict)
    assert states(now) == {"acme/shop#1": ItemState.FIRST_SEEN}


def test_calling_an_incident_a_drill_does_not_fix_it() -> None:
    severe = incident(severity=Severity.HIGH)
    before = edited([harvest("jira", [severe])], week=LAST)
    now = edited([harvest("jira", [replace(severe, drill=True)])], [filed(before)])
    (item,) = now.items
    assert (item.state, item.why) == (ItemState.DROPPED, "drill")


def test_after_a_dark_week_age_alone_still_makes_nothing_worse() -> None:
    first = edited([harvest("github", [STALE])], week=WEEK.shift(-2))
    dark = edited(
        [harvest("github", gaps=(gap("github"),), state=State.UNKNOWN)], [filed(first)], week=LAST
    )
    now = edited([harvest("github", [STALE])], [filed(dark), filed(first)])
    assert [item.trend for item in now.items] == [Trend.SAME]


def test_another_source_of_the_same_kind_is_no_signal() -> None:
    past: list = []
    for back in range(7, 0, -1):
        some = [incident(f"INC-{n}") for n in range(4 + back % 2)]
        past.insert(0, filed(edited([harvest("jira", some)], past, week=WEEK.shift(-back))))
    many = [
        replace(incident(f"OPS-{n}"), key=replace(incident().key, source="ops", subject=f"OPS-{n}"))
        for n in range(30)
    ]
    second = harvest("jira", many)
    second = replace(second, source="ops", coverage=replace(second.coverage, source="ops"))
    now = edited([harvest("jira", some), second], past)
    found = figure(now, "incidents_open")
    assert (found.value, found.upper, found.is_signal) == (35, None, False)


def test_all_clear_is_not_said_while_a_rule_is_blind() -> None:
    unknown = incident(severity=None)
    past = [filed(edited([harvest("jira", [unknown])], week=LAST))]
    edition = edited([harvest("jira", [unknown])], past)
    assert [section.blind for section in edition.sections] == [1]
    assert edition.headline.pattern == "headline.unsure"


@pytest.mark.parametrize("events", [20, 300])
def test_what_falls_does_not_lead_as_rising(events: int) -> None:
    before = edited([harvest("sentry", [error(events=50)])], week=LAST)
    falling = error(substatus="escalating", events=events, events_before=10_000)
    now = edited([harvest("sentry", [falling])], [filed(before)])
    assert now.headline.pattern != "headline.errors-rising"


def test_the_sum_of_the_most_frequent_is_at_least() -> None:
    top = harvest("sentry", [error(events=40)])
    top = replace(top, coverage=replace(top.coverage, left_out=200))
    assert figure(edited([top]), "errors_events").state is State.PARTIAL


def test_a_fix_that_did_not_hold_is_reopened_though_the_tracker_has_no_word_for_it() -> None:
    """Of a tracker that reopens an error in silence, our own editions are the only witness."""
    mute = replace(LOUD, substatus=None, first_seen=closing(WEEK.shift(-4)), events=900)
    new = edited([harvest("sentry", [mute])], week=WEEK.shift(-3))
    done = replace(mute, life=Life.DONE, resolved=mute.last_seen, events=0)
    fixed = edited([harvest("sentry", [done])], [filed(new)], week=WEEK.shift(-2))
    assert states(fixed) == {"SHOP-1": ItemState.FIXED}
    dark = edited(
        [harvest("sentry", state=State.UNKNOWN, gaps=(gap("sentry"),))],
        [filed(fixed), filed(new)],
        week=LAST,
    )
    back = replace(mute, events=10)
    now = edited([harvest("sentry", [back])], [filed(dark), filed(fixed), filed(new)])
    assert states(now) == {"SHOP-1": ItemState.REOPENED}
    other = edited([harvest("sentry", [back])], [filed(dark), filed(new)])
    assert states(other).get("SHOP-1") is not ItemState.REOPENED


@pytest.mark.parametrize("events", [9, None])
def test_a_fix_that_did_not_hold_is_reopened_though_it_began_quietly_or_unseen(events) -> None:
    """One that fires again on the eve of an edition has a handful of events, or no count yet."""
    mute = replace(LOUD, substatus=None, first_seen=closing(WEEK.shift(-5)), events=900)
    done = replace(mute, life=Life.DONE, resolved=mute.last_seen, events=0)
    past = []
    for ago, fact in ((4, mute), (3, done), (2, replace(mute, events=events))):
        past.insert(0, filed(edited([harvest("sentry", [fact])], past, week=WEEK.shift(-ago))))
    back = replace(mute, events=40, events_before=events)
    now = edited([harvest("sentry", [back])], past, week=LAST)
    assert states(now) == {"SHOP-1": ItemState.REOPENED}
    quiet = edited([harvest("sentry", [replace(back, events=1)])], [filed(now), *past])
    assert states(quiet) == {"SHOP-1": ItemState.CLEARED}
    again = edited([harvest("sentry", [back])], [filed(quiet), filed(now), *past], WEEK.shift(1))
    assert states(again) == {}
