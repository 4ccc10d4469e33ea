"""Gather, edit, file, render, lay out: the only clock, the only threads, the only wide `except`."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bulletin import registry
from bulletin.archive import codec
from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive, Rendering
from bulletin.collectors import Collector
from bulletin.config import Bulletin, Plug
from bulletin.editing.desk import REMEMBERED, Policy, edit
from bulletin.editing.owners import Territory
from bulletin.editing.voice import Line
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Artifact, Receipt
from bulletin.model.edition import Edition, Filed, Item
from bulletin.model.harvest import Cause, Coverage, Gap, Harvest, State
from bulletin.model.week import Week, Window
from bulletin.publishing.files import FilesPublisher, atomic_write
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")

GRACE = timedelta(hours=24)
"""How long after its cut-off a week is still the one in the making."""

SHELF = 60
"""Back issues that the index lists; it says how many more there are."""

Report = Callable[[str, str], None]
"""Told the name of a stage or source and what it did, as it happens."""


def silent(_what: str, _said: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a run made: the edition as filed, its artifacts, and what could not be made."""

    filed: Filed
    artifacts: tuple[Artifact, ...]
    folder: Path
    receipts: tuple[Receipt, ...]
    failures: tuple[BulletinError, ...] = ()
    """Formats and channels that failed, while the others went on."""

    @property
    def exit_code(self) -> int:
        """0 all told, 3 printed with gaps, 4 printed but a format or channel failed."""
        if self.failures:
            return 4
        return 3 if self.filed.edition.gaps else 0


def current_week(settings: Bulletin, now: datetime) -> Week:
    """Return the week in the making: the first whose cut-off is not 24 hours past."""
    week = Week.of(now, settings.zone).shift(-1)
    while week.closes(settings.zone, settings.closes) + GRACE < now:
        week = week.shift(1)
    return week


def draft(
    settings: Bulletin,
    *,
    week: Week | None = None,
    now: datetime | None = None,
    language: str | None = None,
    bundle: Bundle | None = None,
    report: Report = silent,
    render: bool = True,
) -> Printed:
    """Collect, judge, file and render this week's edition. Publishes nothing.

    Raises `LockedError` while another run is at it, `SettingsError` for settings that cannot work
    and `BulletinError` where nothing could be printed.
    """
    as_of = now or datetime.now(UTC).replace(microsecond=0)
    week = week or current_week(settings, as_of)
    window = week.window(settings.zone, settings.closes)
    if window.start > as_of:
        told = f"{week} has not begun: it opens {window.start.astimezone(settings.zone):%A %d %B}"
        raise SettingsError(told, "Name a week that has begun, or leave --week out.")
    collectors = build(settings.source)
    bundle = bundle or Bundle.read()
    language = language or settings.language
    with (
        run_lock(settings.archive),
        Archive.open(settings.archive, create=True) as archive,
    ):
        past = archive.before(week, REMEMBERED)
        listed = followed(past[0].edition) if past else ()
        harvests = gather(collectors, window, as_of, listed, report)
        filed = _edit(
            archive.latest(week),
            week=week,
            window=window,
            as_of=as_of,
            harvests=harvests,
            past=past,
            policy=policy_of(settings, bundle),
        )
        artifacts, failures = render_all(filed, bundle, language) if render else ((), ())
        made = [Rendering(language=language, engine=engine(), artifact=a) for a in artifacts]
        archive.file(filed, bundle.digest, bundle.dumps(), as_of, made)
        report("edition", f"{week}, {filed.edition.ledger.open_now} on the list")
        receipts = _lay_out(archive, settings, filed, artifacts, bundle, language)
    return Printed(
        filed=filed,
        artifacts=artifacts,
        folder=settings.output / str(week),
        receipts=receipts,
        failures=failures,
    )


def _lay_out(
    archive: Archive,
    settings: Bulletin,
    filed: Filed,
    artifacts: Sequence[Artifact],
    bundle: Bundle,
    language: str,
) -> tuple[Receipt, ...]:
    """Write the pages into the week's folder, and the shelf of back issues beside it."""
    if not artifacts:
        return ()
    receipt = FilesPublisher(settings.output).publish(filed, artifacts)
    printed = sorted(
        {e.week for e in archive.editions() if (settings.output / str(e.week)).is_dir()}
    )
    shown = [one for one in map(archive.latest, reversed(printed[-SHELF:])) if one is not None]
    older = len(printed) - len(shown)
    for artifact in render_back_issues(shown, bundle, language, older):
        atomic_write(settings.output / artifact.name, artifact.body)
    return (receipt,)


def build(plugs: Sequence[Plug]) -> list[Collector]:
    """Make every collector. Raises `SettingsError` that names every secret that is missing."""
    if not plugs:
        msg = "the settings name no source"
        raise SettingsError(msg, "Add a [[source]]; bulletin.example.toml shows three.")
    collectors: list[Collector] = []
    missing: list[SettingsError] = []
    for plug in plugs:
        try:
            made = registry.find("source", plug.kind).from_settings(plug.settings, plug.name)
            collectors.append(made)
        except SettingsError as error:
            missing.append(error)
            missing[-1].problem = f"source {plug.name}: {error.problem}"
    if missing:
        raise SettingsError("\n  ".join(error.problem for error in missing), missing[0].hint)
    return collectors


