"""The charts: small drawings made of numbers, with the numbers in their title."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bulletin.rendering.escape import Html, Plain

BLOCKS = "▁▂▃▄▅▆▇█"
HOLE = "·"
INSET = 3.0
"""Room around the line, for half of its width and the last dot."""

Series = Sequence[int | None]
Points = Sequence[tuple[float, float] | None]


def blocks(values: Series) -> Plain:
    """Draw a sparkline in block letters, one a value; `·` where a value is not known."""
    heights = _heights(values)
    return Plain("".join(HOLE if h is None else BLOCKS[min(7, int(h * 8))] for h in heights))


def sparkline(values: Series, title: str, width: int = 120, height: int = 28) -> Html:
    """Draw a sparkline as SVG, the last known value with a dot; nothing for fewer than two.

    Where a value is not known the line breaks, and a grey band stands in its place.
    """
    if sum(value is not None for value in values) < 2:  # noqa: PLR2004  (a line has two ends)
        return Html("")
    step = (width - 2 * INSET) / max(1, len(values) - 1)
    points = [
        None if h is None else (INSET + i * step, INSET + (1 - h) * (height - 2 * INSET))
        for i, h in enumerate(_heights(values))
    ]
    return Html(
        '<svg class="spark" xmlns="http://www.w3.org/2000/svg" role="img"'
        ' width="{w}" height="{h}" viewBox="0 0 {w} {h}"><title>{title}</title>{bands}'
        '<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.6"'
        ' stroke-linecap="round" stroke-linejoin="round"/>{dots}</svg>'
    ).format(
        w=width,
        h=height,
        title=title,
        bands=Html("").join(_bands(values, step, width, height)),
        path=Html("".join(_strokes(points))),
        dots=Html("").join(_dots(points)),
    )


def _bands(values: Series, step: float, width: int, height: int) -> Iterator[Html]:
    """Shade each run of unknown values, from half a step before it to half a step after it."""
    place = 0
    for unknown, run in groupby(values, lambda value: value is None):
        count = len(list(run))
        if unknown:
            left = max(0.0, INSET + (place - 0.5) * step)
            right = min(float(width), INSET + (place + count - 0.5) * step)
            yield Html(
                '<rect x="%.1f" y="0" width="%.1f" height="%d" fill="#857f72" opacity=".22"/>'
            ) % (left, right - left, height)
        place += count


def _dots(points: Points) -> Iterator[Html]:
    """Mark the last known value, and smaller every one that has no neighbour to be joined to."""
    last = max((i for i, point in enumerate(points) if point), default=0)
    for i, point in enumerate(points):
        alone = not any((*points[max(0, i - 1) : i], *points[i + 1 : i + 2]))
        if point and (i == last or alone):
            yield Html('<circle cx="%.1f" cy="%.1f" r="%s" fill="currentColor"/>') % (
                *point,
                "2.6" if i == last else "1.8",
            )


def _heights(values: Series) -> list[float | None]:
    """Scale to 0..1. The scale spans at least half of the mean, or noise would look like news."""
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    low, high = min(known), max(known)
    span = max(high - low, sum(known) / len(known) / 2, 1)
    floor = max(0.0, (low + high - span) / 2)
    return [None if value is None else (value - floor) / span for value in values]


def _strokes(points: Points) -> Iterator[str]:
    pen_down = False
    for point in points:
        if point is not None:
            yield "{}{:.1f} {:.1f}".format("L" if pen_down else "M", *point)
        pen_down = point is not None
