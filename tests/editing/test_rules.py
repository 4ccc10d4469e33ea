"""Every rule: what it flags at its threshold and leaves alone just before, and what it says."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from bulletin import registry
from bulletin.editing.knowledge import find
from bulletin.editing.rules import CANNOT_TELL, Flag, Rule, Scene, Verdict, judge, signature
from bulletin.editing.rules.decision_open import DecisionOpen
from bulletin.editing.rules.decision_unkept import DecisionUnkept
from bulletin.editing.rules.error_escalating import ErrorEscalating
from bulletin.editing.rules.error_firing_after_close import ErrorFiringAfterClose
from bulletin.editing.rules.error_new import ErrorNew
from bulletin.editing.rules.error_regressed import ErrorRegressed
from bulletin.editing.rules.error_rising import ErrorRising
from bulletin.editing.rules.incident_old import IncidentOld
from bulletin.editing.rules.incident_reopened import IncidentReopened
from bulletin.editing.rules.incident_severe import IncidentSevere
from bulletin.editing.rules.incident_silent import IncidentSilent
from bulletin.editing.rules.incident_unowned import IncidentUnowned
from bulletin.editing.rules.pull_request_big import PullRequestBig
from bulletin.editing.rules.pull_request_changes_idle import PullRequestChangesIdle
from bulletin.editing.rules.pull_request_conflicting import PullRequestConflicting
from bulletin.editing.rules.pull_request_labelled import PullRequestLabelled
from bulletin.editing.rules.pull_request_red import PullRequestRed
from bulletin.editing.rules.pull_request_stale import PullRequestStale
from bulletin.editing.rules.pull_request_unreviewed import PullRequestUnreviewed
from bulletin.model.edition import Item, ItemState, Reason
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Life, Severity
from bulletin.model.front import Words
from bulletin.model.week import Week, Window
from tests.builders import DAY, NOW, WEEK, decision, error, incident, pull_request, rules, window

SCENE = Scene(
    week=WEEK,
    span=window(),
    as_of=NOW,
    lives={
        FactKey("jira", "incident", "INC-1"): Life.OPEN,
        FactKey("jira", "incident", "INC-2"): Life.DONE,
        FactKey("jira", "incident", "INC-3"): Life.UNKNOWN,
    },
)
SECOND = timedelta(seconds=1)
OPENING = window().start


def flag(verdict: Verdict) -> Flag:
    assert isinstance(verdict, Flag)
    return verdict


def flagged(fact: Fact, scene: Scene = SCENE) -> set[str]:
    """Return the ids of all rules that flag the fact, as the desk would ask them."""
    flags = find([fact], rules(), scene, judge)[fact.key].flags
    return {one.reason.rule for one in flags}


def listed(fact: Fact, rule: str, since: Week, words: Words) -> Item:
    """Return the item that this fact was last week, on the list because of this rule."""
    return Item(
        key=fact.key,
        kind=fact.type,
        handle=fact.handle,
        title=fact.title,
        url=fact.url,
        owner=None,
        severity=Severity.MEDIUM,
        state=ItemState.NEW,
        trend=None,
        since=since,
        weeks=WEEK.weeks_since(since),
        reasons=(Reason(rule=rule, words=words, since=since),),
    )


def holding(fact: Fact, rule: str, **given: Any) -> Scene:
    """Return a scene in which the fact already stands on the list because of this rule."""
    weekly = given.pop("weekly", {})
    item = listed(fact, rule, given.pop("since", WEEK.shift(-1)), given)
    return replace(SCENE, listed={fact.key: item}, weekly=weekly)


def days_ago(days: int) -> dict[str, Any]:
    """Return the moments of a thing that has lain still for so many whole days."""
    return {"created": NOW - 40 * DAY, "last_activity": NOW - days * DAY}


class Edge(NamedTuple):
    """A rule, a fact that it lets pass at the very edge, one just beyond, and what it then says."""

    rule: Rule
    within: Fact
    beyond: Fact
    words: Words
    measure: int | None
    unit: str | None
    severity: Severity


EDGES = [
    Edge(
        DecisionOpen(),
        decision(life=Life.DONE, due=WEEK.shift(-3)),
        decision(due=WEEK.shift(-2)),
        {"days": 14}, 14, "days", Severity.MEDIUM,
    ),
    Edge(
        DecisionUnkept(),
        decision(life=Life.DONE, about=FactKey("jira", "incident", "INC-2")),
        decision(life=Life.DONE, about=FactKey("jira", "incident", "INC-1")),
        {"about": "INC-1"}, None, None, Severity.MEDIUM,
    ),
    Edge(
        IncidentOld(),
        incident(opened=NOW - 15 * DAY + SECOND),
        incident(opened=NOW - 15 * DAY),
        {"days": 15}, 15, "days", Severity.MEDIUM,
    ),
    Edge(
        IncidentOld(days=3),
        incident(opened=NOW - 3 * DAY, severity=None),
        incident(opened=NOW - 4 * DAY, severity=None),
        {"days": 4}, 4, "days", Severity.MEDIUM,
    ),
    Edge(
        IncidentReopened(),
        incident(reopened=NOW - 29 * DAY),
        incident(reopened=NOW - 28 * DAY, severity=Severity.LOW),
        {"days": 28}, 28, "days", Severity.MEDIUM,
    ),
    Edge(
        IncidentReopened(days=2),
        incident(reopened=NOW - 3 * DAY),
        incident(reopened=NOW - 2 * DAY, severity=Severity.CRITICAL),
        {"days": 2}, 2, "days", Severity.CRITICAL,
    ),
    Edge(
        IncidentSevere(),
        incident(severity=Severity.MEDIUM),
        incident(severity=Severity.HIGH, opened=NOW - 3 * DAY),
        {"severity": "high", "days": 3}, 3, "steps", Severity.HIGH,
    ),
    Edge(
        IncidentSevere(at_least="critical"),
        incident(severity=Severity.HIGH),
        incident(severity=Severity.CRITICAL),
        {"severity": "critical", "days": 2}, 4, "steps", Severity.CRITICAL,
    ),
    Edge(
        IncidentSilent(),
        incident(updated=NOW - 6 * DAY + SECOND),
        incident(updated=NOW - 6 * DAY),
        {"days": 6}, 6, "days", Severity.MEDIUM,
    ),
    Edge(
        IncidentSilent(days=1),
        incident(updated=NOW - DAY, severity=None),
        incident(updated=NOW - 2 * DAY, severity=None),
        {"days": 2}, 2, "days", Severity.LOW,
    ),
    Edge(
        IncidentUnowned(),
        incident(assigned=False, opened=NOW - 2 * DAY + SECOND),
        incident(assigned=False, opened=NOW - 2 * DAY),
        {"days": 2}, 2, "days", Severity.MEDIUM,
    ),
    Edge(
        IncidentUnowned(days=0),
        incident(assigned=True, opened=NOW - 9 * DAY),
        incident(assigned=False, opened=NOW - DAY, severity=None),
        {"days": 1}, 1, "days", Severity.MEDIUM,
    ),
    Edge(
        ErrorEscalating(),
        error(substatus="escalating", events=49),
        error(substatus="escalating", events=50),
        {"events": 50}, 50, "events", Severity.HIGH,
    ),
    Edge(
        ErrorEscalating(events=10),
        error(substatus="ongoing", events=900),
        error(substatus="escalating", events=10),
        {"events": 10}, 10, "events", Severity.HIGH,
    ),
    Edge(
        ErrorNew(),
        error(first_seen=OPENING, events=99),
        error(first_seen=OPENING, events=100),
        {"events": 100, "users": 12}, 100, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorNew(events=5),
        error(first_seen=OPENING - SECOND, events=900),
        error(first_seen=NOW - SECOND, events=5, level="fatal"),
        {"events": 5, "users": 12}, 5, "events", Severity.HIGH,
    ),
    Edge(
        ErrorRegressed(),
        error(substatus="regressed", events=9),
        error(substatus="regressed", events=10, release="shop@26.47.0"),
        {"events": 10, "release": "shop@26.47.0"}, 10, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorRegressed(events=1),
        error(substatus="new", events=1),
        error(substatus="regressed", events=1, release="a"),
        {"events": 1, "release": "a"}, 1, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorRising(),
        error(events=200, events_before=100),
        error(events=201, events_before=100),
        {"events": 201, "before": 100, "limit": 200}, 201, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorRising(),
        error(events=99, events_before=1),
        error(events=100, events_before=1),
        {"events": 100, "before": 1, "limit": 2}, 100, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorRising(events=20, factor=3.0),
        error(events=60, events_before=20),
        error(events=61, events_before=20),
        {"events": 61, "before": 20, "limit": 60}, 61, "events", Severity.MEDIUM,
    ),
    Edge(
        ErrorFiringAfterClose(),
        error(life=Life.DONE, resolved=NOW - 2 * DAY, last_seen=NOW - 47 * timedelta(hours=1)),
        error(
            life=Life.DONE,
            resolved=NOW - 2 * DAY,
            last_seen=NOW - 47 * timedelta(hours=1) + SECOND,
        ),
        {"days": 2, "events": 40}, 40, "events", Severity.HIGH,
    ),
    Edge(
        ErrorFiringAfterClose(hours=24),
        error(life=Life.DONE, resolved=NOW - 2 * DAY, last_seen=NOW - DAY),
        error(life=Life.DONE, resolved=NOW - 2 * DAY, last_seen=NOW - DAY + SECOND),
        {"days": 2, "events": 40}, 40, "events", Severity.HIGH,
    ),
    Edge(
        PullRequestBig(),
        pull_request(additions=900, deletions=100),
        pull_request(additions=901, deletions=100, files=30),
        {"lines": 1001, "files": 30}, 1001, "lines", Severity.LOW,
    ),
    Edge(
        PullRequestBig(lines=10, days=2),
        pull_request(created=NOW - 2 * DAY + SECOND),
        pull_request(created=NOW - 2 * DAY),
        {"lines": 12, "files": 1}, 12, "lines", Severity.LOW,
    ),
    Edge(
        PullRequestChangesIdle(),
        pull_request(review="changes_requested", **days_ago(4)),
        pull_request(review="changes_requested", **days_ago(5)),
        {"days": 5}, 5, "days", Severity.MEDIUM,
    ),
    Edge(
        PullRequestChangesIdle(days=1),
        pull_request(review="approved", **days_ago(9)),
        pull_request(review="changes_requested", **days_ago(2)),
        {"days": 2}, 2, "days", Severity.MEDIUM,
    ),
    Edge(
        PullRequestConflicting(),
        pull_request(mergeable="conflicting", **days_ago(1)),
        pull_request(mergeable="conflicting", **days_ago(2)),
        {"days": 2}, 2, "days", Severity.LOW,
    ),
    Edge(
        PullRequestConflicting(days=0),
        pull_request(mergeable="mergeable", **days_ago(9)),
        pull_request(mergeable="conflicting", **days_ago(0)),
        {"days": 0}, 0, "days", Severity.LOW,
    ),
    Edge(
        PullRequestLabelled(),
        pull_request(labels=("Urgent",), created=NOW - DAY + SECOND),
        pull_request(labels=("a", "Urgent", "blocker"), created=NOW - DAY),
        {"label": "Urgent"}, None, None, Severity.HIGH,
    ),
    Edge(
        PullRequestLabelled(labels=("Noël",), days=0),
        pull_request(labels=("blocker",)),
        pull_request(labels=("NOËL",), created=NOW),
        {"label": "NOËL"}, None, None, Severity.HIGH,
    ),
    Edge(
        PullRequestRed(),
        pull_request(checks="failing", checks_since=NOW - 3 * DAY + SECOND),
        pull_request(checks="failing", checks_since=NOW - 3 * DAY),
        {"days": 3}, 3, "days", Severity.MEDIUM,
    ),
    Edge(
        PullRequestRed(days=0),
        pull_request(checks="pending", checks_since=NOW - 3 * DAY),
        pull_request(checks="failing", checks_since=NOW - DAY),
        {"days": 1}, 1, "days", Severity.MEDIUM,
    ),
    Edge(
        PullRequestStale(),
        pull_request(**days_ago(7)),
        pull_request(**days_ago(8)),
        {"days": 8}, 8, "days", Severity.LOW,
    ),
    Edge(
        PullRequestStale(days=30),
        pull_request(**days_ago(30)),
        pull_request(**days_ago(31)),
        {"days": 31}, 31, "days", Severity.LOW,
    ),
    Edge(
        PullRequestUnreviewed(),
        pull_request(review="none", reviews=0, created=NOW - 3 * DAY),
        pull_request(review="review_required", reviews=0, created=NOW - 4 * DAY),
        {"days": 4}, 4, "days", Severity.MEDIUM,
    ),
    Edge(
        PullRequestUnreviewed(days=1),
        pull_request(review="none", reviews=0, created=NOW - 9 * DAY, ready=NOW - DAY),
        pull_request(review="none", reviews=0, created=NOW - 9 * DAY, ready=NOW - 2 * DAY),
        {"days": 2}, 2, "days", Severity.MEDIUM,
    ),
]  # fmt: skip


def numbered(facts: list[tuple[Rule, Any]] | list[Edge]) -> list[str]:
    return [f"{one[0].id}-{number}" for number, one in enumerate(facts)]


@pytest.mark.parametrize("edge", EDGES, ids=numbered(EDGES))
def test_a_rule_flags_just_beyond_its_edge_and_not_at_it(edge: Edge) -> None:
    """The edge is a setting; the words are what the catalogue's sentence is given."""
    assert edge.rule.judge(edge.within, SCENE) is None
    found = flag(edge.rule.judge(edge.beyond, SCENE))
    assert found.reason == Reason(
        rule=edge.rule.id, measure=edge.measure, unit=edge.unit, words=edge.words
    )
    assert found.severity is edge.severity


