"""Trying everything that a run needs, without changing anything."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bulletin import registry
from bulletin.archive import codec
from bulletin.archive.connection import file_of, parse_address
from bulletin.archive.store import Archive
from bulletin.collectors import Check
from bulletin.config import Bulletin, Plug, Secret
from bulletin.editing.desk import edit
from bulletin.errors import BulletinError
from bulletin.model.week import Week
from bulletin.monitoring.editors import service
from bulletin.monitoring.ping import Ping
from bulletin.monitoring.sentry import check_dsn
from bulletin.pipeline import build, render_all
from bulletin.pipeline.drafting import policy_of
from bulletin.pipeline.hearing import from_file, read_file
from bulletin.pipeline.packing import publishers
from bulletin.publishing.files import writable
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.pdf import print_pdf
from bulletin.rendering.proof import proofread

log = logging.getLogger("bulletin")

EPOCH = datetime(2026, 11, 19, tzinfo=UTC)
"""A moment of the week that a theme is tried on."""
BLANK = "<!doctype html><html lang=en><title>Check</title><p>Printed."


def check(settings: Bulletin) -> Iterator[tuple[str, Check]]:
    """Try archive, output, pages, every source and every channel; yields where and what."""
    yield "archive", _told("archive", lambda: _archive(settings.archive))
    yield "output", _told("output", lambda: _output(settings.output))
    yield "pages", _told("pages", _pages)
    if settings.ledger is not None:
        yield "ledger", _told("ledger", partial(_ledger, settings, settings.ledger))
    if settings.theme is not None:
        yield from (("theme", line) for line in _theme(settings, settings.theme))
    yield from (("monitor", line) for line in _monitor(settings))
    for plug in settings.source:
        yield from ((plug.name, line) for line in _source(plug))
    if not settings.source:
        detail = "the settings name none"
        hint = "Add a [[source]]; bulletin.example.toml shows one of each kind."
        yield "sources", Check(what="sources", ok=False, detail=detail, hint=hint)
    yield from ((plug.name, _channel(settings, plug.name)) for plug in settings.publish)


def _told(what: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(what=what, ok=True, detail=attempt())
    except BulletinError as error:
        return Check(what=what, ok=False, detail=error.problem, hint=error.hint)


def _archive(url: str) -> str:
    missing = _missing(url)
    if missing is not None:
        writable(missing.parent)
        return "none yet; the first draft makes it"
    with Archive.open(url) as archive:
        fault = next(archive.faults(), None)
        if fault is not None:
            msg = f"the archive is damaged: {fault}"
            raise BulletinError(msg, "Restore it from a backup; docs/archive.md says how.")
        count = len(archive.editions())
        return f"{count} edition{'s' if count != 1 else ''} on file, whole"


def _missing(url: str) -> Path | None:
    """Return the file of an archive that nobody has made yet."""
    path = file_of(parse_address(url))
    return path if path is not None and not path.exists() else None


def _output(folder: Path) -> str:
    writable(folder)
    return f"{folder} can be written to"


def _ledger(settings: Bulletin, path: Path) -> str:
    """Try every entry against the archive, as the next draft will."""
    written = read_file(path)
    count = sum(
        len(kind) for kind in (written.waive, written.assign, written.decision, written.close)
    )
    told = f"{path.name}: {count} entr{'ies' if count != 1 else 'y'}"
    if _missing(settings.archive) is not None:
        return f"{told}, readable; the first edition tries them"
    with Archive.open(settings.archive) as archive:
        made = archive.editions()
        wrong = from_file(settings, archive, path)[1] if made else []
    if wrong:
        msg = f"{path.name}: {'; '.join(wrong)}"
        raise BulletinError(msg, "docs/following.md shows every entry.")
    return f"{told}, each of them fit to be filed"


def _pages() -> str:
    print_pdf(BLANK, Bundle.read())
    return "PDFs can be printed"


def _monitor(settings: Bulletin) -> Iterator[Check]:
    """Read the addresses of whoever is told; nobody is, since that would look like a run."""
    table = settings.monitor
    if table.sentry is not None:
        dsn = table.sentry
        yield _told("sentry", lambda: f"faults go to {check_dsn(dsn.reveal())}")
    if table.ping is not None:
        ping = table.ping
        yield _told("ping", lambda: f"{Ping(ping.reveal(), steps=True).host} is told of runs")
    for address in table.editors:
        yield _told("editors", partial(_editor, address))


def _editor(address: Secret) -> str:
    return f"{service(address).service_name} can be told"


def _theme(settings: Bulletin, folder: Path) -> Iterator[Check]:
    """Read every template with the theme laid over, then print a small edition in every format."""
    try:
        bundle = Bundle.read(theme=folder)
    except BulletinError as error:
        yield Check(what="theme", ok=False, detail=error.problem, hint=error.hint)
        return
    wrong = list(proofread(bundle)) or list(_tried(settings, bundle))
    for one in wrong:
        yield Check(what="theme", ok=False, detail=one.problem, hint=one.hint)
    if not wrong:
        count = len(bundle.origins)
        detail = f"{count} file{'s replace' if count != 1 else ' replaces'} ours"
        yield Check(what="theme", ok=True, detail=detail)


def _tried(settings: Bulletin, bundle: Bundle) -> Iterable[BulletinError]:
    """Print the edition of a week in which nothing was learnt, in every language."""
    week = Week.of(EPOCH, settings.zone)
    edition = edit(
        week=week,
        window=week.window(settings.zone, settings.closes),
        as_of=week.closes(settings.zone, settings.closes),
        harvests=(),
        past=(),
        policy=policy_of(settings, bundle),
    )
    for language in bundle.languages:
        _, failures = render_all(
            codec.file(edition), bundle, language, registry.formats(publishers(settings))
        )
        if failures:
            return failures
    return ()


def _source(plug: Plug) -> Iterator[Check]:
    try:
        yield from build([plug])[0].check()
    except BulletinError as error:
        yield Check(what="settings", ok=False, detail=error.problem, hint=error.hint)
    except Exception as error:
        yield _broken(plug.name, error)


def _channel(settings: Bulletin, name: str) -> Check:
    def attempt() -> str:
        (channel,) = publishers(settings, [name])
        return channel.check()

    try:
        return _told("channel", attempt)
    except Exception as error:
        return _broken(name, error)


def _broken(name: str, error: Exception) -> Check:
    log.error("%s broke while it was checked", name, exc_info=error)
    detail = f"a fault in bulletin itself ({type(error).__name__})"
    hint = "Send the traceback from the log to whoever looks after bulletin."
    return Check(what="check", ok=False, detail=detail, hint=hint)
