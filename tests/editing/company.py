"""A company whose every week follows from a seed, for the ledger's laws to be tried on.

Its sources fail, its subjects change their names, take each other's, merge, vanish and come back;
and at any hour its people say that something may wait, or that it may not any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bulletin.editing.desk import Policy, edit
from bulletin.editing.rules import Broken, Rule, Scene, Verdict
from bulletin.model.edition import Edition, Filed, Item
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.model.harvest import Cause, Harvest, Missing, Moved, State
from bulletin.model.week import Week
from bulletin.model.word import Said, Word, teams, waivers
from tests.builders import (
    DAY,
    KINDS,
    ZONE,
    closing,
    error,
    gap,
    harvest,
    incident,
    policy,
    pull_request,
    window,
)

START = Week(2026, 30)
POLICY = policy()
PARTS = {"jira": "severity", "sentry": "events", "github": "review"}
"""A field of each kind of fact that its source may be unable to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A week: what the sources brought, what the rules said of it, and the edition of both."""

    harvests: tuple[Harvest, ...]
    words: tuple[Word, ...]
    """All that people had said by then."""
    verdicts: Mapping[FactKey, Mapping[str, Verdict]]
    policy: Policy
    edition: Edition


@dataclass(frozen=True)
class Company:
    """A company of three sources, each with so many subjects, over so many weeks."""

    seed: int
    subjects: int = 5
    weeks: int = 62

    def dice(self, *parts: object) -> float:
        """Return a number in [0, 1) that depends on nothing but the seed and the question."""
        text = "|".join(map(str, (self.seed, *parts)))
        return int(sha256(text.encode()).hexdigest()[:8], 16) / 16**8

    def printed(self) -> Iterator[Printed]:
        """Yield week after week, each judged against the ones before it."""
        past: list[Filed] = []
        words: list[Word] = []
        for week in range(self.weeks):
            words += self.said(week, past[0].edition if past else None)
            printed = self.print_week(week, past, words)
            yield printed
            past = [Filed(edition=printed.edition, digest="0" * 64, body=b""), *past[:12]]

    def print_week(
        self, week: int, past: Sequence[Filed], words: Sequence[Word], *, backwards: bool = False
    ) -> Printed:
        """Judge one week. `backwards` hands over everything in the opposite order."""
        order = -1 if backwards else 1
        before = past[0].edition if past else None
        listed = before.followed if before else ()
        harvests = tuple(
            self.harvest(source, week, [one for one in listed if one.key.source == source])
            for source in KINDS
        )
        given = [
            replace(
                one,
                facts=one.facts[::order],
                gaps=one.gaps[::order],
                moved=one.moved[::order],
                missing=one.missing[::order],
            )
            for one in harvests[::order]
        ]
        said = words[::order]
        kept = STRICTER if self.dice("settings", week // 9) < 0.3 else POLICY
        ruled = replace(kept, waivers=waivers(said), assigned=teams(said))
        verdicts: dict[FactKey, dict[str, Verdict]] = {}

        def judge(rule: Rule, fact: Fact, scene: Scene) -> Verdict:
            breaks = self.dice("breaks", rule.id, week) < 0.02
            verdict = Broken("KeyError") if breaks else rule.judge(fact, scene)
            verdicts.setdefault(fact.key, {})[rule.id] = verdict
            return verdict

        edition = edit(
            week=START.shift(week),
            window=window(START.shift(week)),
            as_of=self.asked(week),
            harvests=given,
            past=past,
            policy=ruled,
            judge=judge,
        )
        return Printed(
            harvests=harvests,
            words=tuple(words),
            verdicts=verdicts,
            policy=ruled,
            edition=edition,
        )

    def asked(self, week: int) -> datetime:
        """Return when the sources are asked: on the hour, or some hours before or after."""
        hours = (0, 0, 0, -30, -3, 5)[int(self.dice("asked", week) * 6)]
        return closing(START.shift(week)) + timedelta(hours=hours)

    def said(self, week: int, before: Edition | None) -> list[Word]:
        """Return what people say between the last edition and this one."""
        now = self.asked(week)
        items = before.followed if before else ()
        words: list[Word] = []
        for number in range(int(self.dice("words", week) * 4) if items else 0):
            what = self.dice("what", week, number)
            item = items[int(self.dice("whom", week, number) * len(items))]
            at = now - timedelta(hours=int(self.dice("when", week, number) * 3) * 20)
            key = item.formerly[-1] if item.formerly and what > 0.9 else item.key
            about = {"key": key, "handle": item.handle, "author": "Ada" if what > 0.5 else "Bo"}
            if what < 0.6:
                days = int(self.dice("until", week, number) * 60)
                until = (at + days * DAY).astimezone(ZONE).date()
                text = f"for {item.handle}"
                words.append(Word(said=Said.WAIVED, at=at, until=until, text=text, **about))
            elif what < 0.75:
                words.append(Word(said=Said.WITHDRAWN, at=at, **about))
            else:
                team = "payments" if what < 0.85 else "search"
                words.append(Word(said=Said.ASSIGNED, at=at, text=team, **about))
        return words

    def fact(self, source: str, number: int, week: int) -> Fact | str | None:
        """Return a subject as it stands: a fact, the word `deleted`, or None before it exists."""
        number = self.merged(source, number, week)
        born = int(self.dice(source, number, "born") ** 2 * self.weeks * 0.8)
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
                reopened=now - DAY if 0.3 < mood < 0.34 else None, drill=0.5 < mood < 0.52,
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
        """Return the subject's name: now and then all get new ones, or each that of another."""
        era = int(week / self.weeks * 4 + self.dice(source, "era"))
        return f"{source}/{era // 2}#{(number + era) % self.subjects}"

    def merged(self, source: str, number: int, week: int) -> int:
        """Return which subject this one is part of: at times the second error is the third."""
        joined = source == "sentry" and number == 1 and self.dice("joined", week // 6) < 0.25
        return 2 if joined else number

    def harvest(self, source: str, week: int, listed: Sequence[Item]) -> Harvest:
        """Return what a collector would bring: a search for open things, and a second look."""
        luck = self.dice(source, week, "luck")
        when = self.asked(week)
        if luck < 0.12:
            return harvest(source, gaps=(gap(source),), state=State.UNKNOWN, as_of=when)
        gaps = []
        facts: dict[FactKey, Fact] = {}
        for number in range(self.subjects):
            fact = self.fact(source, number, week)
            if isinstance(fact, Fact) and fact.life is Life.OPEN:
                facts[fact.key] = fact
        if luck < 0.24:
            gaps = [gap(source, kinds=(KINDS[source],), reason=Cause.TRUNCATED)]
            facts = dict(sorted(facts.items())[: len(facts) // 2])
        moved, missing = [], []
        if luck < 0.3:
            gaps.append(gap(source, reason=Cause.TOO_SLOW))
            listed = []
        handles = {fact.handle for fact in facts.values()}
        for item in listed:
            if item.handle in handles:
                continue
            fact = self.fact(source, int(item.handle), week)
            if not isinstance(fact, Fact):
                missing.append(Missing(key=item.key, why="unreadable"))
                continue
            facts[fact.key] = fact
            if fact.key != item.key:
                moved.append(Moved(old=item.key, new=fact.key))
        if luck > 0.9:
            part = PARTS[source]
            gaps.append(gap(source, parts=(part,), reason=Cause.CHANGED_SHAPE))
            facts = {key: replace(fact, **{part: None}) for key, fact in facts.items()}
        return harvest(
            source, list(facts.values()), gaps=tuple(gaps), moved=tuple(moved),
            missing=tuple(missing), as_of=when,
        )  # fmt: skip


STRICTER = replace(
    POLICY,
    rules=tuple(
        replace(rule, days=rule.days + 1) if rule.id == "pull-request-stale" else rule
        for rule in POLICY.rules
        if rule.id not in {"incident-severe", "pull-request-unreviewed", "error-new"}
    ),
)
"""Other settings, for some weeks: some rules are switched off, and one has another threshold."""
