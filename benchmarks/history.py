"""A long history of a long list: every week some arrive, some leave by each door, some come back.

Whoever asks for it is a child of the runner: it imports what it measures.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from bulletin import registry
from bulletin.editing.desk import REMEMBERED, Policy, edit
from bulletin.model.edition import Edition, Filed, Waiver
from bulletin.model.facts import (
    ErrorTrend,
    Fact,
    FactKey,
    Incident,
    Life,
    PullRequest,
    Severity,
)
from bulletin.model.harvest import Coverage, Harvest, Missing, State
from bulletin.model.week import Week, Window

WEEKS = 260
FIRST = Week(2021, 1)
DAY = timedelta(days=1)
KINDS = {"github": "pull_request", "jira": "incident", "sentry": "error"}
ENDS = (Life.DONE, Life.DONE, Life.DECLINED, Life.OPEN, None)
"""How what leaves does so; None is gone from its source, and what is open is no longer flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A company of which `listed` subjects are pointed at in every week; `moving` come and go."""

    listed: int
    moving: int

    @classmethod
    def of(cls, listed: int) -> Self:
        """Return a history of at least so many listed items, of which 5 % move every week."""
        return cls(listed=listed * 51 // 50, moving=listed // 20)

    def flagged(self, number: int, week: int) -> bool:
        """Whether a subject is pointed at: from its week on, and one in ten again later."""
        age = week - number // self.moving
        return age <= 0 or (age == 3 and number % 10 == 0)

    def harvests(self, week: int) -> list[Harvest]:
        """Return what the three sources bring in this week."""
        facts: dict[str, list[Fact]] = {source: [] for source in KINDS}
        gone: dict[str, list[Missing]] = {source: [] for source in KINDS}
        for number in range((week - 4) * self.moving, week * self.moving + self.listed):
            flagged = self.flagged(number, week)
            unseen = (number + week) % 50 == 0
            if unseen or not (flagged or self.flagged(number, week - 1)):
                continue
            life = Life.OPEN if flagged else ENDS[number % len(ENDS)]
            fact = self.fact(number, week, life or Life.OPEN, flagged=flagged)
            if life is None:
                gone[fact.key.source].append(Missing(key=fact.key, why="deleted"))
            else:
                facts[fact.key.source].append(fact)
        return [
            Harvest(
                source=source,
                facts=tuple(facts[source]),
                missing=tuple(gone[source]),
                coverage=Coverage(
                    source=source, kinds=(kind,), state=State.KNOWN, seen=len(facts[source]),
                    expected=len(facts[source]), unit=f"{kind}s", as_of=_closing(week), requests=1,
                ),
            )
            for source, kind in KINDS.items()
        ]  # fmt: skip

    def fact(self, number: int, week: int, life: Life, *, flagged: bool = True) -> Fact:
        """Return a subject, with what its rules point at where they do."""
        now = _closing(week)
        then = now - (9 + number % 60) * DAY if flagged else now
        name = f"{number}"
        about = {"handle": name, "title": f"Subject {name}", "url": f"https://x.example/{name}"}
        if number % 4 == 0:
            return Incident(
                key=FactKey("jira", "incident", name), **about, life=life, project="INC",
                severity=Severity(1 + number % 3 + flagged), status="open", opened=then,
                updated=then, assigned=True, services=(f"shop-{number % 40}",),
            )  # fmt: skip
        if number % 4 == 1:
            loud = 5000 + number % 97 if flagged else 0
            return ErrorTrend(
                key=FactKey("sentry", "error", name), **about, life=life, substatus="escalating",
                project=f"shop-{number % 40}", level="error", first_seen=then - 90 * DAY,
                last_seen=now if flagged else now - 30 * DAY, events=loud, events_before=40,
                resolved=now - 9 * DAY, daily=(loud // 7,) * 7,
            )  # fmt: skip
        return PullRequest(
            key=FactKey("github", "pull_request", name), **about, life=life,
            repository=f"acme/shop-{number % 40}", review="none" if flagged else "approved",
            checks="failing" if flagged and number % 8 == 2 else "passing",
            checks_since=then, mergeable="mergeable", created=then - DAY, last_activity=then,
        )  # fmt: skip

    def policy(self, week: int) -> Policy:
        """Return the settings: of the older half of the list, one item in twenty rests."""
        start, until = week * self.moving, (_closing(week) + 30 * DAY).date()
        keys = [
            self.fact(number, week, Life.OPEN).key
            for number in range(start, start + self.listed // 2)
            if number % 20 == 3
        ]
        given = {
            key: Waiver(key=key, until=until, reason="later", author="ops", at=_closing(week) - DAY)
            for key in keys
        }
        return Policy(
            title="The Benchmark", zone=ZoneInfo("UTC"), tone="off", room=20, waivers=given,
            rules=RULES, lines={}, bundle="0" * 64,
        )  # fmt: skip

    def week(self, week: int) -> dict[str, Any]:
        """Return what the desk is given to judge a week, but for the past."""
        end = _closing(week)
        return {
            "week": FIRST.shift(week),
            "window": Window(end - 7 * DAY, end),
            "as_of": end,
            "harvests": self.harvests(week),
            "policy": self.policy(week),
        }

    def past(self) -> list[Filed]:
        """Return the editions of all weeks but the last, newest first.

        Those that the desk looks at are judged one after the other; the ones before them are the
        first of these under other names.
        """
        past: list[Filed] = []
        for week in range(WEEKS - 1 - REMEMBERED, WEEKS - 1):
            past.insert(0, _filed(edit(**self.week(week), past=past)))
        oldest = past[-1].edition
        return past + [
            _filed(replace(oldest, week=oldest.week.shift(-back)))
            for back in range(1, WEEKS - REMEMBERED)
        ]


RULES = tuple(registry.find("rules", name)() for name in registry.names("rules"))


def _closing(week: int) -> datetime:
    return datetime(2021, 1, 7, 10, tzinfo=UTC) + week * 7 * DAY


def _filed(edition: Edition) -> Filed:
    return Filed(edition=edition, digest="0" * 64, body=b"")
