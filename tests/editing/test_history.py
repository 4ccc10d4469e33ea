"""What the past editions teach: counts that agree with the ledgers, and no unfair proposal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bulletin.archive import codec
from bulletin.editing.desk import REMEMBERED, edit
from bulletin.editing.history import WEEKS, history
from bulletin.editing.lesson import lesson
from bulletin.editing.list_figures import list_figures
from bulletin.editing.owners import Territory
from bulletin.editing.stays import stays
from bulletin.model.edition import Edition, Figure, Filed, Item, ItemState, Waiver
from bulletin.model.facts import Fact, Life, Severity
from bulletin.model.harvest import Harvest, State
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.model.week import Week
from tests.builders import (
    DAY,
    KINDS,
    WEEK,
    closing,
    edited,
    filed,
    gap,
    harvest,
    incident,
    policy,
    pull_request,
    rules,
    window,
)
from tests.editing.company import POLICY, START, Company

GONE = ("fixed", "cleared", "dropped", "waived")
BIG = "pull-request-big(lines=1000, days=1)"


def grave(subject: str, **fields: object) -> Fact:
    return incident(subject, **{"severity": Severity.HIGH, **fields})


def weekly(*weeks: Sequence[Fact] | Harvest | None, **more: object) -> list[Filed]:
    """Print one edition a week, the last one in WEEK; None is a week without one. Newest first."""
    past: list[Filed] = []
    for back, brought in zip(range(len(weeks) - 1, -1, -1), weeks, strict=True):
        if brought is None:
            continue
        week = WEEK.shift(-back)
        given_ = brought if isinstance(brought, Harvest) else harvest("jira", brought)
        past.insert(0, filed(edited([given_], past[:REMEMBERED], week=week, **more)))
    return past


def learnt(*weeks: Sequence[Fact] | Harvest | None, **more: object) -> History:
    found = weekly(*weeks, **more)[0].edition.history
    assert found is not None
    return found


DARK = harvest("jira", gaps=(gap("jira"),), state=State.UNKNOWN)
OPEN, DONE = grave("INC-1"), grave("INC-1", life=Life.DONE)


def test_what_was_settled_by_the_following_week_is_told_apart_from_what_was_later() -> None:
    late = grave("INC-2")
    found = learnt([OPEN, late], [DONE, late], [late], [replace(late, life=Life.DONE)])
    first = found.cohorts[0]
    assert first.tally == Tally(joined=2, fixed=2)
    assert first.soon == 1
    assert (found.due, found.soon, found.late) == (2, 1, 3)


def test_what_joined_this_week_is_not_due() -> None:
    found = learnt([], [OPEN])
    assert found.cohorts[-1] == Cohort(week=WEEK, tally=Tally(joined=1, open=1), soon=None)
    assert (found.due, found.soon) == (0, 0)


def test_a_dark_week_is_a_hole_in_the_rate_and_not_a_zero() -> None:
    found = learnt([OPEN], DARK, [DONE])
    assert found.cohorts[0].tally == Tally(joined=1, fixed=1)
    assert found.cohorts[0].soon is None
    assert not found.cohorts[1].is_whole
    assert found.due == 0


def test_a_week_without_an_edition_is_a_hole() -> None:
    found = learnt([OPEN], None, [DONE])
    assert found.cohorts[0].soon is None
    assert found.cohorts[1] == Cohort(week=WEEK.shift(-1), tally=None)


def test_what_is_dark_now_is_neither_open_nor_gone() -> None:
    found = learnt([OPEN], DARK)
    assert found.cohorts[0].tally == Tally(joined=1, unknown=1)
    assert found.teams[0].tally.unknown == 1


def test_an_item_that_is_renamed_is_one_and_one_that_comes_back_is_two() -> None:
    renamed = grave("NEW-1", handle="INC-1")
    found = learnt([OPEN], [renamed], [replace(renamed, life=Life.DONE)])
    assert sum(c.tally.joined for c in found.cohorts if c.tally) == 1
    found = learnt([OPEN], [DONE], [OPEN])
    assert [c.tally.joined for c in found.cohorts if c.tally] == [1, 0, 1]


def test_a_stranger_under_an_old_name_is_another_item() -> None:
    renamed, stranger = grave("NEW-1", handle="INC-1"), grave("INC-1", handle="other")
    editions = [one.edition for one in weekly([OPEN], [renamed, stranger])]
    found = stays(editions[::-1])
    assert sorted((stay.item.handle, len(stay.told)) for stay in found) == [
        ("INC-1", 2), ("other", 1),
    ]  # fmt: skip


def test_a_team_answers_for_what_it_had_when_it_left_and_nobody_for_the_rest() -> None:
    teams = policy(territories=(Territory(team="search", components=("search",)),))
    moved = grave("INC-1", services=("search",), life=Life.DONE)
    found = learnt([grave("INC-1"), grave("INC-2")], [moved, grave("INC-2")], policy=teams)
    assert found.teams == (
        TeamRecord(team="search", tally=Tally(joined=1, fixed=1), due=1, soon=1),
        TeamRecord(
            team=None,
            tally=Tally(joined=1, open=1),
            due=1,
            soon=0,
            oldest=grave("INC-2").key,
            weeks=2,
        ),
    )


def test_what_was_there_before_the_first_of_the_weeks_is_counted_apart() -> None:
    old = grave("INC-1")
    found = learnt(*[[old] for _ in range(WEEKS + 3)])
    assert found.before == Tally(joined=1, open=1)
    assert len(found.cohorts) == WEEKS
    assert not any(c.tally.joined for c in found.cohorts if c.tally)
    assert found.oldest == old.key
    assert found.teams[0].weeks == WEEKS + 3


def huge(number: int, week: Week, **fields: object) -> Fact:
    now = closing(week)
    given_ = {
        "additions": 9000, "created": now - 3 * DAY, "last_activity": now - DAY,
        "checks_since": now - DAY, "last_review": now - DAY,
    }  # fmt: skip
    return pull_request(f"acme/shop#{number}", **(given_ | fields))


def stubborn(count: int, weeks: int = 5, **last: object) -> RuleRecord:
    """Leave so many huge changes open for so long; the first of them ends with `last`."""
    told = []
    for back in range(weeks - 1, -1, -1):
        ends = last if back == 0 else {}
        facts = [huge(n, WEEK.shift(-back), **(ends if n == 0 else {})) for n in range(count)]
        told.append(harvest("github", facts))
    return next(one for one in learnt(*told).rules if one.setting == BIG)


def test_a_rule_whose_findings_nobody_settles_is_proposed_to_be_retuned() -> None:
    found = stubborn(8)
    assert found.retune
    assert (found.rule, found.knobs) == ("pull-request-big", ("lines", "days"))


@pytest.mark.parametrize(
    "found",
    [
        lambda: stubborn(7),
        lambda: stubborn(8, weeks=3),
        lambda: stubborn(9, life=Life.DONE),
        lambda: stubborn(9, additions=10),
    ],
    ids=["too few", "too young", "one fixed", "one cleared"],
)
def test_a_rule_is_not_proposed_to_be_retuned_too_early(found: object) -> None:
    assert not found().retune


def test_a_rule_that_most_findings_of_are_young_has_to_wait() -> None:
    told = [
        harvest("github", [huge(n, WEEK.shift(-back)) for n in range(8 + (20 if not back else 0))])
        for back in range(4, -1, -1)
    ]
    assert not next(one for one in learnt(*told).rules if one.setting == BIG).retune


def test_a_finding_that_was_fixed_while_it_rested_was_of_use() -> None:
    """It was on no list, and yet somebody did what the rule asked for."""
    key = huge(0, WEEK).key
    waiver = Waiver(
        key=key, until=(closing(WEEK) + 9 * DAY).date(), reason="r", author="a",
        at=closing(WEEK.shift(-3)) - timedelta(hours=1),
    )  # fmt: skip

    def told(**last: object) -> list[Harvest]:
        return [
            harvest(
                "github",
                [huge(n, WEEK.shift(-b), **(last if not n and not b else {})) for n in range(9)],
            )
            for b in range(4, -1, -1)
        ]

    ruled = policy(waivers={key: waiver})
    rested = learnt(*told(), policy=ruled)
    assert next(one for one in rested.rules if one.setting == BIG).tally.joined == 8
    assert rested.retune
    assert not learnt(*told(life=Life.DONE), policy=ruled).retune


def test_a_rule_that_was_set_otherwise_starts_anew() -> None:
    told = [
        harvest("github", [huge(n, WEEK.shift(-b)) for n in range(9)]) for b in range(4, -1, -1)
    ]
    editions = [one.edition for one in weekly(*told)]
    assert history(editions, rules()).retune
    others = [replace(r, lines=5000) if r.id == "pull-request-big" else r for r in rules()]
    again = history(editions, others)
    assert not again.retune
    assert next(one for one in again.rules if one.setting == BIG).knobs == ()


def test_the_lesson_waits_for_three_editions_and_names_the_first_rule_to_retune() -> None:
    assert lesson(learnt([OPEN], [DONE])) is None
    taught = lesson(learnt([OPEN], [DONE], []))
    assert taught is not None
    assert (taught.title.pattern, taught.title.words) == (
        "heading.history.soon",
        {"soon": 1, "n": 1},
    )
    early = lesson(learnt([OPEN], DARK, DARK))
    assert early is not None
    assert early.title.pattern == "heading.history.early"
    idle = [
        harvest("github", [huge(n, WEEK.shift(-b)) for n in range(9)]) for b in range(4, -1, -1)
    ]
    told = lesson(learnt(*idle))
    assert told is not None
    assert told.title.words == {"rule": "pull-request-big", "n": 9}
    assert told.so_what is not None
    assert told.so_what.words == {"knobs": "lines, days"}


# The numbers of the list's past.


def number(editions: Sequence[Filed], name: str) -> Figure:
    (found,) = [one for one in editions[0].edition.figures if one.name == name]
    return found


def test_the_median_age_is_that_of_what_is_open_and_the_lower_of_two() -> None:
    old, middle, young = grave("INC-1"), grave("INC-2"), grave("INC-3")
    found = number(weekly([old], [old, middle], [old, middle, young]), "weeks_median")
    assert (found.value, found.unit, found.state) == (2, "weeks", State.KNOWN)
    assert number(weekly([old], [old], [old, young]), "weeks_median").value == 1


def test_an_empty_list_and_a_first_edition_have_no_median_age() -> None:
    assert all(f.name != "weeks_median" for f in weekly([OPEN])[0].edition.figures)
    assert all(f.name != "weeks_median" for f in weekly([OPEN], [DONE])[0].edition.figures)


def test_a_dark_source_makes_the_median_age_unknown_and_a_hole() -> None:
    found = number(weekly([OPEN], DARK), "weeks_median")
    assert (found.value, found.state, found.history[-1]) == (None, State.UNKNOWN, None)


def test_what_comes_back_is_a_share_of_what_had_left() -> None:
    others = [grave(f"INC-{n}") for n in range(2, 6)]
    done = [replace(one, life=Life.DONE) for one in others]
    found = number(weekly([OPEN, *others], [DONE, *done], [OPEN]), "reopened")
    assert (found.value, found.unit, found.state) == (20, "percent", State.KNOWN)
    again = number(weekly([OPEN, *others], [DONE, *done], [OPEN], [OPEN]), "reopened")
    assert again.value == 0


def test_one_item_or_one_week_more_is_routine_after_a_quiet_quarter() -> None:
    others = [grave(f"INC-{n}") for n in range(2, 12)]
    done = [replace(one, life=Life.DONE) for one in others]
    calm = [[] for _ in range(6)]
    back = number(weekly(others, done, *calm, [others[0]]), "reopened")
    assert (back.value, back.is_signal) == (10, False)
    flood = number(weekly(others, done, *calm, others[:4]), "reopened")
    assert (flood.value, flood.is_signal, flood.is_worse) == (40, True, True)


def test_nothing_that_left_is_no_share() -> None:
    figures = list_figures(WEEK, (), {"incident": State.KNOWN}, (), on_time=True)
    assert figures == ()


# Laws, over simulated years with dark sources, waivers and weeks without an edition.


@lru_cache(maxsize=4)
def year(seed: int) -> tuple[Filed, ...]:
    """Print some forty weeks of a company, newest first."""
    company = Company(seed)
    past: list[Filed] = []
    waivers: dict[object, Waiver] = {}
    for week in range(44):
        if company.dice("no edition", week) < 0.08:
            continue
        name, now = START.shift(week), company.asked(week)
        listed = past[0].edition.followed if past else ()
        harvests = [_brought(company, source, week, listed) for source in KINDS]
        for item in listed:
            if company.dice("waived", str(item.key), week) < 0.05:
                waivers[item.key] = Waiver(
                    key=item.key, until=(now + 20 * DAY).date(), reason="r", author="a",
                    at=now - DAY,
                )  # fmt: skip
        made = edit(
            week=name, window=window(name), as_of=now, harvests=harvests,
            past=past[:REMEMBERED], policy=replace(POLICY, waivers=dict(waivers)),
        )  # fmt: skip
        past.insert(0, codec.file(made))
    return tuple(past)


def _brought(company: Company, source: str, week: int, listed: Sequence[Item]) -> Harvest:
    mine = [item for item in listed if item.key.source == source]
    return company.harvest(source, week, mine)


SEEDS = settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)


def looked_at(editions: Sequence[Filed], newest: int) -> list[Edition]:
    """Return the editions that the history of this one looks back on, newest first."""
    this = editions[newest].edition
    back = [one.edition for one in editions[newest : newest + REMEMBERED + 1]]
    return [one for one in back if this.week.weeks_since(one.week) < WEEKS]


@SEEDS
@given(seed=st.integers(0, 2**16))
@example(seed=7)
@example(seed=8655)  # one takes a name in the week in which its bearer is merged into a third
def test_the_tallies_agree_with_the_ledgers(seed: int) -> None:
    editions = year(seed)
    for newest in range(0, len(editions), 5):
        seen = looked_at(editions, newest)
        found = seen[0].history
        assert found is not None
        tallies = [found.before, *(c.tally for c in found.cohorts if c.tally)]
        for name in GONE:
            assert sum(getattr(t, name) for t in tallies) == sum(
                getattr(one.ledger, name) for one in seen
            )
        assert sum(t.open + t.unknown for t in tallies) == seen[0].ledger.open_now
        assert found.before.joined == seen[-1].ledger.open_then
        came = {one.week: one.ledger for one in seen}
        for cohort in found.cohorts:
            assert (cohort.tally is None) == (cohort.week not in came)
            if cohort.tally:
                sum_ = came[cohort.week]
                assert cohort.tally.joined == (
                    sum_.new + sum_.first_seen + sum_.reopened + sum_.unwaived
                )
        teams = [record.tally for record in found.teams]
        for field in Tally.__dataclass_fields__:
            assert sum(getattr(t, field) for t in teams) == sum(getattr(t, field) for t in tallies)
        assert found.due == sum(record.due for record in found.teams)
        assert found.soon == sum(record.soon for record in found.teams)


def lives(seen: Sequence[Edition]) -> Iterator[list[Item]]:
    """Yield each stay as the items that tell of it: by its own id, cut where it joined.

    What was merged into another that was not listed goes on under the other's name and id.
    """
    found: list[list[Item]] = []
    standing: list[list[Item]] = []
    for edition in seen[::-1]:
        ids = {(run[-1].key.source, run[-1].handle): run for run in standing}
        names = {run[-1].key: run for run in standing}
        standing = []
        for item in edition.items:
            joins = item.unwaived or item.state in {"new", "first_seen", "reopened"}
            run = None if joins else ids.get((item.key.source, item.handle))
            if run is None and not joins and item.formerly:
                run = names.get(item.formerly[-1])
            if run is None:
                run = []
                found.append(run)
            run.append(item)
            if item.state.on_list:
                standing.append(run)
    return iter(found)


@SEEDS
@given(seed=st.integers(0, 2**16))
@example(seed=7)
def test_the_findings_of_a_rule_agree_with_what_the_editions_say(seed: int) -> None:
    editions = year(seed)
    for newest in range(0, len(editions), 5):
        seen = looked_at(editions, newest)
        findings: Counter[str] = Counter()
        fixed: Counter[str] = Counter()
        for told in lives(seen):
            spoke = {reason.setting for item in told for reason in item.reasons}
            findings.update(spoke)
            if told[-1].state is ItemState.FIXED:
                fixed.update(spoke)
        assert seen[0].history is not None
        records = {record.setting: record.tally for record in seen[0].history.rules}
        assert {name: tally.joined for name, tally in records.items()} == dict(findings)
        assert {n: t.fixed for n, t in records.items() if t.fixed} == dict(fixed)


@SEEDS
@given(seed=st.integers(0, 2**16))
@example(seed=7)
def test_a_rule_with_a_settled_finding_is_never_proposed_to_be_retuned(seed: int) -> None:
    editions = year(seed)
    for newest in range(len(editions)):
        seen = looked_at(editions, newest)
        assert seen[0].history is not None
        for record in seen[0].history.retune:
            settled = [
                item
                for edition in seen
                for item in (*edition.items, *edition.waived)
                if item.state in {ItemState.FIXED, ItemState.CLEARED}
            ]
            assert all(r.setting != record.setting for item in settled for r in item.reasons)
            assert record.setting in seen[0].rules


@SEEDS
@given(seed=st.integers(0, 2**16), dice=st.randoms(use_true_random=False))
def test_the_order_of_editions_items_and_rules_changes_nothing(seed: int, dice: object) -> None:
    seen = looked_at(year(seed), 0)
    shuffled = [
        replace(one, items=tuple(dice.sample(one.items, len(one.items)))) for one in seen[1:]
    ]
    dice.shuffle(shuffled)
    ruled = dice.sample(POLICY.rules, len(POLICY.rules))
    assert history([seen[0], *shuffled], ruled) == history(seen, POLICY.rules)


def test_the_simulated_years_hold_what_the_laws_are_about() -> None:
    found = [one.edition for seed in (7, 8) for one in year(seed)]
    taught = [one.history for one in found if one.history]
    assert any(h.before.joined for h in taught)
    assert any(c.tally is None for h in taught for c in h.cohorts)
    assert any(c.tally and c.soon is None for h in taught for c in h.cohorts[:-1])
    ended = {name for h in taught for r in h.rules for name in GONE if getattr(r.tally, name)}
    assert ended == set(GONE)
    assert any(r.tally.unknown for h in taught for r in h.rules)
    assert any(item.unwaived for one in found for item in one.items)


def test_a_tally_that_does_not_add_up_cannot_exist() -> None:
    with pytest.raises(ValueError, match="does not add up"):
        Tally(joined=2, fixed=1)
