"""The command line: reads arguments, calls the pipeline, says what happened. Never a decision."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bulletin import __version__
from bulletin.cli import operating, sending, words
from bulletin.cli.frame import (
    LOGS,
    SAID,
    Commands,
    WeekType,
    progress,
    read_settings,
    say_failure,
    say_warning,
    start_log,
)
from bulletin.errors import BulletinError
from bulletin.model.text import clean, printable
from bulletin.model.week import Week

CONFIG = Path("bulletin.toml")

if TYPE_CHECKING:
    from bulletin.model.harvest import Gap
    from bulletin.pipeline import Printed


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
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bulletin-demo"),
    show_default=True,
    help="Where the editions are laid out.",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option(
    "--deliver", is_flag=True, help="Deliver them too: to a mail server and a wiki on this machine."
)
@click.pass_context
def demo(ctx: click.Context, *, output: Path, language: str, deliver: bool) -> None:
    """Print two editions of a company that does not exist: no account, no network, no settings."""
    from bulletin.demo import TITLES, print_demo

    printed = print_demo(output, language, TITLES[language], report=progress(ctx))
    for edition in printed:
        _say_front_page(ctx, edition)
    if deliver:
        _deliver(ctx, output, [edition.filed.edition.week for edition in printed])
    if not ctx.obj["quiet"]:
        click.echo(f"Look at all of them: {output / 'index.html'}")
        name = "bulletin" if shutil.which("bulletin") else sys.argv[0]
        click.echo(f"Ask them questions:  {name} --config {output / 'bulletin.toml'} ledger")


port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="Where to answer.  [default: 8000, or a free one]"
)
open_option = click.option(
    "--open/--no-open", "show", default=True, help="Open the browser.  [default: open]"
)


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


@main.command()
@click.option("--week", type=WeekType(), help="An ISO week such as 2026-W48.  [default: this one]")
@click.option(
    "--past",
    type=click.IntRange(1, 12),
    metavar="WEEKS",
    help="Fill in so many weeks before a first edition, so that trends start at once (1 to 12).",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was printed as JSON.")
@words.by
@click.pass_context
def draft(
    ctx: click.Context, *, week: Week | None, past: int | None, as_json: bool, author: str
) -> None:
    """Collect, judge, file and render this week's edition. Publishes nothing.

    A past week is told as far as the services' own dates tell how it stood then; the page and the
    terminal say what can no longer be known.
    """
    from bulletin import pipeline

    if week and past:
        raise click.UsageError("--past fills in the weeks before this one: leave --week out")
    settings = read_settings(ctx, plugs=True)
    printed = pipeline.draft(settings, week=week, past=past, author=author, report=progress(ctx))
    if as_json:
        click.echo(json.dumps(_summary(printed), ensure_ascii=False))
    else:
        _say_filled_in(ctx, printed)
        _say_front_page(ctx, printed)
    ctx.exit(printed.exit_code)


@main.command()
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


@main.command()
@click.argument("week", type=WeekType(), required=False)
@port_option
@open_option
@words.by
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


@main.command(name="list")
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
                f"{entry.week}  {number:<9} r{entry.revision:<3} {sending.coloured(entry.mode, 9)} "
                f"{entry.filed_at:%Y-%m-%d %H:%M}Z  {entry.digest[:12]}  {clean(entry.title, SAID)}"
            )
    if not entries and not as_json:
        click.echo("No edition yet. Run `bulletin draft` to make the first.", err=True)


@main.command()
@click.argument("week", type=WeekType(), required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole edition as JSON.")
@click.pass_context
def show(ctx: click.Context, *, week: Week | None, as_json: bool) -> None:
    """Show one edition in the terminal; the newest unless a WEEK is named."""
    from bulletin import reading

    settings = read_settings(ctx)
    name = "edition.json" if as_json else "email.txt"
    click.echo(reading.page(settings, week, name).decode(), nl=False)


@main.command()
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


@main.command()
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


def _deliver(ctx: click.Context, output: Path, weeks: list[Week]) -> None:
    from bulletin.demo_delivery import deliver_demo

    delivered = deliver_demo(output, weeks)
    if ctx.obj["quiet"]:
        return
    click.echo(f"Mail, taken by a server on this machine: {output / 'mail'}{os.sep}")
    for letter in delivered.letters:
        click.echo(f"  {letter.path.name}  {letter.to:<30} {printable(letter.subject)}")
    click.echo(f"A git wiki, cloned back after it was pushed to: {output / 'wiki'}{os.sep}")
    for commit in delivered.commits:
        click.echo(f"  {printable(commit)}")
    click.echo(f"Asked a second time, {delivered.again or 'nothing'} left: it was all there.\n")


def _say_front_page(ctx: click.Context, printed: "Printed") -> None:
    from bulletin import masking

    if not ctx.obj["quiet"]:
        text = next((a.body.decode() for a in printed.artifacts if a.name == "email.txt"), "")
        click.echo(_front(text))
        click.echo(f"\n→ {printed.folder}{os.sep}\n")
    for gap in printed.filed.edition.gaps:
        say_warning(f"{gap.source}: {gap.detail}", gap.hint)
    for problem, hint in masking.notices(printed.filed.edition.masked):
        say_warning(problem, hint)
    for failure in printed.failures:
        say_failure(failure)


def _say_filled_in(ctx: click.Context, printed: "Printed") -> None:
    """Say which weeks were filled in, and once of each source what it can no longer know."""
    weeks = [filed.edition.week for filed in printed.filled_in]
    if not weeks:
        return
    if not ctx.obj["quiet"]:
        span = f"{weeks[0]} to {weeks[-1]}" if len(weeks) > 1 else f"{weeks[0]}"
        click.echo(f"Filled in afterwards: {span}, {len(weeks)} in all. Figures, and no list.\n")
    told: dict[tuple[object, ...], list[Gap]] = {}
    for filed in printed.filled_in:
        for gap in filed.edition.gaps:
            told.setdefault((gap.source, gap.reason, gap.hint, bool(gap.parts)), []).append(gap)
    for gaps in told.values():
        last = max(gaps, key=lambda gap: len(gap.parts))
        which = f"{len(gaps)} of {len(weeks)} weeks filled in"
        say_warning(f"{last.source}, {which}, such as: {last.detail}", last.hint)


def _front(text: str) -> str:
    """Return the text edition down to the end of its first section."""
    *parts, _ = [*text.split("\n== ")[:2], ""]
    return "\n== ".join(parts).rstrip()


def _summary(printed: "Printed") -> dict[str, Any]:
    edition = printed.filed.edition
    return {
        "week": str(edition.week),
        "revision": edition.revision,
        "digest": printed.filed.digest,
        "folder": str(printed.folder),
        "artifacts": [artifact.name for artifact in printed.artifacts],
        "gaps": len(edition.gaps),
        "filled_in": [str(filed.edition.week) for filed in printed.filled_in],
        "masked": sum(note.count for note in edition.masked),
        "failures": [failure.problem for failure in printed.failures],
        "exit_code": printed.exit_code,
    }


for command in (*words.COMMANDS, *sending.COMMANDS, *operating.COMMANDS):
    main.add_command(command)
