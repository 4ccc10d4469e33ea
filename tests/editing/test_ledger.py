"""Every state of the list, each by the shortest story that leads to it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bulletin.editing.rules import Broken
from bulletin.editing.rules.incident_old import IncidentOld
from bulletin.editing.rules.incident_severe import IncidentSevere
from bulletin.model.edition import Edition, Item, ItemState, Ledger, Trend, Waiver
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.model.harvest import Cause, Harvest, Missing, Moved, State
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
SEVERE = incident(severity=Severity.HIGH)
STALE = pull_request(last_activity=NOW - 20 * DAY, created=NOW - 30 * DAY)


def jira(*facts: Fact, **fields: object) -> Harvest:
    return harvest("jira", facts, **fields)


def github(*facts: Fact, **fields: object) -> Harvest:
    return harvest("github", facts, **fields)


def sentry(*facts: Fact, **fields: object) -> Harvest:
    return harvest("sentry", facts, **fields)


def week_before(*harvests: Harvest, **fields: object) -> Edition:
    return edited(harvests, week=LAST, **fields)


def only(edition: Edition) -> Item:
    (item,) = edition.items
    return item


def after(before: Edition, *harvests: Harvest, **fields: object) -> Item:
    return only(edited(harvests, [filed(before)], **fields))


def test_flagged_for_the_first_time_it_is_new() -> None:
    item = after(week_before(jira()), jira(SEVERE))
    assert (item.state, item.since, item.weeks, item.trend) == (ItemState.NEW, WEEK, 1, None)


def test_in_the_first_edition_of_all_nothing_is_called_new() -> None:
    assert only(edited([jira(SEVERE)])).state is ItemState.FIRST_SEEN


def test_after_a_dark_week_it_is_first_seen() -> None:
    dark = week_before(jira(gaps=(gap("jira"),), state=State.UNKNOWN))
    assert after(dark, jira(SEVERE)).state is ItemState.FIRST_SEEN


def test_from_a_source_that_was_not_asked_last_week_it_is_first_seen() -> None:
    assert after(week_before(github()), jira(SEVERE)).state is ItemState.FIRST_SEEN


def test_where_only_the_field_it_is_flagged_for_was_hidden_it_is_first_seen() -> None:
    blind = week_before(github(gaps=(gap("github", parts=("checks",)),)))
    red = pull_request(checks="failing", checks_since=NOW - 5 * DAY)
    assert after(blind, github(red)).state is ItemState.FIRST_SEEN
    assert after(blind, github(STALE)).state is ItemState.NEW


def test_flagged_again_it_is_carried_and_grows_older() -> None:
    item = after(week_before(jira(SEVERE)), jira(SEVERE))
    assert (item.state, item.since, item.weeks) == (ItemState.CARRIED, LAST, 2)
    assert item.trend is Trend.SAME


def test_a_higher_severity_is_worse_and_a_lower_one_better() -> None:
    before = week_before(jira(SEVERE))
    critical = incident(severity=Severity.CRITICAL)
    assert after(before, jira(critical)).trend is Trend.WORSE
    assert after(week_before(jira(critical)), jira(SEVERE)).trend is Trend.BETTER


def test_when_its_source_is_dark_it_is_unknown_and_never_fixed() -> None:
    before = week_before(jira(SEVERE))
    item = after(before, jira(gaps=(gap("jira"),), state=State.UNKNOWN))
    assert (item.state, item.why, item.unknown_since) == (ItemState.UNKNOWN, "server_error", WEEK)
    assert item.title == SEVERE.title


def test_when_its_source_was_taken_out_of_the_settings_it_is_unknown() -> None:
    assert after(week_before(jira(SEVERE)), github()).why == "not_asked"


def test_when_the_collector_says_nothing_of_it_it_is_unknown() -> None:
    assert after(week_before(jira(SEVERE)), jira()).why == "not_answered"


def test_unknown_since_keeps_the_first_week() -> None:
    before = edited([jira(SEVERE)], week=WEEK.shift(-2))
    dark = edited([jira()], [filed(before)], week=LAST)
    item = only(edited([jira()], [filed(dark), filed(before)]))
    assert (item.unknown_since, item.weeks) == (LAST, 3)


def test_when_the_field_that_it_was_flagged_for_is_hidden_it_is_unknown() -> None:
    red = pull_request(checks="failing", checks_since=NOW - 15 * DAY)
    hidden = pull_request(checks=None)
    item = after(week_before(github(red)), github(hidden, gaps=(gap("github", parts=("checks",)),)))
    assert (item.state, item.why) == (ItemState.UNKNOWN, "cannot_tell")


@pytest.mark.parametrize("state", [State.KNOWN, State.PARTIAL])
def test_resolved_at_its_source_it_is_fixed(state: State) -> None:
    resolved = incident(life=Life.DONE, resolved=NOW - DAY)
    assert after(week_before(jira(SEVERE)), jira(resolved, state=state)).state is ItemState.FIXED


def test_merged_it_is_fixed_and_closed_unmerged_it_is_dropped() -> None:
    before = week_before(github(STALE))
    assert after(before, github(pull_request(life=Life.DONE))).state is ItemState.FIXED
    dropped = after(before, github(pull_request(life=Life.DECLINED)))
    assert (dropped.state, dropped.why) == (ItemState.DROPPED, "declined")


def test_seen_alive_and_unflagged_it_is_cleared() -> None:
    assert after(week_before(github(STALE)), github(pull_request())).state is ItemState.CLEARED


def test_looked_up_and_gone_it_is_dropped_with_the_reason() -> None:
    before = week_before(jira(SEVERE))
    item = after(before, jira(missing=(Missing(key=SEVERE.key, why="deleted"),)))
    assert (item.state, item.why) == (ItemState.DROPPED, "deleted")


def test_a_closed_error_that_fires_on_persists() -> None:
    loud = error(first_seen=NOW - 9 * DAY, events=900)
    before = edited([sentry(loud)], week=LAST, as_of=closing(LAST))
    assert only(before).state is ItemState.FIRST_SEEN
    closed = error(life=Life.DONE, resolved=NOW - 3 * DAY, events=410)
    item = after(before, sentry(closed))
    assert item.state is ItemState.PERSISTING
    assert [reason.rule for reason in item.reasons] == ["error-firing-after-close"]


def test_a_closed_error_whose_silence_cannot_be_shown_is_not_fixed_yet() -> None:
    before = week_before(sentry(error(first_seen=NOW - 9 * DAY, events=900)))
    item = after(before, sentry(error(life=Life.DONE, resolved=None)))
    assert (item.state, item.why) == (ItemState.UNKNOWN, "closed_unverified")
    quiet = error(life=Life.DONE, resolved=None, last_seen=NOW - 8 * DAY)
    assert after(before, sentry(quiet)).state is ItemState.FIXED


def test_an_incident_closed_and_opened_again_between_two_editions_persists() -> None:
    item = after(week_before(jira(SEVERE)), jira(replace(SEVERE, reopened=NOW - DAY)))
    assert item.state is ItemState.PERSISTING


def test_what_left_the_list_and_comes_back_within_eight_editions_is_reopened() -> None:
    first = edited([jira(SEVERE)], week=WEEK.shift(-2))
    resolved = edited([jira(incident(life=Life.DONE))], [filed(first)], week=LAST)
    item = only(edited([jira(SEVERE)], [filed(resolved), filed(first)]))
    assert (item.state, item.since, item.weeks) == (ItemState.REOPENED, WEEK.shift(-2), 2)


def test_what_left_the_list_longer_ago_is_new() -> None:
    past = [filed(edited([jira(SEVERE)], week=WEEK.shift(-11)))]
    past.insert(0, filed(edited([jira(incident(life=Life.DONE))], past, week=WEEK.shift(-10))))
    for back in range(9, 0, -1):
        past.insert(0, filed(edited([jira()], past, week=WEEK.shift(-back))))
    assert only(edited([jira(SEVERE)], past)).state is ItemState.NEW


def test_renamed_it_stays_the_same_item_under_its_new_key() -> None:
    new = replace(STALE, key=FactKey("github", "pull_request", "acme/store#1"))
    harvests = github(new, moved=(Moved(old=STALE.key, new=new.key),))
    item = after(week_before(github(STALE)), harvests)
    assert (item.state, item.key, item.formerly) == (ItemState.CARRIED, new.key, (STALE.key,))


def test_renamed_onto_another_item_only_one_stays_and_the_sum_still_holds() -> None:
    other = pull_request("acme/store#1", last_activity=NOW - 20 * DAY, created=NOW - 30 * DAY)
    before = week_before(github(STALE, other))
    now = github(other, moved=(Moved(old=STALE.key, new=other.key),))
    edition = edited([now], [filed(before)])
    assert {item.why for item in edition.items} == {None, "merged_into"}
    assert (edition.ledger.open_then, edition.ledger.dropped, edition.ledger.open_now) == (2, 1, 1)


def test_a_drill_is_never_on_the_list() -> None:
    drill = incident(severity=Severity.CRITICAL, drill=True)
    assert not edited([jira(drill)]).items


def test_one_subject_with_two_reasons_is_one_item() -> None:
    both = replace(STALE, checks="failing", checks_since=NOW - 9 * DAY)
    item = only(edited([github(both)]))
    rules = {reason.rule for reason in item.reasons}
    assert rules == {"pull-request-stale", "pull-request-red"}


def test_a_ledger_that_does_not_add_up_cannot_exist() -> None:
    with pytest.raises(ValueError, match="does not add up"):
        Ledger(open_then=11, fixed=6, open_now=6)


def test_what_another_source_of_its_kind_told_last_week_makes_it_no_less_first_seen() -> None:
    other = jira()
    other = replace(other, source="ops", coverage=replace(other.coverage, source="ops"))
    assert after(week_before(other), jira(SEVERE)).state is ItemState.FIRST_SEEN


def test_a_gap_in_another_kind_of_fact_hides_nothing() -> None:
    errors = gap("jira", kinds=("error",))
    assert after(week_before(jira(gaps=(errors,))), jira(SEVERE)).state is ItemState.NEW
    dark = after(week_before(jira(SEVERE)), jira(gaps=(errors,)))
    assert (dark.state, dark.why) == (ItemState.UNKNOWN, "not_answered")


def test_a_gap_in_its_own_kind_of_fact_hides_it() -> None:
    incidents = gap("jira", kinds=("incident",))
    assert after(week_before(jira(gaps=(incidents,))), jira(SEVERE)).state is ItemState.FIRST_SEEN
    dark = after(week_before(jira(SEVERE)), jira(gaps=(incidents,)))
    assert (dark.state, dark.why) == (ItemState.UNKNOWN, "server_error")


def test_an_item_gets_the_id_that_its_source_begins_to_tell() -> None:
    before = week_before(jira(replace(SEVERE, handle="")))
    assert after(before, jira(SEVERE)).handle == SEVERE.handle


def test_an_incident_that_was_opened_again_as_the_last_edition_looked_persists() -> None:
    back = replace(SEVERE, reopened=closing(LAST))
    assert after(week_before(jira(SEVERE)), jira(back)).state is ItemState.PERSISTING
    earlier = replace(SEVERE, reopened=closing(LAST) - timedelta(seconds=1))
    assert after(week_before(jira(SEVERE)), jira(earlier)).state is ItemState.CARRIED


def test_reasons_of_an_older_version_that_say_no_moment_are_compared_as_they_are() -> None:
    before = week_before(github(replace(STALE, last_activity=closing(LAST) - 20 * DAY)))
    (item,) = before.items
    mute = replace(item, reasons=tuple(replace(r, at=None) for r in item.reasons))
    two = replace(STALE, last_activity=NOW - 22 * DAY)
    assert after(replace(before, items=(mute,)), github(two)).trend is Trend.WORSE


def test_a_rule_that_broke_leaves_a_gap_in_its_own_kind_alone() -> None:
    def breaks(rule, fact, scene):
        return Broken("KeyError") if rule.id == "incident-old" else rule.judge(fact, scene)

    (told,) = edited([jira(SEVERE), github(STALE)], judge=breaks).gaps
    assert (told.source, told.kinds, told.parts) == ("desk", ("incident",), ("incident-old",))


# Waivers: a person's word.


def waiver(key: FactKey, until: date, given: int = 8) -> Waiver:
    at = NOW - given * DAY
    return Waiver(key=key, until=until, reason="after the sale", author="ops", at=at)


def under(*waivers: Waiver) -> dict[str, object]:
    return {"policy": policy(waivers={one.key: one for one in waivers})}


TOMORROW = (NOW + DAY).date()


def test_a_waived_item_leaves_the_list_and_is_listed_apart() -> None:
    edition = edited(
        [jira(SEVERE)],
        [filed(week_before(jira(SEVERE)))],
        **under(waiver(SEVERE.key, TOMORROW)),
    )
    assert only(edition).state is ItemState.WAIVED
    assert edition.ledger.waived == 1
    assert [item.key for item in edition.waived] == [SEVERE.key]


def test_a_waiver_given_before_the_first_flag_keeps_it_off_the_list_without_counting() -> None:
    edition = edited(
        [jira(SEVERE)], [filed(week_before(jira()))], **under(waiver(SEVERE.key, TOMORROW))
    )
    assert not edition.items
    assert edition.ledger == Ledger()
    assert edition.waived[0].state is ItemState.WAIVED


def test_what_is_fixed_before_a_waiver_takes_hold_is_fixed() -> None:
    resolved = incident(life=Life.DONE, resolved=NOW - DAY)
    word = under(waiver(SEVERE.key, TOMORROW))
    assert after(week_before(jira(SEVERE)), jira(resolved), **word).state is ItemState.FIXED


def resting(until: date, severity: Severity = Severity.HIGH) -> Edition:
    """Return last week's edition, in which an incident began to rest."""
    fact = incident(severity=severity)
    first = edited([jira(fact)], week=WEEK.shift(-2))
    given = Waiver(key=fact.key, until=until, reason="later", author="ops", at=closing(LAST) - DAY)
    return edited([jira(fact)], [filed(first)], week=LAST, **under(given))


