"""People's words: what may rest, whose it is, what was decided, and what came of that."""

import getpass
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bulletin.cli.frame import Command, WeekType, read_settings
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.text import printable
from bulletin.model.week import Week
from bulletin.model.word import Said, Word

if TYPE_CHECKING:
    from bulletin.config import Bulletin
    from bulletin.pipeline.filing import Clerk


def _me() -> str:
    """Return the name of whoever types; a machine may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _somebody(_ctx: click.Context, _param: click.Parameter, name: str) -> str:
    if not name.strip():
        raise click.BadParameter("say who; a blank is nobody")
    return name


by = click.option(
    "--by",
    "author",
    default=_me,
    show_default="you",
    callback=_somebody,
    help="Who says so.",
)


@click.command(cls=Command)
@click.argument("key")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day that it rests.")
@click.option("--reason", help="Why it may wait. Everybody reads it.")
@click.option("--withdraw", is_flag=True, help="End the waiver that stands.")
@by
@click.pass_context
def waive(
    ctx: click.Context,
    *,
    key: str,
    until: datetime | None,
    reason: str | None,
    withdraw: bool,
    author: str,
) -> None:
    """Let an item rest until a day, for a reason; it comes back by itself, or if it gets worse.

    KEY is the item's key, or its last part: jira:incident:INC-42, or INC-42.
    """
    if withdraw:
        if until or reason:
            raise click.UsageError("--withdraw stands alone")
        _say(ctx, lambda clerk: clerk.withdraw(key), author)
        return
    if until is None or reason is None:
        raise click.UsageError("a waiver needs --until and --reason")
    day, why = until.date(), reason
    _say(ctx, lambda clerk: clerk.waive(key, day, why), author)


@click.command(cls=Command)
@click.argument("key")
@click.argument("team")
@by
@click.pass_context
def assign(ctx: click.Context, *, key: str, team: str, author: str) -> None:
    """Give an item to a team of the settings, whatever its source says.

    KEY is the item's key, or its last part: jira:incident:INC-42, or INC-42.
    """
    _say(ctx, lambda clerk: clerk.assign(key, team), author)


@click.command(cls=Command)
@click.argument("week", type=WeekType())
@click.argument("text", required=False)
@click.option("--owner", metavar="TEAM", help="The team that does it.")
@click.option("--due", type=WeekType(), help="The edition it is due in.  [default: the next]")
@click.option("--about", metavar="KEY", help="The item that it is about.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, allow_dash=True, exists=True, dir_okay=False),
    help="Take the notes of the meeting from a Markdown file; - reads what is piped in.",
)
@by
@click.pass_context
def note(
    ctx: click.Context,
    *,
    week: Week,
    text: str | None,
    owner: str | None,
    due: Week | None,
    about: str | None,
    path: Path | None,
    author: str,
) -> None:
    """File what the meeting of a WEEK decided. Each decision is an item from the next edition on.

    \b
    bulletin note 2026-W47 "Put a circuit breaker in front of search" --owner search
    bulletin note 2026-W47 --file notes.md

    Without TEXT or --file an editor opens, with the open questions of the week. In notes each list
    item is a decision; in brackets at its end stand its team, its due week and the item that it is
    about, as in (search, W49, INC-42).
    """  # noqa: D301  (click wants the control character itself)
    if text is not None:
        if path is not None:
            raise click.UsageError("write the decision, or name a file with --file")
        said = " ".join(text.split())

        def decide(clerk: "Clerk") -> list[Word]:
            from bulletin.pipeline.minutes import read_line

            line = read_line(1, said, week, clerk.settings.teams)
            if line.verb and (owner or due or about):
                raise click.UsageError("--owner, --due and --about belong to a decision")
            owned = replace(line, owner=owner or line.owner, due=due or line.due)
            word = clerk.take(week, replace(owned, key=about or line.key))
            return [word] if word is not None else []

        _say(ctx, decide, author)
        return
    if owner or due or about:
        raise click.UsageError("--owner, --due and --about belong to one decision: write its TEXT")
    notes = _notes(read_settings(ctx), week, path)

    def take(clerk: "Clerk") -> list[Word]:
        from bulletin.pipeline.filing import take_minutes
        from bulletin.pipeline.minutes import list_items

        if not list_items(notes):
            hint = "Begin every decision with a dash: - Put a breaker in front of search (search)"
            raise SettingsError("the notes hold no list item, so nothing was filed", hint)
        words, wrong = take_minutes(clerk, week, notes)
        if wrong:
            count = "1 mistake" if len(wrong) == 1 else f"{len(wrong)} mistakes"
            told = "\n  ".join([f"nothing was filed, for {count}:", *wrong])
            raise SettingsError(told, "Correct the notes, and file them again.")
        return words

    _say(ctx, take, author)


@click.command(cls=Command)
@click.argument("key")
@click.option("--done", metavar="HOW", help="It was carried out; say how in a few words.")
@click.option("--given-up", metavar="WHY", help="It will not be carried out; say why.")
@by
@click.pass_context
def close(
    ctx: click.Context, *, key: str, done: str | None, given_up: str | None, author: str
) -> None:
    """Say what came of a decision. Everything else is closed where it lives.

    KEY is the decision's key, or its last part: 2026-W47-1.
    """
    if (done is None) == (given_up is None):
        raise click.UsageError("say either --done or --given-up")
    text, is_done = (given_up or "", False) if done is None else (done, True)
    _say(ctx, lambda clerk: clerk.close(key, text, done=is_done), author)


@click.command(cls=Command)
@click.argument("key")
@click.option("--withdraw", is_flag=True, help="Let it be told under the other again.")
@by
@click.pass_context
def unfold(ctx: click.Context, *, key: str, withdraw: bool, author: str) -> None:
    """Tell something alone that is told under an incident or an error which it names.

    KEY is the part's key, or its last part: sentry:error:SHOP-1A, or SHOP-1A.
    """

    def speak(clerk: "Clerk") -> Word:
        from bulletin.pipeline import unfolding

        return unfolding.unfold(clerk, key, withdraw=withdraw)

    _say(ctx, speak, author)


COMMANDS = (waive, assign, note, close, unfold)


def _say(
    ctx: click.Context, speak: Callable[["Clerk"], Word | Iterable[Word]], author: str
) -> None:
    from bulletin.pipeline import filing

    words = filing.say(read_settings(ctx), speak, author=author)
    if ctx.obj["quiet"]:
        return
    for word in words:
        click.echo(printable(_told(word)))
    if not words:
        click.echo("Nothing new: all of it is on file.")


def _told(word: Word) -> str:
    match word.said:
        case Said.WAIVED:
            return f"{word.key} rests until {word.until}, from the next edition on: {word.text}"
        case Said.WITHDRAWN:
            return f"{word.key} rests no longer. The next edition says so."
        case Said.ASSIGNED:
            return f"{word.key} is with {word.text}, from the next edition on."
        case Said.DECIDED:
            owner = word.owner or "no team yet"
            return f"{word.key.subject}  due {word.due}  {owner}  {word.text}"
        case Said.DONE:
            return f"{word.key.subject} is done. The next edition holds that against the facts."
        case Said.GIVEN_UP:
            return f"{word.key.subject} is given up: {word.text}"
        case Said.UNFOLDED:
            return f"{word.key} stands alone, from the next edition on."
        case Said.REFOLDED:
            return f"{word.key} may be told under another again, from the next edition on."


def _notes(settings: "Bulletin", week: Week, path: Path | None) -> str:
    """Return the notes of a meeting: of a file, piped in, or written in the editor now."""
    try:
        if path is not None and str(path) != "-":
            return path.read_text(encoding="utf-8")
        if path is not None or _is_piped():
            return sys.stdin.read()
    except (OSError, UnicodeError) as error:
        told = f"the notes cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}"
        raise BulletinError(told, "Write them as a text file in UTF-8.") from None
    written = click.edit(_blank(settings, week), extension=".md", require_save=True)
    if written is None:
        raise BulletinError("nothing was written", "Save the notes to file them.")
    return written


def _is_piped() -> bool:
    return not sys.stdin.isatty()


def _blank(settings: "Bulletin", week: Week) -> str:
    """Return what the editor opens with: how to write, and the open questions of the week."""
    from bulletin import reading

    asked = "\n".join(f"> {said}\n>" for said in reading.questions(settings, week))
    teams = ", ".join(sorted(settings.teams)) or "none in the settings"
    return BLANK.format(week=week, asked=asked or "none", teams=teams)


BLANK = """# Decided in the meeting of {week}

One decision a line, as in:  - Put a circuit breaker in front of search (search, W49, INC-42)
Teams: {teams}. Everything that is no list item is prose and stays unread.

Asked in this edition:

{asked}
"""
