"""Operating: how it stands, whether it left, and what starts it."""

import json

import click

from bulletin.cli.frame import Command, read_settings, say_failure
from bulletin.model.text import printable


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="The whole of it as JSON.")
@click.option("--prometheus", is_flag=True, help="As metrics, for the textfile collector.")
@click.pass_context
def status(ctx: click.Context, *, as_json: bool, prometheus: bool) -> None:
    """Tell how it stands: the last edition, each delivery, and when the next one is due.

    Exits with 4 where a delivery waits for a person, and with 1 where the archive cannot be read.
    """
    from bulletin import telling
    from bulletin.pipeline.clock import utc_now
    from bulletin.status import look

    if as_json and prometheus:
        raise click.UsageError("say one of --json and --prometheus")
    settings = read_settings(ctx)
    found = look(settings, utc_now())
    if prometheus:
        click.echo(telling.as_metrics(found), nl=False)
    elif as_json:
        click.echo(json.dumps(telling.as_json(found), ensure_ascii=False))
    elif not ctx.obj["quiet"]:
        for line in telling.lines(settings, found):
            click.echo(printable(line))
    ctx.exit(found.exit_code)


@click.command(cls=Command)
@click.option(
    "--after",
    type=click.IntRange(0, 120),
    metavar="HOURS",
    help="Hours after the cut-off by which it must be out.  [default: the settings' after_hours]",
)
@click.pass_context
def watch(ctx: click.Context, *, after: int | None) -> None:
    """Say nothing while all is well; tell everybody if this week's edition is not out by the hour.

    The dead man's switch, for cron: exits with 1 then, and whoever the settings name is told.
    """
    from bulletin.pipeline import absence
    from bulletin.pipeline.clock import utc_now

    settings = read_settings(ctx, plugs=True)
    missing = absence.watch(settings, utc_now(), after_hours=after)
    if missing is not None:
        say_failure(missing)
        absence.alarm(settings, missing)
        ctx.exit(1)


@click.command(cls=Command)
@click.argument(
    "kind", type=click.Choice(["cron", "systemd", "github-actions", "gitlab-ci", "kubernetes"])
)
@click.option("--program", help="The command to start.  [default: this one]")
@click.option("--user", help="Who runs it, for cron and systemd.  [default: you]")
@click.option("--image", help="The image to run, for gitlab-ci and kubernetes.")
@click.option("--action", help="OWNER/REPOSITORY@COMMIT of the action, for github-actions.")
@click.pass_context
def schedule(
    ctx: click.Context,
    *,
    kind: str,
    program: str | None,
    user: str | None,
    image: str | None,
    action: str | None,
) -> None:
    """Print what starts it by itself, filled in from the settings, for KIND to install."""
    from bulletin.scheduling import Place, write

    place = Place.here(ctx.obj["config"], program=program, user=user, image=image, action=action)
    click.echo(write(kind, read_settings(ctx, plugs=True), place), nl=False)


COMMANDS = (status, watch, schedule)
