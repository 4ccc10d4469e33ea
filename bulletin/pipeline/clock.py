"""The only clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the moment, in UTC; a delivery takes its time."""


def utc_now() -> datetime:
    """Return the moment, in UTC and whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
