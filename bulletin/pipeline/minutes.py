"""The notes of a meeting as people write them: Markdown, of which each list item is a word.

    - Put a circuit breaker in front of search (search, W49, INC-42)
    - waive INC-42 until 2026-12-10: after the sale
    - assign INC-42 payments
    - done 2026-W47-1: deployed on Monday
    - dropped 2026-W47-2: superseded

What stands in the brackets at a decision's end is known by its shape: a team of the settings, the
week that it is due in, the key of the item that it is about. Whatever is no list item is prose.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from bulletin.errors import SettingsError
from bulletin.model.week import Week

ITEM = re.compile(r"\s{0,8}[-*+]\s+(?:\[[ xX]?\]\s+)?(?P<text>\S.*)")
COMMAND = re.compile(
    r"(?P<verb>waive|assign|done|dropped)\s+(?P<key>\S*\d\S*?):?(?:\s+(?P<rest>.*))?",
    re.IGNORECASE,
)
KEY = re.compile(r"(?=\S*\d)(?=\S*[-#:/])\S+")
"""What may be an item's key: it has a digit and something that joins."""
UNTIL = re.compile(r"(?:until\s+)?(?P<day>\d{4}-\d\d-\d\d)\s*[:,]?\s*(?P<rest>.*)", re.IGNORECASE)
BRACKETS = re.compile(r"(?P<text>.*\S)\s*\((?P<inside>[^()]*)\)[.!]?")
WEEK = re.compile(r"(?:(?P<year>\d{4})-)?W(?P<number>\d{1,2})", re.IGNORECASE)
LINES = 200
"""List items that the notes of one meeting may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One list item of the notes."""

    number: int
    """The line's number in the text, from 1."""
    verb: str = ""
    """`waive`, `assign`, `done` or `dropped`; empty for a decision."""
    key: str = ""
    """The item that it is about, as it was written."""
    text: str = ""
    until: date | None = None
    owner: str | None = None
    due: Week | None = None


def read_minutes(text: str, week: Week, teams: Collection[str]) -> Iterator[Line]:
    """Yield every list item of the notes of a week's meeting.

    A week without a year, as in `W49`, is the next of that number after `week`. Raises
    `SettingsError` for more than `LINES` items.
    """
    items = ((n, ITEM.fullmatch(line)) for n, line in enumerate(text.splitlines(), 1))
    found = [(n, _unescaped(item["text"].strip())) for n, item in items if item]
    if len(found) > LINES:
        msg = f"the notes hold {len(found)} list items"
        raise SettingsError(msg, f"A meeting decides less: at most {LINES} are taken.")
    for number, said in found:
        command = COMMAND.fullmatch(said)
        if command is not None and KEY.fullmatch(command["key"]):
            yield _command(number, command)
        else:
            yield _decision(number, said, week, {team.casefold() for team in teams})


def _command(number: int, command: re.Match[str]) -> Line:
    verb, rest = command["verb"].lower(), (command["rest"] or "").strip()
    until: date | None = None
    if verb == "waive" and (told := UNTIL.fullmatch(rest)):
        until, rest = _day(told["day"]), told["rest"]
    elif verb == "assign":
        rest = re.sub(r"^to\s+", "", rest, flags=re.IGNORECASE)
    return Line(number=number, verb=verb, key=command["key"], text=rest, until=until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _decision(number: int, said: str, week: Week, teams: Collection[str]) -> Line:
    """Read a decision; brackets that hold nothing of a known shape belong to the sentence."""
    ending = BRACKETS.fullmatch(said)
    if ending is None:
        return Line(number=number, text=said)
    key, owner, due = "", None, None
    for part in (part.strip() for part in ending["inside"].split(",")):
        shape = WEEK.fullmatch(part)
        if shape is not None:
            due = _due(shape, week)
            if due is None:
                return Line(number=number, text=said)
        elif part.casefold() in teams:
            owner = part
        elif KEY.fullmatch(part):
            key = part
        else:
            return Line(number=number, text=said)
    return Line(number=number, text=ending["text"], key=key, owner=owner, due=due)


def _due(shape: re.Match[str], week: Week) -> Week | None:
    number = int(shape["number"])
    years = [int(shape["year"])] if shape["year"] else [week.year, week.year + 1]
    for year in years:
        try:
            due = Week(year, number)
        except ValueError:
            continue
        if due > week or shape["year"]:
            return due
    return None


def _unescaped(text: str) -> str:
    """Return the text without the backslashes that wikis put before signs, and without marks."""
    plain = re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", text)
    return re.sub(r"(\*\*|__)(.+?)\1", r"\2", plain).strip("*_ ")
