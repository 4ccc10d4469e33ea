"""The log: to standard error, and without the secrets that this process has read."""

import logging

from bulletin.config import REVEALED
from bulletin.model.text import printable

HIDDEN = "[secret]"


class DiscreetFormatter(logging.Formatter):
    """Writes a record with its traceback, without the secrets that were read and without what looks
    like one and what a terminal obeys: an error may quote what a service said.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in REVEALED:
            text = text.replace(secret, HIDDEN)
        from bulletin.masking import mask  # noqa: PLC0415  (--help must not wait for it)

        return printable(mask(text).text)


def start_log(*, quiet: bool, verbose: bool) -> None:
    """Log warnings; everything that is done if `verbose`, nothing but errors if `quiet`."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
