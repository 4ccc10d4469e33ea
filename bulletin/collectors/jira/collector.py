"""The collector: which questions it asks, and what it makes of the answers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from bulletin.collectors import Check
from bulletin.collectors.jira import past
from bulletin.collectors.jira.check import check_account, check_queries, check_severity, failed
from bulletin.collectors.jira.cloud import Cloud
from bulletin.collectors.jira.connection import Connection
from bulletin.collectors.jira.data_center import DataCenter
from bulletin.collectors.jira.incidents import KINDS, Incidents, read_incidents
from bulletin.collectors.jira.reading import (
    UNREADABLE,
    Fields,
    Json,
    Reading,
    parse_clause,
    parse_fields,
)
from bulletin.collectors.jira.search import Dialect, Found, look_up, named, search
from bulletin.collectors.jira.settings import JiraSettings
from bulletin.collectors.jira.words import parse_word
from bulletin.model.edition import Item
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Cause, Coverage, Gap, Harvest, Missing, Moved, State
from bulletin.model.text import clean
from bulletin.model.week import Window
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

FIELD_ID = re.compile(r"priority|customfield_\d+")


class JiraCollector:
    """Collects incidents from one Jira."""

    Settings = JiraSettings
    kinds: tuple[str, ...] = KINDS

    def __init__(
        self, settings: JiraSettings, source: str, budget: Callable[[], Budget] = Budget
    ) -> None:
        self.source = source
        self._settings = settings
        self._budget = budget
        self._connection = Connection(settings.site, settings.user, settings.token.reveal())
        self._severities = {
            parse_word(word): Severity.parse(rank) for word, rank in settings.severities.items()
        }
        self._as_of: datetime | None = None

    @classmethod
    def from_settings(cls, settings: JiraSettings, name: str) -> Self:
        """Build it. Raises `SettingsError` where the token is not where the settings say."""
        return cls(settings, name)

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """Search for the incidents that are open, and for those of the window if `scope` is set."""
        self._connection.begin(self._budget())
        self._as_of = as_of
        try:
            dialect = self._dialect()
        except Refused as refused:
            return self._dark(refused)
        fields, gaps = self._fields()
        found = self._search(dialect, fields, self._within(window))
        gaps += self._search_gaps(found)
        read = self._read(
            dialect, fields, (issue for one in found.values() for issue in one.issues)
        )
        facts = tuple(
            fact
            for fact in read.facts
            if fact.life is Life.OPEN or fact.opened in window or fact.resolved in window
        )
        seen, gaps = len(facts), [*gaps, *read.gaps]
        expected = _expected(found.values(), seen + read.broken)
        harvest = Harvest(
            source=self.source,
            facts=facts,
            gaps=tuple(gaps),
            coverage=self._coverage(seen, expected, gaps),
        )
        return self._connection.told(harvest)

    def remember(self, windows: Sequence[Window], as_of: datetime) -> Iterator[Harvest]:
        """Ask once for what was created or closed since the first window, and what is open; tell
        each window its own. Without `scope` Jira can only be asked for what is still open.
        """
        self._connection.begin(self._budget())
        self._as_of = as_of
        since = windows[0].start - past.SPARE
        try:
            dialect = self._dialect()
        except Refused as refused:
            for _ in windows:
                yield self._dark(refused)
            return
        fields, gaps = self._fields()
        found = self._search(dialect, fields, self._since(since))
        gaps += self._search_gaps(found)
        issues = (issue for one in found.values() for issue in one.issues)
        read = self._read(dialect, fields, issues, with_turns=True)
        gaps += read.gaps
        if self._settings.scope is None:
            gaps.append(past.UNASKED.gap(self.source, KINDS))
        lost = past.lost_numbers(read.facts, since, dialect)
        spent = self._connection.spent
        for window in windows:
            facts = past.of_window(read.facts, window)
            mine = [*gaps, *past.lost_in(lost, window, self.source)]
            coverage = self._coverage(len(facts), None if mine else len(facts), mine)
            # One search serves them all: it is paid for once.
            coverage = replace(coverage, requests=spent)
            spent = 0
            harvest = Harvest(source=self.source, facts=facts, gaps=tuple(mine), coverage=coverage)
            yield self._connection.told(harvest)

    def _search(self, dialect: Dialect, fields: Fields, within: str) -> dict[str, Found]:
        """Ask for both in one query, since most of the week's incidents are open ones; only where
        Jira does not accept it, ask for each alone to learn which setting is at fault.
        """
        limit = self._settings.limit
        queries = {"incidents": parse_clause(self._settings.incidents)}
        if self._settings.scope:
            queries["scope"] = f"{parse_clause(self._settings.scope)} AND {within}"
        both = (
            " OR ".join(f"({jql})" for jql in queries.values())
            if len(queries) > 1
            else queries["incidents"]
        )
        found = search(dialect, both, fields.ids, limit)
        if found.refused is None or found.refused.cause is not Cause.BAD_QUERY:
            return {"incidents": found}
        return {name: search(dialect, jql, fields.ids, limit) for name, jql in queries.items()}

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look incidents up by their ids. One that does not come back is gone or not for us: Jira
        does not tell which.
        """
        self._connection.begin(self._budget())
        handles = [*dict.fromkeys(item.handle for item in items if _is_id(item.handle))]
        gaps = self._strangers([item for item in items if not _is_id(item.handle)])
        if not handles:
            coverage = self._coverage(0, len(items), gaps)
            return Harvest(source=self.source, gaps=tuple(gaps), coverage=coverage)
        try:
            dialect = self._dialect()
        except Refused as refused:
            return self._dark(refused)
        fields, more = self._fields()
        found = look_up(dialect, handles, fields.ids)
        read = self._read(dialect, fields, found.issues)
        gaps += [*more, *read.gaps]
        if found.refused:
            seen = len(found.issues)
            gaps.append(found.refused.gap(self.source, KINDS, seen=seen, expected=found.expected))
        there = {fact.handle: fact.key for fact in read.facts}
        asked = [item for item in items if item.handle in set(handles)]
        missing = () if found.refused else _missing(asked, found)
        moved = tuple(
            Moved(old=item.key, new=new)
            for item in asked
            if (new := there.get(item.handle, item.key)) != item.key
        )
        seen = len(missing) + sum(item.handle in there for item in asked)
        harvest = Harvest(
            source=self.source,
            facts=read.facts,
            gaps=tuple(gaps),
            coverage=self._coverage(seen, len(items), gaps),
            moved=moved,
            missing=missing,
        )
        return self._connection.told(harvest)

    def check(self) -> Iterator[Check]:
        """Try the address, the credentials, the queries, the severity field and the histories."""
        self._connection.begin(self._budget())
        try:
            dialect = self._dialect()
        except Refused as refused:
            yield failed("address and credentials", refused)
            return
        fields, gaps = self._fields()
        yield from check_account(self._connection, dialect)
        yield check_severity(fields, gaps)
        yield from check_queries(self._settings, dialect, fields)

    def _dialect(self) -> Dialect:
        self._connection.connect()
        is_cloud = self._connection.deployment == "Cloud"
        return Cloud(self._connection) if is_cloud else DataCenter(self._connection)

    def _fields(self) -> tuple[Fields, list[Gap]]:
        wanted = self._settings.severity
        parts: tuple[str, ...] = ("severity", "services")
        try:
            fields = parse_fields(self._connection.fields(), wanted)
        except Refused as refused:
            fields, fault = self._guessed(), refused
        except UNREADABLE:
            fields = self._guessed()
            fault = self._connection.strange("a list of fields in another form than documented")
        else:
            if fields.severity:
                return fields, []
            parts = ("severity",)
            fault = Refused(
                Cause.BAD_QUERY,
                f"Jira has no field '{clean(wanted, 60)}' for us to see",
                "Correct `severity` in the settings, or leave it out to have it looked for.",
            )
        return fields, [fault.gap(self.source, KINDS, parts=parts)]

    def _guessed(self) -> Fields:
        wanted = self._settings.severity or "priority"
        return Fields(severity=(wanted,) if FIELD_ID.fullmatch(wanted) else ())

    def _within(self, window: Window) -> str:
        """Return the clause for what was created or resolved in the window, and a little more.

        JQL reads moments in the account's time zone, to the minute, and cannot say which of the
        two hours it means when the clocks go back: the caller drops what is too much.
        """
        start, end = self._spell(window.start, -1), self._spell(window.end, 1)
        spans = (f"({what} >= {start} AND {what} < {end})" for what in ("created", "resolved"))
        return f"({' OR '.join(spans)})"

    def _since(self, start: datetime) -> str:
        """Return the clause for what was created or resolved since then, and what is not done."""
        moment = self._spell(start, -1)
        return f"(created >= {moment} OR resolved >= {moment} OR statusCategory != Done)"

    def _spell(self, moment: datetime, way: int) -> str:
        """Write a moment as JQL reads it, a little earlier (-1) or later (1) to be sure."""
        zone = self._connection.zone
        spare = timedelta(hours=1) if zone else timedelta(days=1)
        return f'"{(moment + way * spare).astimezone(zone or UTC):%Y-%m-%d %H:%M}"'

    def _read(
        self,
        dialect: Dialect,
        fields: Fields,
        issues: Iterable[Json],
        *,
        with_turns: bool = False,
    ) -> Incidents:
        reading = Reading(
            source=self.source,
            base=self._connection.base,
            fields=fields,
            severities=self._severities,
            drill=self._settings.drills,
            as_of=self._moment,
        )
        return read_incidents(issues, dialect, reading, with_turns=with_turns)

    def _search_gaps(self, found: Mapping[str, Found]) -> list[Gap]:
        return [
            named(one.refused, setting).gap(
                self.source, KINDS, seen=len(one.issues), expected=one.expected
            )
            for setting, one in found.items()
            if one.refused
        ]

    @property
    def _moment(self) -> datetime:
        return self._as_of or datetime.now(UTC)  # noqa: TID251  (nobody tells `revisit` alone)

    def _strangers(self, items: Sequence[Item]) -> list[Gap]:
        if not items:
            return []
        fault = Refused(
            Cause.NOT_FOUND,
            f"{len(items)} incidents of the list have no id that Jira could know",
            "Was the source's name given to another service? Give each a name of its own.",
        )
        return [fault.gap(self.source, KINDS, seen=0, expected=len(items))]

    def _dark(self, refused: Refused) -> Harvest:
        gaps = [refused.gap(self.source, KINDS)]
        return Harvest(source=self.source, gaps=tuple(gaps), coverage=self._coverage(0, None, gaps))

    def _coverage(self, seen: int, expected: int | None, gaps: Sequence[Gap]) -> Coverage:
        state = State.KNOWN
        if any(gap.hides(kind) for gap in gaps for kind in KINDS):
            state = State.PARTIAL if seen else State.UNKNOWN
        return Coverage(
            source=self.source,
            kinds=KINDS,
            state=state,
            seen=seen,
            expected=expected,
            unit="incidents",
            as_of=self._moment,
            requests=self._connection.spent,
            closed_too=self._settings.scope is not None,
        )


def _is_id(handle: str) -> bool:
    return handle.isascii() and handle.isdigit()


def _missing(items: Iterable[Item], found: Found) -> tuple[Missing, ...]:
    given = {str(issue.get("id")) for issue in found.issues}
    lost = (item for item in items if item.handle not in given)
    return tuple(Missing(key=item.key, why="unreadable") for item in lost)


def _expected(found: Iterable[Found], read: int) -> int | None:
    """Return how many incidents there are: those that were read, and those that are known not to
    have come; None where a search does not know.
    """
    for one in found:
        if one.expected is None:
            return None
        read += max(0, one.expected - len(one.issues))
    return read
