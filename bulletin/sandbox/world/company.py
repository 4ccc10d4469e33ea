"""The whole of the company, as its services can be asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bulletin.sandbox.world.error import ErrorStory
from bulletin.sandbox.world.incident import IncidentStory
from bulletin.sandbox.world.pull_request import PullRequestStory


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