def test_every_rule_stands_in_the_table_above_with_every_setting_changed() -> None:
    """A rule or a setting that is added without its edges fails here."""
    tried: dict[str, set[str]] = {}
    for rule, *_ in EDGES:
        default = type(rule)()
        changed = {s for s in settings_of(rule) if getattr(rule, s) != getattr(default, s)}
        tried.setdefault(rule.id, set()).update(changed)
    assert tried == {rule.id: set(settings_of(rule)) for rule in rules()}


def settings_of(rule: Any) -> list[str]:
    return [field.name for field in fields(rule)]


BLIND: list[tuple[Rule, Fact]] = [
    (IncidentSevere(), incident(severity=None)),
    (IncidentSilent(), incident(updated=None)),
    (IncidentUnowned(), incident(assigned=None)),
    (ErrorEscalating(), error(substatus=None)),
    (ErrorEscalating(), error(substatus="escalating", events=None)),
    (ErrorNew(), error(first_seen=OPENING, events=None)),
    (ErrorRegressed(), error(substatus=None)),
    (ErrorRegressed(), error(substatus="regressed", events=None)),
    (ErrorRising(), error(events=None)),
    (ErrorRising(), error(events=500, events_before=None)),
    (ErrorFiringAfterClose(), error(life=Life.DONE, last_seen=None, resolved=NOW)),
    (ErrorFiringAfterClose(), error(life=Life.DONE, resolved=None)),
    (PullRequestChangesIdle(), pull_request(review=None, **days_ago(9))),
    (PullRequestChangesIdle(), pull_request(review="changes_requested", last_activity=None)),
    (PullRequestConflicting(), pull_request(mergeable=None)),
    (PullRequestConflicting(), pull_request(mergeable="conflicting", last_activity=None)),
    (PullRequestRed(), pull_request(checks=None)),
    (PullRequestStale(), pull_request(last_activity=None)),
    (PullRequestUnreviewed(), pull_request(review=None, reviews=0, created=NOW - 9 * DAY)),
]


