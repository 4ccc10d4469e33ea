"""The only clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the moment, in UTC and whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
