"""The collector of PagerDuty's incidents: what it lists, and what it looks up."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from bulletin.collectors import Check
from bulletin.collectors.account import Account
from bulletin.collectors.pagerduty.client import CLOSED, OPEN, UPDATE, Client
from bulletin.collectors.pagerduty.reading import (
    HANDLE,
    Reading,
    parse_closed,
    parse_incident,
    parse_places,
)
from bulletin.collectors.pagerduty.settings import PagerdutySettings
from bulletin.model.edition import Item
from bulletin.model.facts import Incident, Life
from bulletin.model.harvest import Cause, Harvest, Missing
from bulletin.model.week import Window
from bulletin.wire.clocks import refuse_future
from bulletin.wire.http import Budget, Params
from bulletin.wire.refused import Refused

KINDS = ("incident",)
FILTERS = {"services": "service_ids[]", "teams": "team_ids[]"}
LOOK_UPS = 200
"""How many incidents are looked up one by one: PagerDuty has no search by id."""
HOPELESS = frozenset({Cause.REFUSED, Cause.UNREACHABLE, Cause.TOO_SLOW, Cause.RATE_LIMITED})
"""What the next request would meet as well."""


@dataclass(slots=True, kw_only=True)
class Haul(Account):
    """What one call to the collector has brought so far."""

    kinds: tuple[str, ...] = KINDS
    unit: str = "incidents"
    reading: Reading
    facts: dict[str, Incident] = field(default_factory=dict)
    """By handle, each as it was told last."""
    unreadable: set[str] = field(default_factory=set)

    def add(self, rows: Sequence[Any]) -> None:
        """Read rows; those that cannot be read are kept apart."""
        for row in rows:
            try:
                fact = parse_incident(row, self.reading)
                refuse_future(fact, self.as_of)
            except ValueError:
                self.unreadable.add(repr(row))
            else:
                self.facts[fact.handle] = fact

    def told(
        self, facts: Sequence[Incident], missing: Sequence[Missing], of: int | None
    ) -> Harvest:
        """Close the account. `of` says how many incidents were asked for, where that is known."""
        lost = len(self.unreadable)
        seen = len(facts) + len(missing)
        if lost:
            said = f"{lost} incidents could not be read"
            self.note(
                Refused(Cause.CHANGED_SHAPE, said, UPDATE), seen=seen, expected=of or seen + lost
            )
        vague = sum(fact.severity is None for fact in facts)
        if vague:
            self.note(_vague(vague), ("severity",), seen=len(facts) - vague, expected=len(facts))
        whole = seen if self.is_whole else None
        return self.harvest(
            facts,
            missing=missing,
            seen=seen,
            expected=whole if of is None else of,
            dark=not seen and not self.is_whole,
        )


class PagerdutyCollector:
    """Collects the incidents of one PagerDuty account."""

    Settings = PagerdutySettings
    kinds = KINDS

    def __init__(
        self, settings: PagerdutySettings, source: str, token: str, budget: Budget
    ) -> None:
        self.source = source
        self._settings = settings
        self._budget = budget
        self._client = Client(settings.site, token, budget)
        self._reading = Reading.of(settings, source)
        self._as_of: datetime | None = None

    @classmethod
    def from_settings(cls, settings: PagerdutySettings, name: str) -> Self:
        """Build from settings. Raises `SettingsError` where the token is not there."""
        return cls(settings, name, settings.token.reveal(), Budget())

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """List what is open, and what was resolved since the window began."""
        self._as_of = as_of
        haul = self._haul()
        try:
            self._list(haul, self._scope(haul), window.start)
        except Refused as refused:
            haul.note(refused)
        haul.closed_too = haul.is_whole and not haul.unreadable
        facts = haul.facts.values()
        return haul.told(
            [fact for fact in facts if fact.resolved is None or fact.resolved >= window.start],
            missing=(),
            of=None,
        )

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look incidents up one by one."""
        haul = self._haul()
        missing: list[Missing] = []
        try:
            # Where even a list is not found, that an incident is not found means nothing.
            next(self._client.pages("incidents", OPEN))
            for item in items[:LOOK_UPS]:
                missing += self._look_up(haul, item)
        except Refused as refused:
            haul.note(refused, seen=len(haul.facts) + len(missing), expected=len(items))
        if len(items) > LOOK_UPS:
            haul.note(_many(len(items) - LOOK_UPS), seen=LOOK_UPS, expected=len(items))
        return haul.told([*haul.facts.values()], missing, len(items))

    def check(self) -> Iterator[Check]:
        """Try the address, the key, both lists, and the services and teams of the settings."""
        what = "address"
        try:
            next(self._client.pages("incidents", OPEN))
            yield Check(what=what, ok=True, detail=self._settings.site)
            yield Check(what="credentials", ok=True, detail="the key is accepted")
            what = "incidents"
            next(self._client.pages("incidents", CLOSED))
            yield Check(what=what, ok=True, detail="incidents can be listed")
            for what in ("services", "teams"):
                if wanted := getattr(self._settings, what):
                    yield _check_names(what, wanted, self._client.names(what))
        except Refused as refused:
            if what == "address":
                known = {Cause.REFUSED: "credentials", Cause.FORBIDDEN: "incidents"}
                what = known.get(refused.cause, what)
            yield Check(what=what, ok=False, detail=refused.detail, hint=refused.hint)

    def _haul(self) -> Haul:
        as_of = self._as_of or datetime.now(UTC)  # noqa: TID251  (a look-up that no search came before)
        return Haul(source=self.source, budget=self._budget, as_of=as_of, reading=self._reading)

    def _scope(self, haul: Haul) -> Params:
        """Return the filters that the settings ask for, as far as what they name is there.

        A list of what is not there would be empty, and look like a quiet week.
        """
        params: list[tuple[str, str]] = []
        for what, param in FILTERS.items():
            if wanted := getattr(self._settings, what):
                there = self._client.names(what)
                found = [one for one in wanted if one in there]
                if len(found) < len(wanted):
                    haul.note(_lost(what, wanted, there), seen=len(found), expected=len(wanted))
                if not found:
                    raise _lost(what, wanted, there)
                params += [(param, one) for one in found]
        return params

    def _list(self, haul: Haul, scope: Params, start: datetime) -> None:
        """List what is open whatever its age, and what was resolved since a moment."""
        pages = self._list_open(haul, scope)
        were_open = [handle for handle, fact in haul.facts.items() if fact.life is Life.OPEN]
        self._list_closed(haul, scope, start)
        if pages > 1 and any(haul.facts[one].life is not Life.OPEN for one in were_open):
            # What was resolved while the pages were turned has moved another off its page.
            self._list_open(haul, scope)

    def _list_open(self, haul: Haul, scope: Params) -> int:
        """Return how many pages there were. A list that breaks off hides nothing of the other."""
        pages = 0
        try:
            for rows in self._client.pages("incidents", (*OPEN, *scope)):
                pages += 1
                haul.add(rows)
        except Refused as refused:
            if refused.cause in HOPELESS:
                raise
            haul.note(refused, seen=len(haul.facts))
        return pages

    def _list_closed(self, haul: Haul, scope: Params, start: datetime) -> None:
        for rows in self._client.pages("incidents", (*CLOSED, *scope)):
            moments = [at for row in rows if (at := parse_closed(row)) is not None]
            if moments != sorted(moments, reverse=True):
                raise _unsorted()
            haul.add(rows)
            if moments and moments[-1] < start:
                return

    def _look_up(self, haul: Haul, item: Item) -> list[Missing]:
        """Look up one item. Raises `Refused` where the others would meet the same."""
        if not HANDLE.fullmatch(item.handle):
            haul.unreadable.add(item.handle)
            return []
        try:
            row = self._client.incident(item.handle)
        except Refused as refused:
            if refused.cause is Cause.NOT_FOUND:
                return [Missing(key=item.key, why="unreadable")]
            if refused.cause in HOPELESS:
                raise
            haul.note(refused)
            return []
        if not isinstance(row, dict) or row.get("id") != item.handle:
            haul.unreadable.add(repr(row))
        elif not self._is_ours(row):
            return [Missing(key=item.key, why="moved_away")]
        else:
            haul.add([row])
        return []

    def _is_ours(self, row: dict[str, Any]) -> bool:
        places = parse_places(row)
        wanted = {what: getattr(self._settings, what) for what in FILTERS}
        return all(not ids or places[what] & {*ids} for what, ids in wanted.items())