@pytest.mark.parametrize(("rule", "fact"), BLIND, ids=numbered(BLIND))
def test_without_the_field_it_needs_a_rule_cannot_tell(rule: Rule, fact: Fact) -> None:
    """Unknown is neither yes nor no: only then does the ledger keep the item as unknown."""
    assert rule.judge(fact, SCENE) is CANNOT_TELL


@pytest.mark.parametrize(
    ("about", "says"), [("INC-2", None), ("INC-3", CANNOT_TELL), ("INC-4", None)]
)
def test_whether_a_decision_did_its_work_is_known_where_what_it_was_about_is(
    about: str, says: Verdict
) -> None:
    done = decision(about=FactKey("jira", "incident", about), life=Life.DONE, closed=NOW)
    assert DecisionUnkept().judge(done, SCENE) is says


def test_every_rule_that_needs_a_field_stands_in_the_table_above() -> None:
    assert {rule.id for rule, _ in BLIND} | {"incident-reopened"} == {
        rule.id for rule in rules() if rule.needs
    }


def test_a_history_that_says_nothing_is_no_reopening_unless_it_said_one_before() -> None:
    silent = incident(reopened=None)
    assert IncidentReopened().judge(silent, SCENE) is None
    assert IncidentReopened().judge(silent, holding(silent, "incident-reopened")) is CANNOT_TELL


