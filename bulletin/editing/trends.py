"""What a difference is worth: natural process limits, and better or worse for items."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from bulletin.editing.rules import BARE
from bulletin.model.edition import Item, Reason, Trend
from bulletin.model.facts import Severity
from bulletin.model.week import Week

KNOWN_WEEKS = 6
"""Weeks that must be known before limits are drawn."""
MOVING_RANGE = 2.66
"""Scales a mean moving range of pairs to three sigma (Shewhart's XmR chart; Wheeler, 1993)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural process limits: inside them, a change is routine."""

    lower: float
    upper: float


def limits(earlier: Sequence[int | None]) -> Limits | None:
    """Return mean ± 2.66 times the mean moving range of the known values, or None for fewer than 6.

    A moving range is only taken between neighbours: a hole is not bridged. The lower limit is
    never below zero, since counts are not.
    """
    known = [value for value in earlier if value is not None]
    if len(known) < KNOWN_WEEKS:
        return None
    ranges = [
        abs(after - before)
        for before, after in pairwise(earlier)
        if before is not None and after is not None
    ]
    if not ranges:
        return None
    mean = sum(known) / len(known)
    width = MOVING_RANGE * sum(ranges) / len(ranges)
    return Limits(lower=round(max(0.0, mean - width), 2), upper=round(mean + width, 2))


def week_by_week(counts: Sequence[tuple[Week, int]]) -> tuple[int | None, ...]:
    """Return one value a week from the first to the last of `counts`; None where none is given."""
    if not counts:
        return ()
    known = dict(counts)
    first, last = min(known), max(known)
    return tuple(known.get(first.shift(n)) for n in range(last.weeks_since(first) + 1))


def trend(
    before: Item, severity: Severity, reasons: Sequence[Reason], days: int, share: float = 1.0
) -> Trend:
    """Compare an item with what it was `days` ago, its events with that `share` of then's.

    Where reasons say when they were looked at, and over how many hours, that counts instead.

    Severity speaks first. Then each reason's own measure, and reasons that came or went: one
    that got worse outweighs any that got better.
    """
    if severity != before.severity:
        return Trend.WORSE if severity > before.severity else Trend.BETTER
    if not before.reasons:
        return Trend.SAME
    then = {reason.rule.removesuffix(BARE): reason for reason in before.reasons}
    now = {reason.rule.removesuffix(BARE): reason for reason in reasons}
    moves = {_move(then[rule], now[rule], days, share) for rule in then.keys() & now.keys()}
    if now.keys() - then.keys() or Trend.WORSE in moves:
        return Trend.WORSE
    if then.keys() - now.keys() or Trend.BETTER in moves:
        return Trend.BETTER
    return Trend.SAME


def _move(then: Reason, now: Reason, days: int, share: float) -> Trend:
    if then.measure is None or now.measure is None:
        return Trend.SAME
    if then.at is not None and now.at is not None:
        days = (now.at - then.at).days
    if then.hours and now.hours:
        share = now.hours / then.hours
    was: float = then.measure
    if now.unit == "events":
        was *= share
    grown = now.measure - was
    lower = min(now.measure, was)
    match now.unit:
        case "days":
            # Age grows by itself; only less of it than the calendar asks for says something.
            grown, noise = grown - days, 1.0
        case "events":
            # Two counts of independent events differ by the root of their sum; ask for two of
            # those and a quarter besides, since real errors come in bursts.
            noise = max(2 * sqrt(now.measure + was), lower / 4)
        case "lines":
            noise = lower / 10
        case _:
            noise = 0.0
    if abs(grown) <= noise:
        return Trend.SAME
    return Trend.WORSE if grown > 0 else Trend.BETTER
