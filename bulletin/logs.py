"""The log: to standard error, and without the secrets that this process has read."""

import logging

from bulletin.config import REVEALED

HIDDEN = "[secret]"


class DiscreetFormatter(logging.Formatter):
    """Writes a record with its traceback, and every secret that was read replaced in both."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in REVEALED:
            text = text.replace(secret, HIDDEN)
        return text


def start_log(*, quiet: bool, verbose: bool) -> None:
    """Log warnings; everything that is done if `verbose`, nothing but errors if `quiet`."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
