"""The numbers of the list's past: how long what is open has been on it, and what came back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median_low

from bulletin.editing.corrections import GONE
from bulletin.editing.departed import MEMORY
from bulletin.editing.figures import earlier_values
from bulletin.editing.stays import Subject, subject_of
from bulletin.editing.trends import limits
from bulletin.model.edition import Edition, Figure, Item, ItemState
from bulletin.model.harvest import State
from bulletin.model.week import Week

SECTION = "history"
"""The part of the page that these numbers stand in."""


def list_figures(
    week: Week,
    items: Sequence[Item],
    states: Mapping[str, State],
    past: Sequence[Edition],
    *,
    on_time: bool,
) -> tuple[Figure, ...]:
    """Return what can be said of the list's past. `past` is newest first.

    `states` says how much of each kind of fact is known; what is not known stands in no number.
    `on_time` says that this week is over and that the last edition was made a week ago.
    """
    known = {kind for kind, state in states.items() if state is State.KNOWN}
    all_known = known == states.keys() and not any(i.is_dark for i in items)
    counts = (
        *(_weeks_median(items, known) if past else ()),
        *_reopened(items, known, past),
    )
    return tuple(_figure(week, past, one, is_whole=all_known and on_time) for one in counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of the list's past, before it is held against its history."""

    name: str
    unit: str
    value: int | None
    """None where nobody could count."""
    step: int
    """The least by which it can differ: a week, or the share of one item."""


def _weeks_median(items: Sequence[Item], known: set[str]) -> Iterator[Count]:
    """Return the median weeks on the list of what is open now; the lower of the two in the middle.

    Items whose source is dark are not counted, since nobody knows whether they are open. There is
    no such number for an empty list.
    """
    listed = [item for item in items if item.state.on_list]
    weeks = [i.weeks for i in listed if not i.is_dark and i.kind in known]
    if listed:
        value = median_low(weeks) if weeks else None
        yield Count(name="weeks_median", unit="weeks", value=value, step=1)


def _reopened(items: Sequence[Item], known: set[str], past: Sequence[Edition]) -> Iterator[Count]:
    """Return the share of what had left the list that came back this week, in percent.

    Of everything that was fixed, cleared or dropped within the last 8 editions and had not come
    back by the last one. There is no such number where nothing had left.
    """
    gone = [item for item in _gone(past[:MEMORY]) if item.why != "merged_into"]
    if not gone:
        return
    could = sum(item.kind in known for item in gone)
    back = sum(i.state is ItemState.REOPENED and i.kind in known for i in items)
    yield Count(
        name="reopened",
        unit="percent",
        value=round(100 * back / could) if could else None,
        step=round(100 / could) if could else 100,
    )


def _gone(past: Sequence[Edition]) -> Iterator[Item]:
    """Yield each subject whose last word within these editions was that it left."""
    last: dict[Subject, Item] = {}
    for edition in past:
        for item in sorted((*edition.items, *edition.waived), key=lambda i: not i.state.on_list):
            last.setdefault(subject_of(item), item)
    return (item for item in last.values() if item.state in GONE)


def _figure(week: Week, past: Sequence[Edition], count: Count, *, is_whole: bool) -> Figure:
    earlier = earlier_values(week, past, count.name)
    lower, upper = _limits(earlier, count.step)
    value, unknown = count.value, count.value is None
    return Figure(
        name=count.name,
        section=SECTION,
        value=value,
        unit=count.unit,
        state=State.UNKNOWN if unknown else State.KNOWN if is_whole else State.PARTIAL,
        history=(*earlier, value if is_whole else None),
        lower=lower,
        upper=min(100.0, upper) if upper is not None and count.unit == "percent" else upper,
    )


def _limits(earlier: Sequence[int | None], step: int) -> tuple[float | None, float | None]:
    """Return the limits of routine, at least one step from the mean.

    Such a series hardly moves: without that, one item that comes back after a quiet quarter, or
    one week more, would be a signal.
    """
    routine = limits(earlier)
    if routine is None:
        return None, None
    mean = fmean(value for value in earlier if value is not None)
    lower = min(routine.lower, max(0.0, round(mean - step, 2)))
    return lower, max(routine.upper, round(mean + step, 2))
