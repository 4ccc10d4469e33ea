"""The ledger's laws, over simulated years in which sources fail at random."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulletin.archive import codec
from bulletin.editing.desk import edit
from bulletin.model.edition import Edition, Filed, ItemState
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.model.harvest import Cause, Harvest, Missing, Moved, State
from bulletin.model.week import Week
from tests.builders import (
    DAY,
    KINDS,
    closing,
    error,
    gap,
    harvest,
    incident,
    policy,
    pull_request,
    window,
)

WEEKS = 62
START = Week(2026, 30)
POLICY = policy()


@dataclass(frozen=True)
class Company:
    """A company whose every week follows from a seed."""

    seed: int
    subjects: int = 5

    def dice(self, *parts: object) -> float:
        """Return a number in [0, 1) that depends on nothing but the seed and the question."""
        text = "|".join(map(str, (self.seed, *parts)))
        return int(sha256(text.encode()).hexdigest()[:8], 16) / 16**8

    def fact(self, source: str, number: int, week: int) -> Fact | str | None:
        """Return a subject as it stands: a fact, the word `deleted`, or None before it exists."""
        born = int(self.dice(source, number, "born") * WEEKS * 0.8)
        if week < born:
            return None
        now = closing(START.shift(week))
        mood = self.dice(source, number, "mood", week // (1 + number % 3))
        if mood > 0.97:
            return "deleted"
        life = Life.DONE if mood > 0.7 else Life.DECLINED if mood > 0.62 else Life.OPEN
        name = self.name(source, number, week)
        born_at = closing(START.shift(born)) - DAY
        if source == "jira":
            grave = Severity(1 + int(self.dice(source, number, "severity", week // 4) * 4))
            return incident(
                name, handle=str(number), life=life, severity=grave, opened=born_at,
                updated=now - DAY * int(mood * 20), assigned=mood > 0.2,
                resolved=now - DAY if life is not Life.OPEN else None,
                reopened=now - DAY if 0.3 < mood < 0.34 else None,
            )  # fmt: skip
        if source == "sentry":
            loud = int(self.dice(source, number, "events", week) ** 3 * 4000)
            return error(
                name, handle=str(number), life=life, events=loud, first_seen=born_at,
                events_before=None if mood < 0.05 else 90,
                last_seen=now - timedelta(hours=2) if loud else now - 30 * DAY,
                resolved=None if mood > 0.82 else now - 3 * DAY,
            )  # fmt: skip
        return pull_request(
            name, handle=str(number), life=life, created=born_at,
            last_activity=now - DAY * int(mood * 15), reviews=int(mood * 5),
            review=(None, "none", "approved", "changes_requested")[int(mood * 16) % 4],
            checks=(None, "failing", "passing")[int(mood * 11) % 3],
            checks_since=now - 4 * DAY, mergeable=(None, "conflicting")[int(mood * 13) % 2],
        )  # fmt: skip

    def name(self, source: str, number: int, week: int) -> str:
        """Return the subject's name, which may change once."""
        renamed = week > self.dice(source, number, "renamed") * WEEKS * 3
        return f"{source}/{'new' if renamed else 'old'}#{number}"

    def harvest(self, source: str, week: int, listed: list[tuple[FactKey, str]]) -> Harvest:
        """Return what a collector would bring: a search for open things, and a second look."""
        luck = self.dice(source, week, "luck")
        when = closing(START.shift(week))
        if luck < 0.12:
            return harvest(source, gaps=(gap(source),), state=State.UNKNOWN, as_of=when)
        gaps = []
        facts: dict[FactKey, Fact] = {}
        for number in range(self.subjects):
            fact = self.fact(source, number, week)
            if isinstance(fact, Fact) and fact.life is Life.OPEN:
                facts[fact.key] = fact
        if luck < 0.24:
            gaps = [gap(source, reason=Cause.TRUNCATED)]
            facts = dict(sorted(facts.items())[: len(facts) // 2])
        moved, missing = [], []
        if luck < 0.3:
            gaps.append(gap(source, reason=Cause.TOO_SLOW))
            listed = []
        for key, handle in listed:
            if key in facts:
                continue
            fact = self.fact(source, int(handle), week)
            if not isinstance(fact, Fact):
                missing.append(Missing(key=key, why="unreadable"))
                continue
            facts[fact.key] = fact
            if fact.key != key:
                moved.append(Moved(old=key, new=fact.key))
        return harvest(
            source, list(facts.values()), gaps=tuple(gaps), moved=tuple(moved),
            missing=tuple(missing), as_of=when,
        )  # fmt: skip


def print_week(
    company: Company, week: int, past: list[Filed], *, backwards: bool = False
) -> tuple[Edition, list[Harvest]]:
    listed = [i for i in past[0].edition.items if i.state.on_list] if past else []
    harvests = [
        company.harvest(s, week, [(i.key, i.handle) for i in listed if i.key.source == s])
        for s in KINDS
    ]
    given_ = harvests
    if backwards:
        given_ = [
            harvest(
                h.source, h.facts[::-1], gaps=h.gaps[::-1], moved=h.moved[::-1],
                missing=h.missing[::-1], state=h.coverage.state, as_of=h.coverage.as_of,
            )
            for h in harvests[::-1]
        ]  # fmt: skip
    name = START.shift(week)
    return edit(
        week=name,
        window=window(name),
        as_of=closing(name),
        harvests=given_,
        past=past,
        policy=POLICY,
    ), harvests


@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_over_a_year_and_more_nothing_leaves_the_list_but_by_a_named_door(seed: int) -> None:
    """62 weeks, three sources, each dark, cut short or half blind at random."""
    company = Company(seed)
    past: list[Filed] = []
    for week in range(WEEKS):
        edition, harvests = print_week(company, week, past)
        before = past[0].edition if past else None
        _holds(edition, before, harvests)
        past.insert(0, codec.file(edition))


@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_in_which_facts_come_changes_nothing(seed: int) -> None:
    company = Company(seed)
    past: list[Filed] = []
    for week in range(14):
        forwards, _ = print_week(company, week, past)
        backwards, _ = print_week(company, week, past, backwards=True)
        assert codec.dumps(forwards) == codec.dumps(backwards)
        past.insert(0, codec.file(forwards))


def test_the_simulation_meets_every_state_and_every_kind_of_failure() -> None:
    """A law that is never tried is no law: the simulated years hold what they should."""
    seen: set[ItemState] = set()
    reasons: set[str | None] = set()
    for seed in range(4):
        past: list[Filed] = []
        for week in range(WEEKS):
            edition, _ = print_week(Company(seed), week, past)
            seen |= {item.state for item in edition.items}
            reasons |= {item.why for item in edition.items}
            past.insert(0, codec.file(edition))
    assert seen == set(ItemState) - {ItemState.WAIVED}
    assert {"server_error", "too_slow", "declined", "unreadable"} <= reasons
    assert {"closed_unverified", "cannot_tell"} <= reasons


def _holds(edition: Edition, before: Edition | None, harvests: list[Harvest]) -> None:
    items = {item.key: item for item in edition.items}
    facts = {fact.key: fact for h in harvests for fact in h.facts}
    missing = {one.key for h in harvests for one in h.missing}
    moved = {one.old: one.new for h in harvests for one in h.moved}
    was = {i.key: i for i in before.items if i.state.on_list} if before else {}

    # Every item of last week's list is accounted for, under its own name or its new one.
    accounted = {key for item in edition.items for key in (item.key, *item.formerly)}
    assert {moved.get(key, key) for key in was} <= accounted
    assert set(was) <= accounted
    assert edition.ledger.open_then == len(was)
    assert edition.ledger.open_now == sum(item.state.on_list for item in edition.items)
    assert len(items) == len(edition.items)
    for item in edition.items:
        then = next((was[key] for key in (item.key, *item.formerly) if key in was), None)
        fact = facts.get(item.key)
        match item.state:
            case ItemState.FIXED:
                assert fact is not None
                assert fact.life is Life.DONE
                assert then is not None
            case ItemState.CLEARED:
                assert fact is not None
                assert fact.life is Life.OPEN
                assert then is not None
            case ItemState.DROPPED:
                gone = item.key in missing or item.why == "merged_into"
                assert gone or (fact is not None and fact.life is Life.DECLINED)
            case ItemState.CARRIED | ItemState.PERSISTING:
                assert then is not None
                assert fact is not None
                assert item.weeks == then.weeks + 1
                assert item.since == then.since
            case ItemState.UNKNOWN:
                assert then is not None
                assert item.why is not None
                assert item.unknown_since is not None
            case ItemState.NEW:
                assert then is None
                assert before is not None
                dark = {g.source for g in before.gaps if not g.parts}
                assert item.key.source not in dark
            case ItemState.FIRST_SEEN | ItemState.REOPENED:
                assert then is None
                assert fact is not None
