"""Moments that cannot be: a clock that is off, a copy that is old, a fact from the future."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bulletin.model.facts import Fact
from bulletin.model.harvest import Cause, Harvest, State
from bulletin.wire.refused import Refused

SLACK = timedelta(minutes=5)
"""By how much clocks may differ, and how old a copy may be, before it is told."""
AHEAD = timedelta(days=1)
"""How far in the future a fact's moments may lie: a wrong clock is told apart from nonsense."""


class Timekeeper:
    """What a service's answers say of its clock and of their own age."""

    def __init__(self) -> None:
        self.age = timedelta()
        """Of the oldest copy that was given."""
        self.ahead = timedelta()
        """How far the service's clock is ahead of ours; negative where it is behind."""

    def read(self, headers: Mapping[str, str], now: datetime) -> None:
        """Read an answer's `Date` and `Age` (RFC 9110 §6.6.1, RFC 9111 §5.1)."""
        age = _seconds(headers.get("Age", ""))
        self.age = max(self.age, age)
        try:
            sent = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
        self.ahead = max(self.ahead, sent + age - now, key=abs)

    def told(self, harvest: Harvest) -> Harvest:
        """Return the harvest with a gap for a clock that is off, and stale if it is a copy."""
        source, coverage = harvest.source, harvest.coverage
        gaps = [*harvest.gaps]
        if abs(self.ahead) > SLACK:
            side = "ahead of" if self.ahead > timedelta() else "behind"
            said = f"its clock is {_rough(self.ahead)} {side} ours"
            # Which day it was may be wrong; that it was is not.
            gaps.append(
                Refused(Cause.CLOCK, said, "Let both machines keep time by NTP.").gap(
                    source, coverage.kinds, parts=("clock",)
                )
            )
        if self.age > SLACK and coverage.state is not State.UNKNOWN:
            said = f"a copy from {_rough(self.age)} ago came instead of an answer"
            hint = "Look for a cache or a replica between bulletin and the service."
            gaps.append(Refused(Cause.OUTDATED, said, hint).gap(source, coverage.kinds))
            state = State.STALE if coverage.state is State.KNOWN else coverage.state
            coverage = replace(coverage, state=state, as_of=coverage.as_of - self.age)
        return replace(harvest, gaps=tuple(gaps), coverage=coverage)


def refuse_future(fact: Fact, as_of: datetime) -> None:
    """Raise ValueError for a fact that happened a day after `as_of` or later."""
    for one in fields(fact):
        moment = getattr(fact, one.name)
        if isinstance(moment, datetime) and moment > as_of + AHEAD:
            msg = f"'{one.name}' lies in the future"
            raise ValueError(msg)


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=int(text) if text.isdecimal() and len(text) < 10 else 0)  # noqa: PLR2004  (three decades)


def _rough(span: timedelta) -> str:
    minutes = round(abs(span) / timedelta(minutes=1))
    hours = round(minutes / 60)
    return f"{minutes} minutes" if hours < 2 else f"{hours} hours"  # noqa: PLR2004  (as people say it)
