"""The bundle: every file that pages are made of, as one value with one digest."""

import base64
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Self

from bulletin.errors import BulletinError
from bulletin.rendering.theme import overlay

PLACES = (
    Path(__file__).parents[1] / "templates",  # in a wheel
    Path(__file__).parents[2] / "templates",  # in a checkout
)


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """One dry remark, in no language: its id, and the least tone (`dry`, `merry`) it asks for."""

    id: str
    tone: str


@dataclass(frozen=True, eq=False)
class Bundle:
    """All files under `templates/`: path with forward slashes → content, sorted by path."""

    files: Mapping[str, bytes]
    origins: Mapping[str, str] = field(default_factory=dict)
    """Path → the file of a theme that it came from; no part of what the bundle is."""

    @classmethod
    def of(cls, files: Mapping[str, bytes], origins: Mapping[str, str] | None = None) -> Self:
        """Make a bundle of these files, whatever their order."""
        return cls(MappingProxyType(dict(sorted(files.items()))), origins or {})

    @classmethod
    def read(cls, folder: Path | None = None, *, theme: Path | None = None) -> Self:
        """Read `folder`, or the templates that came with the program, and lay a theme over them.

        Hidden files and editors' backups are not part of it. Raises `BulletinError` where there
        are no templates, and `SettingsError` for a theme that cannot be used.
        """
        root = folder or next((place for place in PLACES if place.is_dir()), None)
        if root is None or not root.is_dir():
            raise BulletinError(
                "the templates are not there",
                "Install bulletin again, or run it from a complete checkout.",
            )
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        ours = {path.as_posix(): (root / path).read_bytes() for path in paths if _is_source(path)}
        return cls.of(ours) if theme is None else cls.of(*overlay(ours, theme))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what `dumps` writes."""
        return hashlib.sha256(self.dumps()).hexdigest()

    def dumps(self) -> bytes:
        """Write the bundle as JSON for the archive. Not compressed: zlib's bytes vary."""
        text = {path: base64.b64encode(body).decode() for path, body in self.files.items()}
        return json.dumps(text, sort_keys=True).encode()

    @classmethod
    def loads(cls, body: bytes) -> Self:
        """Read what `dumps` wrote. Raises `BulletinError` for anything else."""
        try:
            text = json.loads(body)
            return cls.of({path: base64.b64decode(data) for path, data in text.items()})
        except (ValueError, AttributeError, TypeError):
            raise BulletinError(
                "the stored templates are damaged",
                "Restore the archive from a backup; the editions themselves can still be read.",
            ) from None

    def text(self, path: str) -> str:
        """Return a file as text. Raises `BulletinError` where it is missing."""
        if path not in self.files:
            raise BulletinError(
                f"the templates hold no file {path}", "Put it back, or install bulletin again."
            )
        return self.files[path].decode("utf-8")

    def place(self, path: str) -> str:
        """Return where a person finds a file: in the theme, or among the templates."""
        return self.origins.get(path, f"templates/{path}")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a catalogue, sorted."""
        return tuple(
            PurePosixPath(path).stem
            for path in self.files
            if path.startswith("locale/") and path.endswith(".po")
        )

    def voice(self, language: str) -> dict[str, list[dict[str, str]]]:
        """Return the dry remarks of a language: situation → lines with `id`, `tone`, `text`."""
        table: dict[str, Any] = tomllib.loads(self.text(f"voice/{language}.toml"))
        return table

    def voice_lines(self) -> dict[str, tuple[VoiceLine, ...]]:
        """Return the remarks that there are, by situation; the ids are those of every language."""
        lines = self.voice(self.languages[0])
        return {
            situation: tuple(VoiceLine(line["id"], line["tone"]) for line in lines[situation])
            for situation in sorted(lines)
        }


def _is_source(path: Path) -> bool:
    return not any(part.startswith(".") or part.endswith("~") for part in path.parts)
