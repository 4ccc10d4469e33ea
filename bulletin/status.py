"""How it stands: the last edition, what became of it, and what comes next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bulletin.archive.store import Archive, Entry, Event
from bulletin.config import Bulletin
from bulletin.model.delivery import NOBODY, Delivery, DeliveryState
from bulletin.model.edition import Edition, Filed
from bulletin.model.week import Week
from bulletin.pipeline import calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A look at the archive, at one moment. All moments are in UTC."""

    now: datetime
    mode: str
    """How far the settings let an edition go."""
    filed: Filed | None
    """The newest edition that could leave in that mode, or the newest there is."""
    approvers: tuple[str, ...]
    """Who let it go, in their order."""
    deliveries: tuple[Delivery, ...]
    """What became of it, each without its body."""
    asking: tuple[Delivery, ...]
    """Deliveries of any week that wait for a person."""
    due: calendar.Due
    """The newest week whose moment has come."""
    ahead: calendar.Due
    """The next week that has an edition."""
    home: str | None
    """The machine that this archive sends from."""
    last_out: Week | None
    """The newest week of which nobody waits for anything."""
    lateness_seconds: int
    """How long after its moment the newest due edition was everywhere, or how long it is late by
    now. 0 for a week without an edition."""

    @property
    def edition(self) -> Edition | None:
        return self.filed.edition if self.filed else None

    @property
    def exit_code(self) -> int:
        """0 where nothing waits for a person, 4 where something does."""
        return 4 if self.asking else 0

    @property
    def counts(self) -> dict[DeliveryState, int]:
        """How many deliveries of the edition stand where."""
        states = [one.state for one in self.deliveries]
        return {state: states.count(state) for state in DeliveryState}


def look(settings: Bulletin, now: datetime) -> Status:
    """Look at the archive; nothing is changed, and no lock is needed.

    Raises `BulletinError` where it is not there, damaged or held by another program.
    """
    due = calendar.due(settings, now)
    with Archive.open(settings.archive) as archive:
        entries = archive.editions()
        mine = [entry for entry in entries if entry.mode is settings.mode] or entries
        filed = archive.get(mine[0].digest) if mine else None
        every = archive.outbox.deliveries(whole=False)
        home = archive.gate.home()
        approvers = archive.gate.approvers(filed.digest) if filed else ()
        nobody = archive.events(NOBODY)
    out = _weeks_out(settings, entries, every, nobody)
    deliveries = [one for one in every if filed is not None and one.edition == filed.digest]
    return Status(
        now=now,
        mode=settings.mode,
        filed=filed,
        approvers=approvers,
        deliveries=tuple(deliveries),
        asking=tuple(one for one in every if one.state.waits_for_a_person),
        due=due,
        ahead=_ahead(settings, due.week),
        home=home,
        last_out=max(out, default=None),
        lateness_seconds=_lateness(due, out, now),
    )


def _ahead(settings: Bulletin, week: Week) -> calendar.Due:
    """Return the next week with an edition, or the last one that was looked at: a year of skipped
    weeks has none.
    """
    for _ in range(53):
        week = week.shift(1)
        found = calendar.of(settings, week)
        if not found.reason:
            break
    return found


def _weeks_out(
    settings: Bulletin,
    entries: Sequence[Entry],
    every: Sequence[Delivery],
    nobody: Sequence[Event],
) -> dict[Week, datetime]:
    """Return the weeks of which an edition is everywhere, each with when it was: every channel of
    the settings brought it, but for what a person let be, or had nobody to bring it to.
    """
    names = {plug.name for plug in settings.publish}
    came = _came(settings, every, nobody)
    waiting = {one.edition for one in every if not one.is_over}
    out: dict[Week, datetime] = {}
    for entry in entries:
        moments = came[entry.digest]
        is_whole = names <= moments.keys() and entry.digest not in waiting
        if names and is_whole and entry.mode is settings.mode:
            at = max(moments.values())
            out[entry.week] = min(at, out.get(entry.week, at))
    return out


def _came(
    settings: Bulletin, every: Sequence[Delivery], nobody: Sequence[Event]
) -> dict[str, dict[str, datetime]]:
    """Return when each channel was last busy with an edition, by the edition's digest and the
    channel's name. One that was given another name is found by its kind.
    """
    kinds = {plug.name: plug.kind for plug in settings.publish}
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for event in nobody:
        digest, _, name = event.detail.partition(" ")
        found[digest][name] = event.at
    for one, at in ((one, one.at) for one in every if one.at is not None):
        renamed = [name for name, kind in kinds.items() if kind == one.kind]
        for name in [one.channel] if one.channel in kinds else renamed:
            found[one.edition][name] = max(at, found[one.edition].get(name, at))
    return found


def _lateness(due: calendar.Due, out: dict[Week, datetime], now: datetime) -> int:
    if due.reason:
        return 0
    return max(0, int((out.get(due.week, now) - due.opens).total_seconds()))
