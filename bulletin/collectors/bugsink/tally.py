"""How many events an issue had in a window, from the numbers that Bugsink gave them.

Bugsink says how often an issue ever fired, never how often in a week. But it numbers the events of
an issue from 1 on as they come in, and keeps the numbers of those that it has thrown away: what
lies between two moments is the difference of two numbers, whether or not it is still there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bulletin.model.week import Window

PROBES = 48
"""Pages that one search for a moment may take: it halves what is left each time."""
TOLERANCE = 100
"""A count is taken where what was thrown away leaves it uncertain by less than one in so many."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events with their numbers, newest first, and whether there are no older ones."""

    events: tuple[tuple[int, datetime], ...]
    is_last: bool


@dataclass(slots=True)
class Tally:
    """The events of one issue.

    `ask` fetches a page of those numbered below a number, or the newest; without it only what needs
    no asking is told.
    """

    total: int
    first_seen: datetime
    last_seen: datetime
    ask: Callable[[int | None], Page] | None
    _pages: dict[int | None, Page] = field(default_factory=dict)

    def between(self, window: Window) -> int | None:
        """Return the events of a window, at least; None where that is off by one in a hundred."""
        first, last = self._before(window.start), self._before(window.end)
        least, most = max(0, last[0] - first[1]), last[1] - first[0]
        return least if (most - least) * TOLERANCE <= least else None

    def _before(self, moment: datetime) -> tuple[int, int]:
        """Return the least and the most events that can have come in before a moment."""
        if moment <= self.first_seen:
            return 0, 0
        if moment > self.last_seen:
            return self.total, self.total
        if self.ask is None:
            return 0, self.total
        return self._search(moment, self.ask)

    def _search(self, moment: datetime, ask: Callable[[int | None], Page]) -> tuple[int, int]:
        """Halve the events until a page holds the moment, or nothing is left between."""
        low, high = 0, self.total + 1
        bottom, top = 0, self.total
        at: int | None = None
        for _ in range(PROBES):
            if at not in self._pages:
                self._pages[at] = ask(at)
            page = self._pages[at]
            earlier = [number for number, taken in page.events if taken < moment]
            later = [number for number, taken in page.events if taken >= moment]
            low = max([low, *earlier])
            if later:
                high, top = min(later), min(later) - 1
            else:
                bottom = top if at is None else at - 1
            if (later and (earlier or page.is_last)) or bottom >= top:
                break
            # What fits a page is fetched at once; of more, the older half is looked at first.
            fits = top - bottom <= len(self._pages[None].events)
            at = top + 1 if fits else (bottom + top + 1) // 2 + 1
        return low, high - 1