def given_then(until: date) -> dict[str, object]:
    return under(
        Waiver(key=SEVERE.key, until=until, reason="later", author="ops", at=closing(LAST) - DAY)
    )


def test_when_a_waiver_ends_the_item_comes_back_and_is_counted_so() -> None:
    yesterday = (NOW - DAY).date()
    edition = edited([jira(SEVERE)], [filed(resting(yesterday))], **given_then(yesterday))
    item = only(edition)
    assert (item.state, item.unwaived, item.waiver) == (ItemState.CARRIED, True, None)
    assert (item.why, item.voided) == (None, None)
    assert (edition.ledger.unwaived, edition.ledger.open_now) == (1, 1)


def test_a_waiver_holds_through_its_last_day() -> None:
    edition = edited([jira(SEVERE)], [filed(resting(NOW.date()))], **given_then(NOW.date()))
    assert not edition.items
    assert edition.waived[0].state is ItemState.WAIVED


def test_a_waiver_is_void_when_the_item_gets_worse_and_stays_void() -> None:
    worse = incident(severity=Severity.CRITICAL)
    before = resting(TOMORROW + 30 * DAY)
    word = given_then(TOMORROW + 30 * DAY)
    edition = edited([jira(worse)], [filed(before)], **word)
    item = only(edition)
    assert (item.unwaived, item.trend, item.why) == (True, Trend.WORSE, "voided")
    following = edited([jira(worse)], [filed(edition), filed(before)], week=WEEK.shift(1), **word)
    assert only(following).state is ItemState.CARRIED


