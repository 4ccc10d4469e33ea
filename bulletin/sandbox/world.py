"""The demo company as it stands at any moment: timelines that its services answer from.

A story says when things happened; `at(moment)` says how they stood. Nothing here knows what a
service's answer looks like, and nothing is random: the same moment gives the same state.
"""

import hashlib
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

STORY = Path(__file__).parent / "story"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a subject: what, when, and with what value."""

    at: datetime
    what: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review as it was given: APPROVED, CHANGES_REQUESTED or COMMENTED."""

    at: datetime
    author: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestState:
    """A pull request at one moment."""

    state: str = "OPEN"
    """OPEN, MERGED or CLOSED."""
    draft: bool
    ready: datetime | None = None
    labels: tuple[str, ...]
    reviews: tuple[Review, ...] = ()
    checks: str | None = None
    """SUCCESS, FAILURE, PENDING, or None where nothing ever ran."""
    pushed: datetime
    """When the head commit was pushed."""
    updated: datetime
    closed: datetime | None = None
    conflicting: bool = False

    @property
    def decision(self) -> str:
        """APPROVED, CHANGES_REQUESTED or REVIEW_REQUIRED, by each reviewer's last opinion."""
        last: dict[str, str] = {}
        for review in self.reviews:
            if review.state != "COMMENTED":
                last[review.author] = review.state
        if "CHANGES_REQUESTED" in last.values():
            return "CHANGES_REQUESTED"
        return "APPROVED" if last else "REVIEW_REQUIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestStory:
    """A pull request's life. `repository` is its name now; `World.name_of` tells the one then."""

    repository: str
    number: int
    title: str
    author: str
    branch: str = ""
    """The branch that it comes from; a dull name unless it matters."""
    bot: bool = False
    created: datetime
    draft: bool = False
    labels: tuple[str, ...] = ()
    additions: int = 40
    deletions: int = 12
    files: int = 3
    changes: tuple[Change, ...] = ()

    @property
    def node(self) -> str:
        """The immutable node id."""
        return f"PR_{digest(self.repository, str(self.number))[:16]}"

    def at(self, moment: datetime) -> PullRequestState | None:
        """Return its state, or None before it was opened."""
        if moment < self.created:
            return None
        state = PullRequestState(
            draft=self.draft, labels=self.labels, pushed=self.created, updated=self.created
        )
        for change in self.changes:
            if change.at <= moment:
                state = _apply(state, change)
        return state


def _apply(state: PullRequestState, change: Change) -> PullRequestState:
    new: dict[str, Any] = {"updated": change.at}
    match change.what:
        case "push":
            new |= {"pushed": change.at, "checks": "PENDING"}
        case "checks":
            new |= {"checks": change.value, "updated": state.updated}
        case "approve" | "request_changes" | "comment":
            verdict = {"approve": "APPROVED", "request_changes": "CHANGES_REQUESTED"}
            review = Review(
                at=change.at,
                author=change.value,
                state=verdict.get(change.what, "COMMENTED"),
            )
            new["reviews"] = (*state.reviews, review)
        case "label":
            new["labels"] = tuple(sorted({*state.labels, change.value}))
        case "unlabel":
            new["labels"] = tuple(label for label in state.labels if label != change.value)
        case "ready":
            new |= {"draft": False, "ready": change.at}
        case "conflict":
            new |= {"conflicting": change.value != "no", "updated": state.updated}
        case "merge":
            new |= {"state": "MERGED", "closed": change.at}
        case "close":
            new |= {"state": "CLOSED", "closed": change.at}
        case "reopen":
            new |= {"state": "OPEN", "closed": None}
        case _:
            msg = f"a pull request has no '{change.what}'"
            raise ValueError(msg)
    return replace(state, **new)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentState:
    """An incident ticket at one moment."""

    status: str
    resolution: str | None = None
    resolved: datetime | None = None
    status_since: datetime
    updated: datetime
    assignee: str | None
    severity: str
    history: tuple[tuple[datetime, str, str], ...] = ()
    """Status changes so far: when, from, to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStory:
    """An incident's life. Changes: `status`, `assign`, `severity`, `comment`, `delete`."""

    key: str
    summary: str
    kind: str = "Incident"
    """The type of the ticket, Incident or Task."""
    severity: str = "SEV3"
    """SEV1 to SEV4."""
    assignee: str | None = None
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    about: str = ""
    """The error that its description links to, by its short id."""
    created: datetime
    changes: tuple[Change, ...] = ()

    @property
    def project(self) -> str:
        """The project's key."""
        return self.key.rpartition("-")[0]

    @property
    def number(self) -> str:
        """The immutable numeric id."""
        return str(10000 + int(digest(self.key)[:5], 16))

    def at(self, moment: datetime) -> IncidentState | None:
        """Return its state, or None before it was opened or after it was deleted."""
        if moment < self.created:
            return None
        state = IncidentState(
            status="Open",
            status_since=self.created,
            updated=self.created,
            assignee=self.assignee,
            severity=self.severity,
        )
        for change in self.changes:
            if change.at > moment:
                break
            if change.what == "delete":
                return None
            state = self._apply(state, change)
        return state

    @staticmethod
    def _apply(state: IncidentState, change: Change) -> IncidentState:
        state = replace(state, updated=change.at)
        match change.what:
            case "status":
                over = change.value in RESOLUTIONS
                return replace(
                    state,
                    status=change.value,
                    status_since=change.at,
                    resolution=RESOLUTIONS.get(change.value),
                    resolved=change.at if over else None,
                    history=(*state.history, (change.at, state.status, change.value)),
                )
            case "assign":
                return replace(state, assignee=change.value or None)
            case "severity":
                return replace(state, severity=change.value)
            case "comment":
                return state
            case _:
                msg = f"an incident has no '{change.what}'"
                raise ValueError(msg)


