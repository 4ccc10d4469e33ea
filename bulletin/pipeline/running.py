"""Runs: what cron starts, and what a person sends by hand. Safe to start 0, 1 or 20 times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Delivery, DeliveryState, Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.pipeline import calendar
from bulletin.pipeline.clock import utc_now
from bulletin.pipeline.crashing import crash_point
from bulletin.pipeline.delivering import (
    Clock,
    Outcome,
    deliver,
    in_mode,
    issue_of,
    pack,
    publishers,
)
from bulletin.pipeline.drafting import DRAFTED, Printed, collect, print_edition
from bulletin.pipeline.gathering import Report, build, silent
from bulletin.pipeline.guarding import check_mode, machine
from bulletin.publishing.files import writable
from bulletin.rendering.bundle import Bundle

SKIPPED = "skipped"
"""What the log calls a week that has no edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run did."""

    week: Week
    said: str
    """One sentence: why nothing was due, or what was."""
    printed: Printed | None = None
    """The edition, where this run made it."""
    filed: Filed | None = None
    outcome: Outcome | None = None
    skipped: tuple[Week, ...] = ()
    """Weeks that came too late, told once."""

    @property
    def exit_code(self) -> int:
        """0 all told or nothing due, 3 with gaps, 4 where a format or a channel failed."""
        made = self.printed.exit_code if self.printed else 0
        late = self.outcome is not None and not self.outcome.is_whole
        return 4 if late else made


def run(
    settings: Bulletin,
    *,
    week: Week | None = None,
    clock: Clock = utc_now,
    bundle: Bundle | None = None,
    report: Report = silent,
    begun: Callable[[], None] = lambda: None,
) -> Ran:
    """Do what is due: collect, file and deliver this week's edition, or finish doing so.

    Does nothing before the cut-off, after the edition has left, in a week without one and when it
    is too late; and says which. `begun` is called once something is due. A named `week` must be
    the one that is due, or still in the making.

    Raises `LockedError` while another run is at it, `SettingsError` for settings that cannot work
    and `BulletinError` where nothing could be printed or nothing may leave.
    """
    now = clock()
    due = calendar.due(settings, now) if week is None else calendar.of(settings, week)
    channels = publishers(settings)
    collectors = build(settings.source)
    writable(settings.output)
    bundle = bundle or Bundle.read(theme=settings.theme)
    with run_lock(settings.archive), Archive.open(settings.archive, create=True) as archive:
        crash_point("locked")
        skipped = _skip(settings, archive, due, now)
        if due.reason or not due.opens <= now < due.closes:
            return Ran(week=due.week, said=_idle(settings, due, now), skipped=skipped)
        begun()
        printed, filed = None, _standing(settings, archive, due.week)
        if filed is None:
            made = collect(
                settings, archive, collectors, bundle, due.week, now, settings.mode, report
            )
            crash_point("collected")
            printed = print_edition(archive, settings, made, bundle)
            filed = printed.filed
            crash_point("filed")
        issue = issue_of(settings, archive, filed, channels)
        outcome = deliver(settings, archive, issue, channels, now=clock, report=report)
        crash_point("delivered")
        said = f"{due.week} is out" if outcome.receipts else f"{due.week} had left already"
        return Ran(
            week=due.week,
            said=said,
            printed=printed,
            filed=filed,
            outcome=outcome,
            skipped=skipped,
        )


def _standing(settings: Bulletin, archive: Archive, week: Week) -> Filed | None:
    """Return the edition of this week that is to leave, if there is one.

    Raises `BulletinError` where it needs an approval and has none.
    """
    if settings.approval == "none" or settings.mode is not Mode.LIVE:
        return archive.latest(week, settings.mode)
    newest = archive.latest(week)
    live = archive.latest(week, Mode.LIVE)
    if live is not None and (live == newest or _has_left(archive, live)):
        return live
    if newest is None:
        told = f"{week} has no draft that anybody could have approved"
        raise BulletinError(told, f"Run `bulletin draft`, then `bulletin approve {week}`.")
    told = f"{week} was not approved" if live is None else f"{week} was drafted again since"
    raise BulletinError(
        f"{told}: nothing is sent",
        f"Whoever did not draft it reads it and runs `bulletin approve {week}`.",
    )


def _has_left(archive: Archive, filed: Filed) -> bool:
    every = archive.outbox.deliveries(str(filed.edition.week))
    return any(one.edition == filed.digest for one in every)


def _idle(settings: Bulletin, due: calendar.Due, now: datetime) -> str:
    if due.reason:
        return f"{due.week} has no edition: {due.reason}"
    if now < due.opens:
        return f"{due.week} is not due before {due.opens.astimezone(settings.zone):%A %d %B %H:%M}"
    ahead = calendar.of(settings, due.week.shift(1))
    when = f"{ahead.opens.astimezone(settings.zone):%A %d %B %H:%M}"
    return f"nothing is due: the next edition is {ahead.week}, on {when}"


def _skip(
    settings: Bulletin, archive: Archive, due: calendar.Due, now: datetime
) -> tuple[Week, ...]:
    """Say of every week that came too late that it is skipped, once; what was on its way stops."""
    told = {event.detail for event in archive.events() if event.what == SKIPPED}
    last = due.week if now >= due.closes else due.week.shift(-1)
    live = [entry.week for entry in archive.editions() if entry.mode is settings.mode]
    begun = [Week.parse(detail.split()[0]) for detail in told] + live
    first = max(begun, default=last).shift(1)
    skipped = []
    while first <= last:
        reason = calendar.of(settings, first).reason or "too late: no run came in time"
        archive.record(now, SKIPPED, f"{first} {reason}")
        if not calendar.of(settings, first).reason:
            skipped.append(first)
        first = first.shift(1)
    for delivery in archive.outbox.deliveries():
        late = calendar.of(settings, Week.parse(delivery.week)).closes <= now
        if late and not delivery.state.is_settled:
            archive.outbox.cancel(delivery.key, now)
    return tuple(skipped)


def publish(
    settings: Bulletin,
    week: Week,
    *,
    mode: Mode | None = None,
    only: Sequence[str] = (),
    correction: bool = False,
    clock: Clock = utc_now,
    report: Report = silent,
) -> tuple[Filed, Outcome]:
    """Deliver a filed edition, by a person's hand. What has arrived is not brought again, what was
    refused is tried again, and what is uncertain is left alone.

    `mode` may lower how far it goes, never raise it. Another live edition of a week that has left
    is a correction, and somebody must say so. Raises as `run` does.
    """
    mode = mode or settings.mode
    check_mode(settings, mode)
    channels = publishers(settings, only)
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        filed = _to_send(settings, archive, week, mode, correction=correction)
        issue = issue_of(settings, archive, filed, channels)
        _again(archive, filed, [channel.channel for channel in channels], clock())
        return filed, deliver(settings, archive, issue, channels, now=clock, report=report)


def _to_send(
    settings: Bulletin, archive: Archive, week: Week, mode: Mode, *, correction: bool
) -> Filed:
    newest = archive.find(week)
    left = archive.latest(week, mode)
    if left is not None and _has_left(archive, left) and not correction:
        if newest == left or newest.edition.mode is not Mode.PREVIEW or mode is Mode.PREVIEW:
            return left if mode is not Mode.PREVIEW else newest
        raise BulletinError(
            f"{week} has left already, and was drafted again since",
            "Add --correction to send what stands now as a correction, to everybody.",
        )
    if settings.approval == "four-eyes" and mode is Mode.LIVE:
        approved = archive.latest(week, Mode.LIVE)
        return approved if approved is not None and approved == newest else newest
    bundle = Bundle.read(theme=settings.theme)
    return in_mode(settings, archive, newest, mode, bundle)


def _again(archive: Archive, filed: Filed, channels: Sequence[str], at: datetime) -> None:
    """Make ready what was refused or waits: a person asks for it, so the cause may be gone."""
    for one in archive.outbox.deliveries(str(filed.edition.week)):
        again = one.state in {DeliveryState.REFUSED, DeliveryState.DEFERRED}
        if again and one.edition == filed.digest and one.channel in channels:
            archive.outbox.resolve(one.key, DeliveryState.READY, at, author="a person")


def plan(
    settings: Bulletin, week: Week, *, mode: Mode | None = None, only: Sequence[str] = ()
) -> tuple[Filed, tuple[Delivery, ...], tuple[BulletinError, ...]]:
    """Return exactly what would leave, and change nothing: not even the edition's mode is filed."""
    mode = mode or settings.mode
    check_mode(settings, mode)
    channels = publishers(settings, only)
    with Archive.open(settings.archive) as archive:
        filed = archive.latest(week, mode) or archive.find(week)
        issue = issue_of(settings, archive, filed, channels)
        packed, failures = pack(filed, issue, channels)
        held = {one.key: one for one in archive.outbox.deliveries(str(week))}
    return filed, tuple(held.get(one.key, one) for one in packed), tuple(failures)


