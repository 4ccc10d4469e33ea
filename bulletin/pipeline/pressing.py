"""The press: an edition rendered, filed with its pages, and laid out."""

from dataclasses import dataclass
from pathlib import Path

from bulletin import registry
from bulletin.archive.store import Archive, Rendering
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Mode, Receipt
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.pipeline.packing import publishers
from bulletin.pipeline.printing import engine, lay_out, render_all, render_shelf
from bulletin.pipeline.standing import bundle_of
from bulletin.rendering.bundle import Bundle

PROOFS = "proofs"
"""Where a proof is laid out whose week went out already: what everybody was sent stays in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a run made: the edition as filed, its artifacts, and what could not be made."""

    filed: Filed
    folder: Path
    artifacts: tuple[Artifact, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    failures: tuple[BulletinError, ...] = ()
    """Formats and channels that failed, while the others went on."""
    filled_in: tuple[Filed, ...] = ()
    """Weeks before it that were filled in afterwards, oldest first: filed, and not printed."""

    @property
    def exit_code(self) -> int:
        """0 all told, 3 with gaps or unknown items, 4 printed but a format or a channel failed."""
        if self.failures:
            return 4
        edition = self.filed.edition
        unknown = any(item.is_dark for item in edition.items)
        return 3 if edition.gaps or unknown else 0


def print_edition(
    archive: Archive, settings: Bulletin, filed: Filed, bundle: Bundle, *, author: str = ""
) -> Printed:
    """Render an edition, file it with its pages and who drafted it, and lay them out.

    A rehearsal stands only where a channel brings it: never over the pages of what is live.
    """
    edition, language = filed.edition, settings.language
    formats = registry.formats(publishers(settings))
    artifacts, failures = render_all(filed, bundle, language, formats)
    made = [Rendering(language=language, engine=engine(), artifact=a) for a in artifacts]
    archive.file(filed, bundle.digest, bundle.dumps(), edition.made, made, author=author)
    receipts: list[Receipt] = []
    folder = settings.output / str(edition.week)
    try:
        if edition.mode is Mode.PREVIEW and _has_left(archive, edition.week):
            folder = settings.output / PROOFS / str(edition.week)
            receipts.append(lay_out(folder.parent, filed, artifacts, ()))
        elif edition.mode is not Mode.REHEARSAL:
            shelf = render_shelf(archive, settings.output, edition.week, bundle, language)
            receipts.append(lay_out(settings.output, filed, artifacts, shelf))
    except BulletinError as error:
        failures = (*failures, error)
    return Printed(
        filed=filed,
        folder=folder,
        artifacts=artifacts,
        receipts=tuple(receipts),
        failures=failures,
    )


def print_new(settings: Bulletin, archive: Archive, filed: Filed) -> Printed | None:
    """File and print an edition that is not on file yet, with the templates that its draft was made
    with, whatever became of them since. None for one that is on file.
    """
    if archive.get(filed.digest) is not None:
        return None
    return print_edition(archive, settings, filed, bundle_of(archive, filed))


def _has_left(archive: Archive, week: Week) -> bool:
    return any(of == str(week) for of, _ in archive.outbox.left(Mode.LIVE))
