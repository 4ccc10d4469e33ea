"""The drawings of one edition: the charts with their titles and labels in the page's language."""

from dataclasses import dataclass
from datetime import timedelta

from bulletin.model.edition import Figure, Item, Trend
from bulletin.model.facts import ErrorTrend
from bulletin.rendering.charts import (
    Column,
    Part,
    Share,
    agebars,
    daybars,
    fatebar,
    icon,
    sparkline,
    tape,
    wheel,
)
from bulletin.rendering.escape import Html, Safe, clip
from bulletin.rendering.page import AGES, Page
from bulletin.rendering.words import Words

A_WEEK = 7
TEAM = 22
"""Letters of a team's name on the wheel."""
TITLE = 80
"""Letters of a foreign title in a chart's text."""


@dataclass(frozen=True, slots=True)
class Drawings:
    """Draws for one page; every method is given the size that it is printed in."""

    page: Page
    words: Words

    def spark(self, figure: Figure, width: int, height: int) -> Html:
        """Draw a figure's past with its limits; nothing where fewer than two weeks are known."""
        bounds = (figure.lower, figure.upper)
        colour = "red" if figure.is_worse else "ink"
        return sparkline(figure.history, self.history(figure), width, height, *bounds, colour)

    def history(self, figure: Figure) -> Safe:
        """Say a figure's past in numbers: the text alternative of its drawing."""
        t = self.words
        values = [t("figure.hole") if v is None else t.number(v) for v in figure.history]
        name = t(f"figure.{figure.name}")
        past = t("figure.history", name=name, n=len(values))
        routine = ""
        if figure.lower is not None and figure.upper is not None:
            low, high = round(figure.lower), round(figure.upper)
            routine = t("figure.routine", lower=low, upper=high)
        return t("figure.told", past=past, values=t.safe(", ").join(values), routine=routine)

    def trend_of(self, item: Item, width: int, height: int) -> Html:
        """Draw an error's events on each whole day of the week; nothing where they are not known.

        A day that the week holds only in part would look like a fall, and is left out.
        """
        fact = self.page.edition.fact(item.key)
        if not isinstance(fact, ErrorTrend) or not item.state.on_list:
            return Html("")
        span = self.page.edition.span
        days = fact.daily[span.start.time() != span.start.min.time() :]
        if span.end.time() != span.end.min.time():
            days = days[:-1]
        said = self.words.safe(", ").join(map(self.words.number, days))
        title = self.words("trend.daily", title=clip(item.title, TITLE), days=said)
        colour = "red" if item.trend is Trend.WORSE else "ink"
        return sparkline(days, title, width, height, None, None, colour)

    def picture(self, width: float, height: float, size: float) -> Html:
        """Draw the picture of the week, or the list's history where there is none."""
        picture = self.page.edition.picture
        if picture is None:
            return self.ages(width, height, size, side=0)
        t = self.words
        weeks = [t("picture.ago", n=n) for n in (3, 2, 1)]
        return daybars(
            picture.days,
            self.pictured(),
            [*weeks, t("picture.now")],
            t.number,
            width,
            height,
            size,
            picture.marked,
            self._peak("picture.mark"),
            so_far=picture.so_far,
        )

    def marked(self) -> Safe:
        """Say which day of the picture stands out; nothing where none does."""
        return self._peak("picture.peak")

    def _peak(self, pattern: str) -> Safe:
        picture, t = self.page.edition.picture, self.words
        if picture is None or picture.marked is None:
            return t.safe("")
        back = len(picture.days) - 1 - picture.marked
        day = t.weekday(picture.until - timedelta(days=back))
        return t(pattern, day=day, value=picture.days[picture.marked] or 0)

    def pictured(self) -> Safe:
        """Say in words what the picture shows: the text alternative of its drawing."""
        picture = self.page.edition.picture
        if picture is None:
            return self.aged()
        t = self.words
        known = [day for day in picture.days[-A_WEEK:] if day is not None]
        title = t("picture.one", title=clip(picture.title, TITLE)) if picture.key else ""
        return t(
            "picture.told",
            name=title or t("picture.all"),
            highest=max(known, default=0),
            n=sum(1 for day in picture.days if day is None),
        )

    def ages(self, width: float, height: float, size: float, side: float) -> Html:
        """Draw the list week by week; a `side` margin says what the parts of a column are."""
        t = self.words
        columns = [
            Column(t("week.short", week=one.week.number), one.ages)
            for one in self.page.edition.list_weeks
        ]
        names = [t(f"age.{name}") for name in AGES]
        return agebars(columns, self.aged(), names, width, height, size, side)

    def aged(self) -> Safe:
        """Say the list's history in numbers: the text alternative of its drawing."""
        t = self.words
        said = [
            t("ages.week", week=one.week.number, value=one.total)
            if one.total is not None
            else t("ages.hole", week=one.week.number)
            for one in self.page.edition.list_weeks
        ]
        return t("ages.told", weeks=t.safe(", ").join(said))

    def fates(self, width: float | None, height: float, size: float) -> Html:
        """Draw what became of last week's list."""
        t = self.words
        parts = [Part(fate, n, t.number(n)) for fate, n in self.page.fates]
        said = [t("fates.part", value=p.count, fate=t(f"fate.{p.fate}", n=p.count)) for p in parts]
        then = self.page.edition.ledger.open_then
        title = t("fates.told", n=then, parts=t.listing(said) if said else "")
        return fatebar(parts, title, width, height, size)

    def wheel(self, size: float) -> Html:
        """Draw the wheel of the meeting where it stopped; nothing without one."""
        agenda, t = self.page.edition.agenda, self.words
        if agenda is None or agenda.wheel is None:
            return Html("")
        spun = agenda.wheel
        shares = [
            Share(clip(one.team, TEAM), one.weight, one.team == spun.chosen) for one in spun.wedges
        ]
        said = (t("wheel.wedge", team=clip(one.team, TEAM), n=one.weight) for one in spun.wedges)
        return wheel(shares, t("wheel.told", wedges=t.listing(said)), size)

    def icon(self, name: str, size: float = 16) -> Html:
        """Draw an icon; the word that stands for it is in the catalogue."""
        return icon(name, self.words(f"icon.{name}"), size)

    def tape(self, width: float, height: float) -> Html:
        """Draw the season's days, behind us and to come; nothing where its start is not known."""
        countdown = self.page.edition.countdown
        if countdown is None or not countdown.total or not self.taped():
            return Html("")
        gone = countdown.total - countdown.days
        freeze = countdown.freeze_days
        frozen = 0 if freeze is None else countdown.days - max(0, freeze)
        return tape(countdown.total, gone, frozen, self.taped(), width, height)

    def taped(self) -> Safe:
        """Say how much of the season is over: the text alternative of the tape."""
        countdown, t = self.page.edition.countdown, self.words
        if countdown is None or not 0 <= countdown.days <= (countdown.total or -1):
            return t.safe("")
        gone = (countdown.total or 0) - countdown.days
        return t("countdown.tape", gone=gone, n=countdown.days)
