"""Folds: one thing told once, by literal links alone, and the ledger none the wiser."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulletin.editing.folding import MANY, evidence, fold, folded, gravity, once
from bulletin.model.edition import ItemState
from bulletin.model.facts import FactKey, Life, Severity
from tests.builders import (
    DAY,
    NOW,
    WEEK,
    edited,
    error,
    filed,
    harvest,
    incident,
    policy,
    pull_request,
)

SEVERE = {"severity": Severity.HIGH}
FRESH = {"first_seen": NOW, "events": 500}
CLOSED = {"life": Life.DONE, "resolved": NOW - 3 * DAY}
URGENT = {"labels": ("urgent",), "review": "review_required", "created": NOW - 20 * DAY}
"""What puts each kind of fact on the list."""


def grave(subject="INC-42", **fields):
    return incident(subject, **(SEVERE | fields))


def loud(subject="SHOP-1A", **fields):
    return error(subject, **(FRESH | fields))


def urgent(subject="acme/shop#1", **fields):
    return pull_request(subject, **(URGENT | fields))


def week(*facts, past=(), **fields):
    of = {kind: [f for f in facts if f.type == kind] for kind in ("incident", "error")}
    changes = [f for f in facts if f.type == "pull_request"]
    harvests = [
        harvest("jira", of["incident"]),
        harvest("sentry", of["error"]),
        harvest("github", changes),
    ]
    return edited(harvests, past, **fields)


def told(edition):
    """Return each head's subject with those of its parts."""
    return {fold.head.subject: [part.key.subject for part in fold.parts] for fold in edition.folds}


def because(edition, subject):
    (part,) = [p for f in edition.folds for p in f.parts if p.key.subject == subject]
    return [(one.pattern, *one.words.values()) for one in part.because]


