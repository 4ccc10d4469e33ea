"""Reading `bulletin.toml`: all mistakes at once, each with its place and the nearest name."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from bulletin.config.secret import Secret, Settings
from bulletin.config.tables import Bulletin, Monitor, Plug, Schedule, Season, Team
from bulletin.errors import SettingsError
from bulletin.near import near


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

    Without `kinds`, sources and rules are left out, and channels have no settings: enough for
    commands that only look at the archive.
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
    else:
        made["publish"] = tuple(_named(one) for one in plugs["publish"])
    settings: Bulletin | None = None
    try:
        settings = Bulletin.model_validate(table)
    except ValidationError as error:
        mistakes[:0] = _words(error, "", Bulletin)
    if settings is not None:
        mistakes += _misfits(made.get("publish", ()), settings)
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


def _named(given: Mapping[str, Any]) -> Plug:
    """Return a channel by its kind and name alone."""
    kind = str(given.get("kind", ""))
    return Plug(kind=kind, name=str(given.get("name", kind)), settings=None)


def _misfits(channels: Sequence[Plug], bulletin: Bulletin) -> list[str]:
    """Say what is right in a channel's own table, and wrong beside the other tables."""
    return [
        f"publish {plug.name}, {told}"
        for plug in channels
        if isinstance(plug.settings, Settings)
        for told in plug.settings.misfits(bulletin.teams)
    ]


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
