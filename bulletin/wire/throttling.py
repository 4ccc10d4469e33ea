"""When a service asks for patience, and for how much."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests


def is_throttled(response: requests.Response) -> bool:
    """Whether a 403 means "too much", as GitHub's limits do, rather than "not for you"."""
    headers = response.headers
    return response.status_code == 403 and (  # noqa: PLR2004  (an HTTP status)
        "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"
    )


def pause(headers: Mapping[str, str], attempt: int, now: datetime) -> float:
    """Return how many seconds the service asks us to wait, else a growing pause of our own.

    Reads `Retry-After` in seconds or as an HTTP date (RFC 9110 §10.2.3), then Sentry's and
    GitHub's reset times, which are seconds since 1970, then Jira's, which is ISO 8601.
    """
    told = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    for moment in (
        told,
        headers.get("X-Sentry-Rate-Limit-Reset", ""),
        # GitHub says when its hour ends with every answer; it concerns us once nothing remains.
        headers.get("X-RateLimit-Reset", "")
        if headers.get("X-RateLimit-Remaining", "0") == "0"
        else "",
    ):
        when = _moment(moment.strip())
        if when is not None:
            return max(1.0, (when - now).total_seconds() + 1.0)
    return 2.0**attempt


def _moment(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        when = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    # A date in "-0000" comes without a zone, and is in UTC.
    return when if when.tzinfo else when.replace(tzinfo=UTC)
