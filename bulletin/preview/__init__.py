"""The preview: an edition, or a specimen, on loopback, which follows every change of a template.

Nothing is filed and nothing leaves the machine. Pages are rendered with the templates as they lie
on disk at that moment, also those of an edition on file.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bulletin.preview.server import App
from bulletin.preview.shelf import Shelf
from bulletin.preview.templates import Templates
from bulletin.preview.watching import Changes
from bulletin.serving import Site, open_site

__all__ = ["Shelf", "Templates", "open_preview"]


@contextmanager
def open_preview(shelf: Shelf, templates: Templates, port: int | None = None) -> Iterator[Site]:
    """Open a port on loopback and watch the templates. Raises `BulletinError` where it is taken."""
    with (
        Changes(templates.watched) as changes,
        open_site(App(shelf, templates, changes), port) as site,
    ):
        yield site
