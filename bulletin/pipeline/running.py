"""Runs: what cron starts. Safe to start 0, 1 or 20 times."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.collectors import Collector
from bulletin.config import Bulletin
from bulletin.crashing import crash_point
from bulletin.model.delivery import TOO_LATE, Delivery, DeliveryState, Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.pipeline import calendar
from bulletin.pipeline.clock import Clock, utc_now
from bulletin.pipeline.delivering import Outcome, deliver
from bulletin.pipeline.drafting import KnowsMoreError, collect
from bulletin.pipeline.gathering import Report, build, silent, was_in_time
from bulletin.pipeline.packing import issue_of, publishers
from bulletin.pipeline.pressing import Printed, print_edition, print_new
from bulletin.pipeline.printing import lay_out
from bulletin.pipeline.standing import approved, as_mode, bundle_of, newest_left
from bulletin.publishing import Issue
from bulletin.publishing.files import writable
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")

SKIPPED = "skipped"
"""What the log calls a week that has no edition."""
SINCE = "running since"
"""What the log calls the first week that the runs of a mode answer for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run did."""

    week: Week
    said: str
    """One sentence: why nothing was due, or what was."""
    printed: Printed | None = None
    """What was printed, where this run did that."""
    filed: Filed | None = None
    outcome: Outcome | None = None
    skipped: tuple[Week, ...] = ()
    """Weeks that came too late, told once."""
    cancelled: tuple[Delivery, ...] = ()
    """What still waited when it was too late, told once; each without its body."""

    @property
    def exit_code(self) -> int:
        """0 all told or nothing due, 3 with gaps, 4 where a format or a channel failed, or what
        waited was cancelled.
        """
        made = self.printed.exit_code if self.printed else 0
        late = self.outcome is not None and not self.outcome.is_whole
        return 4 if late or self.cancelled else made


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

    Does nothing before the cut-off, in a week without an edition and when it is too late, and says
    which. `begun` is called once something is due; a named `week` must be that, or in the making.

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
        archive.outbox.recover(now)
        skipped, cancelled = _skip(settings, archive, now), _cancel(settings, archive, now)
        ran = Ran(week=due.week, said="", skipped=skipped, cancelled=cancelled)
        due = _unless_skipped(archive, due)
        if due.reason or not due.opens <= now < due.closes:
            return replace(ran, said=_idle(settings, due, now))
        begun()
        filed, printed = _print(settings, archive, collectors, bundle, due, now, report)
        issue = issue_of(settings, archive, filed, channels)
        if printed is None:
            _lay_out_again(settings, archive, issue)
        outcome = deliver(settings, archive, issue, channels, now=clock, report=report)
        crash_point("delivered")
        said = _told(due.week, settings.mode, outcome)
        return replace(ran, said=said, printed=printed, filed=filed, outcome=outcome)


def _unless_skipped(archive: Archive, due: calendar.Due) -> calendar.Due:
    """Return what is due: nothing in a week that was told to be skipped."""
    if due.reason or due.week not in _skipped(archive):
        return due
    return replace(due, reason="it was skipped, and only a person sends it now")


def _standing(
    settings: Bulletin, archive: Archive, due: calendar.Due, now: datetime
) -> Filed | None:
    """Return the edition of this week that is to leave; None where it is still to be made.

    It may not be filed yet. An early draft is none. Raises `BulletinError` where it needs an
    approval and has none.
    """
    week, mode = due.week, settings.mode
    if (left := newest_left(archive, week, mode, waiting=True)) is not None:
        return left
    if _is_gated(settings):
        return approved(archive, week)
    own, newest = archive.latest(week, mode), archive.latest(week)
    if own is not None and own.edition.as_of >= due.opens:
        return own
    window = week.window(settings.zone, settings.closes)
    if newest is not None and was_in_time(newest.edition.made, window, now):
        return as_mode(archive, newest, mode)
    return None


def _print(  # noqa: PLR0917  (each is a different thing, and there is one call)
    settings: Bulletin,
    archive: Archive,
    collectors: Sequence[Collector],
    bundle: Bundle,
    due: calendar.Due,
    now: datetime,
    report: Report,
) -> tuple[Filed, Printed | None]:
    """Return the edition that is to leave, filed, and what was printed of it now; None where it
    had been printed before.

    Where nothing stands, it is collected; or it is the draft that knows more than can be learnt
    now, since readers wait.
    """
    made, mode = _standing(settings, archive, due, now), settings.mode
    if made is None:
        try:
            made = collect(settings, archive, collectors, bundle, due.week, now, mode, report)
        except KnowsMoreError as error:
            log.warning("%s: it leaves as it was drafted", error.problem)
            made = as_mode(archive, archive.find(due.week), mode)
            bundle = bundle_of(archive, made)
        crash_point("collected")
        printed: Printed | None = print_edition(archive, settings, made, bundle)
    else:
        printed = print_new(settings, archive, made)
    crash_point("filed")
    return made, printed


def _is_gated(settings: Bulletin) -> bool:
    return settings.approval == "four-eyes" and settings.mode is Mode.LIVE


def _lay_out_again(settings: Bulletin, archive: Archive, issue: Issue) -> None:
    """Lay the pages out that a run filed and did not come to lay out, unless it came further. A
    rehearsal's are only where a channel brings them.
    """
    filed = issue.filed
    if filed.edition.mode is Mode.REHEARSAL:
        return
    if not archive.outbox.deliveries(edition=filed.digest, whole=False):
        lay_out(settings.output, filed, issue.artifacts, issue.shelf(settings.output))


def _told(week: Week, mode: Mode, outcome: Outcome) -> str:
    if not outcome.is_whole:
        return f"{week} has not arrived everywhere"
    if not outcome.deliveries:
        return f"{week} is printed, and no channel takes it further in the mode {mode}"
    return f"{week} is out" if outcome.receipts else f"{week} had left already"


def _idle(settings: Bulletin, due: calendar.Due, now: datetime) -> str:
    if due.reason:
        return f"{due.week} has no edition: {due.reason}"
    if now < due.opens:
        return f"{due.week} is not due before {due.opens.astimezone(settings.zone):%A %d %B %H:%M}"
    ahead = calendar.of(settings, due.week.shift(1))
    when = f"{ahead.opens.astimezone(settings.zone):%A %d %B %H:%M}"
    return f"nothing is due: the next edition is {ahead.week}, on {when}"


def _skip(settings: Bulletin, archive: Archive, now: datetime) -> tuple[Week, ...]:
    """Say of every week that came too late that it is skipped, once.

    The runs of a mode answer for the weeks since the first of them.
    """
    since = _since(settings, archive, now)
    answered = _skipped(archive) | _answered(settings, archive)
    missed = calendar.missed(settings, now, since, answered)
    for one in missed:
        why = one.reason or "too late: nothing left in time"
        archive.record(now, SKIPPED, f"{one.week} {why}")
    return tuple(one.week for one in missed if not one.reason)


def _cancel(settings: Bulletin, archive: Archive, now: datetime) -> tuple[Delivery, ...]:
    """Stop what still waits although its week came too late, and return it as it stands then."""
    return tuple(
        replace(one, state=DeliveryState.CANCELLED, detail=TOO_LATE, at=now)
        for one in archive.outbox.waiting()
        if calendar.of(settings, Week.parse(one.week)).closes <= now
        and archive.outbox.cancel(one.key, now)
    )


def _since(settings: Bulletin, archive: Archive, now: datetime) -> Week:
    for event in archive.events(SINCE):
        week, mode = event.detail.split()
        if mode == settings.mode:
            return Week.parse(week)
    first = calendar.last_closed(settings, now).shift(1)
    archive.record(now, SINCE, f"{first} {settings.mode}")
    return first


def _skipped(archive: Archive) -> set[Week]:
    return {Week.parse(event.detail.split()[0]) for event in archive.events(SKIPPED)}


def _answered(settings: Bulletin, archive: Archive) -> set[Week]:
    """Return the weeks that have an edition of the mode: one that was begun to be brought, however
    that ended, where it has to leave. A preview is there for whoever looks into its folder.
    """
    if settings.publish and settings.mode is not Mode.PREVIEW:
        return {Week.parse(week) for week in archive.outbox.begun(settings.mode)}
    return {one.week for one in archive.editions() if one.mode is settings.mode}
