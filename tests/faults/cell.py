"""What a cell of the matrix is: one fault of the wire at one source, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bulletin.model.harvest import Cause, State
from tests.faults.server import Fault, Spoil
from tests.faults.stage import SOURCES

KNOWN, PARTIAL, STALE, UNKNOWN = State.KNOWN, State.PARTIAL, State.STALE, State.UNKNOWN

Script = Callable[[], tuple[Fault, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a page must say, and what it may cost."""

    state: State
    cause: Cause | None = None
    """The gap's reason; None where there is none."""
    requests: int
    """How many requests reach the service: exactly so many."""
    fired: int
    """How many of them are spoiled: exactly so many."""
    waits: tuple[tuple[float, float], ...] | None = None
    """Between what seconds each wait lies, where the fault is about waiting."""
    parts: tuple[str, ...] = ()
    """What the gap leaves out of facts that are otherwise known."""
    missed: int = 0
    """Facts that are not there, and are told to be missing."""
    older: bool = False
    """Whether the facts are truly those of an earlier moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault of the catalogue, for each of the sources."""

    id: str
    family: str
    what: str
    """What goes wrong, for the page in docs/."""
    scripts: Mapping[str, Script]
    outcomes: Mapping[str, Outcome]
    stage: str = ""
    """What has to be set up besides a script, by name; `matrix.STAGES` knows how."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """Why a source meets an equivalent of this fault, where it cannot meet the fault itself."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One row at one source."""

    row: Row
    source: str

    @property
    def outcome(self) -> Outcome:
        return self.row.outcomes[self.source]

    @property
    def script(self) -> tuple[Fault, ...]:
        return self.row.scripts[self.source]()

    def __str__(self) -> str:
        return f"{self.row.id}-{self.source}"


HEALTHY = {"github": 6, "jira": 5, "sentry": 9}
"""The requests of a week in which nothing goes wrong."""


def always(spoil: Spoil, on: str = "", **when: int) -> dict[str, Script]:
    """The same script for every source."""
    return {source: lambda: (Fault(spoil, on, **when),) for source in SOURCES}


def nothing() -> dict[str, Script]:
    """No script: the stage itself is at fault."""
    return {source: lambda: () for source in SOURCES}


def alike(cause: Cause, requests: int, **more) -> dict[str, Outcome]:
    """The same outcome at every source: not known, for this reason."""
    fired = more.pop("fired", requests)
    return {
        source: Outcome(state=UNKNOWN, cause=cause, requests=requests, fired=fired, **more)
        for source in SOURCES
    }


def well(extra: int, **more) -> dict[str, Outcome]:
    """Known at every source, after so many requests more than in a healthy week."""
    fired = more.pop("fired", extra)
    return {
        source: Outcome(state=KNOWN, requests=HEALTHY[source] + extra, fired=fired, **more)
        for source in SOURCES
    }


def each(
    state: State, cause: Cause | None, *, older: bool = False, **numbers: tuple[int, int, int]
) -> dict[str, Outcome]:
    """The same state at every source; by source: requests, faults and facts that are missing."""
    return {
        source: Outcome(
            state=state, cause=cause, requests=requests, fired=fired, missed=missed, older=older
        )
        for source, (requests, fired, missed) in numbers.items()
    }
