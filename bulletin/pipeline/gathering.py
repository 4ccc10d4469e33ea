"""Gathering: every source asked side by side, and each one's failures made into gaps."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bulletin import registry
from bulletin.collectors import Collector, Remembers
from bulletin.config import Plug
from bulletin.errors import SettingsError
from bulletin.masking import mask_harvest
from bulletin.model.edition import Item
from bulletin.model.harvest import Cause, Coverage, Gap, Harvest, State
from bulletin.model.week import Week, Window
from bulletin.pipeline.hindsight import rewound

log = logging.getLogger("bulletin")

GRACE = timedelta(hours=24)
"""How long after its cut-off a week may be asked about as if it had just closed."""


def is_over(window: Window, as_of: datetime) -> bool:
    """Whether a week is so long over that it can only be told afterwards."""
    return as_of >= window.end + GRACE


def was_in_time(made: datetime, window: Window, as_of: datetime) -> bool:
    """Whether a week is over and was told before it was: asked again, it would say less."""
    return is_over(window, as_of) and made < window.end + GRACE


Report = Callable[[str, str], None]
"""Told the name of a stage or source and what it did, as it happens."""


def silent(_what: str, _said: str) -> None:
    """Report nothing."""


def build(plugs: Sequence[Plug]) -> list[Collector]:
    """Make every collector. Raises `SettingsError` that names every secret that is missing."""
    if not plugs:
        msg = "the settings name no source"
        raise SettingsError(msg, "Add a [[source]]; bulletin.example.toml shows one of each kind.")
    collectors: list[Collector] = []
    missing: list[SettingsError] = []
    for plug in plugs:
        try:
            made = registry.find("source", plug.kind).from_settings(plug.settings, plug.name)
            collectors.append(made)
        except SettingsError as error:
            missing.append(SettingsError(f"source {plug.name}: {error.problem}", error.hint))
    if missing:
        several = "Set each where bulletin runs; cron and systemd have an environment of their own."
        hint = several if len(missing) > 1 else missing[0].hint
        raise SettingsError("\n  ".join(error.problem for error in missing), hint)
    return collectors


def gather(
    collectors: Sequence[Collector],
    span: Window,
    as_of: datetime,
    listed: Sequence[Item],
    report: Report = silent,
) -> tuple[Harvest, ...]:
    """Ask every source side by side. One that breaks becomes a gap and stops no other.

    What is asked afterwards is taken back to the end of the span.
    """

    def ask(collector: Collector) -> Harvest:
        started = datetime.now(UTC)
        mine = [item for item in listed if item.key.source == collector.source]
        harvest = _ask(collector, span, as_of, mine)
        if is_over(span, as_of):
            harvest = rewound(harvest, span, as_of)
        took = (datetime.now(UTC) - started).total_seconds()
        log.info("%s took %.1f s", collector.source, took)
        report(collector.source, f"{_said(harvest.coverage)}, {took:.1f} s")
        return harvest

    with ThreadPoolExecutor(max_workers=max(1, len(collectors))) as threads:
        return tuple(threads.map(ask, collectors))


def _said(coverage: Coverage) -> str:
    of = f" of {coverage.expected}" if coverage.expected not in {None, coverage.seen} else ""
    unit = coverage.unit.replace("_", " ")
    state = "" if coverage.state is State.KNOWN else f", {coverage.state}"
    return f"{coverage.seen}{of} {unit}, {coverage.requests} requests{state}"


def _ask(collector: Collector, span: Window, as_of: datetime, listed: Sequence[Item]) -> Harvest:
    try:
        found = mask_harvest(_found(collector, span, as_of))
    except Exception as error:
        log.exception("%s broke while collecting", collector.source)
        return _broken(collector, as_of, error)
    if found.coverage.state is State.UNKNOWN:
        return found
    there = {(fact.type, fact.handle or fact.key.subject) for fact in found.facts}
    lost = [i for i in listed if (i.kind, i.handle or i.key.subject) not in there]
    # Some collectors look up only so many: what was unknown for longest has its turn.
    lost.sort(key=lambda item: (item.unknown_since is None, item.unknown_since or item.since))
    if not lost:
        return found
    try:
        again = mask_harvest(collector.revisit(lost))
    except Exception as error:
        log.exception("%s broke while looking items up", collector.source)
        again = _broken(collector, as_of, error)
    return _together(found, again)


def _found(collector: Collector, span: Window, as_of: datetime) -> Harvest:
    if is_over(span, as_of) and isinstance(collector, Remembers):
        return next(collector.remember([span], as_of))
    return collector.collect(span, as_of)


def gather_past(
    collectors: Sequence[Collector],
    weeks: Mapping[Week, Window],
    as_of: datetime,
    report: Report = silent,
) -> tuple[tuple[Harvest, ...], ...]:
    """Ask every source side by side for past weeks, oldest first, and take each back to its end.

    Returns the harvests of every source, a week. One that breaks is a gap in the weeks that it did
    not come to.
    """

    def ask(collector: Collector) -> list[Harvest]:
        told = _remembered(collector, [*weeks.values()], as_of)
        harvests: list[Harvest] = []
        for week, window in weeks.items():
            started = datetime.now(UTC)
            try:
                found = rewound(mask_harvest(next(told)), window, as_of)
            except Exception as error:
                log.exception("%s broke while remembering", collector.source)
                told = iter(())
                found = _broken(collector, as_of, error)
            took = (datetime.now(UTC) - started).total_seconds()
            log.info("%s took %.1f s for %s", collector.source, took, week)
            report(f"{week} {collector.source}", f"{_said(found.coverage)}, {took:.1f} s")
            harvests.append(found)
        return harvests

    with ThreadPoolExecutor(max_workers=max(1, len(collectors))) as threads:
        return tuple(zip(*threads.map(ask, collectors), strict=True))


def _remembered(
    collector: Collector, windows: Sequence[Window], as_of: datetime
) -> Iterator[Harvest]:
    if isinstance(collector, Remembers):
        return collector.remember(windows, as_of)
    return (collector.collect(window, as_of) for window in windows)


def _broken(collector: Collector, as_of: datetime, error: Exception) -> Harvest:
    gap = Gap(
        source=collector.source,
        reason=Cause.BROKEN,
        detail=f"a fault in bulletin itself ({type(error).__name__})",
        hint="Send the traceback from the log to whoever looks after bulletin.",
    )
    coverage = Coverage(
        source=collector.source,
        kinds=collector.kinds,
        state=State.UNKNOWN,
        seen=0,
        expected=None,
        unit="answers",
        as_of=as_of,
        requests=0,
    )
    return Harvest(source=collector.source, gaps=(gap,), coverage=coverage)


def _together(found: Harvest, again: Harvest) -> Harvest:
    """Join a search and a second look; the search's coverage stands, with all requests counted."""
    state = found.coverage.state
    if again.coverage.state not in {State.KNOWN, state}:
        state = State.PARTIAL
    keys = {fact.key for fact in found.facts}
    return replace(
        found,
        facts=(*found.facts, *(fact for fact in again.facts if fact.key not in keys)),
        gaps=tuple(dict.fromkeys((*found.gaps, *again.gaps))),
        moved=(*found.moved, *again.moved),
        missing=(*found.missing, *again.missing),
        masked=(*found.masked, *(note for note in again.masked if note.key not in keys)),
        coverage=replace(
            found.coverage,
            state=state,
            requests=found.coverage.requests + again.coverage.requests,
        ),
    )
