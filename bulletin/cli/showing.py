"""Showing: editions in the browser, in the room and in the terminal, and whether they are whole."""

import json
import os
import sys

import click

from bulletin.cli.frame import CONFIG, SAID, Command, WeekType, read_settings
from bulletin.cli.sending import coloured
from bulletin.cli.words import by
from bulletin.errors import BulletinError
from bulletin.model.text import clean
from bulletin.model.week import Week

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="Where to answer.  [default: 8000, or a free one]"
)
open_option = click.option(
    "--open/--no-open", "show", default=True, help="Open the browser.  [default: open]"
)


@click.command(cls=Command)
@click.argument("week", type=WeekType(), required=False)
@port_option
@open_option
@click.pass_context
def preview(ctx: click.Context, *, week: Week | None, port: int | None, show: bool) -> None:
    """Look at an edition or a specimen in the browser, live while templates change."""
    import webbrowser

    from bulletin.preview import Shelf, Templates, open_preview

    # Without settings there are the specimens: that is where a theme begins.
    has_settings = week or ctx.obj["config"] != CONFIG or ctx.obj["config"].exists()
    settings = read_settings(ctx) if has_settings else None
    shelf = Shelf(settings, week)
    if week:
        shelf.on_file(str(week))
    templates = Templates.found(settings.theme if settings else None)
    with open_preview(shelf, templates, port) as opened:
        if not ctx.obj["quiet"]:
            click.echo(f"Preview at {opened.url} (Ctrl-C ends it)")
            click.echo(f"Edit {templates.theme or templates.folder}: the page follows.")
        if show and _has_screen():
            webbrowser.open(opened.url)
        opened.serve()


@click.command(cls=Command)
@click.argument("week", type=WeekType(), required=False)
@port_option
@open_option
@by
@click.pass_context
def meet(
    ctx: click.Context, *, week: Week | None, port: int | None, show: bool, author: str
) -> None:
    """Show an edition's slides to the room: keys, a timer, the wheel, and decisions filed at once.

    The newest edition unless a WEEK is named. Only this machine can open it; ? shows the keys.
    """
    import webbrowser

    from bulletin.room import open_room

    with open_room(read_settings(ctx), week, author=author, port=port) as (shown, room):
        if not ctx.obj["quiet"]:
            click.echo(f"{shown} is at {room.url} (Ctrl-C ends it)")
            click.echo(
                "Keys: → next, T clock, D decision, W wheel, S speaker's page, ? all of them"
            )
        if show and _has_screen():
            webbrowser.open(room.url)
        room.serve()


@click.command(cls=Command, name="list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List the editions on file, newest first."""
    from bulletin.archive.store import Archive

    with Archive.open(read_settings(ctx).archive) as archive:
        entries = archive.editions()
    for entry in entries:
        row = {
            "week": str(entry.week),
            "number": entry.number,
            "revision": entry.revision,
            "mode": str(entry.mode),
            "title": entry.title,
            "filed_at": entry.filed_at.isoformat(),
            "digest": entry.digest,
        }
        number = f"No. {entry.number}" if entry.number else "filled in"
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(
                f"{entry.week}  {number:<9} r{entry.revision:<3} {coloured(entry.mode, 9)} "
                f"{entry.filed_at:%Y-%m-%d %H:%M}Z  {entry.digest[:12]}  {clean(entry.title, SAID)}"
            )
    if not entries and not as_json:
        click.echo("No edition yet. Run `bulletin draft` to make the first.", err=True)


@click.command(cls=Command)
@click.argument("week", type=WeekType(), required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole edition as JSON.")
@click.pass_context
def show(ctx: click.Context, *, week: Week | None, as_json: bool) -> None:
    """Show one edition in the terminal; the newest unless a WEEK is named."""
    from bulletin import reading

    settings = read_settings(ctx)
    name = "edition.json" if as_json else "email.txt"
    click.echo(reading.page(settings, week, name).decode(), nl=False)


@click.command(cls=Command)
@click.argument("week", type=WeekType(), required=False)
@click.option("--explain", metavar="KEY", help="Tell an item's whole life instead, with evidence.")
@click.option("--history", is_flag=True, help="Tell instead what the list teaches.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an item, or a history.")
@click.pass_context
def ledger(
    ctx: click.Context, *, week: Week | None, explain: str | None, history: bool, as_json: bool
) -> None:
    """Show the list with its states: what stands on it, and what left it this week."""
    from bulletin import explaining, reading, recalling

    if explain is not None:
        if week or as_json or history:
            raise click.UsageError("--explain tells every week, in words")
        for line in explaining.explain(read_settings(ctx), explain):
            click.echo(line)
        return
    told = recalling.history_lines if history else reading.ledger_lines
    for line in told(read_settings(ctx), week, as_json=as_json):
        click.echo(line)


@click.command(cls=Command)
@click.argument("week", type=WeekType())
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(ctx: click.Context, *, week: Week, as_json: bool) -> None:
    """Render a filed edition again and compare every byte."""
    from bulletin import pipeline, reading

    filed, comparisons = reading.verify(read_settings(ctx), week)
    different = [comparison for comparison in comparisons if not comparison.same]
    if as_json:
        rows = [{"name": c.name, "language": c.language, "same": c.same} for c in comparisons]
        told = {"week": str(week), "digest": filed.digest, "artifacts": rows}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not ctx.obj["quiet"]:
        for comparison in comparisons:
            word = "same" if comparison.same else "DIFFERENT"
            click.echo(f"{word:<10} {comparison.name} ({comparison.language})")
    if different:
        msg = f"{len(different)} of {len(comparisons)} pages of {week} are not what they were"
        now, then = pipeline.engine(), different[0].engine_then
        hint = "The archive keeps the bytes that were sent; compare them with the folder's."
        if now != then:
            hint = f"They were made by {then}; this is {now}."
        raise BulletinError(msg, hint)


def _has_screen() -> bool:
    """Whether a browser can open here; one that draws letters would take the terminal."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


COMMANDS = (preview, meet, list_, show, ledger, verify)
