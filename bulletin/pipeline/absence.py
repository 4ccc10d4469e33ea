"""The dead man's switch: is this week's edition everywhere by the hour, and if not, what is?"""

import logging
from datetime import datetime, timedelta

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.week import Week
from bulletin.monitoring import Monitor
from bulletin.pipeline import calendar
from bulletin.pipeline.packing import publishers
from bulletin.pipeline.sending import on_its_way
from bulletin.pipeline.standing import newest_left

log = logging.getLogger("bulletin")

WAITS = "`bulletin status` shows where each delivery stands; `bulletin run` goes on with it."
ASKS = "`bulletin status` shows where each delivery stands, with the command that decides on it."


def watch(
    settings: Bulletin, now: datetime, *, after_hours: int | None = None
) -> BulletinError | None:
    """Return what is missing of the newest due edition, in two lines; None while all is well.

    All is well until the cut-off and `after_hours` more, and in a week without an edition. That
    the archive cannot be read, whatever is the matter with it, is an answer, too: nobody can say
    then that the edition is out.
    """
    hours = settings.monitor.after_hours if after_hours is None else after_hours
    due = calendar.due(settings, now)
    if due.reason or now < due.opens + timedelta(hours=hours):
        return None
    try:
        return _missing(settings, due.week)
    except BulletinError as error:
        return BulletinError(f"{due.week} is not known to be out: {error.problem}", error.hint)
    except Exception as error:
        log.exception("the watch broke")
        told = f"{due.week} is not known to be out: a fault in bulletin ({type(error).__name__})"
        return BulletinError(told, "The log has the traceback; look whether it arrived.")


def alarm(settings: Bulletin, error: BulletinError) -> None:
    """Tell the editors and the monitors of the settings what `watch` found."""
    monitor = Monitor.from_settings(settings)
    try:
        monitor.alarm(error.problem, error.hint)
    finally:
        monitor.close()


def _missing(settings: Bulletin, week: Week) -> BulletinError | None:
    if not settings.publish:
        told = f"{week} goes nowhere: the settings name no channel"
        return BulletinError(told, "Add a [[publish]]; bulletin.example.toml shows each kind.")
    with Archive.open(settings.archive) as archive:
        left = newest_left(archive, week, settings.mode, waiting=True)
        filed = left or archive.latest(week, settings.mode)
        if filed is None:
            archive.find(week)
            told = f"{week} has not left: there is no {settings.mode} edition, only a draft"
            hint = f"`bulletin publish {week}` sends it; approve it first, if need be."
            return BulletinError(told, hint)
        deliveries, failures = on_its_way(settings, archive, filed, publishers(settings))
    open_ = [one for one in deliveries if not one.is_over]
    if not open_ and not failures:
        return None
    counts = {f"{one.channel} {one.state}" for one in open_}
    told = ", ".join([*sorted(counts), *(error.problem for error in failures)])
    hint = ASKS if failures or any(one.state.waits_for_a_person for one in open_) else WAITS
    missing = f"{len(open_) + len(failures)} of {len(deliveries) + len(failures)}"
    return BulletinError(f"{week} has not left everywhere, {missing} missing: {told}", hint)
