"""The charts: small drawings made of numbers, with the numbers in their title."""

from collections.abc import Iterator, Sequence

from bulletin.rendering.escape import Html, Plain

BLOCKS = "▁▂▃▄▅▆▇█"
HOLE = "·"
INSET = 3.0
"""Room around the line, for half of its width and the last dot."""

Series = Sequence[int | None]


def blocks(values: Series) -> Plain:
    """Draw a sparkline in block letters, one a value; `·` where a value is not known."""
    heights = _heights(values)
    return Plain("".join(HOLE if h is None else BLOCKS[min(7, int(h * 8))] for h in heights))


def sparkline(values: Series, title: str, width: int = 120, height: int = 28) -> Html:
    """Draw a sparkline as SVG; the line breaks where a value is not known."""
    step = (width - 2 * INSET) / max(1, len(values) - 1)
    points = [
        None if h is None else (INSET + i * step, INSET + (1 - h) * (height - 2 * INSET))
        for i, h in enumerate(_heights(values))
    ]
    path = "".join(_strokes(points))
    last = next((point for point in reversed(points) if point is not None), None)
    dot = Html('<circle cx="%.1f" cy="%.1f" r="2.4"/>') % last if last else Html("")
    return Html(
        '<svg class="spark" xmlns="http://www.w3.org/2000/svg" role="img"'
        ' width="{w}" height="{h}" viewBox="0 0 {w} {h}"><title>{title}</title>'
        '<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.6"'
        ' stroke-linecap="round" stroke-linejoin="round"/>{dot}</svg>'
    ).format(w=width, h=height, title=title, path=Html(path), dot=dot)


def _heights(values: Series) -> list[float | None]:
    """Scale to 0..1. The scale spans at least half of the mean, or noise would look like news."""
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    low, high = min(known), max(known)
    span = max(high - low, sum(known) / len(known) / 2, 1)
    floor = max(0.0, (low + high - span) / 2)
    return [None if value is None else (value - floor) / span for value in values]


def _strokes(points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    pen_down = False
    for point in points:
        if point is not None:
            # A lone value is a stroke of no length, which round caps make a dot.
            yield "{}{:.1f} {:.1f}".format("L" if pen_down else "M", *point)
            yield "" if pen_down else "h0"
        pen_down = point is not None
