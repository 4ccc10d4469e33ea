"""The room: an edition's slides on the meeting's screen, with a timer and a key to file a decision.

It answers on this machine alone, while `bulletin meet` runs. What is filed goes into the archive
as any other word does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.room.server import App
from bulletin.serving import Site, open_site

__all__ = ["open_room"]


@contextmanager
def open_room(
    settings: Bulletin, week: Week | None, *, author: str, port: int | None = None
) -> Iterator[tuple[Week, Site]]:
    """Open the room for a week's edition, the newest unless one is named.

    Raises `BulletinError` where there is no such edition, and where the port is taken.
    """
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
    bundle = Bundle.read(theme=settings.theme)
    with open_site(App(settings, filed, bundle, author), port) as site:
        yield filed.edition.week, site
