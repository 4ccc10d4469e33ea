"""The address of a git remote, as settings give it."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from bulletin.wire.address import LOOPBACK

SHORT = re.compile(r"(?:[\w.-]+@)?(?P<host>[A-Za-z0-9][\w.-]*):(?!/)[\w./~-]+")
"""The way that ssh is usually written: `git@host:path`."""
WRONG = (
    "write the address as in 'https://github.com/acme/shop.wiki.git' or 'git@host:shop.wiki.git', "
    "without a password; http and git only on loopback"
)


def host_of(remote: str) -> str:
    """Return the host of a remote; nothing for a folder."""
    short = SHORT.fullmatch(remote)
    return short["host"] if short else urlsplit(remote).hostname or ""


def _remote(remote: str) -> str:
    if SHORT.fullmatch(remote):
        return remote
    try:
        parts = urlsplit(remote)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(WRONG) from None
    is_plain = re.fullmatch(r"[\w.-]*|[0-9a-f:]+", host) and not host.startswith("-")
    is_whole = bool(parts.path.strip("/")) and not (parts.query or parts.fragment or parts.password)
    allowed = {
        "https": bool(host) and parts.username is None,
        "ssh": bool(host) and not (parts.username or "").startswith("-"),
        "http": host in LOOPBACK and parts.username is None,
        "git": host in LOOPBACK and parts.username is None,
        "file": not parts.netloc,
    }
    if not (allowed.get(parts.scheme) and is_plain and is_whole and remote.isprintable()):
        raise ValueError(WRONG)
    return remote.rstrip("/")


Remote = Annotated[str, AfterValidator(_remote)]
"""A git remote without a password in it; what is not encrypted only on this machine."""
