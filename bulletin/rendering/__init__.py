"""Renderers: an edition and a bundle of templates in, bytes out. Nothing else is read."""

from collections.abc import Sequence
from typing import Protocol

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle


class Renderer(Protocol):
    """Makes the artifacts of one format. The same three arguments give the same bytes."""

    format: str

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the machine lacks what the format needs."""
        ...
