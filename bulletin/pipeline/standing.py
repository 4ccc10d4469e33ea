"""Which edition of a week leaves: the one of a mode, made of what was drafted to the letter."""

from dataclasses import replace
from functools import partial

from bulletin.archive import codec
from bulletin.archive.store import Archive
from bulletin.errors import BulletinError
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle


def newest_left(archive: Archive, week: Week, mode: Mode, *, waiting: bool = False) -> Filed | None:
    """Return the newest edition of a week and mode that arrived anywhere, or may have; or that
    waits for it as well.
    """
    left = archive.outbox.left(mode, waiting=waiting)
    digests = {digest for of, digest in left if of == str(week)}
    found = [filed for filed in map(archive.get, digests) if filed is not None]
    return max(found, key=lambda filed: filed.edition.revision, default=None)


def corrected(archive: Archive, week: Week, mode: Mode) -> str | None:
    """Return the digest of what a new edition of a week and mode corrects, if anything: the newest
    that its readers were shown. A preview is shown once it lies in its folder, others once they
    left.
    """
    shown = archive.latest if mode is Mode.PREVIEW else partial(newest_left, archive)
    standing = shown(week, mode)
    return standing.digest if standing else None


def approved(archive: Archive, week: Week) -> Filed:
    """Return the live edition that tells what the newest draft does.

    Raises `BulletinError` where there is none: only an approval makes it. Whether it was given is
    asked once more before anything leaves.
    """
    newest, live = archive.latest(week), archive.latest(week, Mode.LIVE)
    if newest is None:
        told = f"{week} has no draft that anybody could have approved"
        raise BulletinError(told, f"Run `bulletin draft`, then `bulletin approve {week}`.")
    if live is None or not tells_same(live, newest):
        told = f"{week} was not approved" if live is None else f"{week} was drafted again since"
        raise BulletinError(
            f"{told}: nothing is sent",
            f"Whoever did not draft it reads it and runs `bulletin approve {week}`.",
        )
    return live


def as_mode(archive: Archive, filed: Filed, mode: Mode) -> Filed:
    """Return the edition as one of this mode: itself, the one made of it before, or a new one that
    is not filed yet.

    What is told is the same to the letter; the digest is another, since the mode is part of it.
    """
    if filed.edition.mode is mode:
        return filed
    week = filed.edition.week
    standing, newest = archive.latest(week), archive.latest(week, mode)
    if newest is not None and tells_same(newest, filed):
        return newest
    return codec.file(
        replace(
            filed.edition,
            mode=mode,
            revision=(standing or filed).edition.revision + 1,
            corrects=corrected(archive, week, mode),
        )
    )


def bundle_of(archive: Archive, filed: Filed) -> Bundle:
    """Return the templates that an edition was made with. Raises `BulletinError` where they are
    gone.
    """
    body = archive.bundle(filed.edition.bundle)
    if body is None:
        told = f"the templates of {filed.edition.week} are not in the archive"
        raise BulletinError(told, "The archive is incomplete: restore it from a backup.")
    return Bundle.loads(body)


def tells_same(one: Filed, other: Filed) -> bool:
    """Say whether two editions differ in nothing but their mode and their place in the file."""
    return _told(one) == _told(other)


def _told(filed: Filed) -> bytes:
    return codec.dumps(replace(filed.edition, mode=Mode.PREVIEW, revision=1, corrects=None))
