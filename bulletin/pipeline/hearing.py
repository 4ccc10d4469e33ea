"""What people wrote where the bulletin reads it: in `ledger.toml`, and in the notes of its pages.

It is read at every draft and filed once. A cron job has nobody to ask: what cannot be understood
becomes a gap, and everything else is filed.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Settings
from bulletin.errors import BulletinError
from bulletin.model.harvest import Cause, Gap
from bulletin.model.text import clean
from bulletin.model.week import Week
from bulletin.model.word import DECISION, MEETING, Origin, Said, Word, waivers
from bulletin.notes import notes_of
from bulletin.pipeline.filing import Clerk, take_minutes
from bulletin.pipeline.minutes import Line

DETAIL = 200
"""Letters of what is wrong."""


def _week(value: Any) -> Any:
    return Week.parse(value) if isinstance(value, str) else value


Written = Annotated[Week, BeforeValidator(_week)]
"""A week as people write it, `2026-W48`."""


class Waive(Settings):
    """`[[waive]]`: an item rests until a day. Taken out of the file, it rests no longer."""

    key: str
    until: date
    reason: str
    by: str = ""


class Assign(Settings):
    """`[[assign]]`: an item is a team's."""

    key: str
    team: str
    by: str = ""


class Decide(Settings):
    """`[[decision]]`: what the meeting of a week decided."""

    week: Written
    text: str
    owner: str | None = None
    due: Written | None = None
    about: str = ""
    by: str = ""


class Close(Settings):
    """`[[close]]`: a decision was carried out, or given up."""

    key: str
    done: str | None = None
    given_up: str | None = None
    by: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Close":
        if (self.done is None) == (self.given_up is None):
            msg = "write either done or given_up"
            raise ValueError(msg)
        return self


class LedgerFile(Settings):
    """The whole of `ledger.toml`."""

    waive: tuple[Waive, ...] = Field(default=())
    assign: tuple[Assign, ...] = Field(default=())
    decision: tuple[Decide, ...] = Field(default=())
    close: tuple[Close, ...] = Field(default=())


def hear(settings: Bulletin, archive: Archive, week: Week, now: datetime) -> tuple[Gap, ...]:
    """File what people wrote since the last draft, and return what could not be understood.

    The notes are those of the edition of `week`, where it was drafted before, and of the last
    one before it.
    """
    weeks = [entry.week for entry in archive.editions()]
    if not weeks:
        return ()
    wrong: list[tuple[str, str]] = []
    if settings.ledger is not None:
        said, faults = from_file(settings, archive, settings.ledger, now)
        archive.say(*said)
        wrong += [(settings.ledger.name, fault) for fault in faults]
    for one in sorted({max((w for w in weeks if w < week), default=week), week} & set(weeks)):
        clerk = Clerk.of(settings, archive, f"the notes of {one}", now, Origin.NOTES)
        path = settings.output / str(one) / "bulletin.md"
        try:
            said, faults = take_minutes(clerk, one, _notes(path))
        except BulletinError as error:
            said, faults = [], [error.problem]
        archive.say(*said)
        wrong += [(f"{one}/bulletin.md", fault) for fault in faults]
    return tuple(_gap(place, fault) for place, fault in wrong)


def read_file(path: Path) -> LedgerFile:
    """Read `ledger.toml`. Raises `BulletinError` that says what is wrong with it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return LedgerFile.model_validate(given)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise BulletinError(f"{path.name} cannot be read: {why}", "Mend it, or the path.") from None
    except tomllib.TOMLDecodeError as error:
        raise BulletinError(f"{path.name} is not TOML: {error}", "Correct that line.") from None
    except ValidationError as error:
        told = "; ".join(_said(fault) for fault in error.errors(include_url=False))
        hint = "docs/following.md shows every entry."
        raise BulletinError(f"{path.name}: {told}", hint) from None


def _said(fault: Any) -> str:
    entry, *inside = [one + 1 if isinstance(one, int) else one for one in fault["loc"]] or ["file"]
    where = " ".join([f"[[{entry}]]", *map(str, inside)])
    return f"{where}: {fault['msg'].removeprefix('Value error, ').lower()}"


def from_file(
    settings: Bulletin, archive: Archive, path: Path, now: datetime | None = None
) -> tuple[list[Word], list[str]]:
    """Return what the file says that is not on file yet, with the ends of the waivers that it says
    no more, and what is wrong with it. Nothing is filed.
    """
    try:
        written = read_file(path)
        clerk = Clerk.of(settings, archive, path.name, now, Origin.FILE)
    except BulletinError as error:
        return [], [error.problem]
    words: list[Word] = []
    wrong: list[str] = []
    for week, line, by in _lines(written, clerk.weeks[0]):
        speaker = replace(clerk, author=by or clerk.author, words=(*clerk.words, *words))
        try:
            word = speaker.take(week, line)
        except BulletinError as error:
            entry = "close" if line.verb in {"done", "dropped"} else line.verb or "decision"
            wrong.append(f"[[{entry}]] {line.number}: {error.problem}")
            continue
        words += [word] if word is not None else []
    named = {one.key.casefold() for one in written.waive}
    return [*words, *_ended(clerk, named)], wrong


def _lines(written: LedgerFile, newest: Week) -> Iterator[tuple[Week, Line, str]]:
    for n, waive in enumerate(written.waive, 1):
        line = Line(number=n, verb="waive", key=waive.key, until=waive.until, text=waive.reason)
        yield newest, line, waive.by
    for n, one in enumerate(written.assign, 1):
        yield newest, Line(number=n, verb="assign", key=one.key, text=one.team), one.by
    for n, decision in enumerate(written.decision, 1):
        line = Line(
            number=n,
            key=decision.about,
            text=decision.text,
            owner=decision.owner,
            due=decision.due,
        )
        yield decision.week, line, decision.by
    for n, close in enumerate(written.close, 1):
        verb = "dropped" if close.done is None else "done"
        text = close.done if close.given_up is None else close.given_up
        yield newest, Line(number=n, verb=verb, key=close.key, text=text or ""), close.by


def _ended(clerk: Clerk, named: set[str]) -> Sequence[Word]:
    """End the waivers that came from the file and are in it no longer."""
    standing = waivers(clerk.words)
    given = {w.key: w for w in clerk.words if w.said is Said.WAIVED and w.origin is Origin.FILE}
    return [
        replace(word, said=Said.WITHDRAWN, until=None, text="", author=clerk.author, at=clerk.now)
        for key, word in given.items()
        if key in standing
        and standing[key].at == word.at
        and named.isdisjoint({str(key).casefold(), key.subject.casefold()})
    ]


def _notes(path: Path) -> str:
    """Return the notes of a page; empty where there is no page, or nobody kept its markers."""
    try:
        return notes_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise BulletinError("the page cannot be read", "Mend its rights.") from error


def _gap(place: str, fault: str) -> Gap:
    return Gap(
        source=MEETING,
        kinds=(DECISION,),
        parts=("notes",),
        reason=Cause.UNCLEAR,
        detail=clean(fault if fault.startswith(place) else f"{place}: {fault}", DETAIL),
        hint="Mend it there; the next draft reads it again.",
    )