@pytest.mark.parametrize("kind", ["incident", "error", "pull_request"])
@pytest.mark.parametrize("life", [Life.DONE, Life.DECLINED])
def test_what_is_closed_is_flagged_by_no_rule_but_the_one_for_closed_errors(
    kind: str, life: Life
) -> None:
    for rule, beyond in [(edge.rule, edge.beyond) for edge in EDGES]:
        if rule.kind == kind and not isinstance(rule, ErrorFiringAfterClose):
            assert rule.judge(replace(beyond, life=life), SCENE) is None


def test_a_drill_is_never_pointed_at() -> None:
    grave = incident(
        severity=Severity.CRITICAL, opened=NOW - 90 * DAY, updated=NOW - 80 * DAY, assigned=False
    )
    assert len(flagged(grave)) == 4
    assert flagged(replace(grave, drill=True)) == set()


@pytest.mark.parametrize("field", ["draft", "by_bot"])
def test_a_draft_and_a_bots_pull_request_are_left_alone_unless_a_person_labelled_them(
    field: str,
) -> None:
    pull = pull_request(
        created=NOW - 90 * DAY,
        last_activity=NOW - 80 * DAY,
        additions=5000,
        reviews=0,
        review="none",
        checks="failing",
        checks_since=NOW - 80 * DAY,
        mergeable="conflicting",
    )
    assert len(flagged(pull)) == 5
    assert flagged(replace(pull, **{field: True})) == set()
    labelled = replace(pull, **{field: True}, labels=("blocker",))
    assert flagged(labelled) == {"pull-request-labelled"}


