"""Printing: every format rendered side by side, and the pages laid out in their folder."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from bulletin import __version__, registry
from bulletin.archive.records import Entry
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Mode, Receipt
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.notes import with_notes
from bulletin.publishing.files import atomic_write, lay_out_files
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")

PAGE = "bulletin.md"
"""The page that people keep notes in."""
SHELF = 60
"""Editions that the shelf reads, the newest; it says how many more were printed."""


def render_all(
    filed: Filed, bundle: Bundle, language: str, formats: Sequence[str] = ()
) -> tuple[tuple[Artifact, ...], tuple[BulletinError, ...]]:
    """Render every format, or the named ones, side by side.

    One that breaks is told and stops no other.
    """

    def one(name: str) -> Sequence[Artifact] | BulletinError:
        try:
            made: Sequence[Artifact] = registry.renderer(name).render(filed, bundle, language)
        except BulletinError as error:
            log.warning("%s could not be made: %s", name, error.problem)
            return error
        except Exception as error:
            log.exception("%s broke", name)
            fault = type(error).__name__
            msg = f"the {name} pages could not be made: a fault in bulletin ({fault})"
            return BulletinError(msg, "The log has the traceback; the other formats are whole.")
        return made

    with ThreadPoolExecutor(max_workers=4) as threads:
        results = list(threads.map(one, formats or registry.formats()))
    artifacts = [a for made in results if not isinstance(made, BulletinError) for a in made]
    return tuple(artifacts), tuple(made for made in results if isinstance(made, BulletinError))


def engine() -> str:
    """Name what decides the bytes of a page besides the edition and the bundle."""
    parts = ("jinja2", "babel", "weasyprint")
    return " ".join((f"bulletin={__version__}", *(f"{part}={version(part)}" for part in parts)))


def lay_out(
    output: Path, filed: Filed, artifacts: Sequence[Artifact], shelf: Sequence[Artifact]
) -> Receipt:
    """Write the pages into the week's folder, and the shelf of back issues beside it.

    The notes that people wrote into the page that stands there are kept. Raises `BulletinError`
    where the pages cannot be written, and where nobody can say where the notes are.
    """
    folder = output / str(filed.edition.week)
    pages, unclear = _with_notes(artifacts, folder)
    receipt = lay_out_files(output, filed, pages)
    for artifact in shelf:
        atomic_write(output / artifact.name, artifact.body)
    if unclear is not None:
        raise unclear
    return receipt


def _with_notes(
    artifacts: Sequence[Artifact], folder: Path
) -> tuple[list[Artifact], BulletinError | None]:
    """Return the pages with the notes of the one that stands there; a page whose notes cannot be
    told from the rest is left alone, which is said.
    """
    standing = folder / PAGE
    if not standing.is_file():
        return list(artifacts), None
    pages: list[Artifact] = []
    unclear: BulletinError | None = None
    for artifact in artifacts:
        if artifact.name != PAGE:
            pages.append(artifact)
            continue
        try:
            page = with_notes(artifact.body.decode(), standing.read_text(encoding="utf-8"))
            pages.append(replace(artifact, body=page.encode()))
        except BulletinError as error:
            unclear = error
        except (OSError, UnicodeError):
            told = f"{standing} cannot be read, so it is left alone"
            unclear = BulletinError(told, "Make it a readable text file in UTF-8, or remove it.")
    return pages, unclear


def render_shelf(  # noqa: PLR0917  (each is a different thing)
    archive: Archive,
    output: Path,
    week: Week,
    bundle: Bundle,
    language: str,
    mode: Mode | None = None,
) -> tuple[Artifact, ...]:
    """Render the shelf: every edition that has a folder in `output`, or gets one this week. Of a
    week with several, it is the newest that is no rehearsal; of `mode`, if one is given.

    The history and the items come from the newest editions on file, whether printed or not. They
    are read one by one: each is forgotten before the next.
    """
    entries = archive.editions()
    weeks = sorted({entry.week for entry in entries}, reverse=True)
    printed = {one for one in weeks if one == week or (output / str(one)).is_dir()}
    shown = weeks[:SHELF]
    found = (archive.latest(one, _shown(entries, one, mode)) for one in shown)
    editions = (one for one in found if one is not None)
    first = min(entries, key=lambda entry: (entry.filed_at, entry.week, entry.revision))
    return render_back_issues(
        editions,
        bundle,
        language,
        older=len(printed.difference(shown)),
        printed=printed,
        identity=first.digest,
    )


def _shown(entries: Sequence[Entry], week: Week, mode: Mode | None) -> Mode:
    """Return the mode of the edition that stands for its week on a shelf."""
    every = [entry for entry in entries if entry.week == week]
    wanted = [entry for entry in every if entry.mode is mode]
    mine = wanted or [entry for entry in every if entry.mode is not Mode.REHEARSAL] or every
    return max(mine, key=lambda entry: entry.revision).mode
