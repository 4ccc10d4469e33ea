"""Sentences and remarks of a theme among ours: each replaces one, or is one more.

An edition is in no language and may be printed in any: what a theme adds or takes out in one
language it adds or takes out in all. A line that is new in one alone stands in the others as it is.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from bulletin.errors import SettingsError
from bulletin.near import near

TONES = ("dry", "merry")
LENGTH = 120
"""Letters of a remark."""
OPEN = "rule."
"""Ids that rules from other packages may need, whatever they are called."""

Voice = dict[str, list[dict[str, Any]]]


def merge_catalogues(
    ours: Mapping[str, bytes], theirs: Mapping[str, bytes], shown: Mapping[str, str]
) -> dict[str, bytes]:
    """Return our catalogues with the theme's sentences. Raises `SettingsError` that names a file
    and a sentence that cannot be said.
    """
    given = {path: body for path, body in theirs.items() if path.startswith("locale/")}
    if not given:
        return {}
    whole = {path: _po(path, ours[path], path) for path in ours if path.startswith("locale/")}
    holes = {_id(m): _holes(m) for catalogue in whole.values() for m in catalogue if m.id}
    used = b"\n".join(body for path, body in theirs.items() if path not in given).decode(
        "utf-8", "replace"
    )
    own: dict[str, set[str]] = {path: set() for path in whole}
    for path, body in given.items():
        for message in _po(path, body, shown[path]):
            if not message.id:
                continue
            _check_sentence(message, whole[path], holes, used, shown[path])
            own[path].add(_id(message))
            for other, catalogue in whole.items():
                if other == path or (_id(message) not in holes and _id(message) not in own[other]):
                    catalogue.delete(_id(message))
                    catalogue.add(message.id, message.string)
    return {path: _written_po(ours[path], catalogue) for path, catalogue in whole.items()}


def _po(path: str, body: bytes, shown: str) -> Catalog:
    try:
        return read_po(BytesIO(body), locale=PurePosixPath(path).stem, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise SettingsError(
            f"{shown} is no catalogue: {error}",
            'Write each sentence as msgid "…" and msgstr "…", with an empty line between.',
        ) from None


def _id(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _forms(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def _holes(message: Message) -> frozenset[str]:
    parsed = (part for form in _forms(message) for part in Formatter().parse(form))
    return frozenset(name for _, name, _, _ in parsed if name is not None)


def _check_sentence(
    message: Message, catalogue: Catalog, holes: Mapping[str, frozenset[str]], used: str, shown: str
) -> None:
    id_, forms = _id(message), _forms(message)
    where = f"{shown}: the sentence '{id_}'"
    if not all(forms) or len(forms) not in {1, catalogue.num_plurals}:
        hint = f"Write one form, or {catalogue.num_plurals} plural forms."
        raise SettingsError(f"{where} lacks a form", hint)
    if id_ not in holes and not id_.startswith(OPEN) and f'"{id_}"' not in used:
        hint = "Correct the id, or use it in a template of the theme."
        raise SettingsError(f"{where} is said nowhere{near(id_, holes)}", hint)
    try:
        asked = _holes(message)
    except ValueError as error:
        hint = "Write {name} for a value, {{ and }} for braces."
        raise SettingsError(f"{where} cannot be read: {error}", hint) from None
    for name in sorted(asked - holes.get(id_, asked)):
        known = ", ".join(f"{{{n}}}" for n in sorted(holes[id_])) or "no value at all"
        raise SettingsError(f"{where} asks for '{name}', which nobody gives", f"It gets {known}.")


def _written_po(ours: bytes, catalogue: Catalog) -> bytes:
    """Write a catalogue below our own header: Babel's would hold the time of day."""
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, width=0, no_location=True, ignore_obsolete=True)
    header, _, _ = ours.partition(b"\n\n")
    return header + b"\n\n" + body.getvalue().strip() + b"\n"


