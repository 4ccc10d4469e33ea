"""Trying everything that a run needs, without changing anything."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from bulletin.archive.connection import file_of, parse_address
from bulletin.archive.store import Archive
from bulletin.collectors import Check
from bulletin.config import Bulletin, Plug
from bulletin.errors import BulletinError
from bulletin.pipeline import build
from bulletin.publishing.files import writable
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.pdf import print_pdf

log = logging.getLogger("bulletin")

BLANK = "<!doctype html><html lang=en><title>Check</title><p>Printed."


def check(settings: Bulletin) -> Iterator[tuple[str, Check]]:
    """Try archive, output, pages and every source; yields where and what."""
    yield "archive", _told("archive", lambda: _archive(settings.archive))
    yield "output", _told("output", lambda: _output(settings.output))
    yield "pages", _told("pages", _pages)
    for plug in settings.source:
        yield from ((plug.name, line) for line in _source(plug))
    if not settings.source:
        detail = "the settings name none"
        hint = "Add a [[source]]; bulletin.example.toml shows one of each kind."
        yield "sources", Check(what="sources", ok=False, detail=detail, hint=hint)


def _told(what: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(what=what, ok=True, detail=attempt())
    except BulletinError as error:
        return Check(what=what, ok=False, detail=error.problem, hint=error.hint)


def _archive(url: str) -> str:
    path = file_of(parse_address(url))
    if path is not None and not path.exists():
        writable(path.parent)
        return "none yet; the first draft makes it"
    with Archive.open(url) as archive:
        fault = next(archive.faults(), None)
        if fault is not None:
            msg = f"the archive is damaged: {fault}"
            raise BulletinError(msg, "Restore it from a backup; docs/archive.md says how.")
        count = len(archive.editions())
        return f"{count} edition{'s' if count != 1 else ''} on file, whole"


def _output(folder: Path) -> str:
    writable(folder)
    return f"{folder} can be written to"


def _pages() -> str:
    print_pdf(BLANK, Bundle.read())
    return "PDFs can be printed"


def _source(plug: Plug) -> Iterator[Check]:
    try:
        yield from build([plug])[0].check()
    except BulletinError as error:
        yield Check(what="settings", ok=False, detail=error.problem, hint=error.hint)
    except Exception as error:
        log.exception("%s broke while it was checked", plug.name)
        detail = f"a fault in bulletin itself ({type(error).__name__})"
        hint = "Send the traceback from the log to whoever looks after bulletin."
        yield Check(what="check", ok=False, detail=detail, hint=hint)
