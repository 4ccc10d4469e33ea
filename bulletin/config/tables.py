"""The tables of `bulletin.toml`, frozen; what belongs to a plug is the plug's own."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from bulletin.config.secret import Secret, Settings
from bulletin.model.delivery import Mode
from bulletin.model.text import plain_title
from bulletin.model.week import Cutoff, Week


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (LookupError, OSError, ValueError):
            msg = f"'{value}' is no time zone; write it as in 'Europe/Paris'"
            raise ValueError(msg) from None
    return value


def _cutoff(value: Any) -> Any:
    return Cutoff.parse(value) if isinstance(value, str) else value


def _address(value: Any) -> Any:
    if isinstance(value, dict):
        return Secret.model_validate(value).reveal(is_token=False)
    if isinstance(value, str) and re.match(r"[^/]*//[^/@]*:[^/@]+@", value):
        msg = 'an address with a password is a secret; write { env = "NAME" }'
        raise ValueError(msg)
    return value


def _team(name: str) -> str:
    # It stands in subjects and in the names of files.
    if not any(letter.isalnum() for letter in plain_title(name)):
        msg = "a team's name has letters or digits"
        raise ValueError(msg)
    return name


def _week(value: Any) -> Any:
    return Week.parse(value) if isinstance(value, str) else value


def _country(value: str) -> str:
    from holidays import list_supported_countries  # noqa: PLC0415  (only for those who set it)

    country, _, region = value.partition("-")
    known = list_supported_countries()
    if country not in known or (region and region not in known[country]):
        msg = f"'{value}' is no country whose holidays are known; write it as in 'FR' or 'DE-BY'"
        raise ValueError(msg)
    return value


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


def _served(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"'<>\\^`{|}@?#]+", value):
        msg = "write the address of the folder, as in 'https://journal.acme.example'"
        raise ValueError(msg)
    return value.rstrip("/")


class Season(Settings):
    """The event that the season leads to, and the code freeze around it."""

    event: str = Field(min_length=1, max_length=40)
    """What is counted down to, as the page names it; counted from the edition's date."""
    day: date
    """The day of the event."""
    starts: date | None = None
    """The day from which the countdown is drawn."""
    freeze_from: date | None = None
    """The first day of the code freeze."""
    freeze_to: date | None = None
    """Its last day; the event's own unless set."""

    @model_validator(mode="after")
    def _in_order(self) -> "Season":
        pairs = ((self.starts, self.day), (self.freeze_from, self.freeze_to or self.day))
        if any(first is not None and first > last for first, last in pairs):
            msg = "a season starts before its event, and a freeze before its end"
            raise ValueError(msg)
        return self