def _check_names(what: str, wanted: Sequence[str], there: Mapping[str, str]) -> Check:
    if all(one in there for one in wanted):
        return Check(what=what, ok=True, detail=", ".join(there[one] for one in wanted))
    lost = _lost(what, wanted, there)
    return Check(what=what, ok=False, detail=lost.detail, hint=lost.hint)


def _lost(what: str, wanted: Sequence[str], there: Mapping[str, str]) -> Refused:
    """Return what it means that some of the wanted ids are not there: often they are names."""
    lost = [one for one in wanted if one not in there]
    known = {word.casefold(): handle for handle, name in there.items() for word in (handle, name)}
    near = [difflib.get_close_matches(one.casefold(), known, n=1) for one in lost]
    meant = [f"{known[word]} ({there[known[word]]})" for words in near for word in words]
    hint = f" Did you mean {' and '.join(meant)}?" if meant else ""
    return Refused(
        Cause.NOT_FOUND,
        f"{len(lost)} of {len(wanted)} {what} are not there, or not for this key",
        f"Correct `{what}`, which takes ids.{hint}",
    )


def _unsorted() -> Refused:
    said = "it does not list what was resolved last first, so the week's end cannot be told"
    return Refused(Cause.UNSUPPORTED, said, UPDATE)


def _many(count: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"{count} incidents were not looked up: PagerDuty is asked for {LOOK_UPS} one by one",
        "Settle or waive some of the list.",
    )


def _vague(count: int) -> Refused:
    return Refused(
        Cause.UNSUPPORTED,
        f"{count} incidents have neither a priority nor an urgency that the settings explain",
        "Say in `priorities` what your priorities mean: critical, high, medium or low.",
    )
