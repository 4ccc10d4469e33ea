"""Printing: every format rendered side by side, and the pages laid out in their folder."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from bulletin import __version__, registry
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Receipt
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.publishing.files import FilesPublisher, atomic_write
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")

SHELF = 60
"""Back issues that the index lists; it says how many more there are."""


def render_all(
    filed: Filed, bundle: Bundle, language: str, formats: Sequence[str] = ()
) -> tuple[tuple[Artifact, ...], tuple[BulletinError, ...]]:
    """Render every format, or the named ones, side by side.

    One that breaks is told and stops no other.
    """

    def one(name: str) -> Sequence[Artifact] | BulletinError:
        try:
            made: Sequence[Artifact] = registry.find("format", name)().render(
                filed, bundle, language
            )
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
        results = list(threads.map(one, formats or registry.names("format")))
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

    Raises `BulletinError` where they cannot be written.
    """
    receipt = FilesPublisher(output).publish(filed, artifacts)
    for artifact in shelf:
        atomic_write(output / artifact.name, artifact.body)
    return receipt


def render_shelf(
    archive: Archive, output: Path, week: Week, bundle: Bundle, language: str
) -> tuple[Artifact, ...]:
    """Render the list of every edition that has a folder in `output`, or gets one this week."""
    weeks = {entry.week for entry in archive.editions()}
    printed = sorted(one for one in weeks if one == week or (output / str(one)).is_dir())
    editions = [one for one in map(archive.latest, reversed(printed[-SHELF:])) if one is not None]
    return render_back_issues(editions, bundle, language, older=len(printed) - len(editions))
