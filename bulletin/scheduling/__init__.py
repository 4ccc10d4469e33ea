"""What starts the program by itself: crontabs, units, workflows, filled in from the settings.

One template each, beside this file. `[[ ]]` and `<% %>` are Jinja's, since workflows and shells
have their own uses for braces and per cent signs.
"""

import getpass
import json
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from bulletin.archive.connection import file_of, parse_address
from bulletin.config import Bulletin
from bulletin.errors import SettingsError
from bulletin.scheduling.hours import Hours, calendar_time

TEMPLATES = {
    "cron": "cron.txt",
    "systemd": "systemd.sh",
    "github-actions": "github-actions.yml",
    "gitlab-ci": "gitlab-ci.yml",
    "kubernetes": "kubernetes.yml",
}
WRITTEN = ("folder", "rehearsal")
"""Settings of channels that name folders which are written to."""
CLUSTER = Path("/data")
"""Where a pod has its volume, with the settings in it: relative paths lead there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and as whom it is to run."""

    config: Path
    """The settings, as they were named."""
    program: Path
    user: str
    image: str | None = None
    action: str | None = None

    @classmethod
    def here(
        cls,
        config: Path,
        *,
        program: str | None,
        user: str | None,
        image: str | None,
        action: str | None,
    ) -> Self:
        """Return this place: this program, this user. Raises `SettingsError` for half a path."""
        found = shutil.which(program or sys.argv[0]) or program or sys.argv[0]
        try:
            user = user or getpass.getuser()
        except (OSError, KeyError):
            msg = "nobody knows the name of the user that you are"
            raise SettingsError(msg, "Name one with --user.") from None
        place = cls(
            config=config, program=Path(found).absolute(), user=user, image=image, action=action
        )
        for text in (str(config.absolute()), str(place.program), user, image or "", action or ""):
            if not text.isprintable():
                msg = "a path or a name holds characters that no schedule can"
                raise SettingsError(msg, "Rename it: no line breaks and no control characters.")
        if any(letter.isspace() for letter in user):
            raise SettingsError(f"'{user}' is no name of a user", "Name one with --user.")
        return place


def write(kind: str, settings: Bulletin, place: Place) -> str:
    """Return what to install, with how to do so on top. Raises `SettingsError` where it could not
    work as the settings are.
    """
    _check(kind, settings, place)
    environment = Environment(
        loader=PackageLoader("bulletin", "scheduling"),
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  (no page: each format has a filter of its own)
    )
    environment.filters |= {
        "shell": shlex.quote,
        "cron": _cron,
        "unit": _unit,
        "yaml": json.dumps,
        "secret_name": _secret_name,
    }
    environment.globals["calendar_time"] = calendar_time
    folder = place.config.absolute().parent
    return environment.get_template(TEMPLATES[kind]).render(
        settings=settings,
        place=place,
        hours=Hours(settings),
        config=str(place.config.absolute()),
        folder=str(folder),
        secrets=_secrets(place.config),
        writable=[str(path) for path in _writable(settings, folder)],
        is_file=_is_file(settings),
        cluster=str(CLUSTER),
    )


def _check(kind: str, settings: Bulletin, place: Place) -> None:
    """Refuse what would be printed and not work. Raises `SettingsError`."""
    moves = kind == "kubernetes" or (
        kind in {"github-actions", "gitlab-ci"} and not _is_file(settings)
    )
    if moves and settings.instance is None:
        msg = "every run there comes from a machine of another name, and an archive has one home"
        raise SettingsError(msg, 'Write instance = "…" into the settings, a name of your choice.')
    if moves and kind == "github-actions" and place.action is None:
        msg = "the workflow needs to know where the action lies"
        raise SettingsError(msg, "Add --action OWNER/REPOSITORY@COMMIT, with the full commit.")
    if moves and kind != "github-actions" and place.image is None:
        msg = "the job needs an image to run"
        raise SettingsError(msg, "Add --image NAME:TAG; docs/container.md says how to build it.")
    folder = place.config.absolute().parent
    outside = [path for path in _writable(settings, folder) if not path.is_relative_to(folder)]
    if kind == "kubernetes" and outside:
        msg = f"in a cluster only {CLUSTER} can be written to, and not {outside[0]}"
        raise SettingsError(msg, "Write relative paths into the settings: they lead there.")


def _is_file(settings: Bulletin) -> bool:
    return file_of(parse_address(settings.archive)) is not None


def _secrets(config: Path) -> list[str]:
    """Return the environment variables that the settings name, the archive's own included."""
    return sorted(set(_variables(tomllib.loads(config.read_text(encoding="utf-8")))))


def _variables(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"env"} and isinstance(value["env"], str):
            yield value["env"]
        for inner in value.values():
            yield from _variables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _variables(inner)


def _writable(settings: Bulletin, folder: Path) -> list[Path]:
    """Return the folders that are written to, none within another: where a path is not there yet,
    what it will be made in.
    """
    archive = file_of(parse_address(settings.archive))
    wanted = [settings.output.absolute()]
    wanted += [archive.absolute().parent] if archive is not None else []
    for plug in settings.publish:
        # Keys, authorities and programs are only read.
        told = [getattr(plug.settings, name, None) for name in WRITTEN]
        wanted += [value.absolute() for value in told if isinstance(value, Path)]
        remote = urlsplit(str(getattr(plug.settings, "remote", "")))
        wanted += [Path(unquote(remote.path))] if remote.scheme == "file" else []
    there = {next((p for p in (path, *path.parents) if p.is_dir()), folder) for path in wanted}
    return sorted(p for p in there if not any(p != q and p.is_relative_to(q) for q in there))


def _cron(command: str) -> str:
    """Return a command as a crontab takes it: there a per cent sign ends the line."""
    return command.replace("%", r"\%")


def _unit(argument: str) -> str:
    """Return an argument as a unit takes it, in quotes, with nothing to be filled in."""
    told = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{told.replace("$", "$$")}"'


def _secret_name(variable: str) -> str:
    """Return what GitHub lets a secret be called: it keeps names in GITHUB_ to itself."""
    return f"BULLETIN_{variable}" if variable.startswith("GITHUB_") else variable
