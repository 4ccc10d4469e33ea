"""A bulletin whose edition is filed without a page: for tests of what surrounds it."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from werkzeug import Request, Response

from bulletin import config, registry
from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed
from bulletin.pipeline.running import run
from bulletin.rendering.bundle import Bundle
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from tests.builders import NOW, edited, harvest, incident

HOUR = timedelta(hours=1)
FILES = '[[publish]]\nkind = "files"\nfolder = "site"\n'
SOURCE = """
[[source]]
kind = "bugsink"
site = "http://127.0.0.1:9"
token = { file = "token" }
"""


def settings(folder: Path, more: str = "", publish: str = FILES) -> Bulletin:
    """Return settings in a folder: live, in Paris, on Thursdays at ten."""
    path = folder / "bulletin.toml"
    (folder / "token").write_text("a-token-of-bugsink", encoding="utf-8")
    text = f'mode = "live"\ninstance = "here"\n{more}\n{publish}{SOURCE}'
    path.write_text(text, encoding="utf-8")
    return config.load(path, registry.kinds())


@cache
def _bundle() -> Bundle:
    return Bundle.read()


def filed(bulletin: Bulletin, mode: Mode = Mode.LIVE) -> Filed:
    """File the edition of `WEEK` at its cut-off, without a page of it."""
    bundle = _bundle()
    edition = replace(edited([harvest("jira", [incident()])]), mode=mode, bundle=bundle.digest)
    made = codec.file(edition)
    with Archive.open(bulletin.archive, create=True) as archive:
        archive.file(made, bundle.digest, bundle.dumps(), NOW)
    return made


def out(bulletin: Bulletin) -> None:
    """File it and bring it everywhere, ten minutes after the cut-off."""
    filed(bulletin)
    run(bulletin, clock=lambda: NOW + HOUR / 6, bundle=_bundle())


def listener(status: int = 200) -> Service:
    """Return a server that notes what it is asked for in `seen`."""

    def answer(request: Request, *_: object) -> Response:
        return Response("ok", status)

    return Service("listener", answer, World(), NOW)


def told(server: Service) -> list[tuple[str, str, str]]:
    """Return method, path and body of everything that it was asked for."""
    return [(one.method, one.path, one.body.decode()) for one in server.seen]
