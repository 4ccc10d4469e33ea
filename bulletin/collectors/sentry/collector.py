"""The collector of Sentry's groups of errors: what it searches for, and what it looks up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from bulletin.collectors import Check
from bulletin.collectors.sentry.check import check
from bulletin.collectors.sentry.client import PAGE, Client
from bulletin.collectors.sentry.past import (
    Ignorings,
    Places,
    note_forgotten,
    past_queries,
    refuse_forgotten,
)
from bulletin.collectors.sentry.reading import (
    Reading,
    fires_from_releases,
    is_going,
    parse_buckets,
    parse_readable,
    parse_total,
)
from bulletin.collectors.sentry.round import KINDS, UPDATE, Round
from bulletin.collectors.sentry.settings import SentrySettings
from bulletin.collectors.values import NUMBER
from bulletin.model.edition import Item
from bulletin.model.facts import ErrorTrend, Life
from bulletin.model.harvest import Cause, Harvest, Missing, Moved
from bulletin.model.week import Window
from bulletin.wire.http import Budget, Refused

WEEK = timedelta(days=7)
RESOLUTIONS = 6
"""How many errors resolved in a release a search looks at one by one."""
LATE_RESOLUTIONS = 1
"""And a look-up, which seldom meets one: those that fire are in the search."""
LOST = 5
"""How many errors that a look-up did not return are looked for one by one, in a list that one
look-up holds; a longer list leaves them for another week."""
HOPELESS = frozenset({Cause.REFUSED, Cause.UNREACHABLE, Cause.TOO_SLOW, Cause.RATE_LIMITED})
"""What the next request would meet as well."""
ABSENT = frozenset({Cause.NOT_FOUND, Cause.FORBIDDEN})
SUBSTATUSES = ("is:regressed", "is:escalating")
RESOLVED = "is:resolved"


class SentryCollector:
    """Collects the errors of one Sentry organization."""

    Settings = SentrySettings
    kinds = KINDS

    def __init__(self, settings: SentrySettings, source: str, token: str, budget: Budget) -> None:
        self.source = source
        self._settings = settings
        self._budget = budget
        self._client = Client(settings, token, budget)
        self._asked: tuple[Window, datetime] | None = None
        self._lost_projects = False

    @classmethod
    def from_settings(cls, settings: SentrySettings, name: str) -> Self:
        """Build from settings. Raises `SettingsError` where the token is not there."""
        return cls(settings, name, settings.token.reveal(), Budget())

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """Search for errors that are frequent, new, regressed, escalating, or resolved yet seen."""
        if window.start < as_of < window.end:
            window = Window(window.start, as_of)
        self._asked = window, as_of
        now = self._round("projects")
        try:
            self._client.ensure_located()
        except Refused as refused:
            now.note(refused)
            return now.harvest(seen=0, expected=None, dark=True)
        scope, seen, expected = self._projects(now)
        self._search(now, scope, self._present(now.window))
        facts = now.facts(windowed=True)
        dark = not facts and (bool(now.unreadable) or not now.answered)
        if facts:
            facts = self._with_week_before(now, facts)
            facts = self._with_resolutions(now, facts, RESOLUTIONS)
        if seen is None:
            seen = len({fact.project for fact in facts})
        return now.harvest(facts, seen=seen, expected=expected, dark=dark)

    def remember(self, windows: Sequence[Window], as_of: datetime) -> Iterator[Harvest]:
        """Search each window anew: events are counted in the window that is asked for.

        What is ignored today may not have been then: a few of those are looked at one by one.
        """
        places: Places | None = None
        ignorings = Ignorings(self._client.detail)
        lost: Refused | None = None
        for window in windows:
            self._asked = window, as_of
            now = self._round("projects")
            try:
                if lost is not None:
                    raise lost
                refuse_forgotten(window, as_of, self._settings.retention)
                if places is None:
                    self._client.ensure_located()
                    places = (*self._projects(now), tuple(now.gaps))
            except Refused as refused:
                lost = refused if refused.cause in HOPELESS else None
                now.note(refused)
                yield now.harvest(seen=0, expected=None, dark=True)
                continue
            scope, seen, expected, gaps = places
            now.gaps = [*gaps]
            self._search(now, scope, past_queries(window, self._settings))
            facts = ignorings.dated(now, [_silent_since(now, f) for f in now.facts(windowed=True)])
            note_forgotten(now, facts, self._settings.retention)
            seen = len({fact.project for fact in facts}) if seen is None else seen
            yield now.harvest(facts, seen=seen, expected=expected, dark=not facts)

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look errors up by id, over the window last collected, or the last seven days."""
        now = self._round("errors")
        try:
            self._client.ensure_located()
            now.add(self._client.look_up([item.handle for item in items], now.window))
        except Refused as refused:
            now.note(refused, seen=0, expected=len(items))
            return now.harvest(seen=0, expected=len(items), dark=True)
        merged, missing = self._find_lost(now, items)
        found = {fact.handle: fact for fact in now.facts(windowed=False)}
        facts: dict[str, ErrorTrend] = {}
        moved = []
        for item in items:
            fact = found.get(merged.get(item.handle, item.handle))
            if fact is None:
                continue
            if not self._looks_at(fact.project):
                missing.append(Missing(key=item.key, why="moved_away"))
                continue
            facts[fact.handle] = fact
            if fact.key != item.key:
                moved.append(Moved(old=item.key, new=fact.key))
        known = self._with_week_before(now, list(facts.values()))
        known = self._with_resolutions(now, known, LATE_RESOLUTIONS)
        seen = sum(merged.get(item.handle, item.handle) in facts for item in items) + len(missing)
        was_cut = any("look_up" in gap.parts for gap in now.gaps)
        if seen < len(items) and now.is_whole and not was_cut:
            silent = Refused(Cause.CHANGED_SHAPE, "some errors were not answered for", UPDATE)
            now.note(silent, seen=seen, expected=len(items))
        return now.harvest(known, seen=seen, expected=len(items), moved=moved, missing=missing)

    def check(self) -> Iterator[Check]:
        """Try the address, the token, the organization, its projects and a search."""
        return check(self._client)

    def _round(self, unit: str) -> Round:
        settings = self._settings
        window, as_of = self._asked or _last_week()
        web = settings.web or settings.site
        reading = Reading(self.source, web, settings.organization, window)
        return Round(
            source=self.source, reading=reading, budget=self._budget, as_of=as_of, unit=unit
        )

    def _looks_at(self, project: str) -> bool:
        # While a name is lost, what seems to lie outside may be what was lost.
        wanted = self._settings.projects
        return not wanted or self._lost_projects or project in wanted

    def _projects(self, now: Round) -> tuple[list[str], int | None, int | None]:
        """Return what to ask for, and how many projects that is of how many, if Sentry says."""
        wanted = self._settings.projects
        try:
            rows, complete = self._client.projects()
        except Refused as refused:
            now.note(refused, ("coverage",))
            return list(wanted) or ["-1"], None, None
        readable = parse_readable(rows)
        if not wanted:
            # Without -1 some servers keep to the projects that the token's owner is a member of.
            seen, expected, scope = len(readable), len(rows), ["-1"]
        else:
            scope = [readable[slug] for slug in wanted if slug in readable]
            seen, expected = len(scope), len(wanted)
        self._lost_projects = bool(wanted) and seen < expected
        if seen < expected:
            lost = f"{expected - seen} of {expected} projects are not there, or not for this token"
            hint = "Correct `projects`, or give the token's teams access to them."
            now.note(Refused(Cause.FORBIDDEN, lost, hint), seen=seen, expected=expected)
        return scope, seen, expected if complete else None

    def _present(self, window: Window) -> Sequence[tuple[str, int]]:
        """Return what is searched for, and how many of each at most."""
        start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (window.start, window.end))
        limit = self._settings.limit
        return (
            ("is:unresolved", min(self._settings.top, limit)),
            (f"is:unresolved firstSeen:>={start} firstSeen:<{end}", limit),
            *((query, limit) for query in SUBSTATUSES),
            (f"{RESOLVED} lastSeen:>={start}", limit),
        )

    def _search(self, now: Round, scope: list[str], queries: Iterable[tuple[str, int]]) -> None:
        """Run every search. One that fails leaves its gap; one that cannot be, another."""
        if not scope:
            return
        limit = self._settings.limit
        for query, most in queries:
            listing = self._client.search(query, now.window, scope, most)
            now.add(listing.issues)
            refused = listing.refused
            if refused is None:
                now.answered += 1
                if query == "is:unresolved" and not listing.complete:
                    now.left_out = max(1, (listing.hits or 0) - len(listing.issues))
                now.closed_too |= query.startswith(RESOLVED) and listing.complete
                if not listing.complete and not (most < limit or query == "is:unresolved"):
                    now.note(_cut(limit), seen=len(listing.issues), expected=listing.hits)
            elif query in SUBSTATUSES and refused.cause is Cause.BAD_QUERY and now.answered:
                now.note(_no_substatus(), ("substatus",))
            else:
                now.note(refused, seen=len(listing.issues), expected=listing.hits)
                if refused.cause in HOPELESS:
                    return
        if len(now.issues) > limit:
            now.note(_cut(limit), seen=limit, expected=len(now.issues))
            now.issues = dict(list(now.issues.items())[:limit])

    def _with_week_before(self, now: Round, facts: list[ErrorTrend]) -> list[ErrorTrend]:
        start, end = now.window.start, now.window.end
        window = Window(start - (end - start), start)
        try:
            rows = self._client.look_up([fact.handle for fact in facts], window)
        except Refused as refused:
            now.note(refused, ("events_before",))
            return facts
        before = {
            row["id"]: parse_total(parse_buckets(row.get("stats")), window)
            for row in rows
            if isinstance(row, dict) and isinstance(row.get("id"), str)
        }
        facts = [replace(fact, events_before=before.get(fact.handle)) for fact in facts]
        known = sum(fact.events_before is not None for fact in facts)
        if known < len(facts):
            silent = Refused(
                Cause.CHANGED_SHAPE, "some errors have no count for the week before", UPDATE
            )
            now.note(silent, ("events_before",), seen=known, expected=len(facts))
        return facts

    def _with_resolutions(self, now: Round, facts: list[ErrorTrend], most: int) -> list[ErrorTrend]:
        """Look at what was resolved in a release and fires on: when was that?"""
        firing = [
            fact
            for fact in sorted(facts, key=lambda fact: -(fact.events or 0))
            if fact.life is Life.DONE
            and (fact.events or fact.last_seen in now.window)
            and fires_from_releases(now.issues[fact.handle])
        ]
        known: dict[str, ErrorTrend] = {}
        for fact in firing[:most]:
            try:
                detail = self._client.detail(fact.handle)
            except Refused as refused:
                now.note(refused, ("resolved",))
                break
            known[fact.handle] = now.dated(fact, detail)
        if len(firing) > most:
            cut = Refused(
                Cause.TRUNCATED,
                f"when they were resolved is known of {most} errors alone",
                "Look at the others in Sentry: they were resolved in a release and fire on.",
            )
            now.note(cut, ("resolved",), seen=most, expected=len(firing))
        return [known.get(fact.handle) or _silent_since(now, fact) for fact in facts]

    def _find_lost(self, now: Round, items: Sequence[Item]) -> tuple[dict[str, str], list[Missing]]:
        """Look one by one for what a look-up in bulk did not return.

        Returns where merged ones went, by their old id, and those that are gone.
        """
        merged: dict[str, str] = {}
        missing = [
            Missing(key=item.key, why="deleted")
            for item in items
            if is_going(now.issues.get(item.handle, {}))
        ]
        lost = [item for item in items if item.handle not in now.issues]
        most = LOST if len(items) <= PAGE else 0
        for item in lost[:most]:
            if not NUMBER.fullmatch(item.handle):
                now.unreadable += 1
                continue
            try:
                number = self._client.detail(item.handle).get("id")
            except Refused as refused:
                if refused.cause in ABSENT:
                    missing.append(Missing(key=item.key, why="unreadable"))
                    continue
                now.note(refused, seen=len(items) - len(lost), expected=len(items))
                if refused.cause in HOPELESS:
                    break
            else:
                if isinstance(number, str) and number != item.handle:
                    merged[item.handle] = number
                else:
                    now.unreadable += 1
        try:
            now.add(self._client.look_up(sorted({*merged.values()}), now.window))
        except Refused as refused:
            now.note(refused, seen=len(items) - len(merged), expected=len(items))
        if len(lost) > most:
            cut = Refused(
                Cause.TRUNCATED,
                f"{len(lost) - most} errors that are gone were not looked for one by one",
                "They are looked for next week.",
            )
            now.note(cut, ("look_up",), seen=len(items) - len(lost) + most, expected=len(items))
        return merged, missing


def _silent_since(now: Round, fact: ErrorTrend) -> ErrorTrend:
    """Date the resolution of an error that has not fired since, for Sentry would have reopened it.

    It was resolved at its last event or later: the earliest moment is taken. What was resolved in
    a release is not reopened by older releases, so of that nothing follows.
    """
    if fact.life is not Life.DONE or fires_from_releases(now.issues[fact.handle]):
        return fact
    return replace(fact, resolved=fact.last_seen)


def _last_week() -> tuple[Window, datetime]:
    now = datetime.now(UTC)  # noqa: TID251  (a look-up that no search came before)
    return Window(now - WEEK, now), now


def _cut(limit: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"there were more errors than the limit of {limit}",
        "Raise `limit`, or name the `projects` that matter.",
    )


def _no_substatus() -> Refused:
    return Refused(
        Cause.UNSUPPORTED,
        "this server cannot search for regressed and escalating errors",
        "Update the Sentry server; until then these are found only if they are frequent or new.",
    )