def test_a_waiver_of_what_got_worse_since_it_was_read_is_void_at_once() -> None:
    """Nobody gave it for what it is now; the next word is for that."""
    before = edited([jira(SEVERE)], week=LAST)
    word = under(waiver(SEVERE.key, TOMORROW, given=1))
    worse = incident(severity=Severity.CRITICAL)
    edition = edited([jira(worse)], [filed(before)], **word)
    item = only(edition)
    assert (item.state, item.why, item.unwaived) == (ItemState.CARRIED, "voided", False)
    assert (edition.ledger.waived, edition.ledger.open_now) == (0, 1)
    following = edited([jira(worse)], [filed(edition)], week=WEEK.shift(1), **word)
    assert (only(following).state, only(following).why) == (ItemState.CARRIED, None)


def test_a_waiver_of_what_merely_grew_old_since_it_was_read_holds() -> None:
    young = incident(severity=Severity.HIGH, opened=NOW - 10 * DAY)
    rules = (IncidentSevere(), IncidentOld(days=7))
    before = edited([jira(young)], week=LAST, policy=policy(rules=rules))
    rests = {young.key: waiver(young.key, TOMORROW, given=1)}
    ruled = policy(rules=rules, waivers=rests)
    edition = edited([jira(young)], [filed(before)], policy=ruled)
    assert [reason.rule for reason in only(before).reasons] == ["incident-severe"]
    assert only(edition).state is ItemState.WAIVED
    assert "incident-old" in {reason.rule for reason in only(edition).reasons}


