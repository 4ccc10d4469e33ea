"""A draft: this week's edition, from the services to the folder."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bulletin import registry
from bulletin.archive import codec
from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.collectors import Collector
from bulletin.config import Bulletin
from bulletin.editing.desk import REMEMBERED, Policy, edit, span_of
from bulletin.editing.folding import evidence, recalled
from bulletin.editing.looking_back import EARLY
from bulletin.editing.owners import Territory
from bulletin.editing.rules import Broken, Rule, Scene, Verdict
from bulletin.editing.season import Season
from bulletin.editing.voice import Line
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed
from bulletin.model.facts import Decision, Fact, FactKey
from bulletin.model.harvest import Gap, Harvest, State
from bulletin.model.week import Week, Window
from bulletin.model.word import Word, apart, teams, waivers
from bulletin.pipeline.backfill import check_past, fill_in
from bulletin.pipeline.clock import utc_now
from bulletin.pipeline.gathering import GRACE, Report, build, gather, is_over, silent, was_in_time
from bulletin.pipeline.hearing import hear
from bulletin.pipeline.meeting import decided
from bulletin.pipeline.pressing import Printed, print_edition
from bulletin.pipeline.standing import corrected
from bulletin.publishing.files import writable
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")


class KnowsMoreError(BulletinError):
    """What is on file knows more of a source than what was just collected, and stays."""


MEMORY = timedelta(weeks=12) + GRACE
"""How long after its cut-off a week may still be drafted at all, as far as it is remembered."""


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
    past: int | None = None,
    now: datetime | None = None,
    mode: Mode = Mode.PREVIEW,
    author: str = "",
    bundle: Bundle | None = None,
    report: Report = silent,
    render: bool = True,
) -> Printed:
    """Collect, judge, file and render this week's edition. Publishes nothing.

    So many `past` weeks are filled in before it, where nothing is on file yet.

    Raises `LockedError` while another run is at it, `SettingsError` for settings that cannot work
    and `BulletinError` where nothing could be printed.
    """
    as_of = now or utc_now()
    week = week or current_week(settings, as_of)
    window = _begun(settings, week, as_of)
    collectors = build(settings.source)
    writable(settings.output)
    bundle = bundle or Bundle.read(theme=settings.theme)
    with run_lock(settings.archive), Archive.open(settings.archive, create=True) as archive:
        _keep_history(archive, week, window, as_of)
        filled: tuple[Filed, ...] = ()
        if past is not None:
            check_past(archive, past)
            policy = policy_of(settings, bundle, _standing_words(archive, window, as_of))
            weeks = [week.shift(-back) for back in range(past, 0, -1)]
            windows = {one: one.window(settings.zone, settings.closes) for one in weeks}
            filled = fill_in(archive, collectors, policy, windows, bundle, as_of, report)
        filed = collect(settings, archive, collectors, bundle, week, as_of, mode, report)
        if not render:
            archive.file(filed, bundle.digest, bundle.dumps(), as_of, author=author)
            return Printed(filed=filed, folder=settings.output / str(week), filled_in=filled)
        printed = print_edition(archive, settings, filed, bundle, author=author)
        return replace(printed, filled_in=filled)


def _begun(settings: Bulletin, week: Week, as_of: datetime) -> Window:
    window = week.window(settings.zone, settings.closes)
    if window.start >= as_of:
        told = f"{week} has not begun: it opens {window.start.astimezone(settings.zone):%A %d %B}"
        raise SettingsError(told, "Name a week that has begun, or leave --week out.")
    return window


def _standing_words(archive: Archive, window: Window, as_of: datetime) -> list[Word]:
    stands = window.end if is_over(window, as_of) else as_of
    return [word for word in archive.words() if word.at <= stands]


def collect(  # noqa: PLR0917  (each is a different thing)
    settings: Bulletin,
    archive: Archive,
    collectors: Sequence[Collector],
    bundle: Bundle,
    week: Week,
    as_of: datetime,
    mode: Mode,
    report: Report,
) -> Filed:
    """Ask the services and let the desk judge; nothing is filed yet. Whoever calls it holds the
    run's lock. Raises as `draft` does.
    """
    window = _begun(settings, week, as_of)
    _keep_history(archive, week, window, as_of)
    unclear = hear(settings, archive, week, as_of)
    words = _standing_words(archive, window, as_of)
    policy = policy_of(settings, bundle, words)
    return _judge_week(
        archive, collectors, policy, words, unclear, week, window, as_of, mode, report
    )


def _judge_week(  # noqa: PLR0917  (each is a different thing, and there is one call)
    archive: Archive,
    collectors: Sequence[Collector],
    policy: Policy,
    words: Sequence[Word],
    unclear: tuple[Gap, ...],
    week: Week,
    window: Window,
    as_of: datetime,
    mode: Mode,
    report: Report,
) -> Filed:
    past = archive.before(week, REMEMBERED)
    before = past[0].edition if past else None
    late = is_over(window, as_of)
    stands = window.end if late else as_of
    span = span_of(week, window, stands, before)
    keys = {item.key for item in before.followed} if before else set()
    minutes = decided(words, keys, week=week, as_of=stands, web=policy.web, gaps=unclear)
    sought = (*before.followed, *evidence(before)) if before else ()
    sought += recalled([one.edition for one in past], _promised(minutes) - {s.key for s in sought})
    harvests = gather(collectors, span, as_of, sought, report)
    standing = archive.latest(week)
    _keep_knowledge(standing, harvests)
    filed = _edit(
        archive,
        standing,
        mode,
        week=week,
        window=window,
        as_of=stands,
        asked=as_of if late else None,
        harvests=(*harvests, *minutes),
        past=past,
        policy=policy,
        judge=_judge,
    )
    report("edition", f"{week}, {filed.edition.ledger.open_now} on the list")
    return filed


def _promised(minutes: Sequence[Harvest]) -> set[FactKey]:
    """Return what decisions are about: whether they were kept is seen there, on the list or not."""
    made = (fact for harvest in minutes for fact in harvest.facts if isinstance(fact, Decision))
    return {one.about for one in made if one.about is not None}


def _keep_history(archive: Archive, week: Week, window: Window, as_of: datetime) -> None:
    """Refuse to write over what was known in time with what can be known now."""
    later = [entry.week for entry in archive.editions() if entry.week > week]
    if later:
        msg = f"{max(later)} was judged against what is on file: {week} can no longer be changed"
        raise SettingsError(msg, "Draft a later week, or use an archive of its own for history.")
    if as_of > window.end + MEMORY:
        msg = f"{week} closed {(as_of - window.end).days} days ago: what stood then is not known"
        raise SettingsError(msg, "Name one of the last 12 weeks, or leave --week out.")
    standing = archive.latest(week)
    if standing is not None and was_in_time(standing.edition.made, window, as_of):
        msg = f"{week} is on file as it stood; asked again now, it would say less"
        raise SettingsError(msg, f"Look at it with `bulletin show {week}`, or leave --week out.")


def _keep_knowledge(standing: Filed | None, harvests: Sequence[Harvest]) -> None:
    """Refuse to replace an edition of a whole week by one that knows less of a source.

    An edition that was made early in its week is a preview, and gives way to whatever comes that
    knows anything at all.
    """
    if standing is None:
        return
    is_preview = standing.edition.as_of < standing.edition.window.end - EARLY
    if is_preview and any(h.coverage.state is not State.UNKNOWN for h in harvests):
        return
    order = (State.UNKNOWN, State.PARTIAL, State.STALE, State.KNOWN)
    known = {c.source: order.index(c.state) for c in standing.edition.coverage}
    dark = [h for h in harvests if order.index(h.coverage.state) < known.get(h.source, 0)]
    if dark:
        names = ", ".join(harvest.source for harvest in dark)
        why = next((gap.detail for harvest in dark for gap in harvest.gaps), "no answer")
        msg = f"{standing.edition.week} stays as it is on file: it knows more of {names} ({why})"
        raise KnowsMoreError(msg, "Run again when the source answers; `bulletin check` says why.")


def _edit(archive: Archive, standing: Filed | None, mode: Mode, **week: Any) -> Filed:
    """Edit the week: as its first edition, as the one on file, or as one after that."""
    if standing is None:
        return codec.file(replace(edit(**week), mode=mode))
    was = standing.edition
    if was.mode is mode:
        same = edit(**week, revision=was.revision, corrects=was.corrects)
        filed = codec.file(replace(same, mode=mode))
        if filed.digest == standing.digest:
            return filed
    corrects = corrected(archive, was.week, mode)
    made = edit(**week, revision=was.revision + 1, corrects=corrects)
    return codec.file(replace(made, mode=mode))


def _judge(rule: Rule, fact: Fact, scene: Scene) -> Verdict:
    """Let a rule judge over a net: that it raises is an answer too, and the log has the rest."""
    try:
        return rule.judge(fact, scene)
    except Exception as error:
        log.exception("the rule %s broke on %s", rule.id, fact.key)
        return Broken(type(error).__name__)


def policy_of(settings: Bulletin, bundle: Bundle, words: Sequence[Word] = ()) -> Policy:
    """Turn settings, and people's words, into the plain values that the desk works with."""
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
        waivers=waivers(words),
        assigned=teams(words),
        folds=settings.fold,
        apart=apart(words),
        lines=lines,
        bundle=bundle.digest,
        web=settings.web,
        minutes=settings.meeting_minutes,
        season=Season(**settings.season.model_dump()) if settings.season else None,
    )
