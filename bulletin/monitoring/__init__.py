"""Telling those who watch from outside how runs go. Nothing that is met here changes a result."""

import logging
from typing import Self

from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.monitoring.editors import Editors
from bulletin.monitoring.ping import Ping
from bulletin.monitoring.sentry import Sentry, schedule_of

log = logging.getLogger("bulletin.monitoring")


class Monitor:
    """Whoever the settings name, told of a run in order: it starts, and it ends.

    A monitor that cannot be reached, or whose secret is missing, is told in the log and left out.
    """

    def __init__(
        self, *, sentry: Sentry | None = None, ping: Ping | None = None, editors: Editors
    ) -> None:
        self._sentry = sentry
        self._ping = ping
        self._editors = editors

    @classmethod
    def from_settings(cls, settings: Bulletin) -> Self:
        """Build what the settings name. From here on, faults in the log are sent to Sentry."""
        table = settings.monitor
        sentry = ping = None
        try:
            if table.sentry is not None:
                slug = table.slug if table.checkins else None
                sentry = Sentry(table.sentry.reveal(), slug, schedule_of(settings))
        except BulletinError as error:
            log.warning("Sentry is told nothing: %s", error.problem)
        try:
            if table.ping is not None:
                ping = Ping(table.ping.reveal(), steps=table.ping_steps)
        except BulletinError as error:
            log.warning("no ping is sent: %s", error.problem)
        return cls(sentry=sentry, ping=ping, editors=Editors(table.editors))

    def start(self) -> None:
        """Tell that a run has begun that has something to do."""
        if self._sentry is not None:
            self._sentry.start()
        if self._ping is not None:
            self._ping.start()

    def end(self, exit_code: int) -> None:
        """Tell that everything is where it belongs (0), or the exit code of why it is not."""
        if self._sentry is not None:
            self._sentry.end(exit_code)
        if self._ping is not None:
            self._ping.end(exit_code)

    def fault(self, error: BaseException) -> None:
        """Report what nobody foresaw."""
        if self._sentry is not None:
            self._sentry.fault(error)

    def alarm(self, title: str, text: str) -> None:
        """Tell the editors in words, and the machines that it failed."""
        self._editors.tell(title, text)
        self.end(1)

    def close(self) -> None:
        """Wait for what is on its way, 10 seconds at most."""
        if self._sentry is not None:
            self._sentry.close()