def test_a_comment_counts_as_a_look_even_if_the_review_is_still_required() -> None:
    seen = pull_request(review="review_required", reviews=1, created=NOW - 9 * DAY)
    assert PullRequestUnreviewed().judge(seen, SCENE) is None


def test_a_red_pull_request_of_unknown_date_is_said_without_days() -> None:
    undated = pull_request(checks="failing", checks_since=None)
    reason = flag(PullRequestRed().judge(undated, SCENE)).reason
    assert (reason.rule, reason.measure, reason.words) == ("pull-request-red.bare", None, {})


@pytest.mark.parametrize(
    ("rule", "fact", "left"),
    [
        (ErrorNew(), error(first_seen=OPENING, events=200, users=None), {"events": 200}),
        (ErrorRegressed(), error(substatus="regressed", release=None), {"events": 40}),
        (
            ErrorFiringAfterClose(),
            error(life=Life.DONE, resolved=NOW - 3 * DAY, events=None),
            {"days": 3},
        ),
    ],
    ids=["new", "regressed", "firing"],
)
def test_where_an_optional_word_is_unknown_the_bare_sentence_is_used(
    rule: Rule, fact: ErrorTrend, left: Words
) -> None:
    reason = flag(rule.judge(fact, SCENE)).reason
    assert (reason.rule, reason.words) == (f"{rule.id}.bare", left)


def test_an_error_that_was_quiet_all_week_does_not_fire_after_its_closing() -> None:
    """What fired after the closing but before this week is last week's news."""
    rule = ErrorFiringAfterClose()
    before = error(life=Life.DONE, resolved=OPENING - 9 * DAY, last_seen=OPENING - SECOND)
    assert rule.judge(before, SCENE) is None
    assert flag(rule.judge(replace(before, last_seen=OPENING), SCENE))
    assert rule.judge(replace(before, resolved=None), SCENE) is None