class Monitor(Settings):
    """Who is told how runs go, besides the log: nobody, unless it says so here."""

    sentry: Secret | None = None
    """The DSN of a project in Sentry, GlitchTip or Bugsink, for faults of bulletin's own."""
    slug: str = Field(default="bulletin", pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")
    """What Sentry's cron monitor is called; it is made by the first check-in."""
    checkins: bool = True
    """Whether Sentry is sent check-ins too; Bugsink and GlitchTip have no use for them."""
    ping: Secret | None = None
    """An address that is asked for when an edition is out whole, such as one of Healthchecks."""
    ping_steps: bool = True
    """Whether `/start` and `/fail` may be put behind that address, as Healthchecks has it."""
    editors: tuple[Secret, ...] = ()
    """Where `bulletin watch` tells people, each an [Apprise](https://github.com/caronc/apprise)
    address, such as `mailtos://user:password@mail.acme.example/?to=editors@acme.example`."""
    after_hours: int = Field(default=2, ge=1, le=96)
    """Hours after the cut-off by which an edition must be everywhere, or `bulletin watch` tells."""


class Schedule(Settings):
    """What `bulletin schedule` prints. The program itself decides what is due."""

    every_minutes: int = Field(default=20, ge=10, le=60)
    """Minutes from one start to the next, from the cut-off to the end of that day."""
    preview: Annotated[Cutoff | None, BeforeValidator(_cutoff)] = None
    """Weekday and local time at which a draft goes to the editors, such as `"Wednesday 17:00"`."""


class Plug(Settings):
    """The envelope of a source or a channel; the rest belongs to the plug of that kind."""

    kind: str
    name: str
    settings: Any
    """An instance of the plug's own `Settings`; None where only names were read."""


class Bulletin(Settings):
    """Everything in `bulletin.toml`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    title: str = Field(default="The Engineering Journal", min_length=1, max_length=60)
    """The masthead."""
    language: Literal["en", "fr"] = "en"
    """The language of the pages."""
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/Paris")
    """The time zone that the team lives in."""
    meeting: Annotated[Cutoff, BeforeValidator(_cutoff)] = Cutoff.parse("Thursday 10:00")
    """Weekday and local time of the meeting."""
    meeting_minutes: int = Field(default=45, ge=10, le=240)
    """How long the meeting lasts: the agenda is fitted to it."""
    cutoff: Annotated[Cutoff | None, BeforeValidator(_cutoff)] = None
    """When the week closes; the meeting's time unless set."""
    tone: Literal["off", "dry", "merry"] = "dry"
    """How much humour: `off` prints a sober page with the same facts."""
    archive: Annotated[str, BeforeValidator(_address)] = "sqlite:///bulletin.db"
    """Where editions are kept, as SQLAlchemy writes it; `{ env = "NAME" }` if it has a password."""
    output: Path = Path("out")
    """The folder that the editions are laid out in."""
    web: Annotated[str, AfterValidator(_served)] | None = None
    """Where the editions are served, `output` or the `folder` of `files`: pages link there."""
    season: Season | None = None
    """The event that the season leads to."""
    theme: Path | None = None
    """A folder of your own, laid over our pages, words and styles: see [themes](themes.md)."""
    room: int = Field(default=20, ge=1, le=200)
    """Items a section prints before it says how many it left out."""
    fold: bool = True
    """Whether an incident, its errors and its fixes that name one another are told as one thing."""
    teams: dict[Annotated[str, AfterValidator(_team)], Team] = Field(default_factory=dict)
    """What each team owns."""
    waiver_days: int = Field(default=60, ge=1, le=366)
    """How many days ahead a waiver may reach."""
    mode: Mode = Mode.PREVIEW
    """How far an edition may go: `preview` to editors, `rehearsal` to the rehearsal's own
    recipients, `live` to everybody."""
    approval: Literal["none", "four-eyes"] = "none"
    """Whether a live edition needs the word of somebody who did not draft it."""
    lateness_hours: int = Field(default=24, ge=1, le=120)
    """How late an edition may still be sent by itself; after that its week is skipped."""
    skip: tuple[Annotated[Week, BeforeValidator(_week)], ...] = ()
    """Weeks without an edition, such as `["2026-W53"]`."""
    holidays: Annotated[str, AfterValidator(_country)] | None = None
    """A country, such as `"FR"`: a meeting's day that is a public holiday there has no edition."""
    instance: str | None = Field(default=None, min_length=1, max_length=60)
    """What is said to be the machine that sends, where machines come and go, as in a cluster."""
    ledger: Path | None = None
    """A file of people's words that is kept under review: see [following up](following.md)."""
    monitor: Monitor = Monitor()
    """Who is told how runs go: see [operations](operations.md)."""
    schedule: Schedule = Schedule()
    """What `bulletin schedule` prints: see [operations](operations.md)."""
    rules: dict[str, Any] = Field(default_factory=dict)
    """Settings of single rules; a rule not named has its defaults."""
    source: tuple[Plug, ...] = ()
    """The services to ask, each a `[[source]]` with its `kind`, and a `name` where two share it."""
    publish: tuple[Plug, ...] = ()
    """The places that an edition is brought to, each a `[[publish]]` with a `kind`."""

    @property
    def closes(self) -> Cutoff:
        """When the week closes."""
        return self.cutoff or self.meeting
