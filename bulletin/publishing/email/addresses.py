"""Addresses as settings give them, and patterns that say where mail may go at all."""

import re
from collections.abc import Iterable
from typing import Annotated

import idna
from pydantic import AfterValidator

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"(?!-)(?=.{{1,64}}$){ATOM}(?:\.{ATOM})*")
"""What stands before the `@`, plain (RFC 5321); a leading dash would be an option to sendmail."""


def domain(value: str) -> str:
    """Return a domain as mail servers write it: in small letters, an international one in ASCII.

    Raises `ValueError` for what is none.
    """
    try:
        name = idna.encode(value, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        name = ""
    if "." not in name or len(name) > 253:  # noqa: PLR2004  (RFC 1035 2.3.4)
        msg = f"'{value[:80]}' is no domain, such as acme.example"
        raise ValueError(msg)
    return name


def _mailbox(value: str) -> str:
    local, at, host = value.rpartition("@")
    if not at or not LOCAL.fullmatch(local):
        msg = f"'{value[:80]}' is no address; write it as in 'team@acme.example', without a name"
        raise ValueError(msg)
    return f"{local}@{domain(host)}"


def _pattern(value: str) -> str:
    local, at, host = value.rpartition("@")
    below = host.startswith("*.")
    if not at or not (local == "*" or LOCAL.fullmatch(local)):
        msg = f"'{value[:80]}' is no pattern; write it as in '*@acme.example'"
        raise ValueError(msg)
    return f"{local.lower()}@{'*.' if below else ''}{domain(host.removeprefix('*.'))}"


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""An address alone, its domain in ASCII."""
Domain = Annotated[str, AfterValidator(domain)]
Pattern = Annotated[str, AfterValidator(_pattern)]
"""An address, `*@` and a domain, or `*@*.` and what lies below a domain. `*` alone is none: it
would let everybody in."""


def allowed(address: str, patterns: Iterable[str]) -> bool:
    """Say whether one of the patterns lets mail go to this address."""
    local, _, host = address.lower().rpartition("@")
    for pattern in patterns:
        person, _, place = pattern.rpartition("@")
        there = host.endswith(place[1:]) if place.startswith("*.") else host == place
        if there and person in {"*", local}:
            return True
    return False


def unique(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return each address once, in small letters: upper and lower case are alike, and an address
    that is spelt otherwise next time must not be another.
    """
    return tuple(dict.fromkeys(address.lower() for address in addresses))
