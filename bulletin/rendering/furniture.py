"""The newspaper's furniture in words: the weather, the countdown, corrections. No markup."""

from dataclasses import dataclass

from bulletin.model.edition import Item, Section
from bulletin.model.front import Correction, Service, Sky
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.page import Page
from bulletin.rendering.words import Words

NAMED = 2
"""Services that the forecast names before it counts the others."""
NAME = 24
"""Letters of a service's name."""
TITLE = 70
TEAM = 40
TEAMS = 6
"""Teams that are named for what was cleared before the others are counted."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """Says for one page what stands in the ears of its masthead and at its foot."""

    page: Page
    words: Words

    @property
    def _sober(self) -> str:
        """What marks the sentences of a page without humour."""
        return ".off" if self.page.edition.tone == "off" else ""

    def weather_title(self) -> Safe:
        """Say what the part about the services is called."""
        return self.words(f"title.weather{self._sober}")

    def sky(self, service: Service) -> Safe:
        """Say how a service stands."""
        return self.words(f"sky.{service.sky}{self._sober}")

    def forecast(self) -> Safe:
        """Say the worst sky and the services under it."""
        worst = self.page.sky
        if worst is None:
            return self.words("weather.none")
        under = self.page.under(worst)
        names: list[object] = [clip(service.name, NAME) for service in under[:NAMED]]
        others = len(under) - NAMED
        if others > 0:
            names.append(self.words("weather.more", n=others))
        pattern = f"weather.{worst}{self._sober}"
        if worst is Sky.SUN:
            return self.words(pattern)
        return self.words(pattern, names=self.words.listing(names))

    def about(self, service: Service) -> Safe:
        """Say what is on the list about a service, in numbers."""
        t = self.words
        counts = (("incidents", service.incidents), ("errors", service.errors))
        said = [t.counted(n, unit) for unit, n in counts if n]
        return t.safe(", ").join(said) if said else t("weather.quiet")

    def days(self) -> Safe:
        """Say how far the event is, as a line beside its name."""
        countdown = self.page.edition.countdown
        n = abs(countdown.days) if countdown else 0
        return self.words("countdown.number", n=n)

    def number(self) -> Safe:
        """Say the number of days alone, before what it leads to."""
        countdown = self.page.edition.countdown
        return self.words.number(abs(countdown.days) if countdown else 0)

    def event(self) -> Safe:
        """Say what the days lead to, after their number."""
        countdown = self.page.edition.countdown
        if countdown is None:
            return self.words.safe("")
        if countdown.days == 0:
            return self.words("countdown.today", event=countdown.event)
        which = "to" if countdown.days > 0 else "since"
        return self.words(f"countdown.{which}", n=abs(countdown.days), event=countdown.event)

    def freeze(self) -> Safe:
        """Say how far the code freeze is, if there is one to come or in force."""
        countdown = self.page.edition.countdown
        if countdown is None or countdown.freeze_days is None:
            return self.words.safe("")
        if countdown.freeze_days > 0:
            return self.words("freeze.in", n=countdown.freeze_days)
        return self.words("freeze.holds")

    def lasted(self, item: Item, *, long: bool = False) -> Safe:
        """Say how many weeks an item has been on the list, and since which one."""
        back = self.page.came_back(item)
        short = "item.in-all" if back else "item.since"
        whole = "item.weeks-in-all" if back else "item.weeks"
        pattern = whole if long else short
        return self.words(pattern, weeks=item.weeks, since=item.since.number)

    def folded(self, section: Section) -> Safe:
        """Say how many items of a section are told under which others, if any are."""
        if not section.folded:
            return self.words.safe("")
        heads = self.page.heads(section)
        names: list[object] = [clip(key.subject, NAME) for key in heads[:NAMED]]
        if len(heads) > NAMED:
            names.append(self.words("weather.more", n=len(heads) - NAMED))
        return self.words("fold.elsewhere", n=section.folded, heads=self.words.listing(names))

    def things(self) -> Safe:
        """Say how many things the list is, where that is fewer than its items."""
        edition = self.page.edition
        if edition.things == edition.ledger.open_now:
            return self.words.safe("")
        return self.words("fold.things", n=edition.things)

    def way_out(self, item: Item) -> Safe:
        """Say what to type so that an item may rest; nothing before its fourth week."""
        command = self.page.way_out(item)
        return self.words.safe.code(command) if command else self.words.safe("")

    def relieved(self) -> Safe:
        """Say whose items were cleared; nothing where none was."""
        t, page = self.words, self.page
        each = [
            t("credits.each", team=clip(team, TEAM), n=len(items))
            for team, items in page.relieved[:TEAMS]
        ]
        others = sum(len(items) for _, items in page.relieved[TEAMS:])
        if others:
            each.append(t("credits.others", n=others))
        if page.unrelieved:
            each.append(t("credits.each", team=t("owner.none"), n=page.unrelieved))
        return t("credits.cleared", teams=t.listing(each)) if each else t.safe("")

    def correction(self, item: Item, correction: Correction) -> Safe:
        """Say what an earlier edition said of an item that is back."""
        return self.words(
            f"correction.{correction.state}",
            week=correction.week.number,
            title=clip(item.title, TITLE),
        )
