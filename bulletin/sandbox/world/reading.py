"""Reading the company from its data files."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bulletin.sandbox.world.change import Change
from bulletin.sandbox.world.company import Outage, Rename, World
from bulletin.sandbox.world.error import ErrorStory
from bulletin.sandbox.world.incident import IncidentStory
from bulletin.sandbox.world.pull_request import PullRequestStory

STORY = Path(__file__).parents[1] / "story"


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
