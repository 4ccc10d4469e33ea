"""Collectors: a folder a service, strangers to each other. Service in, `Harvest` out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bulletin.model.edition import Item
from bulletin.model.harvest import Harvest
from bulletin.model.week import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of `bulletin check`: what was tried, and what to do if it did not work."""

    what: str
    ok: bool
    detail: str
    hint: str = ""


class Collector(Protocol):
    """Asks one service. Neither method raises for what the service did: that is a `Gap`.

    A collector is built by its class method `from_settings(settings, name)`, where `settings` is
    an instance of its own class attribute `Settings` and `name` the source's configured name.
    One instance is used by one thread.
    """

    source: str
    kinds: tuple[str, ...]

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """Search for what is open now and what happened in the window."""
        ...

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look up, by handle and in bulk, items that last week's list holds and the search did not
        return. Each comes back as a fact, `moved` (with a fact under its new key), `missing`, or
        is covered by a gap. Its coverage counts only its own requests.
        """
        ...

    def check(self) -> Iterator[Check]:
        """Try the address, the credentials, the scopes and the queries."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """A collector that can tell past weeks better than by `collect`, a week at a time."""

    def remember(self, windows: Sequence[Window], as_of: datetime) -> Iterator[Harvest]:
        """Tell past windows, oldest first and one after the other, a harvest each.

        It holds, in today's words, what happened in the window and what may have been open at its
        end, closed since or not; a gap says what the service no longer knows. Taking it back to
        how it stood then is not the collector's business.
        """
        ...