class TestWhoIsToldUnderWhom:
    def test_an_incident_its_error_and_its_fix_are_one_thing(self):
        edition = week(
            grave(), loud(links=("INC-42",)), urgent(branch_names=("inc-42",)), loud("SHOP-9Z")
        )
        assert told(edition) == {"INC-42": ["SHOP-1A", "acme/shop#1"]}
        assert because(edition, "SHOP-1A") == [("fold.link", "INC-42")]
        assert because(edition, "acme/shop#1") == [("fold.branch", "INC-42")]
        assert edition.ledger.open_now == 4
        assert edition.things == 2

    def test_a_section_holds_the_head_and_counts_what_is_told_elsewhere(self):
        edition = week(grave(), loud(links=("INC-42",)), loud("SHOP-9Z"))
        errors = next(section for section in edition.sections if section.kind == "error")
        assert [key.subject for key in errors.keys] == ["SHOP-9Z"]
        assert errors.folded == 1

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"branch_names": ("inc-42",)}, "fold.branch"),
            ({"title": "INC-42: empty index"}, "fold.title"),
            ({"commit_names": ("INC-42",)}, "fold.commit"),
        ],
    )
    def test_a_change_names_an_incident_in_its_branch_its_title_or_its_commit(self, fields, said):
        edition = week(grave(), urgent(**fields))
        assert because(edition, "acme/shop#1") == [(said, "INC-42")]

    @pytest.mark.parametrize(
        "link",
        [
            "https://sentry.example/issues/SHOP-1A/",
            "https://sentry.example/issues/SHOP-1A",
            "http://SENTRY.example/issues/SHOP-1A/?referrer=jira",
            "https://sentry.example/issues/SHOP-1A/events/abc/",
            "SHOP-1A",
        ],
    )
    def test_an_incident_names_the_page_of_an_error(self, link):
        edition = week(grave(links=(link,)), loud())
        assert told(edition) == {"INC-42": ["SHOP-1A"]}
        assert because(edition, "SHOP-1A") == [("fold.named", "INC-42")]

    @pytest.mark.parametrize(
        "link",
        [
            "https://sentry.example/issues/SHOP-1AB/",
            "https://sentry.example/issues/",
            "https://evil.example/issues/SHOP-1A/",
            "https://sentry.example.evil/issues/SHOP-1A/",
            "sentry.example/issues/SHOP-1A/",
            "https://[broken/issues/SHOP-1A/",
            "shop-1a",
            "",
        ],
    )
    def test_another_address_names_nobody(self, link):
        assert week(grave(links=(link,)), loud()).folds == ()

    def test_what_lies_below_a_list_or_the_whole_site_is_nobodys(self):
        site = grave("INC-7", url="https://sentry.example/issues")
        assert week(site, loud(links=("https://sentry.example/issues/9/",))).folds == ()

    def test_what_is_many_links_away_stands_alone(self):
        chain = [grave(), loud("ERR-0A", links=("INC-42",))]
        for n in range(4):
            title = f"ERR-{n}A and ERR-{n + 1}A"
            chain += [urgent(f"acme/shop#{n}", title=title), loud(f"ERR-{n + 1}A")]
        edition = week(*chain)
        assert told(edition)["INC-42"] == ["ERR-0A", "ERR-1A", "acme/shop#0"]
        assert len(folded(edition.folds)) + len(edition.folds) <= len(chain)

    def test_without_an_incident_the_error_is_the_head(self):
        edition = week(loud(), urgent(title="Fix SHOP-1A"))
        assert told(edition) == {"SHOP-1A": ["acme/shop#1"]}

    def test_what_names_the_error_follows_it_under_the_incident(self):
        edition = week(grave(), loud(links=("INC-42",)), urgent(title="Fix SHOP-1A"))
        assert told(edition) == {"INC-42": ["SHOP-1A", "acme/shop#1"]}
        assert because(edition, "acme/shop#1") == [("fold.title", "SHOP-1A")]

    def test_an_error_whose_incident_is_on_no_list_tells_it_as_evidence(self):
        closed = incident("INC-42", life=Life.DONE, resolved=NOW)
        edition = week(closed, loud(links=("INC-42",)))
        assert told(edition) == {"SHOP-1A": ["INC-42"]}
        assert edition.things == edition.ledger.open_now == 1

    def test_the_head_of_a_fold_is_as_grave_as_its_gravest_part(self):
        mild = incident("INC-7", assigned=False, severity=Severity.LOW)
        edition = week(mild, incident("INC-8", assigned=False), loud(links=("INC-7",), **CLOSED))
        assert gravity(edition.folds, edition.items) == {mild.key: Severity.HIGH}
        incidents = next(section for section in edition.sections if section.kind == "incident")
        assert [key.subject for key in incidents.keys] == ["INC-7", "INC-8"]

    def test_the_lead_counts_a_fold_once_and_as_grave_as_its_gravest_part(self):
        mild = incident("INC-7", assigned=False, severity=Severity.LOW)
        facts = (grave(), mild, loud(links=("INC-7",), **CLOSED), urgent(title="Fix INC-42"))
        edition = week(*facts, past=(filed(week(week=WEEK.shift(-1))),))
        assert edition.headline.key == grave().key
        said = {sentence.pattern: sentence.words for sentence in edition.lead}
        assert said["lead.grave.more"] == {"n": 1}


