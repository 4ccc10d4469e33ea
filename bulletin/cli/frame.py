"""What every command has: the common options, the settings, and errors in two lines."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bulletin.errors import BulletinError
from bulletin.model.text import clean, printable
from bulletin.model.week import Week

if TYPE_CHECKING:
    from bulletin.config import Bulletin


CONFIG = Path("bulletin.toml")
"""The settings unless others are named."""
LOGS = ("text", "json")
SAID = 1000
"""Letters of foreign text that are said on one line."""


class WeekType(click.ParamType[Week]):
    """An ISO week such as 2026-W48."""

    name = "week"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Week:
        try:
            return value if isinstance(value, Week) else Week.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _override(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Take an option that was written behind the command's name instead of before it."""
    if not value:
        return
    settings = ctx.find_root().obj
    settings[param.name] = value
    if param.name in {"quiet", "verbose", "log"}:
        start_log(settings)


def start_log(settings: dict[str, Any]) -> None:
    from bulletin import logs

    logs.start_log(
        quiet=settings["quiet"], verbose=settings["verbose"], as_json=settings["log"] == "json"
    )


class Command(click.Command):
    """A command that takes the common options too: people write them on either side."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        common: dict[str, Any] = {"callback": _override, "expose_value": False}
        self.params += [
            click.Option(
                ["--config"], type=click.Path(path_type=Path), help="The settings.", **common
            ),
            click.Option(["--quiet"], is_flag=True, help="Say nothing but errors.", **common),
            click.Option(
                ["--verbose"], is_flag=True, help="Log to the terminal what is done.", **common
            ),
            click.Option(
                ["--log"], type=click.Choice(LOGS), help="How the log is written.", **common
            ),
        ]


class Commands(click.Group):
    """Turns foreseen errors into two lines and an exit code; anything else keeps its traceback."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BulletinError as error:
            say_failure(error)
            ctx.exit(error.exit_code)


def read_settings(ctx: click.Context, *, plugs: bool = False) -> "Bulletin":
    from bulletin import config

    if not plugs:
        return config.load(ctx.obj["config"])
    from bulletin import registry

    return config.load(ctx.obj["config"], registry.kinds())


def say_failure(error: BulletinError) -> None:
    click.secho(printable(f"bulletin: {error.problem}"), err=True, fg="red")
    click.echo(printable(error.hint), err=True)


def say_warning(problem: str, hint: str) -> None:
    """Say in two lines what foreign words may be part of."""
    click.secho(clean(problem, SAID), err=True, fg="yellow")
    click.echo(f"  {clean(hint, SAID)}", err=True)


def progress(ctx: click.Context) -> Callable[[str, str], None]:
    """Return what says progress: a line a source on a terminal, nothing in cron."""
    if ctx.obj["quiet"] or not sys.stderr.isatty():
        return lambda _what, _said: None
    return lambda what, said: click.echo(f"  {what:<10} {printable(said)}", err=True)
