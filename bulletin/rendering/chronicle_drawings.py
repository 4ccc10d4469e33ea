"""The drawings of the list's history, with their titles and labels in the page's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from bulletin.rendering.charts import Column, Limits, Point, agebars, ratechart
from bulletin.rendering.chronicle import Chronicle, Record
from bulletin.rendering.escape import Html, Safe
from bulletin.rendering.page import AGES
from bulletin.rendering.words import Words


@dataclass(frozen=True, slots=True)
class ChronicleDrawings:
    """Draws the history; every method is given the weeks and the size that it is printed in."""

    chronicle: Chronicle
    words: Words

    def records(self, weeks: int) -> tuple[Record, ...]:
        """Return the weeks that a drawing shows, oldest first."""
        return self.chronicle.records(weeks)

    def has_ages(self, records: Iterable[Record]) -> bool:
        """Whether any of these weeks had something on its list."""
        return any(one.total for one in records)

    def has_rates(self, records: Iterable[Record]) -> bool:
        """Whether it is known of any of these weeks what became of the list before it."""
        return any(one.rate is not None for one in records)

    def ages(self, weeks: int, width: float, height: float, size: float, side: float) -> Html:
        """Draw the list by how long its items had been on it, week by week."""
        t, records = self.words, self.records(weeks)
        said = [
            t("ages.hole", week=one.week.number)
            if one.total is None
            else t("ages.week", week=one.week.number, value=one.total)
            for one in records
        ]
        title = t("ages.told", weeks=t.safe(", ").join(said))
        columns = [Column(self._label(one), one.ages) for one in records]
        names = [t(f"age.{name}") for name in AGES]
        return agebars(columns, title, names, width, height, size, side)

    def rates(self, weeks: int, width: float, height: float, size: float, side: float) -> Html:
        """Draw which share was fixed or cleared by the following week, within its limits."""
        records, limits = self.records(weeks), self._limits()
        points = [
            Point(self._label(one), one.rate, "" if one.rate is None else self.percent(one.rate))
            for one in records
        ]
        return ratechart(points, self._rated(records), limits, width, height, size, side)

    def percent(self, value: int) -> Safe:
        """Write a share."""
        return self.words("figure.percent", value=value)

    def routine(self) -> Safe:
        """Say the limits of what is usual; nothing where too little is known for any."""
        rate = self.chronicle.rate
        if rate is None or rate.lower is None or rate.upper is None:
            return self.words.safe("")
        return self.words("rates.routine", lower=round(rate.lower), upper=round(rate.upper))

    def _label(self, record: Record) -> Safe:
        return self.words("week.short", week=record.week.number)

    def _limits(self) -> Limits | None:
        rate = self.chronicle.rate
        if rate is None or rate.lower is None or rate.upper is None:
            return None
        least, most = self.percent(round(rate.lower)), self.percent(round(rate.upper))
        return Limits(rate.lower, rate.upper, self.words("rates.usual"), least, most)

    def _rated(self, records: tuple[Record, ...]) -> Safe:
        t = self.words
        said = [
            t("ages.week", week=one.week.number, value=self.percent(one.rate))
            if one.rate is not None
            else t("rates.hole", week=one.week.number)
            for one in records
        ]
        return t("rates.told", weeks=t.safe(", ").join(said), routine=self.routine())