class TestTwoIncidents:
    def test_a_change_that_names_both_folds_neither_into_the_other(self):
        edition = week(grave("INC-1"), grave("INC-2"), urgent(title="INC-2, INC-1"))
        assert told(edition) == {"INC-1": ["acme/shop#1"]}
        assert because(edition, "acme/shop#1") == [("fold.title", "INC-1"), ("fold.also", "INC-2")]

    def test_the_branch_says_more_plainly_than_the_title_which_one_is_meant(self):
        fix = urgent(title="INC-1: after INC-2", branch_names=("inc-2",))
        edition = week(grave("INC-1"), grave("INC-2"), fix)
        assert told(edition) == {"INC-2": ["acme/shop#1"]}
        assert because(edition, "acme/shop#1") == [("fold.branch", "INC-2"), ("fold.also", "INC-1")]

    def test_incidents_that_link_to_each_other_stay_two(self):
        assert week(grave("INC-1", links=("INC-2",)), grave("INC-2", links=("INC-1",))).folds == ()

    def test_a_release_that_names_them_all_is_the_fix_of_none(self):
        incidents = [grave(f"INC-{n}") for n in range(MANY + 1)]
        release = urgent(title="Release: " + ", ".join(i.key.subject for i in incidents))
        assert week(*incidents, release).folds == ()
        assert told(week(*incidents[1:], release)) == {"INC-1": ["acme/shop#1"]}

    def test_of_two_sources_with_one_key_neither_is_meant(self):
        twin = replace(grave(), key=FactKey("jira-two", "incident", "INC-42"))
        facts = [grave(), twin, urgent(title="INC-42")]
        listed = week(*facts).items
        assert fold(facts, listed) == ()

    def test_a_drill_is_the_head_of_nothing(self):
        assert week(grave(drill=True), loud(links=("INC-42",))).folds == ()


class TestAPersonsWord:
    def test_what_was_unfolded_stands_alone(self):
        facts = [grave(), loud(links=("INC-42",)), urgent(title="Fix SHOP-1A")]
        alone = policy(apart=frozenset({facts[1].key}))
        assert week(*facts, policy=alone).folds == ()

    def test_it_stays_alone_under_another_name(self):
        was = urgent("acme/old#1", title="INC-42")
        before = filed(week(grave(), was, week=WEEK.shift(-1)))
        now = replace(urgent("acme/new#1", title="INC-42"), handle=was.handle)
        apart = policy(apart=frozenset({was.key}))
        assert week(grave(), now, past=[before], policy=apart).folds == ()
        assert told(week(grave(), now, past=[before])) == {"INC-42": ["acme/new#1"]}

    def test_settings_switch_it_off(self):
        assert week(grave(), loud(links=("INC-42",)), policy=policy(folds=False)).folds == ()


class TestWhatIsSaid:
    def test_a_merged_fix_of_an_open_incident_is_said_to_be_just_that(self):
        merged = pull_request(title="INC-42", life=Life.DONE)
        (one,) = week(grave(), merged).folds
        assert [(s.pattern, s.words) for s in one.said] == [("fold.merged.incident", {"n": 1})]

    @pytest.mark.parametrize("life", [Life.OPEN, Life.DECLINED])
    def test_while_one_of_them_is_not_merged_nothing_is_said(self, life):
        merged = pull_request(title="INC-42", life=Life.DONE)
        other = pull_request("acme/shop#2", title="INC-42", life=life)
        (one,) = week(grave(), merged, other).folds
        assert one.said == ()

    def test_questions_and_lead_speak_of_it_once(self):
        apart = week(grave(), loud(links=("INC-42",), **CLOSED), policy=policy(folds=False))
        edition = week(grave(), loud(links=("INC-42",), **CLOSED))
        asked = [question.key for question in edition.questions]
        assert edition.headline.key == FactKey("jira", "incident", "INC-42")
        assert not folded(edition.folds) & {*asked}
        assert "lead.grave.more" in [sentence.pattern for sentence in apart.lead]
        assert "lead.grave.more" not in [sentence.pattern for sentence in edition.lead]

    def test_evidence_is_looked_up_again_and_the_list_is_not_twice(self):
        edition = week(grave(), pull_request(title="INC-42"), loud(links=("INC-42",)))
        assert [item.key.subject for item in evidence(edition)] == ["acme/shop#1"]


# The laws, over whatever companies there can be.

NAMES = st.sampled_from(["INC-1", "INC-2", "INC-3", "ERR-1A", "ERR-2B", "inc-1", "XINC-1", "x"])
PLACES = st.lists(NAMES, max_size=3).map(tuple)


