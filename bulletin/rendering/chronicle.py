"""The history of the list, put together from what each edition froze of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from bulletin.model.edition import Edition, Figure, Item
from bulletin.model.week import Week

Ages = tuple[int, int, int, int]
RATE = "settled"
"""The figure that says which share of a list was fixed or cleared by the following week."""


@dataclass(frozen=True, slots=True)
class Record:
    """One week of the list; None is what no edition knows."""

    week: Week
    ages: Ages | None
    rate: int | None

    @property
    def total(self) -> int | None:
        """Items on the list."""
        return None if self.ages is None else sum(self.ages)


class Chronicle:
    """Reads the history out of editions. What a week's own edition says of it stands."""

    def __init__(self) -> None:
        self._ages: dict[Week, Ages] = {}
        self._rates: dict[Week, int] = {}
        self._newest: Week | None = None
        self.rate: Figure | None = None
        """The newest edition's figure, with its limits."""

    def add(self, edition: Edition) -> None:
        """Enter an edition. The newest comes first, and each week once."""
        figure = next((one for one in edition.figures if one.name == RATE), None)
        if self._newest is None:
            self._newest, self.rate = edition.week, figure
        for week in edition.list_weeks:
            if week.ages is not None and (week.week == edition.week or week.week not in self._ages):
                self._ages[week.week] = week.ages
        if not edition.list_weeks:
            self._ages[edition.week] = _ages(edition.items)
        past = figure.history if figure else ()
        for back, value in enumerate(reversed(past)):
            week_ = edition.week.shift(-back)
            if value is not None and (back == 0 or week_ not in self._rates):
                self._rates[week_] = value

    def records(self, weeks: int) -> tuple[Record, ...]:
        """Return up to so many weeks, oldest first, from the first that is known to the newest."""
        known = {*self._ages, *self._rates}
        if self._newest is None or not known:
            return ()
        span = min(weeks, self._newest.weeks_since(min(known)) + 1)
        passed = (self._newest.shift(-back) for back in range(span - 1, -1, -1))
        return tuple(Record(one, self._ages.get(one), self._rates.get(one)) for one in passed)


def _ages(items: Iterable[Item]) -> Ages:
    """Count a list of before editions carried the history themselves."""
    ages = [0, 0, 0, 0]
    for item in items:
        if item.state.on_list:
            ages[min(item.weeks, len(ages)) - 1] += 1
    return (ages[0], ages[1], ages[2], ages[3])
