"""A theme: a folder of the user's own, laid over the files that came with the program."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NoReturn

from bulletin.errors import SettingsError
from bulletin.near import near
from bulletin.rendering.logo import MEDIA_TYPES, check_logo
from bulletin.rendering.merging import merge_catalogues, merge_voices

FILES = 200
SIZE = 2 << 20
"""Bytes that a file may have."""
BINARY = (".woff2", ".png")
FOR_PEOPLE = re.compile(r"(README|.*LICENSE|COPYING)(\.\w+)?", re.IGNORECASE)
"""Files that lie beside the others and are part of no page."""
FONT = re.compile(r"fonts/[\w.-]+\.woff2")
STYLED = re.compile(r"@import|</|url\s*\((?!\s*[\"']?\s*(?:\{\{|data:|#))", re.IGNORECASE)
DOCS = "docs/themes.md lists what a theme may hold."


def overlay(ours: Mapping[str, bytes], folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Lay `folder` over our files: the files as they are then, and where those of the theme lie.

    Catalogues and voices are merged, everything else is replaced. Raises `SettingsError` for a
    folder that cannot be read and for a file that no page could use.
    """
    theirs = dict(sorted(_read(folder)))
    shown = {path: str(folder / path) for path in theirs}
    for path, body in theirs.items():
        _check(path, body, shown[path], ours, theirs)
    merged = {
        **merge_catalogues(ours, theirs, shown),
        **merge_voices(ours, theirs, shown),
    }
    return {**ours, **theirs, **merged}, shown


def _read(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file that is meant for pages: path with forward slashes, and content."""
    if not folder.is_dir():
        raise SettingsError(
            f"there is no theme at {folder}", "Make that folder, or correct `theme`."
        )
    inside = folder.resolve()
    for number, path in enumerate(_walk(folder), 1):
        if number > FILES:
            raise SettingsError(
                f"the theme {folder} holds more than {FILES} files",
                "Name the folder that holds the theme alone.",
            )
        if not path.is_file() or not path.resolve().is_relative_to(inside):
            raise SettingsError(
                f"{path} leads out of the theme, or nowhere",
                "Put the file itself there: a theme has to work on another machine.",
            )
        yield path.relative_to(folder).as_posix(), _body(path)


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [Path(place, name) for name in folders if Path(place, name).is_symlink()]
        yield from linked
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith("~") and not _for_people(name):
                yield Path(place, name)


def _for_people(name: str) -> bool:
    return FOR_PEOPLE.fullmatch(name) is not None


def _unreadable(error: OSError) -> NoReturn:
    raise SettingsError(
        f"{error.filename} cannot be read: {error.strerror}",
        "Let the user that runs bulletin read the theme.",
    ) from error


def _body(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= SIZE else b""
    except OSError as error:
        _unreadable(error)
    if size > SIZE:
        raise SettingsError(
            f"{path} has {size:,} bytes; a theme's file may have {SIZE:,}",
            "Make it smaller: it is part of every page, and of the archive.",
        )
    return body


def _check(
    path: str, body: bytes, shown: str, ours: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> None:
    """Refuse a file that no page could use."""
    if path in MEDIA_TYPES:
        check_logo(path, body, shown)
    elif path not in ours and not (FONT.fullmatch(path) and _is_named(path, theirs)):
        known = [*ours, *MEDIA_TYPES]
        why = "no template of the theme names it" if FONT.fullmatch(path) else "it overrides none"
        raise SettingsError(f"{shown} is no file of ours: {why}{near(path, known)}", DOCS)
    if path.endswith(".woff2") and not body.startswith(b"wOF2"):
        raise SettingsError(f"{shown} is no WOFF2 font", "Convert it to WOFF2.")
    if not path.endswith(BINARY):
        _check_text(path, body, shown)


def _check_text(path: str, body: bytes, shown: str) -> None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{shown} is not UTF-8", "Save it as UTF-8.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if PurePosixPath(path).suffix == ".css" and STYLED.search(line):
            raise SettingsError(
                f"{shown}, line {number}: a style sheet loads nothing from elsewhere",
                'Put the font into fonts/ and write url("{{ asset("fonts/NAME.woff2") }}").',
            )


def _is_named(path: str, theirs: Mapping[str, bytes]) -> bool:
    texts = (body for name, body in theirs.items() if name.endswith((".css", ".html")))
    return any(path.encode() in body for body in texts)