@st.composite
def companies(draw):
    incidents = [
        incident(f"INC-{n}", severity=draw(st.sampled_from([Severity.LOW, Severity.HIGH])),
                 life=draw(st.sampled_from(Life)), links=draw(PLACES))
        for n in (1, 2, 3)
    ]  # fmt: skip
    errors = [
        error(name, links=draw(PLACES), **(FRESH if draw(st.booleans()) else {}))
        for name in ("ERR-1A", "ERR-2B")
    ]
    changes = [
        pull_request(
            f"acme/shop#{n}",
            branch_names=draw(PLACES),
            title=" ".join(draw(PLACES)) or "x",
            labels=("urgent",) if draw(st.booleans()) else (),
        )
        for n in (1, 2, 3)
    ]
    return [*incidents, *errors, *changes]


@given(companies(), st.randoms())
@settings(deadline=None)
def test_folding_is_a_partition_whatever_the_order(facts, dice):
    edition = week(*facts)
    keys = [key for one in edition.folds for key in (one.head, *(p.key for p in one.parts))]
    assert len(keys) == len(set(keys))
    listed = {item.key for item in edition.items if item.state.on_list}
    heads = {one.head for one in edition.folds}
    assert heads <= listed
    under = folded(edition.folds) & listed
    printed = [key for section in edition.sections for key in section.keys]
    assert sorted(printed) == sorted(listed - under)
    assert edition.things == len(printed)
    for one in edition.folds:
        assert one.head.kind in {"incident", "error"}
        assert not (
            one.head.kind == "incident" and any(p.key.kind == "incident" for p in one.parts)
        )
    shuffled = dice.sample(facts, len(facts))
    assert fold(shuffled, dice.sample(edition.items, len(edition.items))) == edition.folds


@given(companies())
@settings(deadline=None)
def test_the_ledger_is_the_same_with_and_without(facts):
    alone, edition = week(*facts, policy=policy(folds=False)), week(*facts)
    assert (edition.ledger, edition.items, edition.waived) == (
        alone.ledger,
        alone.items,
        alone.waived,
    )
    assert alone.folds == ()


@given(companies(), st.data())
@settings(deadline=None)
def test_without_links_nothing_is_folded_and_a_word_unfolds_one(facts, data):
    bare = [
        replace(f, branch_names=(), title="x") if f.type == "pull_request" else replace(f, links=())
        for f in facts
    ]
    assert week(*bare).folds == ()
    edition = week(*facts)
    under = sorted(folded(edition.folds))
    if under:
        key = data.draw(st.sampled_from(under))
        again = week(*facts, policy=policy(apart=frozenset({key})))
        assert key not in folded(again.folds)
        assert key not in {one.head for one in again.folds}


@given(companies(), st.data())
@settings(deadline=None)
def test_one_of_each_fold_is_left_to_speak_and_nobody_else_is_silenced(facts, data):
    edition = week(*facts)
    spoken = data.draw(st.none() | st.sampled_from([item.key for item in edition.items] or [None]))
    left = {item.key for item in once(edition.items, edition.folds, spoken) if item.state.on_list}
    for one in edition.folds:
        members = {one.head, *(part.key for part in one.parts)}
        assert len(members & left) <= 1
        assert spoken not in members or members & left <= {spoken}
    alone = {item.key for item in edition.items if item.state.on_list}
    alone -= {k for one in edition.folds for k in (one.head, *(p.key for p in one.parts))}
    assert alone <= left


def test_what_its_source_does_not_tell_this_week_stands_alone():
    before = filed(week(grave(), urgent(title="INC-42"), week=WEEK.shift(-1)))
    dark = [harvest("jira", [grave()]), harvest("sentry")]
    edition = edited(dark, [before])
    assert [i.state for i in edition.items if i.kind == "pull_request"] == [ItemState.UNKNOWN]
    assert edition.folds == ()
