"""The preview: an edition, or a specimen, on loopback, which follows every change of a template.

Nothing is filed and nothing leaves the machine. Pages are rendered with the templates as they lie
on disk at that moment, also those of an edition on file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import BaseWSGIServer, make_server

from bulletin.preview.server import App
from bulletin.preview.shelf import Shelf
from bulletin.preview.templates import Templates
from bulletin.preview.watching import Changes
from bulletin.serving import Quiet, listen

__all__ = ["Preview", "Shelf", "Templates", "open_preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview whose port is open; it answers while `serve` runs."""

    server: BaseWSGIServer

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
def open_preview(shelf: Shelf, templates: Templates, port: int | None = None) -> Iterator[Preview]:
    """Open a port on loopback and watch the templates. Raises `BulletinError` where it is taken."""
    with listen(port) as listener, Changes(templates.watched) as changes:
        server = make_server(
            "127.0.0.1",
            0,
            App(shelf, templates, changes),
            threaded=True,
            request_handler=Quiet,
            fd=listener.fileno(),
        )
        try:
            yield Preview(server)
        finally:
            server.server_close()
