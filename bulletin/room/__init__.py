"""The room: an edition's slides on the meeting's screen, with a timer and a key to file a decision.

It answers on this machine alone, while `bulletin meet` runs. What is filed goes into the archive
as any other word does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import BaseWSGIServer, make_server

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.room.server import App
from bulletin.serving import Quiet, listen

__all__ = ["Room", "open_room"]


@dataclass(frozen=True, slots=True)
class Room:
    """A room whose port is open; it answers while `serve` runs."""

    server: BaseWSGIServer
    week: Week

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.port}/"

    def serve(self) -> None:
        """Answer until `stop`, or Ctrl-C."""
        self.server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Let `serve` come to its end, from another thread."""
        self.server.shutdown()


@contextmanager
def open_room(
    settings: Bulletin, week: Week | None, *, author: str, port: int | None = None
) -> Iterator[Room]:
    """Open the room for a week's edition, the newest unless one is named.

    Raises `BulletinError` where there is no such edition, and where the port is taken.
    """
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
    bundle = Bundle.read(theme=settings.theme)
    with listen(port) as listener:
        server = make_server(
            "127.0.0.1",
            0,
            App(settings, filed, bundle, author),
            threaded=True,
            request_handler=Quiet,
            fd=listener.fileno(),
        )
        try:
            yield Room(server, filed.edition.week)
        finally:
            server.server_close()
