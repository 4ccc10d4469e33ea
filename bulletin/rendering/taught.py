"""What the history teaches, drawn and in words, by week, by rule and by team."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bulletin.model.edition import Edition
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.rendering.charts import cohortbars, fates_of, swatch, tallybar
from bulletin.rendering.escape import Html, Safe
from bulletin.rendering.words import Words

PLACE = "history"
"""The heading without which there is nothing to learn yet."""
LEGEND = ("soon", "later", "parted", "open", "old", "unknown")


@dataclass(frozen=True, slots=True)
class Taught:
    """Says and draws a history; every drawing is given the size that it is printed in."""

    history: History
    words: Words

    @classmethod
    def by(cls, edition: Edition, words: Words) -> "Taught | None":
        """Return what an edition's history teaches; None where there is nothing to learn yet."""
        if edition.history is None or all(one.place != PLACE for one in edition.headings):
            return None
        return cls(edition.history, words)

    def cohorts(self, weeks: int, width: float, height: float, size: float) -> Html:
        """Draw what joined the list in each of up to so many weeks, and what became of it."""
        shown = self.history.cohorts[-weeks:]
        labels = [self.words("week.short", week=one.week.number) for one in shown]
        return cohortbars(shown, labels, self.told(), width, height, size)

    def told(self) -> Safe:
        """Say in numbers what the columns show: the text alternative of the drawing."""
        t = self.words
        return t("cohort.told", weeks=t.safe("; ").join(map(self._cohort, self.history.cohorts)))

    def legend(self, size: float) -> tuple[tuple[Html, Safe], ...]:
        """Return each colour of the columns with what it stands for."""
        used = {
            fate.name
            for age, one in enumerate(reversed(self.history.cohorts))
            for fate in fates_of(one, age)
        }
        names = [name for name in LEGEND if name in used]
        return tuple((swatch(name, "", size), self.words(f"cohort.{name}")) for name in names)

    def holes(self) -> tuple[Safe, ...]:
        """Say which weeks had no edition, and which had a dark source."""
        cohorts = self.history.cohorts
        none = [one for one in cohorts if one.tally is None]
        dark = [one for one in cohorts if one.tally is not None and not one.is_whole]
        return (*self._weeks("cohort.none", none), *self._weeks("cohort.dark", dark))

    def notes(self) -> tuple[Safe, ...]:
        """Say every hole and limit of the columns."""
        history, t = self.history, self.words
        past = (one for one in history.cohorts[:-1] if one.tally is not None)
        unsure = [one for one in past if one.soon is None]
        said = [*self.holes(), *self._weeks("cohort.unsure", unsure)]
        others = sum(one.tally.joined for one in history.cohorts if one.tally) - history.due
        if others and history.due:
            said.insert(0, t("cohort.due", n=others))
        if history.before.joined:
            said.append(t("cohort.before", n=history.before.joined))
        return tuple(said)

    def bar(self, tally: Tally, most: int, width: float, height: float) -> Html:
        """Draw a tally as long as its number, where `most` takes the whole width."""
        return tallybar(tally, most, self.tally(tally), width, height)

    @property
    def most_findings(self) -> int:
        """Findings of the rule that has the most."""
        return max((record.tally.joined for record in self.history.rules), default=0)

    @property
    def most_items(self) -> int:
        """Stays of the team that has the most."""
        return max((record.tally.joined for record in self.history.teams), default=0)

    def tally(self, tally: Tally) -> Safe:
        """Say what became of so many, without what is zero."""
        t = self.words
        counts = (
            ("fixed", tally.fixed),
            ("cleared", tally.cleared),
            ("dropped", tally.dropped),
            ("waived", tally.waived),
            ("open", tally.open),
            ("unknown", tally.unknown),
        )
        said = [t(f"tally.{name}", n=n) for name, n in counts if n]
        return t.listing(said) if said else t("tally.nothing")

    def rule(self, record: RuleRecord) -> Safe:
        """Say what a rule's findings led to."""
        said = self.words("taught.rule", n=record.tally.joined, parts=self.tally(record.tally))
        if record.weeks is None:
            return said
        return self.words("taught.rule.weeks", said=said, weeks=record.weeks)

    def team(self, record: TeamRecord) -> Safe:
        """Say what became of a team's items."""
        t = self.words
        said = [t("taught.team", n=record.tally.joined, parts=self.tally(record.tally))]
        if record.due:
            said.append(t("taught.team.soon", n=record.due, soon=record.soon))
        if record.weeks is not None:
            said.append(t("taught.team.oldest", weeks=record.weeks))
        return t.safe(" ").join(said)

    def retune(self, record: RuleRecord) -> Safe:
        """Propose to set a rule otherwise."""
        return self.words(
            "taught.retune" if record.knobs else "taught.retune.off",
            setting=record.setting,
            n=record.tally.joined,
            weeks=len(self.history.cohorts),
            knobs=self.words.listing(record.knobs),
        )

    def _cohort(self, cohort: Cohort) -> Safe:
        t = self.words
        if cohort.tally is None:
            return t("ages.hole", week=cohort.week.number)
        parts = self.tally(cohort.tally)
        return t("cohort.week", week=cohort.week.number, joined=cohort.tally.joined, parts=parts)

    def _weeks(self, pattern: str, cohorts: Sequence[Cohort]) -> Iterator[Safe]:
        if cohorts:
            numbers = [self.words.number(one.week.number) for one in cohorts]
            yield self.words(pattern, n=len(cohorts), weeks=self.words.listing(numbers))
