"""The templates as they lie on disk: what is rendered with, and what is watched."""

from dataclasses import dataclass
from pathlib import Path

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import PLACES, Bundle


@dataclass(frozen=True, slots=True)
class Templates:
    """The folders that pages are made of: the templates and, laid over them, a theme."""

    folder: Path
    theme: Path | None = None

    @classmethod
    def found(cls, theme: Path | None = None) -> "Templates":
        """Return those that came with the program; in a checkout, the ones to edit in place.

        Raises `BulletinError` where there are none.
        """
        place = next((place for place in PLACES if place.is_dir()), None)
        if place is None:
            msg = "the templates are not there"
            raise BulletinError(msg, "Install bulletin again, or run it from a complete checkout.")
        return cls(place, theme)

    def read(self) -> Bundle:
        """Read them anew. Raises `BulletinError` where they are gone, or the theme is no theme."""
        return Bundle.read(self.folder, theme=self.theme)

    @property
    def watched(self) -> tuple[Path, ...]:
        """The folders in which a change makes the pages anew."""
        return (self.folder,) if self.theme is None else (self.folder, self.theme)
