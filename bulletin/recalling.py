"""What the list teaches, in the terminal: by week, by team and by rule."""

import json
from collections.abc import Iterator, Sequence

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.edition import Edition, Item
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.model.week import Week
from bulletin.rendering.escape import LIMIT, clip

FATES = ("fixed", "cleared", "dropped", "waived", "open", "unknown")


def history_lines(settings: Bulletin, week: Week | None, *, as_json: bool) -> Iterator[str]:
    """Yield what the list teaches as of an edition, the newest unless a week is named.

    As JSON it is one line: `history` of `edition.json`. Raises `BulletinError` where the edition
    has no history, since it was made before any was kept.
    """
    with Archive.open(settings.archive) as archive:
        filed = archive.find(week)
    edition = filed.edition
    if edition.history is None:
        msg = f"{edition.week} was made before the history was kept"
        raise BulletinError(msg, "The next edition looks back on this one, too.")
    if as_json:
        yield json.dumps(json.loads(filed.body)["history"], ensure_ascii=False)
        return
    yield from _lines(edition, edition.history)


def _lines(edition: Edition, history: History) -> Iterator[str]:
    first, last = history.cohorts[0].week, history.cohorts[-1].week
    yield f"{first} to {last}: {_soon(history)}"
    oldest = next((item for item in edition.items if item.key == history.oldest), None)
    if oldest is not None:
        yield f"oldest: {_told(oldest)}"
    for record in history.retune:
        yield _proposal(record, len(history.cohorts))
    yield ""
    cohorts = [_cohort(one, is_due=one.week != last) for one in history.cohorts]
    if history.before.joined:
        cohorts.insert(0, ["before", *_tally(history.before), ""])
    yield from _table(["week", "joined", *FATES, "by the next"], cohorts)
    yield ""
    teams = [_team(one) for one in history.teams]
    yield from _table(["team", "joined", *FATES, "by the next", "oldest"], teams)
    yield ""
    rules = [_rule(one) for one in history.rules]
    yield from _table(["rule", "findings", *FATES, "median"], rules)


def _soon(history: History) -> str:
    if not history.due:
        return "too early to say what becomes of it within a week of joining"
    said = f"{history.soon} of {history.due} were fixed or cleared within a week of joining"
    return said if history.late is None else f"{said}; later ones took {history.late} wk (median)"


def _told(item: Item) -> str:
    owner = clip(item.owner, LIMIT) if item.owner else "no team"
    return f"{item.weeks} wk, {owner}, {clip(str(item.key), LIMIT)}  {clip(item.title, LIMIT)}"


def _proposal(record: RuleRecord, weeks: int) -> str:
    setting = clip(record.setting, LIMIT)
    pointed = f"{setting} pointed {record.tally.joined} times in {weeks} weeks"
    knobs = f"retune {' or '.join(record.knobs)}, or " if record.knobs else ""
    return f"{pointed}; nobody fixed or cleared what it pointed at: {knobs}switch it off"


def _tally(tally: Tally) -> list[str]:
    return [str(tally.joined), *(str(getattr(tally, fate)) for fate in FATES)]


def _cohort(cohort: Cohort, *, is_due: bool) -> list[str]:
    if cohort.tally is None:
        return [f"{cohort.week}  no edition"]
    joined, *fates = _tally(cohort.tally)
    least = joined if cohort.is_whole else f">={joined}"
    unsaid = "unknown" if is_due else "to come"
    soon = unsaid if cohort.soon is None else str(cohort.soon)
    return [str(cohort.week), least, *fates, soon]


def _team(record: TeamRecord) -> list[str]:
    name = "no team" if record.team is None else clip(record.team, LIMIT)
    soon = f"{record.soon} of {record.due}" if record.due else ""
    oldest = "" if record.weeks is None else f"{record.weeks} wk"
    return [name, *_tally(record.tally), soon, oldest]


def _rule(record: RuleRecord) -> list[str]:
    median = "" if record.weeks is None else f"{record.weeks} wk"
    return [clip(record.setting, LIMIT), *_tally(record.tally), median]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows with their numbers to the right; a row of one cell says why it has none."""
    whole = [head, *(row for row in rows if len(row) > 1)]
    widths = [max(len(row[i]) for row in whole) for i in range(len(head))]
    for row in [head, *rows]:
        name, *cells = row
        told = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=False))
        yield "  ".join([name.ljust(widths[0]), *told]).rstrip()
