"""A year of a small company, for the voice to speak of: every week follows from the seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any

from bulletin.archive import codec
from bulletin.editing.voice import Line
from bulletin.model.edition import Edition, Filed
from bulletin.model.facts import Fact, Life, Severity
from bulletin.model.harvest import Harvest, State
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from tests.builders import (
    DAY,
    closing,
    edited,
    error,
    gap,
    harvest,
    incident,
    policy,
    pull_request,
)

START = Week(2027, 1)
LINES: Mapping[str, Sequence[Line]] = {
    situation: tuple(Line(id=line.id, tone=line.tone) for line in lines)
    for situation, lines in Bundle.read().voice_lines().items()
}
TROUBLES: tuple[dict[str, Any], ...] = (
    {},
    {"mergeable": "conflicting"},
    {"checks": "failing"},
    {"review": "changes_requested"},
    {"review": "none", "reviews": 0},
    {"additions": 9000},
)


@dataclass(frozen=True)
class Year:
    """A company's weeks: busy in autumn, empty in summer, dark or grave now and then."""

    seed: int = 1
    tone: str = "merry"
    weeks: int = 52
    backwards: bool = False
    """Whether each harvest comes in the opposite order."""
    lines: Mapping[str, Sequence[Line]] = field(default_factory=lambda: LINES, compare=False)

    def dice(self, *parts: object) -> float:
        """Return a number in [0, 1) that depends on nothing but the seed and the question."""
        text = "|".join(map(str, (self.seed, *parts)))
        return int(sha256(text.encode()).hexdigest()[:8], 16) / 16**8

    @cached_property
    def editions(self) -> tuple[Filed, ...]:
        """Every edition, oldest first, each judged against the ones before it."""
        return tuple(islice(self._printed(), self.weeks))

    def is_grave(self, week: int) -> bool:
        """Whether a critical incident is open in this week."""
        return week % 52 in {19, 44}

    def _printed(self) -> Iterator[Filed]:
        past: list[Filed] = []
        rules = policy(tone=self.tone, lines=self.lines)
        for week in range(self.weeks):
            edition = edited(self._harvests(week), past[:12], week=START.shift(week), policy=rules)
            past.insert(0, codec.file(edition))
            yield past[0]

    def _harvests(self, week: int) -> list[Harvest]:
        now = closing(START.shift(week))
        facts = {
            "github": self._pull_requests(week),
            "jira": self._incidents(week),
            "sentry": self._errors(week),
        }
        dark = {"github": {9, 40}, "jira": {30}, "sentry": {9, 47}}
        brought = [
            harvest(source, gaps=(gap(source),), state=State.UNKNOWN, as_of=now)
            if week % 52 in dark[source]
            else harvest(source, found[::-1] if self.backwards else found, as_of=now)
            for source, found in facts.items()
        ]
        return brought[::-1] if self.backwards else brought

    def _pull_requests(self, week: int) -> list[Fact]:
        found: list[Fact] = []
        for born in range(max(0, week - 9), week + 1):
            season = born % 52
            busy = 0 if season in {0, *range(25, 34), 51} else 5 if season > 38 else 3
            for number in range(int(self.dice("births", born) * (busy + 1))):
                age = week - born
                life = 1 + int(self.dice("life", born, number) ** 2 * 7)
                if age <= life + 2:
                    back = age == life + 1 and self.dice("back", born, number) < 0.15
                    done = age >= life and not back
                    found.append(self._pull_request(born, number, week, done=done))
        return found

    def _pull_request(self, born: int, number: int, week: int, *, done: bool) -> Fact:
        now, then = closing(START.shift(week)), closing(START.shift(born))
        still = int(8 + 7 * self.dice("still", born, number)) * DAY
        trouble = TROUBLES[int(self.dice("trouble", born, number) * len(TROUBLES))]
        return pull_request(
            f"acme/shop#{100 * born + number}",
            life=Life.DONE if done else Life.OPEN,
            created=then - 20 * DAY,
            ready=then - 15 * DAY,
            last_activity=then - still,
            last_review=then - still,
            checks_since=then - still,
            closed=now - DAY if done else None,
            **trouble,
        )

    def _incidents(self, week: int) -> list[Fact]:
        now = closing(START.shift(week))
        if self.is_grave(week):
            return [incident("INC-9", severity=Severity.CRITICAL, opened=now - DAY)]
        if self.is_grave(week - 1):
            done = {"life": Life.DONE, "resolved": now - 3 * DAY, "opened": now - 8 * DAY}
            return [incident("INC-9", severity=Severity.CRITICAL, **done)]
        return []

    def _errors(self, week: int) -> list[Fact]:
        now = closing(START.shift(week))
        known = [
            error(f"SHOP-{n}", first_seen=closing(START) - 90 * DAY, last_seen=now - DAY)
            for n in range(3)
        ]
        born = [week - age for age in range(4) if self.dice("error", week - age) < 0.08]
        return [*known, *(self._loud_error(one, week) for one in born)]

    def _loud_error(self, born: int, week: int) -> Fact:
        """Return an error that arrives with a noise, and is resolved by the week after."""
        now, then = closing(START.shift(week)), closing(START.shift(born))
        name, first_seen = f"SHOP-{10 + born}", then - 2 * DAY
        if week == born:
            return error(name, first_seen=first_seen, last_seen=now, events=900)
        fixed = {"life": Life.DONE, "resolved": then + DAY, "last_seen": then, "events": 0}
        return error(name, first_seen=first_seen, **fixed)


def moods(edition: Edition) -> list[str]:
    """Return the situations of an edition that speak of its week as a whole."""
    return [r.situation for r in edition.remarks if r.situation in MOODS]


MOODS = (
    "source-dark",
    "all-quiet",
    "many-fixed",
    "nothing-fixed",
    "list-shrank",
    "list-grew",
    "some-fixed",
    "first-edition",
)
