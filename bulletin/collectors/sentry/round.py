"""The account of one call to the collector: issues, gaps, and what came of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from bulletin.collectors.account import Account
from bulletin.collectors.sentry.reading import (
    Json,
    Reading,
    is_going,
    parse_issue,
    parse_release,
    parse_resolution,
    parse_unknown_words,
)
from bulletin.collectors.values import NUMBER
from bulletin.model.facts import ErrorTrend, FactKey
from bulletin.model.harvest import Cause
from bulletin.model.week import Window
from bulletin.wire.clocks import refuse_future
from bulletin.wire.http import Refused

KINDS = ("error",)
UPDATE = "Update bulletin, or ask whoever runs the service what changed."


@dataclass(slots=True, kw_only=True)
class Round(Account):
    """What one call to the collector has brought so far."""

    reading: Reading
    kinds: tuple[str, ...] = KINDS
    issues: dict[str, Json] = field(default_factory=dict)
    """As Sentry wrote them, by id, the most frequent first."""
    unreadable: int = 0
    answered: int = 0
    """Searches that came to their end."""

    @property
    def window(self) -> Window:
        """The window that was asked for."""
        return self.reading.window

    def add(self, rows: Iterable[Any]) -> None:
        """Take issues in, each once, and only errors where the server lists other things too."""
        for row in rows:
            match row:
                case {"issueCategory": str(category)} if category != "error":
                    pass
                case {"id": str(number)} if NUMBER.fullmatch(number):
                    self.issues.setdefault(number, row)
                case _:
                    self.unreadable += 1

    def facts(self, *, windowed: bool) -> list[ErrorTrend]:
        """Read the issues; those that cannot be read are counted."""
        known: dict[FactKey, ErrorTrend] = {}
        for issue in self.issues.values():
            if is_going(issue):
                continue
            try:
                fact = parse_issue(issue, self.reading, windowed=windowed)
                refuse_future(fact, self.as_of)
            except ValueError:
                self.unreadable += 1
                continue
            # Of two that claim one short id only one can be on the list.
            self.unreadable += fact.key in known
            known.setdefault(fact.key, fact)
        facts = [*known.values()]
        for missed, parts in (
            (self.unreadable, ()),
            (sum(fact.events is None for fact in facts), ("events",)),
        ):
            if missed:
                what = "counts of errors" if parts else "errors"
                refused = Refused(Cause.CHANGED_SHAPE, f"{missed} {what} could not be read", UPDATE)
                total = len(facts) + self.unreadable
                self.note(refused, parts, seen=total - missed, expected=total)
        self._note_words(facts)
        return facts

    def _note_words(self, facts: Sequence[ErrorTrend]) -> None:
        told = (parse_unknown_words(self.issues[fact.handle]) for fact in facts)
        for part, strange in sorted(Counter(chain.from_iterable(told)).items()):
            new = Refused(Cause.CHANGED_SHAPE, f"a new word for '{part}'", UPDATE)
            self.note(new, (part,), seen=len(facts) - strange, expected=len(facts))

    def dated(self, fact: ErrorTrend, detail: Json) -> ErrorTrend:
        """Add when an error was resolved, and the last release that it was seen in."""
        dated = replace(fact, resolved=parse_resolution(detail), release=parse_release(detail))
        try:
            refuse_future(dated, self.as_of)
        except ValueError as future:
            self.note(Refused(Cause.CHANGED_SHAPE, f"{future}", UPDATE), ("resolved",))
            return fact
        return dated
