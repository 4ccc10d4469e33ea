"""The log: to standard error, and without the secrets that this process has read."""

import json
import logging
from datetime import UTC, datetime
from urllib.parse import quote

from bulletin.config import REVEALED
from bulletin.model.text import printable

HIDDEN = "[secret]"
FIELDS = ("edition", "channel", "source", "week")
"""What a record may be about, given as `extra`: columns of the log as JSON."""


def discreet(text: str) -> str:
    """Return foreign text without the secrets that were read, as they are and as an address holds
    them, and without what looks like one.
    """
    for secret in sorted(REVEALED, key=len, reverse=True):  # one may begin another
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
    from bulletin.masking import mask  # noqa: PLC0415  (--help must not wait for it)

    return mask(text).text


class DiscreetFormatter(logging.Formatter):
    """Writes a record with its traceback, without secrets and without what a terminal obeys: an
    error may quote what a service said.
    """

    def format(self, record: logging.LogRecord) -> str:
        return printable(discreet(super().format(record)))


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object on one line: `at` in UTC, `level`, `logger`, `message`,
    `traceback` where there is one, and whatever of `FIELDS` it is about.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": discreet(record.getMessage()),
        }
        about = {name: getattr(record, name, None) for name in FIELDS}
        told |= {name: discreet(str(value)) for name, value in about.items() if value is not None}
        if record.exc_info:
            told["traceback"] = discreet(self.formatException(record.exc_info))
        return json.dumps(told)


def start_log(*, quiet: bool, verbose: bool, as_json: bool = False) -> None:
    """Log warnings; everything that is done if `verbose`, nothing but errors if `quiet`."""
    handler = logging.StreamHandler()
    plain = DiscreetFormatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if as_json else plain)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
