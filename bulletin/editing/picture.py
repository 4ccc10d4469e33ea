"""The picture beside the lead, and the list's own history."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import zip_longest

from bulletin.editing.looking_back import is_counted
from bulletin.editing.trends import limits
from bulletin.model.edition import Edition, Item
from bulletin.model.facts import ErrorTrend, Fact, FactKey, Life
from bulletin.model.front import ListWeek, Picture
from bulletin.model.harvest import Coverage, Gap
from bulletin.model.week import Week, Window

DAYS = 28
WEEKS = 12
LONG = 4
"""Weeks on the list from which an item counts with the oldest."""
A_WEEK = 7

Week_ = tuple[Window, Sequence[Fact], Sequence[Coverage], Sequence[Gap]]
"""A span, what was learnt about it, how much of each source was seen, and what was not."""


def picture(
    key: FactKey | None,
    span: Window,
    facts: Sequence[Fact],
    coverage: Sequence[Coverage],
    past: Sequence[Edition],
    *,
    gaps: Sequence[Gap] = (),
) -> Picture | None:
    """Chart the error of this key over four weeks, or all errors where the lead is none.

    A day that two editions share is the sum of both. A day that no edition knows whole is a hole,
    and so is a day before the first edition. None where fewer than seven days are known.
    """
    errors = {fact.key: fact for fact in facts if isinstance(fact, ErrorTrend)}
    lead = errors.get(key) if key else None
    sources = {one.source for one in coverage if "error" in one.kinds}
    spans: list[Week_] = [(span, facts, coverage, gaps)]
    spans += [(one.span, one.facts, one.coverage, one.gaps) for one in past]
    until = _last_day(span)
    known = _known_days(spans, sources, lead)
    days = tuple(known.get(until - timedelta(days=back)) for back in range(DAYS - 1, -1, -1))
    if sum(day is not None for day in days) < A_WEEK:
        return None
    so_far = span.end.time() != span.end.min.time()
    return Picture(
        key=lead.key if lead else None,
        title=lead.title if lead else "",
        days=days,
        until=until,
        so_far=so_far,
        marked=_marked(days),
    )


def _known_days(
    spans: Sequence[Week_], sources: set[str], lead: ErrorTrend | None
) -> dict[date, int]:
    """Return events per day, of days that editions know whole; the last may not be over.

    A week that is not known is a hole, and so are the days that it shares with its neighbours.
    """
    days: Counter[date] = Counter()
    runs: list[Window] = []
    for span, facts, coverage, gaps in spans:
        counts = _counts(facts, coverage, gaps, sources, lead)
        if counts is None:
            continue
        last = _last_day(span)
        latest_first = zip_longest(*(reversed(daily) for daily in counts), fillvalue=0)
        for back, day in enumerate(latest_first):
            days[last - timedelta(days=back)] += sum(day)
        if runs and runs[-1].start == span.end:
            runs[-1] = Window(span.start, runs[-1].end)
        else:
            runs.append(span)
    known = {day for run in runs for day in _whole_days(run)}
    if runs and runs[0].end == spans[0][0].end:
        known.add(_last_day(runs[0]))
    return {day: days[day] for day in known}


def _last_day(span: Window) -> date:
    return (span.end - timedelta(seconds=1)).date()


def _whole_days(span: Window) -> Iterator[date]:
    day = span.start.date() + timedelta(days=span.start.time() != span.start.min.time())
    while day < span.end.date():
        yield day
        day += timedelta(days=1)


def _counts(
    facts: Sequence[Fact],
    coverage: Sequence[Coverage],
    gaps: Sequence[Gap],
    sources: set[str],
    lead: ErrorTrend | None,
) -> list[tuple[int, ...]] | None:
    """Return what one edition counted; None where it does not know it whole."""
    mine = [one for one in coverage if "error" in one.kinds]
    if {one.source for one in mine} != sources:
        return None
    errors = [fact for fact in facts if isinstance(fact, ErrorTrend)]
    if lead is not None:
        mine = [one for one in mine if one.source == lead.key.source]
        errors = [fact for fact in errors if fact.key == lead.key]
    if not mine or any(not is_counted(one, gaps) or one.left_out for one in mine):
        return None
    if any(_is_uncounted(fact) for fact in errors):
        return None
    return [fact.daily for fact in errors]


def _is_uncounted(fact: ErrorTrend) -> bool:
    """Whether an error fired, and nobody can say on which days, or whether it counts."""
    unsure = fact.life is Life.UNKNOWN and fact.events is None
    return unsure or bool(fact.events and not fact.daily)


def _marked(days: Sequence[int | None]) -> int | None:
    earlier, week = days[:-A_WEEK], days[-A_WEEK:]
    routine = limits(earlier)
    high, place = max((n or 0, -i) for i, n in enumerate(week))
    if routine is None or high <= routine.upper:
        return None
    return len(earlier) - place


def list_weeks(week: Week, items: Iterable[Item], past: Sequence[Edition]) -> tuple[ListWeek, ...]:
    """Return the list of this week and of up to 11 before it, from the first edition on."""
    lists = {edition.week: _ages(edition.items) for edition in past}
    lists[week] = _ages(items)
    first = min(lists)
    weeks = [week.shift(-back) for back in range(WEEKS - 1, -1, -1)]
    return tuple(ListWeek(week=one, ages=lists.get(one)) for one in weeks if one >= first)


def _ages(items: Iterable[Item]) -> tuple[int, int, int, int]:
    count = Counter(min(item.weeks, LONG) for item in items if item.state.on_list)
    return (count[1], count[2], count[3], count[LONG])
