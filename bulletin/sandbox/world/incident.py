"""The life of an incident ticket."""

from dataclasses import dataclass, replace
from datetime import datetime

from bulletin.sandbox.world.change import Change, digest


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