def test_a_new_word_after_a_void_one_counts() -> None:
    worse = incident(severity=Severity.CRITICAL)
    before = resting(TOMORROW + 30 * DAY)
    edition = edited([jira(worse)], [filed(before)], **given_then(TOMORROW + 30 * DAY))
    again = waiver(SEVERE.key, TOMORROW + 30 * DAY, given=-1)
    following = edited([jira(worse)], [filed(edition)], week=WEEK.shift(1), **under(again))
    assert only(following).state is ItemState.WAIVED


def test_fixed_while_it_rests_it_says_so_and_counts_nowhere() -> None:
    until = TOMORROW
    edition = edited([jira(incident(life=Life.DONE))], [filed(resting(until))], **given_then(until))
    assert not edition.items
    assert edition.waived[0].state is ItemState.FIXED
    assert edition.ledger == Ledger()


def test_when_a_waiver_ends_in_the_dark_the_item_comes_back_as_unknown() -> None:
    yesterday = (NOW - DAY).date()
    dark = jira(gaps=(gap("jira", reason=Cause.UNREACHABLE),), state=State.UNKNOWN)
    item = only(edited([dark], [filed(resting(yesterday))], **given_then(yesterday)))
    assert (item.state, item.unwaived, item.why) == (ItemState.UNKNOWN, True, "unreachable")


