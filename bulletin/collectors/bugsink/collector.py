"""The collector of Bugsink's issues: what it lists, what it counts, and what it looks up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from bulletin.collectors import Check
from bulletin.collectors.bugsink.check import check
from bulletin.collectors.bugsink.client import UPDATE, Client
from bulletin.collectors.bugsink.haul import HOPELESS, KINDS, Haul
from bulletin.collectors.bugsink.reading import UUID, parse_projects
from bulletin.collectors.bugsink.settings import BugsinkSettings
from bulletin.collectors.bugsink.tally import Page, Tally
from bulletin.model.edition import Item
from bulletin.model.facts import ErrorTrend
from bulletin.model.harvest import Cause, Harvest, Missing, Moved
from bulletin.model.week import Window
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

WEEK = timedelta(days=7)
LOOK_UPS = 200
"""How many errors are looked up one by one: Bugsink has no other way."""
GONE = {Cause.NOT_FOUND: "deleted", Cause.FORBIDDEN: "unreadable"}


class BugsinkCollector:
    """Collects the errors of one Bugsink."""

    Settings = BugsinkSettings
    kinds = KINDS

    def __init__(self, settings: BugsinkSettings, source: str, token: str, budget: Budget) -> None:
        self.source = source
        self._settings = settings
        self._budget = budget
        self._client = Client(settings.site, token, budget)
        self._asked: tuple[Window, datetime] | None = None
        self._projects: dict[int, str] = {}

    @classmethod
    def from_settings(cls, settings: BugsinkSettings, name: str) -> Self:
        """Build from settings. Raises `SettingsError` where the token is not there."""
        return cls(settings, name, settings.token.reveal(), Budget())

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """List what fired in the window, whatever became of it, and count it."""
        if window.start < as_of < window.end:
            window = Window(window.start, as_of)
        self._asked = window, as_of
        haul = self._haul("projects")
        try:
            rows = self._client.projects()
        except Refused as refused:
            haul.note(refused)
            return haul.harvest(seen=0, expected=None, dark=True)
        self._projects = parse_projects(rows)
        unread = sum(not parse_projects([row]) for row in rows)
        if unread:
            haul.note(_unread(unread))
        wanted = self._wanted()
        expected = len(self._settings.projects) or len(wanted)
        if len(wanted) < expected:
            haul.note(_lost(expected - len(wanted), expected), seen=len(wanted), expected=expected)
        seen = self._list(haul, wanted)
        haul.closed_too = haul.is_whole
        facts = self._facts(haul)
        return haul.harvest(
            facts, seen=seen, expected=expected, dark=not facts and not haul.is_whole
        )

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look errors up one by one, over the window last collected, or the last seven days."""
        haul = self._haul("errors")
        missing: list[Missing] = []
        asked = 0
        try:
            self._projects = self._projects or parse_projects(self._client.projects())
            for item in items[:LOOK_UPS]:
                missing += self._look_up(haul, item)
                asked += 1
        except Refused as refused:
            haul.note(refused, seen=asked, expected=len(items))
        if len(items) > LOOK_UPS:
            haul.note(_many(len(items) - LOOK_UPS), seen=LOOK_UPS, expected=len(items))
        found = {fact.handle: fact for fact in self._facts(haul)}
        wanted = self._settings.projects
        away = {h for h, fact in found.items() if wanted and fact.project not in wanted}
        missing += [Missing(key=i.key, why="moved_away") for i in items if i.handle in away]
        facts = [fact for handle, fact in found.items() if handle not in away]
        new = {fact.handle: fact.key for fact in facts}
        moved = [
            Moved(old=i.key, new=new[i.handle]) for i in items if new.get(i.handle, i.key) != i.key
        ]
        seen = len(facts) + len(missing)
        return haul.harvest(
            facts,
            seen=seen,
            expected=len(items),
            moved=moved,
            missing=missing,
            dark=not seen and not haul.is_whole,
        )

    def check(self) -> Iterator[Check]:
        """Try the address, the token, the projects, and a listing of issues and of events."""
        return check(self._client, self._settings)

    def _haul(self, unit: str) -> Haul:
        window, as_of = self._asked or _last_week()
        return Haul(source=self.source, unit=unit, budget=self._budget, as_of=as_of, window=window)

    def _wanted(self) -> list[int]:
        wanted = self._settings.projects
        return [number for number, slug in self._projects.items() if not wanted or slug in wanted]

    def _list(self, haul: Haul, projects: Sequence[int]) -> int:
        """List what fired since the window began; return how many projects answered."""
        seen = 0
        for project in projects:
            try:
                self._list_one(haul, project)
            except Refused as refused:
                haul.note(refused)
                if refused.cause in HOPELESS:
                    break
            else:
                seen += 1
        return seen

    def _list_one(self, haul: Haul, project: int) -> None:
        limit, taken, pages = self._settings.limit, 0, 0
        for rows in self._client.issues(project):
            pages += 1
            fired = haul.fired(rows)
            haul.add(fired[: limit - taken])
            taken += len(fired)
            if taken > limit:
                haul.note(_cut(limit), seen=limit)
            if len(fired) < len(rows) or taken > limit:
                break
        if pages > 1:
            # What fired while the pages were turned has moved to the first one.
            haul.add(haul.fired(self._client.newest_issues(project)))

    def _facts(self, haul: Haul) -> list[ErrorTrend]:
        """Read the issues, and count their events of the window and of the one before it."""
        window = haul.window
        before = Window(window.start - (window.end - window.start), window.start)
        facts: list[ErrorTrend] = []
        left = self._settings.top
        for fact in haul.facts(self._settings.web or self._settings.site, self._projects):
            spent = self._budget.requests
            tally = self._tally(haul, fact, may_ask=left > 0)
            try:
                now, then = tally.between(window), tally.between(before)
            except Refused as refused:
                haul.note(refused, ("events", "events_before"))
                now = then = None
                left = 0 if refused.cause in HOPELESS else left
            left -= self._budget.requests > spent
            facts.append(replace(fact, events=now, events_before=then))
        for part in ("events", "events_before"):
            known = sum(getattr(fact, part) is not None for fact in facts)
            if known < len(facts):
                silent = _uncounted(len(facts) - known, part)
                haul.note(silent, (part,), seen=known, expected=len(facts))
        return facts

    def _tally(self, haul: Haul, fact: ErrorTrend, *, may_ask: bool) -> Tally:
        assert fact.first_seen is not None
        assert fact.last_seen is not None

        def ask(below: int | None) -> Page:
            return self._client.events(fact.handle, below)

        return Tally(haul.total(fact), fact.first_seen, fact.last_seen, ask if may_ask else None)

    def _look_up(self, haul: Haul, item: Item) -> list[Missing]:
        """Look up one item. Raises `Refused` where the others would meet the same."""
        if not UUID.fullmatch(item.handle):
            haul.unreadable += 1
            return []
        try:
            haul.add([self._client.issue(item.handle)])
        except Refused as refused:
            if refused.cause in GONE:
                return [Missing(key=item.key, why=GONE[refused.cause])]
            if refused.cause in HOPELESS:
                raise
            haul.note(refused)
        return []


def _last_week() -> tuple[Window, datetime]:
    now = datetime.now(UTC)  # noqa: TID251  (a look-up that no search came before)
    return Window(now - WEEK, now), now


def _lost(count: int, expected: int) -> Refused:
    return Refused(
        Cause.FORBIDDEN,
        f"{count} of {expected} projects are not there, or not for this token",
        "Correct `projects`, or give the token access to them.",
    )


def _unread(count: int) -> Refused:
    return Refused(Cause.CHANGED_SHAPE, f"{count} projects could not be read", UPDATE)


def _cut(limit: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"there were more errors of a project than the limit of {limit}",
        "Raise `limit`, or name the `projects` that matter.",
    )


def _many(count: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"{count} errors were not looked up: Bugsink is asked for {LOOK_UPS} one by one",
        "Settle or waive some of the list.",
    )


def _uncounted(count: int, part: str) -> Refused:
    when = "in the week" if part == "events" else "in the week before"
    return Refused(
        Cause.TRUNCATED,
        f"how often they fired {when} is not known of {count} errors",
        "Raise `top`, or let Bugsink keep more events.",
    )
