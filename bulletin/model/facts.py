"""What the services said. A fact carries no opinion, no threshold and no vendor's name."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, Self

from bulletin.model.spelling import Spelled
from bulletin.model.week import Week


@dataclass(frozen=True, slots=True, order=True)
class FactKey(Spelled):
    """What stays the same next week.

    `source` is the configured name of the source, `kind` the kind of fact and `subject` the
    service's own id: never a number of things, a date or a title. Spelled
    `source:kind:subject`; only a subject may hold a colon.
    """

    source: str
    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.source}:{self.kind}:{self.subject}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `jira:incident:INC-42`. Raises ValueError for anything else."""
        source, kind, subject = ([*text.split(":", 2), "", ""])[:3]
        if not (source and kind and subject):
            msg = f"'{text}' is no key; write it as in 'jira:incident:INC-42'"
            raise ValueError(msg)
        return cls(source, kind, subject)


class Severity(Spelled, IntEnum):
    """How grave a thing is, gravest first in print: CRITICAL is what wakes people up.

    Compared as a number, spelled `low`, `medium`, `high` or `critical`.
    """

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `critical`. Raises ValueError for anything else."""
        if text not in cls.words():
            msg = f"'{text}' is no severity; write low, medium, high or critical"
            raise ValueError(msg)
        return cls[text.upper()]

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """Return every spelling, gravest last."""
        return tuple(map(str, cls))


class Life(StrEnum):
    """What the source says of a subject, whatever the vendor's word for it."""

    OPEN = "open"
    DONE = "done"
    """Resolved, merged, closed as done."""
    DECLINED = "declined"
    """Closed without being done: won't do, ignored, closed without a merge."""
    UNKNOWN = "unknown"
    """Of a past moment: whether it was open then can no longer be known. No source says so."""


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """A moment at which something was closed, or opened again, in UTC."""

    at: datetime
    life: Life


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident ticket. Every moment is in UTC."""

    type: Literal["incident"] = "incident"
    key: FactKey
    handle: str
    """The service's own immutable id: what `revisit` looks it up by."""
    title: str
    url: str
    life: Life
    owner: str | None = None
    """The team, once somebody could tell; never a person."""
    assigned: bool | None = None
    """Whether somebody works on it. Who it is never leaves the collector."""
    project: str
    severity: Severity | None = None
    status: str
    """The service's own word, for the reader; empty where it is not known."""
    opened: datetime
    resolved: datetime | None = None
    reopened: datetime | None = None
    """The last time it went back from done to open; None where it never did, or its history is
    not known."""
    status_since: datetime | None = None
    """Since when it has its status; None where its history is not known."""
    updated: datetime | None = None
    services: tuple[str, ...] = ()
    """Services and components, sorted."""
    links: tuple[str, ...] = ()
    """Keys of tickets and addresses of pages that it names, sorted."""
    drill: bool = False
    turns: tuple[Turn, ...] | None = None
    """Every time that it was closed or reopened, oldest first; None where nobody asked, or the
    history is not known. It is asked for where a past week is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTrend:
    """One group of errors over the edition's window. Every moment is in UTC."""

    type: Literal["error"] = "error"
    key: FactKey
    handle: str
    title: str
    url: str
    life: Life
    owner: str | None = None
    assigned_team: str | None = None
    """The service's own slug of the team that it is assigned to."""
    project: str
    level: str | None = None
    """fatal, error, warning, info or debug; None where the service does not say."""
    substatus: str | None = None
    """new, ongoing, escalating or regressed; None where the server does not know the word."""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    resolved: datetime | None = None
    """When it was closed, done or declined; its last event where it was that or later."""
    events: int | None = None
    """Events in the window; None is unknown, never zero."""
    events_before: int | None = None
    """Events in the window of the same length before it."""
    users: int | None = None
    """Users touched in the window."""
    daily: tuple[int, ...] = ()
    """Events per day (UTC), oldest first, up to the last day of the window."""
    release: str | None = None
    """The last release that it was seen in."""
    links: tuple[str, ...] = ()
    """Keys of tickets and addresses of pages that it names, sorted."""
    undeployed: bool = False
    """Whether it was resolved by what the service has not seen released yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A proposed change. Every moment is in UTC."""

    type: Literal["pull_request"] = "pull_request"
    key: FactKey
    handle: str
    title: str
    url: str
    life: Life
    owner: str | None = None
    repository: str
    branch_names: tuple[str, ...] = ()
    """Words of its branch that look like a key, sorted; the others may name a person."""
    commit_names: tuple[str, ...] = ()
    """Such words in the first line of its last commit's message, where the service tells it."""
    default_owner: str | None = None
    """The team that the repository's CODEOWNERS names for everything, if one does."""
    by_bot: bool = False
    labels: tuple[str, ...] = ()
    draft: bool = False
    review: str | None = None
    """approved, changes_requested, review_required or none; None is unknown."""
    checks: str | None = None
    """passing, failing, pending or none; None is unknown."""
    checks_since: datetime | None = None
    """When the last commit that was checked was pushed; a red older than this is not claimed."""
    mergeable: str | None = None
    """mergeable or conflicting; None while the service has not worked it out."""
    additions: int = 0
    deletions: int = 0
    files: int = 0
    reviews: int = 0
    created: datetime
    ready: datetime | None = None
    """When it left draft; None where it never was one or the service does not say."""
    last_activity: datetime | None
    """None where it moved after the moment that is told: how it stood then is not known."""
    last_review: datetime | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a meeting decided, as people filed it. Every moment is in UTC."""

    type: Literal["decision"] = "decision"
    key: FactKey
    handle: str
    title: str
    url: str
    """Where the edition of its week can be read; empty if that is not known."""
    life: Life
    owner: str | None = None
    due: Week
    """The edition by which it is to be done."""
    decided: datetime
    closed: datetime | None = None
    about: FactKey | None = None
    """The item that it was taken about."""
    outcome: str = ""
    """How it was carried out, or why it was given up, in the words of whoever said so."""


Fact = Incident | ErrorTrend | PullRequest | Decision