def merge_voices(
    ours: Mapping[str, bytes], theirs: Mapping[str, bytes], shown: Mapping[str, str]
) -> dict[str, bytes]:
    """Return our voices with the theme's remarks. Raises `SettingsError` that names a file and a
    remark that cannot be printed.
    """
    given = {path: body for path, body in theirs.items() if path.startswith("voice/")}
    if not given:
        return {}
    whole = {p: tomllib.loads(ours[p].decode()) for p in ours if p.startswith("voice/")}
    fields = {key for lines in next(iter(whole.values())).values() for x in lines for key in x}
    out: set[str] = set()
    for path, body in given.items():
        for situation, lines in _toml(body, shown[path]).items():
            if situation not in whole[path] or not isinstance(lines, list):
                told = f"{shown[path]}: there is no situation '{situation}'"
                hint = f"Write each remark as a table of its own, [[{next(iter(whole[path]))}]]."
                raise SettingsError(told + near(situation, whole[path]), hint)
            for line in lines:
                _check_line(line, fields, shown[path])
                _check_place(line, whole[path], situation, shown[path])
                if line["text"]:
                    _take(whole, path, situation, line)
                else:
                    out.add(line["id"])
    return {path: _written_voice(voice, out) for path, voice in whole.items()}


def _toml(body: bytes, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(body.decode())
    except tomllib.TOMLDecodeError as error:
        hint = "Correct that line; strings stand in quotation marks."
        raise SettingsError(f"{shown} is not TOML: {error}", hint) from None


def _check_line(line: Any, fields: set[str], shown: str) -> None:
    hint = 'Write id = "…", tone = "dry" or "merry", and text = "…".'
    if not isinstance(line, dict) or not isinstance(line.get("id"), str) or "text" not in line:
        raise SettingsError(f"{shown}: a remark lacks its id or its text", hint)
    where = f"{shown}: the remark '{line['id']}'"
    for key in sorted(set(line) - fields):
        raise SettingsError(f"{where} has no '{key}'{near(key, fields)}", hint)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", line["id"]):
        raise SettingsError(f"{where}: an id is small letters, digits and -", hint)
    if line.get("tone", TONES[0]) not in TONES:
        raise SettingsError(f"{where}: there is no such tone", hint)
    text = line["text"]
    if not isinstance(text, str) or len(text) > LENGTH or not (text.isprintable()):
        raise SettingsError(f"{where} does not fit", f"At most {LENGTH} letters, on one line.")


def _check_place(line: dict[str, Any], voice: Voice, situation: str, shown: str) -> None:
    places = {x["id"]: name for name, lines in voice.items() for x in lines}
    id_ = line["id"]
    if places.get(id_, situation) != situation:
        hint = "Put it there, or give it another id."
        raise SettingsError(f"{shown}: the remark '{id_}' stands under {places[id_]}", hint)
    if id_ not in places and not line["text"]:
        told = f"{shown}: there is no remark '{id_}' to take out{near(id_, places)}"
        raise SettingsError(told, "Correct the id, or remove the line.")


def _take(whole: Mapping[str, Voice], path: str, situation: str, line: dict[str, Any]) -> None:
    """Take a remark in: instead of the one of its language, or as a new one of every language."""
    for other, voice in whole.items():
        standing = next((x for x in voice[situation] if x["id"] == line["id"]), None)
        if standing is None:
            voice[situation].append({"tone": TONES[0], **line})
        else:
            standing.update({k: v for k, v in line.items() if other == path or k != "text"})


def _written_voice(voice: Voice, out: set[str]) -> bytes:
    """Write a voice as TOML, whose strings are those of JSON, without what was taken out."""
    tables = (
        f"[[{situation}]]\n"
        + "".join(f"{key} = {json.dumps(line[key], ensure_ascii=False)}\n" for key in line)
        for situation, lines in voice.items()
        for line in lines
        if line["id"] not in out
    )
    return "\n".join(tables).encode()
