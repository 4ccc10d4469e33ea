"""Addresses of services, as settings give them."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _address(address: str) -> str:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        msg = "write the address as in 'https://sentry.io': https, without a password or a query"
        raise ValueError(msg)
    return address.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
"""An https address without a slash at its end; plain http only on loopback."""
