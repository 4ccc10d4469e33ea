"""`bulletin.toml` as frozen settings: all mistakes at once, secrets only by reference."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bulletin.errors import SettingsError
from bulletin.model.week import Cutoff


class Settings(BaseModel):
    """The base of every table in the file: frozen, and no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Secret(Settings):
    """Where a secret lies: `{ env = "NAME" }` or `{ file = "/path" }`. Never the secret itself."""

    env: str | None = None
    """Name of an environment variable."""
    file: Path | None = None
    """A file that holds the secret and nothing else; surrounding space is dropped."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            msg = 'a secret is never written here; name it, as in { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)  # noqa: TRY004  (pydantic collects ValueError)
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            msg = 'write either { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)
        return self

    def reveal(self) -> str:
        """Read the secret. Raises `SettingsError` where it is not there."""
        if self.env is not None:
            value = os.environ.get(self.env, "").strip()
            where = f"the environment variable {self.env}"
            remedy = f"Set {self.env} where bulletin runs; cron and systemd have an environment of their own."
        else:
            where = f"the file {self.file}"
            remedy = "Put the secret into it, readable by the user that runs bulletin."
            try:
                value = Path(str(self.file)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError):
                value = ""
        if not value:
            msg = f"a secret is missing: {where} is not set, empty or unreadable"
            raise SettingsError(msg, remedy)
        return value


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (OSError, ValueError):
            msg = f"'{value}' is no time zone; write it as in 'Europe/Paris'"
            raise ValueError(msg) from None
    return value


def _cutoff(value: Any) -> Any:
    return Cutoff.parse(value) if isinstance(value, str) else value


class Team(Settings):
    """What a team owns. Repositories and the rest may end in `*`."""

    repositories: tuple[str, ...] = ()
    """Names as `owner/name`."""
    projects: tuple[str, ...] = ()
    """Project keys or slugs, of Jira, Sentry or any other source."""
    components: tuple[str, ...] = ()
    """Components and services of incidents."""
    aliases: tuple[str, ...] = ()
    """Other names of the team: a slug in Sentry, a handle in CODEOWNERS without the `@org/`."""


class Plug(Settings):
    """The envelope of a source or a channel; the rest belongs to the plug of that kind."""

    kind: str
    name: str
    settings: Any
    """An instance of the plug's own `Settings`."""


class Bulletin(Settings):
    """Everything in `bulletin.toml`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    title: str = Field(default="The Engineering Journal", min_length=1, max_length=60)
    """The masthead."""
    language: Literal["en", "fr"] = "en"
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/Paris")
    """The time zone that the team lives in."""
    meeting: Annotated[Cutoff, BeforeValidator(_cutoff)] = Cutoff.parse("Thursday 10:00")
    """Weekday and local time of the meeting."""
    cutoff: Annotated[Cutoff | None, BeforeValidator(_cutoff)] = None
    """When the week closes; the meeting's time unless set."""
    tone: Literal["off", "dry", "merry"] = "dry"
    """How much humour: `off` prints a sober page with the same facts."""
    archive: str = "sqlite:///bulletin.db"
    """Where editions are kept, as an SQLAlchemy address."""
    output: Path = Path("out")
    """The folder that the editions are laid out in."""
    room: int = Field(default=20, ge=1, le=200)
    """Items a section prints before it says how many it left out."""
    teams: dict[str, Team] = {}
    """What each team owns."""
    rules: dict[str, Any] = {}
    """Settings of single rules; a rule not named has its defaults."""
    source: tuple[Plug, ...] = ()
    publish: tuple[Plug, ...] = ()

    @property
    def closes(self) -> Cutoff:
        """When the week closes."""
        return self.cutoff or self.meeting


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the registry knows: kinds by table, and how to find the settings class of one."""

    sources: tuple[str, ...]
    channels: tuple[str, ...]
    rules: tuple[str, ...]
    settings: Callable[[str, str], type]
    """Table (`source`, `publish`, `rules`) and kind → a settings class. Raises `SettingsError`."""