def followed(edition: Edition) -> tuple[Item, ...]:
    """Return what the next edition must account for: the list, and what rests under a waiver."""
    resting = [item for item in edition.waived if item.state.value == "waived"]
    return (*(item for item in edition.items if item.state.on_list), *resting)


def gather(
    collectors: Sequence[Collector],
    window: Window,
    as_of: datetime,
    listed: Sequence[Item],
    report: Report = silent,
) -> tuple[Harvest, ...]:
    """Ask every source side by side. One that breaks becomes a gap and stops no other."""

    def ask(collector: Collector) -> Harvest:
        started = datetime.now(UTC)
        mine = [item for item in listed if item.key.source == collector.source]
        harvest = _late(_ask(collector, window, as_of, mine), window, as_of)
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


def _ask(collector: Collector, window: Window, as_of: datetime, listed: Sequence[Item]) -> Harvest:
    try:
        found = collector.collect(window, as_of)
    except Exception as error:
        log.exception("%s broke while collecting", collector.source)
        return _broken(collector, as_of, error)
    if found.coverage.state is State.UNKNOWN:
        return found
    keys = {fact.key for fact in found.facts}
    lost = [item for item in listed if item.key not in keys]
    if not lost:
        return found
    try:
        again = collector.revisit(lost)
    except Exception as error:
        log.exception("%s broke while looking items up", collector.source)
        again = _broken(collector, as_of, error)
    return _together(found, again)


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
    if again.coverage.state is not State.KNOWN:
        state = State.PARTIAL
    keys = {fact.key for fact in found.facts}
    return replace(
        found,
        facts=(*found.facts, *(fact for fact in again.facts if fact.key not in keys)),
        gaps=tuple(dict.fromkeys((*found.gaps, *again.gaps))),
        moved=(*found.moved, *again.moved),
        missing=(*found.missing, *again.missing),
        coverage=replace(
            found.coverage,
            state=state,
            requests=found.coverage.requests + again.coverage.requests,
        ),
    )


def _late(harvest: Harvest, window: Window, as_of: datetime) -> Harvest:
    """Mark a harvest that was brought in long after the week closed."""
    if as_of < window.end + GRACE or harvest.coverage.state is State.UNKNOWN:
        return harvest
    gap = Gap(
        source=harvest.source,
        reason=Cause.AFTERWARDS,
        detail=f"asked {(as_of - window.end).days} days after the week closed",
        hint="What was open then and has been closed since is missing here.",
    )
    coverage = replace(harvest.coverage, state=State.STALE)
    return replace(harvest, gaps=(*harvest.gaps, gap), coverage=coverage)


def _edit(standing: Filed | None, **week: Any) -> Filed:
    """Edit the week: as its first edition, as the one on file, or as a correction of that."""
    if standing is None:
        return codec.file(edit(**week))
    was = standing.edition
    same = codec.file(edit(**week, revision=was.revision, corrects=was.corrects))
    if same.digest == standing.digest:
        return same
    return codec.file(edit(**week, revision=was.revision + 1, corrects=standing.digest))


def policy_of(settings: Bulletin, bundle: Bundle) -> Policy:
    """Turn settings into the plain values that the desk works with."""
    rules = [
        settings.rules.get(name) or registry.find("rules", name)()
        for name in registry.names("rules")
        if settings.rules.get(name, True) is not None
    ]
    territories = [
        Territory(
            team=name,
            repositories=team.repositories,
            projects=team.projects,
            components=team.components,
            aliases=team.aliases,
        )
        for name, team in settings.teams.items()
    ]
    lines = {
        situation: tuple(Line(id=line.id, tone=line.tone) for line in lines)
        for situation, lines in bundle.voice_lines().items()
    }
    return Policy(
        title=settings.title,
        zone=settings.zone,
        tone=settings.tone,
        room=settings.room,
        rules=tuple(rules),
        territories=tuple(territories),
        waivers={},
        lines=lines,
        bundle=bundle.digest,
    )


def render_all(
    filed: Filed, bundle: Bundle, language: str, formats: Sequence[str] = ()
) -> tuple[tuple[Artifact, ...], tuple[BulletinError, ...]]:
    """Render every format, or the named ones, side by side.

    One that breaks is told and stops no other.
    """

    def one(name: str) -> Sequence[Artifact] | BulletinError:
        try:
            made: Sequence[Artifact] = registry.find("format", name)().render(
                filed, bundle, language
            )
        except BulletinError as error:
            log.warning("%s could not be made: %s", name, error.problem)
            return error
        except Exception as error:
            log.exception("%s broke", name)
            fault = type(error).__name__
            msg = f"the {name} pages could not be made: a fault in bulletin ({fault})"
            return BulletinError(msg, "The log has the traceback; the other formats are whole.")
        return made

    with ThreadPoolExecutor(max_workers=4) as threads:
        results = list(threads.map(one, formats or registry.names("format")))
    artifacts = [a for made in results if not isinstance(made, BulletinError) for a in made]
    return tuple(artifacts), tuple(made for made in results if isinstance(made, BulletinError))


def engine() -> str:
    """Name what decides the bytes of a page besides the edition and the bundle."""
    parts = ("bulletin", "jinja2", "babel", "weasyprint")
    return " ".join(f"{part}={version(part)}" for part in parts)
