"""The collector of GlitchTip's issues: what it lists, and what it looks up."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from bulletin.collectors import Check
from bulletin.collectors.glitchtip.check import check
from bulletin.collectors.glitchtip.client import PAGE, Client
from bulletin.collectors.glitchtip.haul import KINDS, UPDATE, Haul
from bulletin.collectors.glitchtip.reading import Reading, parse_days, parse_projects
from bulletin.collectors.glitchtip.settings import GlitchtipSettings
from bulletin.collectors.values import NUMBER
from bulletin.model.edition import Item
from bulletin.model.facts import ErrorTrend
from bulletin.model.harvest import Cause, Harvest, Missing, Moved
from bulletin.model.week import Window
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

WEEK = timedelta(days=7)
LOST = 20
"""How many errors that a look-up did not return are looked for one by one."""
HOPELESS = frozenset({Cause.REFUSED, Cause.UNREACHABLE, Cause.TOO_SLOW, Cause.RATE_LIMITED})
"""What the next request would meet as well."""
ABSENT = frozenset({Cause.NOT_FOUND, Cause.FORBIDDEN})


class GlitchtipCollector:
    """Collects the errors of one GlitchTip organization."""

    Settings = GlitchtipSettings
    kinds = KINDS

    def __init__(
        self, settings: GlitchtipSettings, source: str, token: str, budget: Budget
    ) -> None:
        self.source = source
        self._settings = settings
        self._budget = budget
        self._client = Client(settings, token, budget)
        self._asked: tuple[Window, datetime] | None = None

    @classmethod
    def from_settings(cls, settings: GlitchtipSettings, name: str) -> Self:
        """Build from settings. Raises `SettingsError` where the token is not there."""
        return cls(settings, name, settings.token.reveal(), Budget())

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        """List what fired in the window, whatever became of it, and count it."""
        if window.start < as_of < window.end:
            window = Window(window.start, as_of)
        self._asked = window, as_of
        haul = self._haul("projects")
        try:
            projects = parse_projects(self._client.projects())
        except Refused as refused:
            haul.note(refused)
            return haul.harvest(seen=0, expected=None, dark=True)
        wanted = self._settings.projects
        scope = [projects[slug] for slug in wanted if slug in projects]
        seen, expected = (len(scope), len(wanted)) if wanted else (len(projects), len(projects))
        if seen < expected:
            haul.note(_lost(expected - seen, expected), seen=seen, expected=expected)
        if scope or not wanted:
            self._list(haul, scope)
        haul.closed_too = haul.is_whole
        facts = self._counted(haul, haul.facts())
        return haul.harvest(
            facts, seen=seen, expected=expected, dark=not facts and not haul.is_whole
        )

    def revisit(self, items: Sequence[Item]) -> Harvest:
        """Look errors up by id, over the window last collected, or the last seven days."""
        haul = self._haul("errors")
        missing: list[Missing] = []
        try:
            is_bulk = self._look_up(haul, [item.handle for item in items])
            missing = self._find_lost(haul, items, is_bulk=is_bulk)
        except Refused as refused:
            haul.note(refused, seen=len(haul.issues), expected=len(items))
        wanted = self._settings.projects
        found = {fact.handle: fact for fact in haul.facts()}
        away = {h for h, fact in found.items() if wanted and fact.project not in wanted}
        missing += [Missing(key=i.key, why="moved_away") for i in items if i.handle in away]
        facts = self._counted(haul, [fact for h, fact in found.items() if h not in away])
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
        """Try the address, the token, the projects, and a listing of issues with their counts."""
        return check(self._client, self._settings)

    def _haul(self, unit: str) -> Haul:
        window, as_of = self._asked or _last_week()
        site = self._settings.web or self._settings.site
        reading = Reading(self.source, site, self._settings.organization, window, as_of)
        return Haul(
            source=self.source, unit=unit, budget=self._budget, as_of=as_of, reading=reading
        )

    def _list(self, haul: Haul, projects: Sequence[str]) -> None:
        limit, taken, pages = self._settings.limit, 0, 0
        try:
            for rows in self._client.issues(projects):
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
                haul.add(haul.fired(self._client.newest_issues(projects)))
        except Refused as refused:
            haul.note(refused, seen=len(haul.issues))

    def _counted(self, haul: Haul, facts: Sequence[ErrorTrend]) -> list[ErrorTrend]:
        """Add how often errors fired in the window and in the one before it, as far as is told."""
        rows = []
        try:
            rows = self._client.stats([fact.handle for fact in facts])
        except Refused as refused:
            haul.note(refused, ("events", "events_before"))
        days = {row["id"]: parse_days(row) for row in rows if isinstance(row, dict) and "id" in row}
        counted = [haul.counted(fact, days.get(fact.handle)) for fact in facts]
        known = sum(fact.events is not None for fact in counted)
        if known < len(facts):
            said = f"how often they fired in the week is not known of {len(facts) - known} errors"
            haul.note(
                Refused(Cause.UNSUPPORTED, said, UPDATE),
                ("events",),
                seen=known,
                expected=len(facts),
            )
        return counted

    def _look_up(self, haul: Haul, handles: Sequence[str]) -> bool:
        """Look up in bulk. Returns whether the server can: an old one ignores which it is asked."""
        wanted = [handle for handle in handles if NUMBER.fullmatch(handle)]
        for first in range(0, len(wanted), PAGE):
            chunk = wanted[first : first + PAGE]
            for rows in self._client.look_up(chunk):
                if any(not isinstance(row, dict) or row.get("id") not in chunk for row in rows):
                    return False
                haul.add(rows)
        return True

    def _find_lost(self, haul: Haul, items: Sequence[Item], *, is_bulk: bool) -> list[Missing]:
        """Look one by one for what a look-up in bulk did not return."""
        lost = [item for item in items if item.handle not in haul.issues]
        missing = []
        for item in lost[:LOST]:
            if not NUMBER.fullmatch(item.handle):
                haul.unreadable += 1
                continue
            try:
                row = self._client.issue(item.handle)
            except Refused as refused:
                if refused.cause in ABSENT:
                    missing.append(Missing(key=item.key, why="unreadable"))
                    continue
                if refused.cause in HOPELESS:
                    raise
                haul.note(refused)
            else:
                if is_bulk:
                    # It is there, and no listing shows it: it is being deleted.
                    missing.append(Missing(key=item.key, why="deleted"))
                else:
                    haul.add([row])
        if len(lost) > LOST:
            haul.note(_many(len(lost) - LOST), seen=len(items) - len(lost), expected=len(items))
        return missing


def _last_week() -> tuple[Window, datetime]:
    now = datetime.now(UTC)  # noqa: TID251  (a look-up that no search came before)
    return Window(now - WEEK, now), now


def _lost(count: int, expected: int) -> Refused:
    return Refused(
        Cause.FORBIDDEN,
        f"{count} of {expected} projects are not there, or not for this token",
        "Correct `projects`, or give the token's owner access to them.",
    )


def _cut(limit: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"there were more errors than the limit of {limit}",
        "Raise `limit`, or name the `projects` that matter.",
    )


def _many(count: int) -> Refused:
    return Refused(
        Cause.TRUNCATED,
        f"{count} errors that are gone were not looked for one by one",
        "They are looked for next week.",
    )
