"""Sending by a person's hand: any filed edition, as far as the settings let it go."""

from collections.abc import Sequence
from datetime import datetime

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.pipeline import calendar
from bulletin.pipeline.clock import Clock, utc_now
from bulletin.pipeline.delivering import (
    Announce,
    Outcome,
    deliver,
    issue_of,
    pack,
    publishers,
    say_nothing,
)
from bulletin.pipeline.gathering import Report, silent
from bulletin.pipeline.guarding import check_mode, refusals
from bulletin.pipeline.printing import lay_out
from bulletin.pipeline.standing import approved, as_mode, in_mode, newest_left, tells_same
from bulletin.publishing import Publisher


def publish(
    settings: Bulletin,
    week: Week,
    *,
    mode: Mode | None = None,
    only: Sequence[str] = (),
    correction: bool = False,
    early: bool = False,
    clock: Clock = utc_now,
    report: Report = silent,
    announce: Announce = say_nothing,
) -> tuple[Filed, Outcome]:
    """Deliver a filed edition. What has arrived is not brought again, what was refused or came too
    late is tried again, and what is uncertain is left alone.

    `mode` may lower how far it goes, never raise it. Another live edition of a week that has left
    is a correction, and one before the week's end is `early`: somebody must say so. The pages in
    `output` are laid out again. Raises as `run` does.
    """
    mode = mode or settings.mode
    check_mode(settings, mode)
    channels = publishers(settings, only)
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        if mode is Mode.LIVE and not early:
            _wait_for_the_end(settings, archive, week, clock())
        filed = _chosen(settings, archive, week, mode, correction=correction)
        filed = in_mode(settings, archive, filed, mode)
        issue = issue_of(settings, archive, filed, channels)
        if mode is Mode.LIVE:
            lay_out(settings.output, filed, issue.artifacts, issue.shelf(settings.output))
        outcome = deliver(
            settings,
            archive,
            issue,
            channels,
            now=clock,
            report=report,
            announce=announce,
            by_hand=True,
        )
        return filed, outcome


def _wait_for_the_end(settings: Bulletin, archive: Archive, week: Week, now: datetime) -> None:
    opens = calendar.of(settings, week).opens
    if now < opens and newest_left(archive, week, Mode.LIVE) is None:
        when = opens.astimezone(settings.zone)
        raise BulletinError(
            f"{week} is not over before {when:%A %d %B %H:%M}: its figures may still change",
            "Show it to editors with --as preview; --early sends it to everybody all the same.",
        )


def plan(
    settings: Bulletin,
    week: Week,
    *,
    mode: Mode | None = None,
    only: Sequence[str] = (),
    correction: bool = False,
) -> tuple[Filed, tuple[Delivery, ...], tuple[BulletinError, ...]]:
    """Return exactly what `publish` would bring, what could not be packed, and why it would be
    refused as a whole; changes nothing.

    What has left is told as it stands. Raises as `publish` does.
    """
    mode = mode or settings.mode
    check_mode(settings, mode)
    channels = publishers(settings, only)
    with Archive.open(settings.archive) as archive:
        filed = _chosen(settings, archive, week, mode, correction=correction)
        filed = as_mode(archive, filed, mode)
        deliveries, failures = on_its_way(settings, archive, filed, channels)
        failures = (*refusals(settings, archive.outbox, filed), *failures)
    return filed, deliveries, failures


def on_its_way(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> tuple[tuple[Delivery, ...], tuple[BulletinError, ...]]:
    """Return whatever an edition has to bring or has brought, as it stands, and what could not be
    packed.
    """
    issue = issue_of(settings, archive, filed, channels)
    packed, failures = pack(settings, issue, channels)
    every = archive.outbox.deliveries(str(filed.edition.week))
    held = {one.key: one for one in every if one.edition == filed.digest}
    return tuple((packed | held).values()), tuple(failures)


def _chosen(
    settings: Bulletin, archive: Archive, week: Week, mode: Mode, *, correction: bool
) -> Filed:
    """Return the edition that is meant; it may be of another mode still."""
    newest = archive.find(week)
    if mode is not Mode.LIVE:
        return newest
    left = newest_left(archive, week, mode)
    if left is not None and not correction:
        if tells_same(newest, left):
            return left
        raise BulletinError(
            f"{week} has left already, and was drafted again since",
            "Add --correction to send what stands now as a correction, to everybody.",
        )
    return approved(archive, week) if settings.approval == "four-eyes" else newest
