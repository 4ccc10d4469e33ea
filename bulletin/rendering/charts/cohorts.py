"""What became of what joined the list: a column a week, or a bar for a rule or a team."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from bulletin.model.history import Cohort, Tally
from bulletin.rendering.charts.ink import fill, frame, letters, line, rect, stroke
from bulletin.rendering.escape import Html

LABEL = 2.6
"""Width of a label, in sizes of its letters."""
OLD = 3
"""Weeks after which what is still there is in its fourth or a later week."""
TONES = {
    "old": "red",
    "open": "ink",
    "unknown": "grey",
    "parted": "light",
    "later": "sky",
    "soon": "blue",
}
"""What became of it → its colour, from the foot of a column to its top."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of so many."""

    name: str
    """A key of `TONES`."""
    count: int


def fates_of(cohort: Cohort, age: int) -> tuple[Fate, ...]:
    """Return what became of a cohort that joined `age` weeks ago, from the foot to the top.

    What was settled at a time that nobody knows stands with what was settled later.
    """
    tally = cohort.tally
    if tally is None:
        return ()
    soon = cohort.soon or 0
    counts = {
        "old" if age >= OLD else "open": tally.open,
        "unknown": tally.unknown,
        "parted": tally.dropped + tally.waived,
        "later": tally.settled - soon,
        "soon": soon,
    }
    return tuple(Fate(name, counts[name]) for name in TONES if counts.get(name))


def cohortbars(  # noqa: PLR0917  (a drawing has a size)
    cohorts: Sequence[Cohort],
    labels: Sequence[object],
    title: object,
    width: float = 420,
    height: float = 190,
    size: float = 11,
) -> Html:
    """Draw a column a week, what is still there at its foot, with the number that joined above.

    A week without an edition is a grey band, and so is the ground of one with a dark source.
    """
    top, floor = size * 1.6, height - size * 1.9
    step = width / max(1, len(cohorts))
    highest = max((one.tally.joined for one in cohorts if one.tally), default=0)
    scale = (floor - top) / max(1, highest)
    # Labels that would touch are left out, from the last one back.
    every = max(1, ceil(size * LABEL / step))
    shapes: list[Html] = []
    for i, (cohort, label) in enumerate(zip(cohorts, labels, strict=True)):
        age, middle = len(cohorts) - 1 - i, (i + 0.5) * step
        if age % every == 0:
            y = height - size * 0.4
            shapes.append(letters(label, middle, y, size, "ink", "middle", bold=False))
        if cohort.tally is None or not cohort.is_whole:
            faint = Html('{} opacity=".22"').format(fill("grey"))
            shapes.append(rect(i * step, top, step, floor - top, faint))
        if cohort.tally is not None:
            shapes += _column(fates_of(cohort, age), i * step, step, scale, floor)
            y = floor - cohort.tally.joined * scale - size * 0.35
            shapes.append(letters(cohort.tally.joined, middle, y, size, "ink", "middle", bold=True))
    shapes.append(line(0, floor, width, floor, stroke("ink", 1)))
    return frame("cohorts", width, height, title, shapes)


def _column(
    fates: Sequence[Fate], left: float, step: float, scale: float, floor: float
) -> Iterator[Html]:
    y = floor
    for fate in fates:
        y -= fate.count * scale
        look = fill(TONES[fate.name])
        yield rect(left + step * 0.14, y, step * 0.72, fate.count * scale, look)


def tallybar(tally: Tally, most: int, title: object, width: float, height: float) -> Html:
    """Draw a tally as a bar whose length is its number, where `most` takes the whole width."""
    parts = (
        ("blue", tally.settled),
        ("light", tally.dropped + tally.waived),
        ("grey", tally.unknown),
        ("ink", tally.open),
    )
    scale, x = width / max(1, most), 0.0
    shapes: list[Html] = []
    for colour, count in parts:
        if count:
            shapes.append(rect(x, 0, count * scale, height, fill(colour)))
            x += count * scale
    return frame("tally", width, height, title, shapes)


def swatch(name: str, title: object, size: float) -> Html:
    """Draw the colour that stands for what became of something."""
    return frame("swatch", size, size, title, (rect(0, 0, size, size, fill(TONES[name])),))
