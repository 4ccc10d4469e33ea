"""Sending by a person's hand: any filed edition, as far as the settings let it go."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from bulletin.pipeline.delivering import Announce, Outcome, deliver, say_nothing
from bulletin.pipeline.gathering import Report, silent
from bulletin.pipeline.guarding import check_mode, refusals
from bulletin.pipeline.packing import issue_of, pack, publishers, stranded
from bulletin.pipeline.pressing import print_new
from bulletin.pipeline.printing import lay_out
from bulletin.pipeline.standing import approved, as_mode, newest_left, tells_same
from bulletin.publishing import Issue, Publisher
from bulletin.publishing.files import writable


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
        filed = _chosen(settings, archive, week, mode, correction=correction)
        for refusal in _refusals(settings, archive, filed, clock(), early=early):
            raise refusal
        archive.outbox.recover(clock())
        issue, unmade = _printed(settings, archive, filed, channels)
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
        return filed, replace(outcome, failures=(*unmade, *outcome.failures))


def _printed(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> tuple[Issue, tuple[BulletinError, ...]]:
    """Return an edition with its pages, laid out where all are shown them, and what of it could not
    be made just now.
    """
    printed = print_new(settings, archive, filed)
    issue = issue_of(settings, archive, filed, channels)
    if printed is not None:
        return issue, printed.failures
    if filed.edition.mode is Mode.LIVE:
        try:
            lay_out(settings.output, filed, issue.artifacts, issue.shelf(settings.output))
        except BulletinError as error:
            return issue, (error,)
    return issue, ()


def _refusals(
    settings: Bulletin, archive: Archive, filed: Filed, now: datetime, *, early: bool
) -> Iterator[BulletinError]:
    """Yield why this edition would not leave from here by hand; changes nothing."""
    week, mode = filed.edition.week, filed.edition.mode
    opens = calendar.of(settings, week).opens
    if mode is Mode.LIVE and not early and now < opens and newest_left(archive, week, mode) is None:
        yield BulletinError(
            f"{week} is not over before {opens.astimezone(settings.zone):%A %d %B %H:%M}:"
            " its figures may still change",
            "Show it to editors with --as preview; --early sends it to everybody all the same.",
        )
    yield from refusals(settings, archive.gate, filed)


def plan(
    settings: Bulletin,
    week: Week,
    *,
    mode: Mode | None = None,
    only: Sequence[str] = (),
    correction: bool = False,
    early: bool = False,
    clock: Clock = utc_now,
) -> tuple[Filed, tuple[Delivery, ...], tuple[BulletinError, ...]]:
    """Return exactly what `publish` would bring at this moment, and as failures why it would refuse
    to and what could not be packed; changes nothing.

    What has left is told as it stands, without its body. Raises as `publish` does where no edition
    may be meant at all: none is on file or approved, or a correction is not called one.
    """
    mode = mode or settings.mode
    check_mode(settings, mode)
    channels = publishers(settings, only)
    with Archive.open(settings.archive) as archive:
        filed = _chosen(settings, archive, week, mode, correction=correction)
        deliveries, failures = on_its_way(settings, archive, filed, channels)
        refused = _refusals(settings, archive, filed, clock(), early=early)
        return filed, deliveries, (*refused, *_unwritable(settings), *failures)


def _unwritable(settings: Bulletin) -> Iterator[BulletinError]:
    try:
        writable(settings.output)
    except BulletinError as error:
        yield error


def on_its_way(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> tuple[tuple[Delivery, ...], tuple[BulletinError, ...]]:
    """Return whatever an edition has to bring, and what it has brought as it stands and without its
    body; and what could not be packed.
    """
    issue = issue_of(settings, archive, filed, channels)
    packed, failures = pack(settings, issue, channels)
    standing = archive.outbox.deliveries(edition=filed.digest, whole=False)
    held = {one.key: one for one in standing}
    if len(channels) == len(settings.publish):
        failures += stranded(settings, standing, packed)
    return tuple((packed | held).values()), tuple(failures)


def _chosen(
    settings: Bulletin, archive: Archive, week: Week, mode: Mode, *, correction: bool
) -> Filed:
    """Return the edition that is meant, in this mode; it may not be filed yet."""
    newest = archive.find(week)
    if mode is not Mode.LIVE:
        return as_mode(archive, newest, mode)
    left = newest_left(archive, week, mode)
    if left is not None and not correction:
        if tells_same(newest, left):
            return left
        raise BulletinError(
            f"{week} has left already, and was drafted again since",
            "Add --correction to send what stands now as a correction, to everybody.",
        )
    if settings.approval == "four-eyes":
        return approved(archive, week)
    return as_mode(archive, newest, mode)