def approve(settings: Bulletin, week: Week, *, author: str, now: datetime) -> Filed:
    """File that somebody who did not draft it read the newest edition of a week, and lets it go.

    What is approved is the live edition, made of the draft to the letter; its digest is what
    leaves. Any newer draft voids it. Raises `BulletinError` for the drafter's own word.
    """
    if settings.mode is not Mode.LIVE:
        told = (
            f"the settings let nothing go further than {settings.mode}: there is nothing to approve"
        )
        raise SettingsError(told, 'Write mode = "live" first.')
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        newest = archive.find(week)
        drafter = _drafter(archive, week)
        if author.casefold() == drafter.casefold():
            raise BulletinError(
                f"{drafter} drafted {week}: four eyes are needed, and these are the same two",
                "Somebody else reads it and approves it.",
            )
        bundle = Bundle.read(theme=settings.theme)
        live = in_mode(settings, archive, newest, Mode.LIVE, bundle)
        archive.outbox.approve(live.digest, author, drafter, now)
        return live


def _drafter(archive: Archive, week: Week) -> str:
    """Return who drafted the week's newest draft."""
    told = [event.detail for event in archive.events() if event.what == DRAFTED]
    mine = [detail for detail in told if detail.startswith(f"{week} ")]
    return mine[-1].partition(" by ")[2] if mine else "somebody unknown"


def resolve(
    settings: Bulletin, key: str, state: DeliveryState, *, author: str, now: datetime
) -> Delivery:
    """File a person's word on a delivery that is uncertain, refused or waiting.

    `key` is the beginning of what `bulletin status` shows. Raises `BulletinError` where it is none
    or more than one.
    """
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        every = archive.outbox.deliveries()
        found = [one for one in every if key in {one.parcel.target, one.parcel.reference, one.key}]
        open_ = [one for one in found if one.state is not DeliveryState.SENT]
        if len(open_) != 1:
            what = "no delivery" if not open_ else f"{len(open_)} deliveries"
            raise BulletinError(
                f"{what} that could be decided on: {key[:80]}",
                "`bulletin status` shows what is uncertain, with the key to give here.",
            )
        archive.outbox.resolve(open_[0].key, state, now, author=author)
        return open_[0]


def adopt(settings: Bulletin, *, author: str, now: datetime) -> str:
    """Make this machine the one that the archive sends from. Returns what it is called."""
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        here = machine(settings)
        archive.outbox.settle_in(here, now, author=author)
        return here