@pytest.mark.parametrize("rule", [ErrorNew(), ErrorEscalating()], ids=["new", "escalating"])
def test_a_listed_error_stays_until_it_is_half_as_loud(rule: ErrorNew | ErrorEscalating) -> None:
    """Neither the tracker's second thoughts nor the week that passes make it quiet."""
    half = error(substatus=None, events=rule.events // 2)
    scene = holding(half, rule.id)
    assert flag(rule.judge(half, scene)).reason.measure == rule.events // 2
    assert rule.judge(replace(half, events=rule.events // 2 - 1), scene) is None
    assert rule.judge(replace(half, events=None), scene) is CANNOT_TELL


def test_a_listed_regression_stays_until_it_is_quiet() -> None:
    rule = ErrorRegressed()
    ten = error(substatus="ongoing", events=10)
    assert flag(rule.judge(ten, holding(ten, rule.id)))
    assert rule.judge(replace(ten, events=9), holding(ten, rule.id)) is None
    assert rule.judge(ten, SCENE) is None


def test_a_listed_reopening_stays_however_old_it_gets() -> None:
    rule = IncidentReopened()
    old = incident(reopened=NOW - 90 * DAY)
    assert flag(rule.judge(old, holding(old, rule.id))).reason.measure == 90
    assert rule.judge(old, SCENE) is None


def test_an_item_is_held_for_its_own_reason_alone() -> None:
    """Listed as regressed, an error is not loud enough for a rule that never listed it."""
    half = error(substatus="ongoing", events=50)
    assert ErrorNew().judge(half, holding(half, "error-regressed")) is None
    assert flag(ErrorNew().judge(half, holding(half, "error-new.bare")))


def weeks(*counts: int | None) -> tuple[tuple[Week, int], ...]:
    """Return counts of the weeks up to the one before this; None is a week that is not known."""
    first = WEEK.shift(-len(counts))
    pairs = [(first.shift(n), count) for n, count in enumerate(counts)]
    return tuple((week, count) for week, count in pairs if count is not None)


def rising(events: int, *counts: int | None) -> Verdict:
    fact = error(events=events, events_before=counts[-1])
    return ErrorRising().judge(fact, replace(SCENE, weekly={fact.key: weeks(*counts)}))


def test_from_six_known_weeks_a_rise_is_measured_against_its_routine_variation() -> None:
    """Mean 200 and a mean moving range of 20: the upper limit is 253.2."""
    routine = (190, 210, 190, 210, 190, 210)
    assert rising(253, *routine) is None
    reason = flag(rising(254, *routine)).reason
    assert reason.words == {"events": 254, "before": 210, "limit": 253}


def test_a_jump_across_a_week_that_is_not_known_widens_no_limit() -> None:
    """The level moved while nobody could look; a moving range over the hole would hide rises."""
    steady = (100, 100, 100, None, 300, 300, 300)
    assert flag(rising(301, *steady)).reason.words["limit"] == 200


def test_from_nothing_no_ratio_is_drawn() -> None:
    assert ErrorRising().judge(error(events=5000, events_before=0), SCENE) is None


def test_a_listed_rise_is_held_against_the_weeks_before_it_was_listed() -> None:
    """Else a new level would become routine by being printed."""
    rule = ErrorRising()
    loud = error(events=900, events_before=900)
    listed_then = {"since": WEEK.shift(-2), "limit": 200}
    scene = holding(loud, rule.id, weekly={loud.key: weeks(100, 900, 900)}, **listed_then)
    assert flag(rule.judge(loud, scene)).reason.words == {
        "events": 900,
        "before": 900,
        "limit": 200,
    }
    assert rule.judge(replace(loud, events=200), scene) is None
    assert rule.judge(loud, SCENE) is None


def test_a_listed_rise_that_kept_no_limit_cannot_be_told() -> None:
    rule = ErrorRising()
    loud = error(events=900, events_before=900)
    assert rule.judge(loud, holding(loud, rule.id)) is CANNOT_TELL


def test_a_clock_that_is_ahead_makes_no_negative_age() -> None:
    ahead = pull_request(created=NOW + DAY, last_activity=NOW + DAY)
    assert SCENE.age(ahead.created) == 0
    assert flagged(ahead) == set()


@pytest.mark.parametrize("rule", rules(), ids=[rule.id for rule in rules()])
def test_a_rule_is_found_under_its_own_id_and_judges_one_kind(rule: Rule) -> None:
    assert type(rule) is registry.find("rules", rule.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.id.startswith(rule.kind.replace("_", "-"))


@pytest.mark.parametrize("rule", rules(), ids=[rule.id for rule in rules()])
def test_a_rule_names_the_fields_that_it_needs_as_the_facts_name_them(rule: Rule) -> None:
    facts = (incident(), error(), pull_request(), decision())
    (fact,) = [fact for fact in facts if fact.type == rule.kind]
    assert all(hasattr(fact, field) for field in rule.needs)


def test_a_rise_over_a_week_that_we_printed_otherwise_says_what_we_printed() -> None:
    fact = error(events=500, events_before=100)
    for printed, words in ((100, {}), (130, {"printed": 130})):
        scene = replace(SCENE, printed={fact.key: printed})
        reason = flag(ErrorRising().judge(fact, scene)).reason
        assert reason.words == {"events": 500, "before": 100, "limit": 200} | words
    unknown = replace(fact, events_before=None)
    scene = replace(SCENE, printed={fact.key: 130}, weekly={fact.key: weeks(100)})
    assert "printed" not in flag(ErrorRising().judge(unknown, scene)).reason.words


def test_where_the_tracker_has_no_word_a_rise_is_measured_against_our_own_last_count() -> None:
    fact = error(events=201, events_before=None)
    known = replace(SCENE, weekly={fact.key: weeks(100)})
    reason = flag(ErrorRising().judge(fact, known)).reason
    assert reason.words == {"events": 201, "before": 100, "limit": 200}
    assert ErrorRising().judge(replace(fact, events=200), known) is None
    assert ErrorRising().judge(fact, SCENE) is CANNOT_TELL


def test_what_an_earlier_edition_saw_resolved_has_come_back() -> None:
    """Some trackers reopen an error and have no word for it."""
    fact = error(substatus=None, events=10)
    seen = replace(SCENE, closed=frozenset({fact.key}))
    assert flag(ErrorRegressed().judge(fact, seen)).reason.measure == 10
    assert ErrorRegressed().judge(replace(fact, events=9), seen) is None
    assert ErrorRegressed().judge(fact, SCENE) is CANNOT_TELL


def test_a_tracker_that_has_the_word_is_believed() -> None:
    """Reopened by hand, an error that the tracker calls ongoing has not come back by itself."""
    fact = error(substatus="ongoing", events=10)
    assert ErrorRegressed().judge(fact, replace(SCENE, closed=frozenset({fact.key}))) is None


# Spans that are no week: levels a week are scaled, but what arrives must be loud by itself.


def over(scene: Scene, share: float) -> Scene:
    """Return the scene of an edition that speaks of that share of a week."""
    start = scene.span.end - share * timedelta(hours=168)
    return replace(scene, span=Window(start, scene.span.end))


@pytest.mark.parametrize(
    ("rule", "words", "level"),
    [
        (ErrorNew(), {}, 50),
        (ErrorEscalating(), {}, 25),
        (ErrorRising(), {"limit": 90}, 100),
        (ErrorRising(), {"limit": 180}, 181),
        (ErrorRegressed(), {}, 10),
    ],
)
def test_a_listed_error_stays_at_the_level_that_its_span_makes_of_a_week(rule, words, level):
    """In two weeks twice as much is quiet; in half a week half is loud, and silence says little."""
    two = over(holding(error(), rule.id, **words), 2.0)
    half = over(two, 0.5)
    assert isinstance(rule.judge(error(events=2 * level), two), Flag)
    assert rule.judge(error(events=2 * level - 2), two) is None
    assert isinstance(rule.judge(error(events=level // 2 + 1), half), Flag)
    assert rule.judge(error(events=level // 2 - 1), half) is CANNOT_TELL


@pytest.mark.parametrize(
    ("rule", "about", "level"),
    [
        (ErrorNew(), {"first_seen": NOW - DAY}, 100),
        (ErrorEscalating(), {"substatus": "escalating"}, 50),
        (ErrorRising(), {"events_before": 10}, 100),
    ],
)
def test_an_error_arrives_at_no_lower_level_in_a_short_span_and_a_higher_one_in_a_long(
    rule, about, level
):
    short, long = over(SCENE, 0.5), over(SCENE, 2.0)
    assert isinstance(rule.judge(error(events=level, **about), short), Flag)
    assert rule.judge(error(events=level - 1, **about), short) is None
    assert isinstance(rule.judge(error(events=2 * level, **about), long), Flag)
    assert rule.judge(error(events=2 * level - 1, **about), long) is None


def test_what_began_at_the_very_end_of_the_span_is_for_the_next_edition() -> None:
    key = error().key
    assert SCENE.is_fresh(key, SCENE.span.start)
    assert SCENE.is_fresh(key, SCENE.span.end - SECOND)
    assert not SCENE.is_fresh(key, SCENE.span.end)
    assert not SCENE.is_fresh(key, None)


def test_a_risen_level_does_not_become_routine_by_being_printed() -> None:
    """The weeks since it was listed do not count, nor does the one in which it was."""
    first = WEEK.shift(-2)
    loud = error(events=900, events_before=900)
    calm = tuple((WEEK.shift(-n), 100 + n % 2) for n in range(9, 2, -1))
    weekly = {loud.key: (*calm, (first, 2000), (WEEK.shift(-1), 900))}
    assert isinstance(
        ErrorRising().judge(loud, holding(loud, "error-rising", since=first, weekly=weekly)), Flag
    )


def test_a_listed_rise_whose_week_before_nobody_knows_is_told_without_it() -> None:
    loud = error(events=900, events_before=None)
    told = flag(ErrorRising().judge(loud, holding(loud, "error-rising", limit=180))).reason
    assert (told.rule, "before" in told.words) == ("error-rising.bare", False)


def test_an_error_that_was_closed_and_fell_silent_before_the_span_fires_no_longer() -> None:
    done = {"life": Life.DONE, "resolved": NOW - 30 * DAY}
    rule = ErrorFiringAfterClose()
    assert isinstance(rule.judge(error(last_seen=NOW - 6 * DAY, **done), SCENE), Flag)
    assert rule.judge(error(last_seen=NOW - 8 * DAY, **done), SCENE) is None
    short = over(SCENE, 0.5)
    assert isinstance(rule.judge(error(last_seen=NOW - 6 * DAY, **done), short), Flag)


def test_a_listed_error_needs_no_first_day_to_stay() -> None:
    fact = error(events=90, first_seen=None)
    assert isinstance(ErrorNew().judge(fact, holding(fact, "error-new")), Flag)
    assert ErrorNew().judge(fact, SCENE) is CANNOT_TELL


@pytest.mark.parametrize("review", ["approved", "changes_requested"])
def test_a_review_of_which_only_the_outcome_is_told_is_one(review: str) -> None:
    fact = pull_request(created=NOW - 9 * DAY, reviews=0, review=review)
    assert PullRequestUnreviewed().judge(fact, SCENE) is None


def test_red_of_which_nobody_knows_since_when_is_as_grave() -> None:
    bare = pull_request(checks="failing", checks_since=None)
    assert flag(PullRequestRed().judge(bare, SCENE)).severity is Severity.MEDIUM


def test_an_error_that_was_not_listed_is_no_riddle_for_being_quiet() -> None:
    quiet = error(substatus="regressed", events=2)
    assert ErrorRegressed().judge(quiet, over(SCENE, 0.5)) is None


def test_a_rule_is_told_with_its_settings_and_one_without_any_by_its_name() -> None:
    class Plain:
        id, kind, needs = "plain", "incident", ()

        def judge(self, fact: Fact, scene: Scene) -> Verdict:
            return None

    assert signature(ErrorRising()) == "error-rising(events=100, factor=2.0)"
    assert signature(Plain()) == "plain()"


def test_a_kind_of_fact_without_rules_is_known_and_not_flagged() -> None:
    found = find([error()], [IncidentOld()], SCENE, judge)
    assert (found[error().key].flags, found[error().key].blind) == ((), frozenset())
