"""The sparkline: a number's past in a line of text, as SVG or in block letters."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bulletin.rendering.charts.ink import fill, frame, number, rect, stroke
from bulletin.rendering.escape import Html, Plain

BLOCKS = "▁▂▃▄▅▆▇█"
HOLE = "·"
INSET = 3.0
"""Room around the line, for half of its width and the last dot."""

Series = Sequence[int | None]
Points = Sequence[tuple[float, float] | None]


def blocks(values: Series) -> Plain:
    """Draw a sparkline in block letters, one a value; `·` where a value is not known."""
    scale = _Scale(values, None, None)
    heights = [scale.height(value) for value in values]
    return Plain("".join(HOLE if h is None else BLOCKS[min(7, int(h * 8))] for h in heights))


def sparkline(  # noqa: PLR0917  (a drawing has a size and limits)
    values: Series,
    title: object,
    width: int = 120,
    height: int = 28,
    lower: float | None = None,
    upper: float | None = None,
    colour: str = "ink",
) -> Html:
    """Draw a sparkline as SVG, the last known value with a dot; nothing for fewer than two.

    Where a value is not known the line breaks, and a grey band stands in its place. The limits of
    routine variation, where there are any, are two dashed lines.
    """
    if sum(value is not None for value in values) < 2:  # noqa: PLR2004  (a line has two ends)
        return Html("")
    scale = _Scale(values, lower, upper)
    step = (width - 2 * INSET) / max(1, len(values) - 1)

    def place(height_: float) -> float:
        return INSET + (1 - height_) * (height - 2 * INSET)

    points = [
        None if h is None else (INSET + i * step, place(h))
        for i, h in enumerate(map(scale.height, values))
    ]
    limits = [place(scale.of(limit)) for limit in (lower, upper) if limit is not None]
    path = Html('<path d="{}" {} stroke-linecap="round" stroke-linejoin="round"/>').format(
        "".join(_strokes(points)), stroke(colour, 1.6)
    )
    shapes = (
        *_bands(values, step, width, height),
        *(_limit(y, width) for y in limits),
        path,
        *_dots(points, colour),
    )
    return frame("spark", width, height, title, shapes)


class _Scale:
    """Scales to 0..1. It spans at least half of the mean, or noise would look like news."""

    def __init__(self, values: Series, lower: float | None, upper: float | None) -> None:
        known = [value for value in values if value is not None]
        shown = [*known, *(limit for limit in (lower, upper) if limit is not None)] or [0]
        low, high = min(shown), max(shown)
        self._span = max(high - low, sum(known) / max(1, len(known)) / 2, 1)
        self._floor = max(0.0, (low + high - self._span) / 2)

    def of(self, value: float) -> float:
        return (value - self._floor) / self._span

    def height(self, value: int | None) -> float | None:
        return None if value is None else self.of(value)


def _limit(y: float, width: int) -> Html:
    return Html('<path d="M0 {0}H{1}" {2} stroke-dasharray="3 3"/>').format(
        number(y), width, stroke("grey", 0.8)
    )


def _bands(values: Series, step: float, width: int, height: int) -> Iterator[Html]:
    """Shade each run of unknown values, from half a step before it to half a step after it."""
    place = 0
    for unknown, run in groupby(values, lambda value: value is None):
        count = len(list(run))
        if unknown:
            left = max(0.0, INSET + (place - 0.5) * step)
            right = min(float(width), INSET + (place + count - 0.5) * step)
            yield rect(left, 0, right - left, height, Html('{} opacity=".25"').format(fill("grey")))
        place += count


def _dots(points: Points, colour: str) -> Iterator[Html]:
    """Mark the last known value, and smaller every one that has no neighbour to be joined to."""
    last = max((i for i, point in enumerate(points) if point), default=0)
    for i, point in enumerate(points):
        alone = not any((*points[max(0, i - 1) : i], *points[i + 1 : i + 2]))
        if point and (i == last or alone):
            yield Html('<circle cx="{}" cy="{}" r="{}" {}/>').format(
                *map(number, point), "2.6" if i == last else "1.8", fill(colour)
            )


def _strokes(points: Points) -> Iterator[str]:
    pen_down = False
    for point in points:
        if point is not None:
            yield "{}{:.1f} {:.1f}".format("L" if pen_down else "M", *point)
        pen_down = point is not None
