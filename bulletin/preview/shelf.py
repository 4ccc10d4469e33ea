"""What can be looked at: the editions on file, and the specimens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bulletin import registry, specimens
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.rendering import Renderer
from bulletin.rendering.bundle import Bundle

TONES = ("off", "dry", "merry")
KEPT = 48
"""Rendered formats that are held in memory."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Editions by name: `2026-W47` where there is an archive, and the kinds of specimen."""

    settings: Bulletin | None = None
    first: Week | None = None
    """The week that was asked for."""

    def weeks(self) -> tuple[str, ...]:
        """Return the weeks on file, newest first; none where there is no archive yet."""
        if self.settings is None:
            return ()
        try:
            with Archive.open(self.settings.archive) as archive:
                weeks = {entry.week for entry in archive.editions()}
        except BulletinError:
            return ()
        return tuple(str(week) for week in sorted(weeks, reverse=True))

    def opening(self) -> str:
        """Return the name of what is shown first: the week asked for, the newest, or a specimen."""
        if self.first is not None:
            return str(self.first)
        return next(iter(self.weeks()), specimens.KINDS[0])

    def on_file(self, name: str) -> Filed | None:
        """Return the edition of a week, or None for a specimen.

        Raises `BulletinError` where there is neither.
        """
        if name in specimens.KINDS:
            return None
        try:
            week = Week.parse(name)
        except ValueError:
            msg = f"there is no '{name}' to look at"
            raise BulletinError(
                msg, f"Choose a week, or one of: {', '.join(specimens.KINDS)}."
            ) from None
        if self.settings is None:
            msg = f"there is no archive to find {name} in"
            raise BulletinError(msg, "Run it where bulletin.toml is, or name that with --config.")
        with Archive.open(self.settings.archive) as archive:
            return archive.find(week)

    def filed(self, name: str, tone: str, bundle: Bundle) -> Filed:
        """Return an edition as filed, or a specimen in a tone. Raises `BulletinError` for none."""
        return self.on_file(name) or _specimen(name, tone, bundle)


def render(filed: Filed, bundle: Bundle, language: str, format_: str) -> Sequence[Artifact]:
    """Render one format; the same edition with the same templates once.

    Raises whatever a template raises.
    """
    return _render(_Named(filed.digest, filed), bundle, language, format_)


@dataclass(frozen=True, slots=True)
class _Named:
    """An edition that its digest stands for."""

    digest: str
    filed: Filed = field(compare=False)


@lru_cache(maxsize=16)
def _specimen(kind: str, tone: str, bundle: Bundle) -> Filed:
    return specimens.specimen(kind, bundle, tone)


@lru_cache(maxsize=KEPT)
def _render(named: _Named, bundle: Bundle, language: str, format_: str) -> Sequence[Artifact]:
    renderer: Renderer = registry.find("format", format_)()
    return renderer.render(named.filed, bundle, language)
