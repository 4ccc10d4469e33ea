"""The program's own calendar: which week is due, which has none, and which came too late.

Whatever starts the program, and however often, this alone decides. All of it is a function of the
settings and a moment.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from bulletin.config import Bulletin
from bulletin.model.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A week and the moments between which its edition leaves by itself, both in UTC."""

    week: Week
    opens: datetime
    closes: datetime
    reason: str = ""
    """Why this week has no edition; empty where it has one."""


def due(settings: Bulletin, now: datetime) -> Due:
    """Return the newest week whose moment has come."""
    week = Week.of(now, settings.zone).shift(1)
    while week.closes(settings.zone, settings.closes) > now:
        week = week.shift(-1)
    return of(settings, week)


def of(settings: Bulletin, week: Week) -> Due:
    """Return when this week's edition leaves."""
    opens = week.closes(settings.zone, settings.closes)
    lateness = timedelta(hours=settings.lateness_hours)
    return Due(week=week, opens=opens, closes=opens + lateness, reason=_reason(settings, week))


def last_closed(settings: Bulletin, now: datetime) -> Week:
    """Return the newest week for which it is too late."""
    newest = due(settings, now)
    return newest.week if now >= newest.closes else newest.week.shift(-1)


def missed(
    settings: Bulletin, now: datetime, since: Week, answered: Container[Week]
) -> tuple[Due, ...]:
    """Return the weeks from `since` on for which it is too late and nobody has answered, oldest
    first; those without an edition among them.
    """
    last, found = last_closed(settings, now), []
    while since <= last:
        if since not in answered:
            found.append(of(settings, since))
        since = since.shift(1)
    return tuple(found)


def _reason(settings: Bulletin, week: Week) -> str:
    if week in settings.skip:
        return "the settings skip it"
    if settings.holidays is None:
        return ""
    day = week.closes(settings.zone, settings.closes).astimezone(settings.zone).date()
    name = _holidays(settings.holidays, day.year).get(day)
    return f"{day:%A %d %B} is a public holiday ({name})" if name else ""


@cache
def _holidays(place: str, year: int) -> Mapping[date, str]:
    from holidays import country_holidays  # noqa: PLC0415  (only for those who set it)

    country, _, region = place.partition("-")
    return country_holidays(country, subdiv=region or None, years=year, language="en_US")