STATUSES = {
    "Open": "new",
    "Investigating": "indeterminate",
    "Monitoring": "indeterminate",
    "Done": "done",
    "Won't do": "done",
}
"""Every status of the company's incidents and the key of its category."""

RESOLUTIONS = {"Done": "Fixed", "Won't do": "Won't Do"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorState:
    """A group of errors at one moment."""

    status: str = "unresolved"
    """unresolved, resolved or ignored."""
    substatus: str | None
    resolved: datetime | None = None
    next_release: bool = False
    """Whether it was resolved in a release that is yet to come."""
    ignored: datetime | None = None
    release: str


@dataclass(frozen=True, kw_only=True)
class ErrorStory:
    """A group of errors: changes `resolve`, `regress`, `escalate`, `ignore`, `ongoing`, `release`,
    and `volume`, which sets the events per day from that moment on. To `resolve next` is to do so
    in the next release.
    """

    short_id: str
    project: str
    title: str
    culprit: str = ""
    level: str = "error"
    team: str | None = None
    release: str = "storefront@26.38.0"
    first_seen: datetime
    per_day: int
    users_share: float = 0.6
    """Different users per event."""
    ticket: str = ""
    """The incident that somebody linked it to."""
    changes: tuple[Change, ...] = ()

    @property
    def number(self) -> str:
        """The immutable numeric id."""
        return str(4_000_000 + int(digest(self.short_id)[:5], 16))

    def at(self, moment: datetime) -> ErrorState | None:
        """Return its state, or None before it was first seen."""
        if moment < self.first_seen:
            return None
        fresh = "new" if moment - self.first_seen < 7 * DAY else "ongoing"
        state = ErrorState(substatus=fresh, release=self.release)
        words = {"regress": "regressed", "escalate": "escalating", "ongoing": "ongoing"}
        for change in self.changes:
            if change.at > moment or change.what == "volume":
                continue
            match change.what:
                case "resolve":
                    state = replace(
                        state,
                        status="resolved",
                        substatus=None,
                        resolved=change.at,
                        next_release=change.value == "next",
                        ignored=None,
                    )
                case "ignore":
                    state = replace(
                        state,
                        status="ignored",
                        substatus="archived_until_escalating",
                        resolved=None,
                        ignored=change.at,
                    )
                case "regress" | "escalate" | "ongoing":
                    state = replace(
                        state,
                        status="unresolved",
                        substatus=words[change.what],
                        resolved=None,
                        next_release=False,
                        ignored=None,
                    )
                case "release":
                    state = replace(state, release=change.value)
                case _:
                    msg = f"an error has no '{change.what}'"
                    raise ValueError(msg)
        return state

    def events(self, start: datetime, end: datetime) -> int:
        """Count its events in `[start, end)`, by whole hours."""
        first = max(0, (start - self._dawn) // HOUR)
        past_last = max(first, -((self._dawn - end) // HOUR))
        return self._until(past_last) - self._until(first)

    def last_seen(self, moment: datetime) -> datetime | None:
        """Return its last event before `moment`, to the hour; None before the first."""
        if moment < self.first_seen:
            return None
        total = self._until((moment - self._dawn) // HOUR + 1)
        if not total:
            return self.first_seen
        hour = self._dawn + (bisect_left(self._running, total) - 1) * HOUR
        return min(moment, hour + timedelta(minutes=41))

    @property
    def _dawn(self) -> datetime:
        return self.first_seen.replace(minute=0, second=0, microsecond=0)

    @cached_property
    def _running(self) -> list[int]:
        """Events before each hour since the first; grows as far as anybody asked."""
        return [0]

    def _until(self, hours: int) -> int:
        while len(self._running) <= hours:
            hour = self._dawn + (len(self._running) - 1) * HOUR
            self._running.append(self._running[-1] + _wobble(self.short_id, hour, self._rate(hour)))
        return self._running[hours]

    def _rate(self, hour: datetime) -> int:
        rate = self.per_day
        for change in self.changes:
            if change.what == "volume" and change.at <= hour:
                rate = int(change.value)
        return rate


def _wobble(name: str, hour: datetime, per_day: int) -> int:
    """Spread a day's events over its hours, busier in the evening, never quite even."""
    if not per_day:
        return 0
    shape = (2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 5, 5, 6, 7, 8, 8, 6, 4, 3)
    dice = int(digest(name, hour.isoformat())[:6], 16)
    exact = per_day * shape[hour.hour] / sum(shape) * (0.75 + 0.5 * (dice % 1000) / 1000)
    return int(exact) + (1 if dice // 1000 % 1000 / 1000 < exact % 1 else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A service (`github`, `jira` or `sentry`) that answers 503 in `[start, end)`."""

    service: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A repository that got another name at a moment."""

    old: str
    new: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything about the company that its three services can be asked."""

    organization: str = "recircle"
    user_zone: str = "Europe/Paris"
    """The time zone of the account that asks Jira."""
    pull_requests: tuple[PullRequestStory, ...] = ()
    incidents: tuple[IncidentStory, ...] = ()
    tasks: tuple[IncidentStory, ...] = ()
    """Tickets of the same projects that are no incidents."""
    errors: tuple[ErrorStory, ...] = ()
    outages: tuple[Outage, ...] = ()
    renames: tuple[Rename, ...] = ()
    codeowners: Mapping[str, str] = field(default_factory=dict)
    """Text of each repository's CODEOWNERS file, by its name now."""

    def is_out(self, service: str, moment: datetime) -> bool:
        """Whether the service is down."""
        return any(o.service == service and o.start <= moment < o.end for o in self.outages)

    def name_of(self, repository: str, moment: datetime) -> str:
        """Return what the repository that has this name now was called then."""
        for rename in self.renames:
            if rename.new == repository and moment < rename.at:
                return rename.old
        return repository


def digest(*parts: str) -> str:
    """Return a stable hash in hexadecimal."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def load(folder: Path = STORY) -> World:
    """Read the demo company from its data files."""
    tables: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        tables |= tomllib.loads(path.read_text(encoding="utf-8"))
    return World(
        pull_requests=tuple(PullRequestStory(**_subject(t)) for t in tables["pull_request"]),
        incidents=tuple(IncidentStory(**_subject(t)) for t in tables["incident"]),
        tasks=tuple(IncidentStory(**_subject(t), kind="Task") for t in tables.get("task", ())),
        errors=tuple(ErrorStory(**_subject(t)) for t in tables["error"]),
        outages=tuple(Outage(**_moments(t)) for t in tables.get("outage", ())),
        renames=tuple(Rename(**_moments(t)) for t in tables.get("rename", ())),
        codeowners=tables.get("codeowners", {}),
    )


def _moments(table: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _utc(v) if isinstance(v, datetime) else v for k, v in table.items()}


def _subject(table: Mapping[str, Any]) -> dict[str, Any]:
    values = _moments(table)
    values["changes"] = tuple(sorted(_changes(values.get("changes", ())), key=lambda c: c.at))
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _changes(lines: Iterable[str]) -> Iterable[Change]:
    """Read lines such as `2026-11-03 14:20 approve camille`; moments are in UTC."""
    for line in lines:
        day, clock, what, *value = line.split(maxsplit=3)
        at = datetime.fromisoformat(f"{day}T{clock}+00:00")
        yield Change(at, what, value[0] if value else "")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
