"""Addresses of services, as settings give them."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def secure(address: str) -> SplitResult | None:
    """Return the parts of an address that a secret may go to: by https, or on this machine.

    None for any other, for one with a password in it, and for what is no address.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    is_plain = address.isprintable() and not re.search(r"[\s\\]", address)
    is_host = re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host) and "@" not in parts.netloc
    return parts if is_secure and is_plain and is_host else None


def _address(address: str) -> str:
    if secure(address) is None or "?" in address or "#" in address:
        msg = "write the address as in 'https://sentry.io': https, without a password or a query"
        raise ValueError(msg)
    return address.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
"""An https address without a slash at its end; plain http only on loopback."""
