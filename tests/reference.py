"""Writes docs/settings.md and docs/rules.md from the classes that read the settings."""

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from textwrap import dedent
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bulletin import registry
from bulletin.config import Bulletin, Monitor, Schedule, Season, Secret, Team
from bulletin.model.week import Cutoff, Week

TABLES = ("season", "teams", "rules", "source", "publish", "monitor", "schedule")
"""Settings of the whole file that are tables with a section of their own."""

HEAD = "| setting | type | default | meaning |\n| --- | --- | --- | --- |\n"
MADE = "<!-- Written from the code: BULLETIN_UPDATE=1 pytest tests/test_docs.py -->\n"
PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    date: "date",
    ZoneInfo: "time zone",
    Cutoff: "weekday and time",
    Week: "ISO week",
    Secret: "secret",
}
KINDS = {
    "incident": "incidents",
    "error": "errors",
    "pull_request": "pull requests",
    "decision": "decisions",
}

SETTINGS = f"""# Settings

{MADE}
Everything that `bulletin.toml` may say. Names that are not here are refused, with the nearest
that is; all mistakes are told at once. [bulletin.example.toml](../bulletin.example.toml) holds
every one of them, ready to be changed.

A path that is relative starts at the folder of the settings, and so does the file of an SQLite
archive.
"""

RULES = f"""# Rules

{MADE}
What belongs on the list. A rule looks at one incident, error, pull request or decision of the
meeting and says why, if so, it should be there; a thing that two rules point at is one item with
two reasons. Where a source could not tell a field that a rule needs, the rule says neither yes nor
no, and an item that was listed for it stays as *unknown*.

`[rules.<id>]` changes a rule's settings; every rule is on unless it says `enabled = false`. Drills
are never pointed at. Drafts and bots' pull requests are left alone, but for
`pull-request-labelled`.

| rule | points at |
| --- | --- |
"""


@dataclass(frozen=True)
class Row:
    """One setting as the tables show it."""

    name: str
    type: str
    default: str
    meaning: str

    def __str__(self) -> str:
        cells = (f"`{self.name}`", self.type, self.default, self.meaning)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def parse_meanings(shape: type) -> dict[str, str]:
    """Read the docstring below each field of a class, on one line, from its source."""
    (tree,) = ast.parse(dedent(inspect.getsource(shape))).body
    assert isinstance(tree, ast.ClassDef)
    meanings = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                meanings[name] = " ".join(str(text).split())
    return meanings


def rows(shape: type) -> list[Row]:
    """Return every setting of a class: a pydantic model, or the plain dataclass of a rule."""
    meanings = parse_meanings(shape)
    if issubclass(shape, BaseModel):
        return [
            Row(
                f.alias or name,
                say_type(f.annotation) + say_range(f),
                say_default(f),
                meanings.get(name, ""),
            )
            for name, f in shape.model_fields.items()
        ]
    return [
        Row(f.name, say_type(f.type), say_default(f), meanings.get(f.name, ""))
        for f in fields(shape)
    ]


def say_type(annotation: Any) -> str:
    """Say a type in the words of people who write TOML."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return say_type(inner[0])
    if origin in {Union, UnionType}:
        said = [say_type(one) for one in inner if one is not NoneType]
        return " or ".join(dict.fromkeys(said))
    if origin is Literal:
        return ", ".join(f"`{json.dumps(one)}`" for one in inner)
    if origin is tuple:
        return f"list of {say_type(inner[0])}"
    if origin is dict:
        return "table"
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{json.dumps(one)}`" for one in annotation)
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return PLAIN.get(annotation, "table")
    return PLAIN[annotation]


def say_range(field: FieldInfo) -> str:
    """Say the bounds of a number, as in `, 1 to 200`."""
    bounds = {name: getattr(one, name) for one in field.metadata for name in ("ge", "le")
              if getattr(one, name, None) is not None}  # fmt: skip
    return f", {bounds['ge']} to {bounds['le']}" if {"ge", "le"} <= bounds.keys() else ""


def say_default(field: FieldInfo | Field[Any]) -> str:
    """Say a default as it would be written in TOML."""
    if isinstance(field, FieldInfo):
        if field.is_required():
            return "required"
        default = field.get_default(call_default_factory=True)
    else:
        assert field.default is not MISSING
        default = field.default
    if default is None:
        return "unset"
    return f"`{write_toml(default)}`"


def write_toml(value: Any) -> str:
    """Write a default as a value of TOML."""
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case tuple() | list():
            return f"[{', '.join(write_toml(one) for one in value)}]"
        case dict():
            assert not value
            return "{}"
    return json.dumps(str(value), ensure_ascii=False)


def nested(shape: type) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the settings of a class that are tables of their own, such as `app`."""
    if not issubclass(shape, BaseModel):
        return
    for name, field in shape.model_fields.items():
        for one in (field.annotation, *get_args(field.annotation)):
            if inspect.isclass(one) and issubclass(one, BaseModel) and one is not Secret:
                yield name, one


