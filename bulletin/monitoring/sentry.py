"""Sentry for ourselves: our own faults, and check-ins that it misses when they do not come."""

import logging
from collections.abc import Mapping
from time import monotonic
from typing import Any
from uuid import uuid4

from sentry_sdk import Client
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import BadDsn, Dsn, event_from_exception

from bulletin import __version__
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.logs import discreet

log = logging.getLogger("bulletin.monitoring")

SECONDS = 10
RUNTIME_MINUTES = 60
OURS = "bulletin"
PLAIN = frozenset({"event_id", "check_in_id", "timestamp", "type", "level", "status", "platform"})
"""Parts of an event that its server reads, and nobody writes into."""


class Sentry:
    """One project. Whatever is logged with a traceback by bulletin is sent there, but for errors
    that were foreseen. No local variables, no lines of code, no breadcrumbs, no host name.

    `slug` names the cron monitor; no check-ins without it. Raises `SettingsError` for a DSN that
    is none.
    """

    def __init__(self, dsn: str, slug: str | None, schedule: Mapping[str, Any]) -> None:
        try:
            self._client = Client(
                dsn=dsn,
                transport=_Transport,
                release=f"bulletin@{__version__}",
                server_name="",
                default_integrations=False,
                auto_enabling_integrations=False,
                include_local_variables=False,
                include_source_context=False,
                max_breadcrumbs=0,
                auto_session_tracking=False,
                send_client_reports=False,
                event_scrubber=EventScrubber(recursive=True),
                before_send=_masked,
                shutdown_timeout=SECONDS,
                # It packs with Brotli wherever that is there, and not every server reads it.
                _experiments={"transport_compression_algo": "gzip"},  # type: ignore[typeddict-item]
            )
        except (BadDsn, ValueError):
            raise _no_dsn() from None
        self._slug = slug
        self._schedule = schedule
        self._check_in = uuid4().hex
        self._began: float | None = None
        self._faults = _Faults(self)
        logging.getLogger(OURS).addHandler(self._faults)

    def start(self) -> None:
        """Check in: a run has begun."""
        self._began = monotonic()
        self._send("in_progress")

    def end(self, exit_code: int) -> None:
        """Check in: a run has ended well (0), or not."""
        self._send("error" if exit_code else "ok")

    def fault(self, error: BaseException) -> None:
        """Send what nobody foresaw; a `BulletinError` was, and stays here."""
        if not isinstance(error, BulletinError):
            event, hint = event_from_exception(error, client_options=self._client.options)
            self._client.capture_event(event, hint)

    def close(self) -> None:
        """Wait for what is on its way, 10 seconds at most, and listen to the log no longer."""
        logging.getLogger(OURS).removeHandler(self._faults)
        self._client.close(timeout=SECONDS, callback=_late)

    def _send(self, status: str) -> None:
        if self._slug is None:
            return
        event: dict[str, Any] = {
            "type": "check_in",
            "monitor_slug": self._slug,
            "check_in_id": self._check_in,
            "status": status,
            "release": f"bulletin@{__version__}",
            "environment": "production",
            "monitor_config": dict(self._schedule),
        }
        if self._began is not None and status != "in_progress":
            event["duration"] = monotonic() - self._began
        self._client.capture_event(event)  # type: ignore[arg-type]  # it takes a TypedDict


def check_dsn(dsn: str) -> str:
    """Return the host that a DSN leads to. Raises `SettingsError` for one that is none."""
    try:
        return Dsn(dsn).host
    except (BadDsn, ValueError):
        raise _no_dsn() from None


def _no_dsn() -> SettingsError:
    told = "the DSN of Sentry is none"
    return SettingsError(told, "Copy it again from the project's settings.")


def schedule_of(settings: Bulletin) -> dict[str, Any]:
    """Return when the check-ins have to come, as Sentry writes it: weekly, in the team's zone."""
    return {
        "schedule": {"type": "crontab", "value": settings.closes.cron},
        "timezone": settings.zone.key,
        "checkin_margin": settings.monitor.after_hours * 60,
        "max_runtime": RUNTIME_MINUTES,
        "failure_issue_threshold": 1,
        "recovery_threshold": 1,
    }


class _Faults(logging.Handler):
    """Hands on what the log has a traceback of."""

    def __init__(self, sentry: Sentry) -> None:
        super().__init__(logging.ERROR)
        self._sentry = sentry

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._sentry.fault(record.exc_info[1])


class _Transport(HttpTransport):
    """Says in the log what did not arrive. Connections are tried 3 times, as urllib3 does."""

    def on_dropped_event(self, reason: str) -> None:
        log.warning("Sentry was not told: %s", reason)


def _late(pending: int, _seconds: float) -> None:
    log.warning("Sentry was not told in %d seconds: %d events are left", SECONDS, pending)


def _masked(event: Any, _hint: Any) -> Any:
    """Return the event without a secret in any of its strings."""
    if isinstance(event, str):
        return discreet(event)
    if isinstance(event, dict):
        return {k: v if k in PLAIN else _masked(v, _hint) for k, v in event.items()}
    if isinstance(event, list | tuple):
        return [_masked(one, _hint) for one in event]
    return event
