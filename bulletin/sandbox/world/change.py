"""What happens to anything in the company, and what is the same every time."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a subject: what, when, and with what value."""

    at: datetime
    what: str
    value: str = ""


def digest(*parts: str) -> str:
    """Return a stable hash in hexadecimal."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
