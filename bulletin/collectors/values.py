"""Values as services write them. None for what cannot be read: unknown is never zero."""

import re
from datetime import UTC, datetime
from typing import Any

MOST = 10**12
"""No count is believed beyond this."""
NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)


def parse_count(value: Any) -> int | None:
    """Read a count, which may be written as a string. None for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST else None


def parse_moment(value: Any) -> datetime | None:
    """Read an ISO 8601 moment, in UTC where it names no zone. None for anything else."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
