"""The notes of a meeting as people write them: Markdown, of which each list item is a word.

    - Put a circuit breaker in front of search (search, W49, INC-42)
    - waive INC-42 until 2026-12-10: after the sale
    - assign INC-42 payments
    - done 2026-W47-1: deployed on Monday
    - dropped 2026-W47-2: superseded

What stands in the brackets at a decision's end is known by its shape: a team of the settings, the
week that it is due in, the key of the item that it is about. Whatever is no list item is prose.
What nearly has one of these shapes is a mistake, and never a decision by that accident.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from bulletin.errors import SettingsError
from bulletin.model.text import clean
from bulletin.model.week import Week
from bulletin.near import near

ITEM = re.compile(r"\s{0,8}(?:[-*+]|\d{1,3}[.)])\s+(?:\[ ?\]\s+)?(?P<text>\S.*)")
FENCE = re.compile(r"\s{0,3}(```|~~~)")
TICKED = re.compile(r"\[[xX]\](?:\s|$)")
VERBS = ("waive", "assign", "done", "dropped")
UNLIKE = frozenset(
    ("close", "closed", "completed", "drop", "finished", "resolved", "unwaive", "withdraw")
)
"""What people write for one of the verbs and is none."""
COMMAND = re.compile(r"(?P<verb>[A-Za-z]+)\s+(?P<key>\S*\d\S*?)\s*:?(?:\s+(?P<rest>.*))?")
KEY = re.compile(r"(?=\S*\d)(?=\S*[-#:/])\S+")
"""What may be an item's key: it has a digit and something that joins."""
UNTIL = re.compile(r"(?:until\s+)?(?P<day>\d{4}-\d\d-\d\d)\s*[:,]?\s*(?P<rest>.*)", re.IGNORECASE)
BRACKETS = re.compile(r"(?P<text>.*\S)\s*\((?P<inside>[^()]*)\)[.!]?")
WEEK = re.compile(r"(?:(?P<year>\d{4})-)?W(?P<number>\d{1,2})", re.IGNORECASE)
LINES = 200
"""List items that the notes of one meeting may hold."""
AHEAD = 26
"""Weeks ahead that a week without a year may lie: one beyond is more likely past."""
ALIKE = 0.8
"""How alike two words are, from 0 to 1, where one was meant for the other."""
SHOWN = 60
"""Letters of what people wrote that a mistake repeats."""


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


def list_items(text: str) -> list[tuple[int, str]]:
    """Return the number and the text of every list item outside blocks of code.

    Raises `SettingsError` for more than `LINES`.
    """
    found = [
        (number, _unescaped(item["text"].strip()))
        for number, line in _outside_code(text)
        if (item := ITEM.fullmatch(line))
    ]
    if len(found) > LINES:
        msg = f"the notes hold {len(found)} list items"
        raise SettingsError(msg, f"A meeting decides less: at most {LINES} are taken.")
    return found


def read_line(number: int, said: str, week: Week, teams: Collection[str]) -> Line:
    """Read a list item of the notes of a week's meeting.

    A week without a year, as in `W49`, is the next of that number after `week`. Raises
    `SettingsError` for what nearly is a word, or has brackets that are partly understood.
    """
    if TICKED.match(said):
        msg = "a ticked box may be something decided or something done"
        hint = "Untick what was decided; write what was done as in: done 2026-W47-1: deployed"
        raise SettingsError(msg, hint)
    command = COMMAND.fullmatch(said)
    if command is None or not KEY.fullmatch(command["key"]):
        return _decision(number, said, week, {team.casefold() for team in teams})
    verb = command["verb"].lower()
    if verb in VERBS:
        return _command(number, verb, command)
    if verb in UNLIKE or get_close_matches(verb, VERBS, cutoff=ALIKE):
        msg = f"'{clean(command['verb'], SHOWN)}' is no word for an item{near(verb, VERBS)}"
        hint = "The words are waive, assign, done and dropped; let a decision begin otherwise."
        raise SettingsError(msg, hint)
    return _decision(number, said, week, {team.casefold() for team in teams})


def _outside_code(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if mark is None and not fence:
            yield number, line
        elif mark is not None and fence in {"", mark[1]}:
            fence = "" if fence else mark[1]


def _command(number: int, verb: str, command: re.Match[str]) -> Line:
    rest = (command["rest"] or "").strip()
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
    inside = [part.strip() for part in ending["inside"].split(",")] if ending else []
    owners = [part for part in inside if part.casefold() in teams]
    dues = [shape for part in inside if (shape := WEEK.fullmatch(part))]
    rest = [part for part in inside if part not in owners and not WEEK.fullmatch(part)]
    keys = [part for part in rest if KEY.fullmatch(part)]
    others = [part for part in rest if part not in keys]
    is_meant = bool(owners or dues or keys)
    for part in others:
        if is_meant or get_close_matches(part.casefold(), teams, n=1, cutoff=ALIKE):
            like = near(part.casefold(), teams)
            msg = f"'{clean(part, SHOWN)}' in the brackets is no team, week or key{like}"
            raise SettingsError(msg, "Write it before them, or as in (search, W49, INC-42).")
    if ending is None or not is_meant:
        return Line(number=number, text=said)
    if any(len(named) > 1 for named in (owners, dues, keys)):
        msg = "the brackets name more than one team, week or item"
        raise SettingsError(msg, "A decision has one of each: make it two decisions.")
    return Line(
        number=number,
        text=ending["text"],
        key=keys[0] if keys else "",
        owner=owners[0] if owners else None,
        due=_due(dues[0], week) if dues else None,
    )


def _due(shape: re.Match[str], week: Week) -> Week:
    number = int(shape["number"])
    for year in [int(shape["year"])] if shape["year"] else [week.year, week.year + 1]:
        try:
            due = Week(year, number)
        except ValueError:
            continue
        if shape["year"] or 0 < due.weeks_since(week) <= AHEAD:
            return due
    msg = f"no week {shape[0]} is to come within {AHEAD} weeks of {week}"
    raise SettingsError(msg, f"Write it with its year, as in {week.shift(2)}.")


def _unescaped(text: str) -> str:
    """Return the text without the backslashes that wikis put before signs, and without marks."""
    plain = re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", text)
    return re.sub(r"(\*\*|__)(.+?)\1", r"\2", plain).strip("*_ ")
