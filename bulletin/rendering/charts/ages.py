"""The list week by week: a column an edition, its items by how long they had been on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from bulletin.rendering.charts.ink import fill, frame, letters, line, rect, stroke
from bulletin.rendering.escape import Html

LABEL = 2.6
"""Width of a label, in sizes of its letters."""
TONES = ("light", "grey", "ink", "red")
"""Items in their first, second, third, and fourth or later week."""


@dataclass(frozen=True, slots=True)
class Column:
    """One edition: what stands below it, and its items by age; None where there was none."""

    label: object
    ages: Sequence[int] | None


def agebars(  # noqa: PLR0917  (a drawing has a size)
    columns: Sequence[Column],
    title: object,
    names: Sequence[object],
    width: float = 420,
    height: float = 190,
    size: float = 11,
    side: float = 0,
) -> Html:
    """Draw the columns, the oldest items at the foot, each with its sum above.

    `names` says beside the last column what each part of it is, in a margin `side` wide; without a
    margin nothing is said there.
    """
    top, floor = size * 1.6, height - size * 1.9
    room = width - side
    step = room / max(1, len(columns))
    highest = max((sum(column.ages) for column in columns if column.ages), default=0)
    scale = (floor - top) / max(1, highest)
    shapes: list[Html] = []
    # Labels that would touch are left out, from the last one back.
    every = max(1, ceil(size * LABEL / step)) if step else 1
    for i, column in enumerate(columns):
        label = column.label if (len(columns) - 1 - i) % every == 0 else ""
        shapes += _column(label, column.ages, i * step, step, scale, floor, top, height, size)
    shapes.append(line(0, floor, room, floor, stroke("ink", 1)))
    if side and columns and columns[-1].ages:
        shapes += _names(columns[-1].ages, names, room + size * 0.6, scale, floor, size)
    return frame("ages", width, height, title, shapes)


def _column(  # noqa: PLR0917  (what places a column)
    label: object,
    ages: Sequence[int] | None,
    left: float,
    step: float,
    scale: float,
    floor: float,
    top: float,
    height: float,
    size: float,
) -> Iterator[Html]:
    middle = left + step / 2
    yield letters(label, middle, height - size * 0.4, size, "ink", "middle", bold=False)
    if ages is None:
        faint = Html('{} opacity=".22"').format(fill("grey"))
        yield rect(left, top, step, floor - top, faint)
        return
    y = floor
    for count, tone in zip(reversed(ages), reversed(TONES), strict=True):
        tall = count * scale
        y -= tall
        if count:
            yield rect(left + step * 0.14, y, step * 0.72, tall, fill(tone))
    yield letters(sum(ages), middle, y - size * 0.35, size, "ink", "middle", bold=True)


def _names(  # noqa: PLR0917  (what places a name)
    ages: Sequence[int],
    names: Sequence[object],
    left: float,
    scale: float,
    floor: float,
    size: float,
) -> Iterator[Html]:
    """Write each name beside its part, and never over the one below it."""
    y, free = floor, floor
    for count, name, tone in zip(reversed(ages), reversed(names), reversed(TONES), strict=True):
        tall = count * scale
        y -= tall
        if not count:
            continue
        at = min(free, y + tall / 2 + size * 0.35)
        free = at - size * 1.15
        colour = "red" if tone == "red" else "mute" if tone == "light" else "ink"
        yield letters(name, left, at, size, colour, bold=tone == "red")