def plugs() -> Iterator[tuple[str, str, type]]:
    """Yield table, kind and settings class of every source and channel."""
    for table in ("source", "publish"):
        for kind in sorted(registry.GROUPS[table][0]):
            yield table, kind, registry.kinds().settings(table, kind)


def table(title: str, said: str, shape: type, skip: tuple[str, ...] = ()) -> str:
    """Write a section: a heading, a sentence and the settings of a class."""
    wanted = [row for row in rows(shape) if row.name not in skip]
    return f"\n## {title}\n\n{said}\n\n{HEAD}{''.join(map(str, wanted))}"


def write_settings() -> str:
    """Write docs/settings.md."""
    parts = [
        SETTINGS,
        table("The whole bulletin", "At the top of the file.", Bulletin, TABLES),
        table(
            "`[season]`",
            "At most one. The ear of the masthead counts down to the event; without the table it\n"
            "counts the list.",
            Season,
        ),
        table(
            "`[teams.<name>]`",
            "One table a team. The first team of the file that owns a thing has it. Patterns may\n"
            "hold `*`; upper and lower case are alike.",
            Team,
        ),
        table(
            "`[monitor]`",
            "Who is told of runs, besides the log: see [operations](operations.md).",
            Monitor,
        ),
        table("`[schedule]`", "What `bulletin schedule` prints.", Schedule),
        table(
            "Secrets",
            'Wherever a type says *secret*: `{ env = "NAME" }` or `{ file = "/path" }`, never the\n'
            "secret itself. It is read when it is needed, and printed nowhere.",
            Secret,
        ),
    ]
    for group, kind, shape in plugs():
        said = (
            f'With `kind = "{kind}"`, and a `name` of small letters, digits, `-` and `_` if there\n'
            f"is more than one; the kind is the name unless set."
        )
        if group == "source":
            said += " The name stays in the key of\nevery item: who changes it starts a new list."
        parts.append(table(f"`[[{group}]]` of kind `{kind}`", said, shape))
        for name, inner in nested(shape):
            said = (inner.__doc__ or "").strip()
            parts.append(table(f"`{name}` of kind `{kind}`", said, inner))
    parts.append(
        "\n## `[rules.<id>]`\n\nEach rule has settings of its own: [the rules](rules.md).\n"
    )
    return "".join(parts)


def write_rules() -> str:
    """Write docs/rules.md."""
    parts = [
        RULES,
    ]
    shapes = {name: registry.find("rules", name) for name in sorted(registry.RULES)}
    for name, shape in shapes.items():
        parts.append(
            f"| [`{name}`](#{name}) | {inspect.cleandoc(shape.__doc__).splitlines()[0]} |\n"
        )
    for name, shape in shapes.items():
        needs = ", ".join(f"`{field}`" for field in shape.needs) or "nothing that can be missing"
        parts.append(
            f"\n## {name}\n\n{inspect.cleandoc(shape.__doc__)}\n\n"
            f"Judges {KINDS[shape.kind]}; needs {needs}.\n\n"
            + (f"{HEAD}{''.join(map(str, rows(shape)))}" if rows(shape) else "No settings.\n")
        )
    return "".join(parts)
