"""Pings in the manner of Healthchecks: an address that somebody waits to be asked for."""

import logging
from threading import Thread
from urllib.parse import urlsplit

import requests

from bulletin.errors import SettingsError

log = logging.getLogger("bulletin.monitoring")

TRIES = 3
SECONDS = 10
"""How long a try may take, by the clock on the wall."""


class Ping:
    """One address. `/start` and `/fail` are put behind its path unless it knows no steps; then it
    is asked for at success alone. Raises `SettingsError` for what is no address.
    """

    def __init__(self, url: str, *, steps: bool) -> None:
        self._url = urlsplit(url)
        self._steps = steps
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            msg = "the address to ping is none: it begins with neither https:// nor http://"
            raise SettingsError(msg, "Copy it again from the service that waits for it.")

    @property
    def host(self) -> str:
        """Whose address it is; the rest of it is a secret."""
        return self._url.hostname or ""

    def start(self) -> None:
        """Tell that a run has begun."""
        if self._steps:
            self._send("/start", "")

    def end(self, exit_code: int) -> None:
        """Tell that a run has ended well (0), or with which code it has not."""
        if exit_code == 0:
            self._send("", "")
        elif self._steps:
            self._send("/fail", f"exit code {exit_code}")

    def _send(self, step: str, body: str) -> None:
        url = self._url._replace(path=self._url.path.rstrip("/") + step).geturl()
        said = ""
        for _ in range(TRIES):
            said = _ask(url, body)
            if not said:
                return
        log.warning("the ping%s did not arrive in %d tries: %s", step, TRIES, said)


def _ask(url: str, body: str) -> str:
    """Ask for the address once and return what went wrong, without the address: it is a secret."""
    said = [f"no answer within {SECONDS} seconds"]

    def ask() -> None:
        try:
            # Redirects would carry the address, which is the secret, to somebody else.
            answer = requests.request(
                "POST" if body else "GET",
                url,
                data=body or None,
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
            )
            answer.close()
            arrived = answer.status_code // 100 == 2  # noqa: PLR2004  (a redirect is none)
            said[0] = "" if arrived else f"HTTP {answer.status_code}"
        except (requests.RequestException, ValueError) as error:
            said[0] = type(error).__name__

    # A server that drips its headers never meets the timeout of a read.
    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return said[0]
