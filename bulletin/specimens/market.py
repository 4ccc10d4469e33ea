"""The marketplace as its services tell of it at one moment: a story becomes harvests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from bulletin.model.facts import (
    ErrorTrend,
    Fact,
    FactKey,
    Incident,
    Life,
    PullRequest,
    Severity,
)
from bulletin.model.harvest import Coverage, Gap, Harvest, Missing, State
from bulletin.model.week import Window
from bulletin.specimens.story import (
    ErrorStory,
    GapStory,
    IncidentStory,
    PullRequestStory,
    SourceStory,
    Story,
    Subject,
)

RHYTHM = (11, 13, 16, 15, 17, 18, 10)
"""How a hundred events fall on the days of a week."""
CLOSING_HOURS = timedelta(hours=3)
"""How long before the closing something that goes on was last seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A story, seen at one moment. `back` is how many weeks that is before the last closing."""

    story: Story
    last: datetime
    """The last closing, from which the story counts its days."""
    back: int
    as_of: datetime
    span: Window

    def harvests(self, followed: Collection[FactKey]) -> list[Harvest]:
        """Return what every source says, also of what last week's list holds."""
        return [self._harvest(source, followed) for source in self.story.source]

    def _harvest(self, source: SourceStory, followed: Collection[FactKey]) -> Harvest:
        told = [
            gap for gap in self.story.gap if gap.source == source.name and self.back in gap.weeks
        ]
        gaps = tuple(_gap(gap, source.kind) for gap in told)
        dark = any(not gap.parts for gap in told)
        hidden: dict[str, Any] = {part: None for gap in told for part in gap.parts}
        facts: list[Fact] = []
        missing: list[Missing] = []
        for subject in () if dark else self.story.subjects(source):
            key = FactKey(source.name, source.kind, subject.id)
            if self._is_past(subject.deleted):
                missing += [Missing(key=key, why="deleted")] if key in followed else []
                continue
            fact = self._fact(subject, key) if self._is_past(subject.since) else None
            if fact is not None and (key in followed or self._is_found(fact)):
                facts.append(replace(fact, **hidden) if hidden else fact)
        return Harvest(
            source=source.name,
            facts=tuple(facts),
            gaps=gaps,
            missing=tuple(missing),
            coverage=self._coverage(source, gaps, len(facts)),
        )

    def _coverage(self, source: SourceStory, gaps: Sequence[Gap], found: int) -> Coverage:
        dark = any(not gap.parts for gap in gaps)
        size = found if source.size is None else source.size
        return Coverage(
            source=source.name,
            kinds=(source.kind,),
            state=State.UNKNOWN if dark else State.PARTIAL if gaps else State.KNOWN,
            seen=0 if dark else size,
            expected=source.size if dark else size,
            unit=source.unit,
            as_of=self.as_of,
            requests=4,
        )

    def _is_found(self, fact: Fact) -> bool:
        """Whether a search for what is open, or was closed this week, finds it."""
        if isinstance(fact, ErrorTrend):
            return bool(fact.events)
        closed = fact.resolved if isinstance(fact, Incident) else fact.closed
        return fact.life is Life.OPEN or closed in self.span

    def _fact(self, subject: Subject, key: FactKey) -> Fact:
        given: dict[str, Any] = {
            "key": key,
            "handle": f"{subject.source}-{subject.id}",
            "title": subject.title,
            "url": subject.url or _address(key),
            "life": self._life(subject),
        }
        match subject:
            case IncidentStory():
                return self._incident(subject, given)
            case ErrorStory():
                return self._error(subject, given)
            case PullRequestStory():
                return self._pull_request(subject, given)
            case _:
                raise TypeError(subject)

    def _incident(self, told: IncidentStory, given: dict[str, Any]) -> Incident:
        ends = [day for day in (told.done, told.declined, told.back) if day is not None]
        return Incident(
            **given,
            assigned=self._is_past(told.assigned),
            project=told.project,
            severity=Severity.parse(told.severity),
            status=told.status,
            opened=self._ago(told.since),
            resolved=self._past(told.done) if given["life"] is Life.DONE else None,
            reopened=self._past(told.back),
            status_since=self._latest(told.since, *ends),
            updated=self._latest(told.since, *told.touched, *ends),
            services=tuple(sorted(told.services)),
            drill=told.drill,
        )

    def _error(self, told: ErrorStory, given: dict[str, Any]) -> ErrorTrend:
        weekly = [0, *told.events]
        now = max(0, len(weekly) - 1 - self.back)
        events = weekly[now]
        done = given["life"] is Life.DONE
        quiet = self._ago(told.done or 0) - CLOSING_HOURS if done else self._ago(told.since)
        return ErrorTrend(
            **given,
            assigned_team=told.team,
            project=told.project,
            level=told.level,
            substatus=self._substatus(told),
            first_seen=self._ago(told.since),
            last_seen=self.as_of - CLOSING_HOURS if events and (told.firing or not done) else quiet,
            resolved=self._past(told.done) if done else None,
            events=events,
            events_before=weekly[max(0, now - 1)],
            users=events // 4,
            daily=_daily(events),
            release=told.release,
        )

    def _substatus(self, told: ErrorStory) -> str:
        moments = {"new": told.since, "escalating": told.escalating, "regressed": told.back}
        past = {word: self._past(day) for word, day in moments.items()}
        return next((word for word, moment in past.items() if moment in self.span), "ongoing")

    def _pull_request(self, told: PullRequestStory, given: dict[str, Any]) -> PullRequest:
        reviewed = self._past(told.reviewed)
        red = self._is_past(told.red) and not self._is_past(told.green)
        ends = [day for day in (told.reviewed, told.done, told.declined) if day is not None]
        return PullRequest(
            **given,
            repository=told.id.partition("#")[0],
            default_owner=told.team,
            by_bot=told.bot,
            labels=told.labels,
            draft=told.draft,
            review=told.review if reviewed else "review_required",
            checks="failing" if red else "passing",
            checks_since=self._ago(told.red) if told.red is not None and red else None,
            mergeable="conflicting" if self._is_past(told.conflicting) else "mergeable",
            additions=told.lines[0],
            deletions=told.lines[1],
            files=told.files,
            reviews=1 if reviewed else 0,
            created=self._ago(told.since),
            last_activity=self._latest(told.since, *told.active, *ends),
            last_review=reviewed,
            closed=self._past(told.done) or self._past(told.declined),
        )

    def _life(self, told: Subject) -> Life:
        if self._is_past(told.declined):
            return Life.DECLINED
        return Life.DONE if self._is_past(told.done) and not self._is_past(told.back) else Life.OPEN

    def _ago(self, days: float) -> datetime:
        return self.last - timedelta(days=days)

    def _past(self, days: float | None) -> datetime | None:
        """Return the moment so many days ago, unless it is still to come."""
        return self._ago(days) if days is not None and self._is_past(days) else None

    def _is_past(self, days: float | None) -> bool:
        return days is not None and self._ago(days) <= self.as_of

    def _latest(self, *days: float) -> datetime:
        return max(self._ago(day) for day in days if self._is_past(day))


def _gap(told: GapStory, kind: str) -> Gap:
    return Gap(
        source=told.source,
        kinds=(kind,),
        parts=told.parts,
        reason=told.reason,
        detail=told.detail,
        hint=told.hint,
        seen=told.seen,
        expected=told.expected,
    )


def _address(key: FactKey) -> str:
    return f"https://{key.source}.halles.example/{key.subject.replace('#', '/pull/')}"


def _daily(events: int) -> tuple[int, ...]:
    """Spread a week's events over its days, with none lost."""
    upto = [0, *(events * share // 100 for share in accumulate(RHYTHM))]
    return tuple(after - before for before, after in pairwise(upto))
