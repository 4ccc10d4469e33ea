"""Runs that somebody watches from outside: told when they begin, and how they ended."""

from typing import Any

from bulletin.config import Bulletin
from bulletin.errors import BulletinError, LockedError
from bulletin.model.week import Week
from bulletin.monitoring import Monitor
from bulletin.pipeline import calendar
from bulletin.pipeline.clock import Clock, utc_now
from bulletin.pipeline.gathering import Report, silent
from bulletin.pipeline.running import Ran, run


def attended_run(
    settings: Bulletin,
    *,
    week: Week | None = None,
    clock: Clock = utc_now,
    report: Report = silent,
    **given: Any,
) -> Ran:
    """Run as `run` does, and tell the monitors of the settings.

    They hear that it begins only where something is due; that it is well only once the edition is
    everywhere, or where its week has none; and otherwise the exit code, also where nothing is due
    and what waited was cancelled. That another run is at it is no news. Raises as `run` does,
    whatever becomes of the telling.
    """
    monitor = Monitor.from_settings(settings)
    try:
        ran = run(settings, week=week, clock=clock, report=report, begun=monitor.start, **given)
        if ran.outcome is not None:
            monitor.end(0 if ran.outcome.is_whole else ran.exit_code)
        elif ran.cancelled:
            monitor.end(ran.exit_code)
        elif _is_free(settings, ran.week, clock):
            monitor.end(0)
    except LockedError:
        raise
    except BulletinError as error:
        monitor.end(error.exit_code)
        raise
    except Exception as error:
        monitor.fault(error)
        monitor.end(1)
        raise
    finally:
        monitor.close()
    return ran


def _is_free(settings: Bulletin, week: Week, clock: Clock) -> bool:
    due = calendar.of(settings, week)
    return bool(due.reason) and due.opens <= clock() < due.closes