def test_whose_an_item_is_needs_no_source() -> None:
    """A person's word holds in the dark, too."""
    before = edited([jira(SEVERE)], week=LAST)
    dark = jira(gaps=(gap("jira", reason=Cause.UNREACHABLE),), state=State.UNKNOWN)
    given = policy(assigned={SEVERE.key: "payments"})
    item = only(edited([dark], [filed(before)], policy=given))
    assert (item.state, item.owner) == (ItemState.UNKNOWN, "payments")
    assert only(before).owner != "payments"


def test_events_within_their_noise_are_the_same() -> None:
    loud = error(first_seen=closing(LAST) - DAY, events=400)
    before = week_before(sentry(loud))
    as_before = after(before, sentry(replace(loud, events=460)))
    risen = after(before, sentry(replace(loud, events=640)))
    fallen = after(before, sentry(replace(loud, events=220)))
    assert as_before.trend is Trend.SAME
    assert risen.trend is Trend.WORSE
    assert fallen.trend is Trend.BETTER


def test_age_alone_does_not_make_an_item_worse() -> None:
    week_ago = replace(STALE, last_activity=NOW - 20 * DAY)
    item = after(week_before(github(week_ago)), github(week_ago))
    assert (item.state, item.trend) == (ItemState.CARRIED, Trend.SAME)
    woken = replace(STALE, last_activity=NOW - timedelta(days=9))
    assert after(week_before(github(week_ago)), github(woken)).trend is Trend.BETTER
