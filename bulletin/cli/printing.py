"""Printing: the demo, this week's draft, and what the terminal shows of them."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bulletin.cli.frame import (
    Command,
    WeekType,
    progress,
    read_settings,
    say_failure,
    say_warning,
)
from bulletin.cli.words import by
from bulletin.model.text import printable
from bulletin.model.week import Week

if TYPE_CHECKING:
    from bulletin.model.harvest import Gap
    from bulletin.pipeline import Printed


@click.command(cls=Command)
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


@click.command(cls=Command)
@click.option("--week", type=WeekType(), help="An ISO week such as 2026-W48.  [default: this one]")
@click.option(
    "--past",
    type=click.IntRange(1, 12),
    metavar="WEEKS",
    help="Fill in so many weeks before a first edition, so that trends start at once (1 to 12).",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was printed as JSON.")
@by
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


def _deliver(ctx: click.Context, output: Path, weeks: list[Week]) -> None:
    from bulletin.demo_delivery import deliver_demo

    delivered = deliver_demo(output, weeks)
    if ctx.obj["quiet"]:
        return
    click.echo(f"Mail, taken by a server on this machine: {delivered.wiki.parent / 'mail'}{os.sep}")
    for letter in delivered.letters:
        click.echo(f"  {letter.path.name}  {letter.to:<30} {printable(letter.subject)}")
    click.echo(f"A git wiki, cloned back after it was pushed to: {delivered.wiki}{os.sep}")
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


COMMANDS = (demo, draft)
