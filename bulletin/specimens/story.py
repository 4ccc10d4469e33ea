"""A story: what happens to whom in a marketplace that does not exist, read from a data file.

Every moment is written as days before the last closing, so that a story reads as a calendar that
counts down: `since = 31` began a month ago, `done = 2` ended the day before yesterday.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bulletin.config import Team
from bulletin.model.harvest import Cause

FOLDER = Path(__file__).parent
KINDS = ("incident", "error", "pull_request")


class Told(BaseModel):
    """A table of a story: no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Subject(Told):
    """Something that goes on, and may end."""

    source: str
    id: str
    title: str
    url: str | None = None
    since: float
    done: float | None = None
    declined: float | None = None
    back: float | None = None
    """When it came back after it was done."""
    deleted: float | None = None
    team: str | None = None
    """What the service itself says of its owner."""


class IncidentStory(Subject):
    """An incident ticket."""

    severity: str = "low"
    status: str = "In progress"
    project: str = "INC"
    services: tuple[str, ...] = ()
    assigned: float | None = None
    """When somebody took it; never, unless told."""
    touched: tuple[float, ...] = ()
    """When its ticket was touched, apart from its beginning and its end."""
    drill: bool = False


class ErrorStory(Subject):
    """A group of errors. `events` is one number a week, the last week's last."""

    project: str
    level: str = "error"
    events: tuple[int, ...]
    escalating: float | None = None
    firing: bool = False
    """Whether it fires on after it was done."""
    release: str | None = None


class PullRequestStory(Subject):
    """A proposed change."""

    active: tuple[float, ...] = ()
    reviewed: float | None = None
    review: str = "approved"
    red: float | None = None
    green: float | None = None
    conflicting: float | None = None
    labels: tuple[str, ...] = ()
    lines: tuple[int, int] = (40, 12)
    files: int = 3
    draft: bool = False
    bot: bool = False


class SourceStory(Told):
    """A source, and what it calls what it counts."""

    name: str
    kind: str
    unit: str
    size: int | None = None
    """How many of them there are; unless told, as many as were found."""


class GapStory(Told):
    """A source that could not be read, wholly or in part."""

    source: str
    weeks: tuple[int, ...] = (0,)
    """Weeks before the last one."""
    reason: Cause
    detail: str
    hint: str
    parts: tuple[str, ...] = ()
    seen: int | None = None
    expected: int | None = None


class WaiverStory(Told):
    """A person's word that something may wait."""

    key: str
    at: float
    until: float
    """Negative for days after the last closing."""
    reason: str
    author: str


class Story(Told):
    """Everything that happens in one kind of week, and in the weeks before it."""

    title: str
    weeks: int
    teams: dict[str, Team]
    source: tuple[SourceStory, ...]
    incident: tuple[IncidentStory, ...] = ()
    error: tuple[ErrorStory, ...] = ()
    pull_request: tuple[PullRequestStory, ...] = ()
    gap: tuple[GapStory, ...] = ()
    waiver: tuple[WaiverStory, ...] = ()

    def subjects(self, source: SourceStory) -> Iterator[Subject]:
        """Yield what one source has to tell of."""
        told: tuple[Subject, ...] = getattr(self, source.kind)
        return (subject for subject in told if subject.source == source.name)


@cache
def read_story(name: str) -> Story:
    """Read the story of this name."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    words = table.pop("words", [""])
    for kind in KINDS:
        table[kind] = [one for told in table.get(kind, ()) for one in _repeated(told, words)]
    return Story.model_validate(table)


def _repeated(told: dict[str, Any], words: list[str]) -> Iterator[dict[str, Any]]:
    """Yield a subject as often as its `repeat` says, each begun and ended `step` days later.

    `{n}` is its number, and `{word}` and `{next}` are one of the story's words each.
    """
    rest = dict(told)
    count, step = rest.pop("repeat", 1), rest.pop("step", 0)
    for n in range(count):
        names = {
            "{n}": str(n),
            "{word}": words[n % len(words)],
            "{next}": words[-1 - n % len(words)],
        }
        one = {key: _named(value, names) for key, value in rest.items()}
        moved = {key: one[key] - n * step for key in ("since", "done", "assigned") if key in one}
        yield one | moved


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, str):
        for name, said in names.items():
            value = value.replace(name, said)
    return value
