"""`bulletin.toml` as frozen settings: all mistakes at once, secrets only by reference."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from bulletin.errors import SettingsError
from bulletin.model.delivery import Mode
from bulletin.model.week import Cutoff, Week
from bulletin.near import near

REVEALED: set[str] = set()
"""The secrets that this process has read, for the log to leave out."""


class Settings(BaseModel):
    """The base of every table in the file: frozen, and no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _from_settings(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", Path())
    return base / path.expanduser()


NearPath = Annotated[Path, AfterValidator(_from_settings)]
"""A path that, if relative, starts at the settings' folder: cron starts programs anywhere."""


def _credential(name: str) -> str:
    """Return what systemd's LoadCredential= has laid out under this name, if anything."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    try:
        return Path(folder, name).read_text(encoding="utf-8").strip() if folder else ""
    except (OSError, UnicodeError):
        return ""


def _variable(name: str) -> str:
    # A token that stands where its variable's name belongs would be printed as that name.
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,99}", name):
        msg = "write the NAME of an environment variable, in capitals; never the secret itself"
        raise ValueError(msg)
    return name


class Secret(Settings):
    """Where a secret lies: `{ env = "NAME" }` or `{ file = "/path" }`. Never the secret itself."""

    env: Annotated[str, AfterValidator(_variable)] | None = None
    """Name of an environment variable, in capitals, or of a systemd credential."""
    file: NearPath | None = None
    """A file that holds the secret and nothing else; surrounding space is dropped."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            msg = 'a secret is never written here; write { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)  # noqa: TRY004  (pydantic collects ValueError)
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            msg = 'write either { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)
        return self

    def reveal(self, *, is_token: bool = True) -> str:
        """Read the secret. Raises `SettingsError` where it is not there, or no header can hold it.

        A key of several lines and a password in an address are no tokens: they go into no header.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip() or _credential(self.env)
            where = f"the environment variable {self.env}"
            remedy = f"Set {self.env} where bulletin runs; cron has an environment of its own."
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
        if is_token and not (value.isascii() and value.isprintable()):
            msg = f"a secret cannot be used: {where} holds characters that no token has"
            raise SettingsError(msg, "Copy the token again, whole, on one line and without quotes.")
        REVEALED.add(value)
        return value


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
    """What is counted down to, as the page names it."""
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
    """An instance of the plug's own `Settings`."""


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
    """Where the `output` folder is served: the e-mail and the wiki link to it."""
    season: Season | None = None
    """The event that the season leads to."""
    theme: Path | None = None
    """A folder of your own, laid over our pages, words and styles: see [themes](themes.md)."""
    room: int = Field(default=20, ge=1, le=200)
    """Items a section prints before it says how many it left out."""
    fold: bool = True
    """Whether an incident, its errors and its fixes that name one another are told as one thing."""
    teams: dict[str, Team] = {}
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
    rules: dict[str, Any] = {}
    """Settings of single rules; a rule not named has its defaults."""
    source: tuple[Plug, ...] = ()
    """The services to ask, each a `[[source]]` with its `kind`, and a `name` where two share it."""
    publish: tuple[Plug, ...] = ()
    """The places that an edition is brought to, each a `[[publish]]` with a `kind`."""

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


RESERVED = frozenset({"desk", "meeting"})
"""Names of sources that are our own: of gaps that the desk leaves, and of what people decide."""
HINT = "bulletin.example.toml shows every setting."


def load(path: Path, kinds: Kinds | None = None) -> Bulletin:
    """Read the settings. Raises `SettingsError` that tells all mistakes at once.

    Without `kinds`, sources, channels and rules are taken as they stand: enough for commands that
    only look at the archive.
    """
    table = _read(path)
    mistakes: list[str] = []
    plugs = {name: _tables(table.pop(name, []), name, mistakes) for name in ("source", "publish")}
    rules = table.pop("rules", {})
    base = path.resolve().parent
    made: dict[str, Any] = {}
    if kinds is not None:
        made["source"] = _plugs("source", plugs["source"], kinds, base, mistakes)
        made["publish"] = _plugs("publish", plugs["publish"], kinds, base, mistakes)
        made["rules"] = _rules(rules, kinds, base, mistakes)
    settings: Bulletin | None = None
    try:
        settings = Bulletin.model_validate(table)
    except ValidationError as error:
        mistakes[:0] = _words(error, "", Bulletin)
    if mistakes or settings is None:
        raise SettingsError(_told(path, mistakes), HINT)
    made["output"] = base / settings.output.expanduser()
    made["archive"] = _beside(base, settings.archive)
    if settings.theme is not None:
        made["theme"] = base / settings.theme.expanduser()
    if settings.ledger is not None:
        made["ledger"] = base / settings.ledger.expanduser()
    return settings.model_copy(update=made)


def _beside(base: Path, archive: str) -> str:
    """Return the archive's address with a relative SQLite path taken from the settings' folder."""
    scheme, separator, path = archive.partition(":///")
    if not scheme.startswith("sqlite") or not separator or not path or path.startswith(":"):
        return archive
    return f"{scheme}:///{base / path}"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"there is no {path}"
        raise SettingsError(msg, "Run `bulletin init`, or name the file with --config.") from None
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        msg = f"{path} cannot be read: {why}"
        raise SettingsError(msg, "Make it a readable text file in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}"
        raise SettingsError(msg, "Correct that line; strings stand in quotation marks.") from None


def _told(path: Path, mistakes: list[str]) -> str:
    if len(mistakes) == 1:
        return f"{path}: {mistakes[0]}"
    return "\n  ".join([f"{path} has {len(mistakes)} mistakes:", *mistakes])


def _tables(given: Any, name: str, mistakes: list[str]) -> list[dict[str, Any]]:
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        return given
    mistakes.append(f"{name}: write each as a table of its own, [[{name}]]")
    return []


def _plugs(
    table: str,
    given: list[dict[str, Any]],
    kinds: Kinds,
    base: Path,
    mistakes: list[str],
) -> tuple[Plug, ...]:
    known = kinds.sources if table == "source" else kinds.channels
    plugs: dict[str, Plug] = {}
    for number, one in enumerate(given, 1):
        rest = dict(one)
        kind = rest.pop("kind", None)
        where = f"{table} {number} ({kind})" if kind else f"{table} {number}"
        if not isinstance(kind, str) or kind not in known:
            told = f"{where}: kind is required" if kind is None else f"{where}: no such kind"
            mistakes.append(f"{told}{near(str(kind), known)}; known: {', '.join(known)}")
            continue
        name = rest.pop("name", kind)
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
            mistakes.append(f"{where}: name: small letters, digits, - and _ only, at most 40")
            continue
        if name in RESERVED:
            mistakes.append(f"{where}: name: '{name}' is what the bulletin calls itself")
            continue
        if name in plugs:
            mistakes.append(f"{where}: name: '{name}' is taken; give each {table} its own name")
            continue
        settings = _validated(kinds.settings(table, kind), rest, where, base, mistakes)
        plugs[name] = Plug(kind=kind, name=name, settings=settings)
    return tuple(plugs.values())


def _rules(given: Any, kinds: Kinds, base: Path, mistakes: list[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        mistakes.append("rules: write each as a table of its own, [rules.<id>]")
        return {}
    rules: dict[str, Any] = {}
    for name, table in given.items():
        if name not in kinds.rules:
            mistakes.append(f"rules.{name}: no such rule{near(name, kinds.rules)}")
        elif not isinstance(table, dict):
            mistakes.append(f"rules.{name}: write it as a table, [rules.{name}]")
        else:
            rest = dict(table)
            where = f"rules.{name}"
            enabled = rest.pop("enabled", True)
            if not isinstance(enabled, bool):
                mistakes.append(f"{where}, enabled: write true or false")
            rule = _validated(kinds.settings("rules", name), rest, where, base, mistakes)
            rules[name] = rule if enabled else None
    return rules


def _validated(
    shape: type, given: dict[str, Any], where: str, base: Path, mistakes: list[str]
) -> Any:
    """Return the table as an instance of `shape`: a pydantic model, or a plain dataclass."""
    unknown = [key for key in given if is_dataclass(shape) and key not in _names(shape)]
    mistakes.extend(f"{where}, {key}: no such setting{near(key, _names(shape))}" for key in unknown)
    mistakes.extend(
        f"{where}, {key}: must not be negative"
        for key, value in given.items()
        if is_dataclass(shape) and isinstance(value, int | float) and value < 0
    )
    try:
        rest = {key: value for key, value in given.items() if key not in unknown}
        return TypeAdapter(shape).validate_python(rest, context={"base": base})
    except ValidationError as error:
        mistakes.extend(_words(error, where, shape))
        return None


def _names(shape: type) -> tuple[str, ...]:
    if is_dataclass(shape):
        return tuple(field.name for field in fields(shape))
    if not issubclass(shape, BaseModel):
        return ()
    return tuple(field.alias or name for name, field in shape.model_fields.items())


def _words(error: ValidationError, where: str, shape: type) -> list[str]:
    """Say each mistake in a person's words, without the value: it may be a secret."""
    told = []
    for mistake in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in mistake["loc"])
        place = f"{where}, {path}" if where and path else where or path
        message = mistake["msg"].removeprefix("Value error, ")
        match mistake["type"]:
            case "extra_forbidden":
                message = f"no such setting{near(str(mistake['loc'][-1]), _known(mistake, shape))}"
            case "missing":
                message = "is required"
            case "value_error":
                pass
            case _:
                message = message[:1].lower() + message[1:]
        told.append(f"{place}: {message}")
    return told


def _known(mistake: Mapping[str, Any], shape: type) -> tuple[str, ...]:
    """Return the settings of the table that a mistake was made in."""
    table = mistake["loc"][:-1]
    if not table:
        return _names(shape)
    shapes: dict[str, type[Settings]] = {
        "teams": Team,
        "season": Season,
        "monitor": Monitor,
        "schedule": Schedule,
    }
    return tuple(shapes.get(str(table[0]), Secret).model_fields)
