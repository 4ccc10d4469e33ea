"""The command line: reads arguments, calls the pipeline, says what happened. Never a decision."""

import json
import os
from pathlib import Path

import click

from bulletin import __version__
from bulletin.cli import operating, printing, sending, showing, words
from bulletin.cli.frame import CONFIG, LOGS, Commands, read_settings, start_log
from bulletin.model.text import printable


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=CONFIG,
    show_default=True,
    help="The settings.",
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--verbose", is_flag=True, help="Log to the terminal what is done.")
@click.option(
    "--log",
    type=click.Choice(LOGS),
    default="text",
    show_default=True,
    help="How the log is written; json is an object a line.",
)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(ctx: click.Context, *, config: Path, quiet: bool, verbose: bool, log: str) -> None:
    """Print a weekly engineering health bulletin, and see that what it points at gets fixed."""
    ctx.obj = {"config": config, "quiet": quiet, "verbose": verbose, "log": log}
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    start_log(ctx.obj)


@main.command()
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def init(ctx: click.Context, *, force: bool) -> None:
    """Write a commented bulletin.toml to fill in."""
    from bulletin.example import write_example

    path = ctx.obj["config"]
    write_example(path, force=force)
    if not ctx.obj["quiet"]:
        click.echo(f"Wrote {path}. Fill it in, then run `bulletin check`.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Try every address, credential, scope and query; change nothing."""
    from bulletin import checking

    failed = 0
    for where, line in checking.check(read_settings(ctx, plugs=True)):
        failed += not line.ok
        if as_json:
            click.echo(
                json.dumps(
                    {
                        "where": where,
                        "what": line.what,
                        "ok": line.ok,
                        "detail": line.detail,
                        "hint": line.hint,
                    },
                    ensure_ascii=False,
                )
            )
            continue
        if line.ok and ctx.obj["quiet"]:
            continue
        mark = click.style("ok  ", fg="green") if line.ok else click.style("FAIL", fg="red")
        told = line.detail if line.what == where else f"{line.what}: {line.detail}"
        click.echo(f"{mark} {where:<10} {printable(told)}")
        if not line.ok and line.hint:
            click.echo(f"     {'':<10} {printable(line.hint)}")
    if failed:
        ctx.exit(1)


for part in (printing, words, sending, operating, showing):
    for command in part.COMMANDS:
        main.add_command(command)
