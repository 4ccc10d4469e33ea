"""Events a day over four weeks: this week in ink, the weeks before in grey, the one peak in red."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bulletin.rendering.charts.ink import fill, frame, letters, line, number, rect, stroke
from bulletin.rendering.escape import Html

A_WEEK = 7
STEPS = (1, 2, 5)


def daybars(  # noqa: PLR0917  (a drawing has a size)
    days: Sequence[int | None],
    title: object,
    weeks: Sequence[object],
    written: Callable[[int], object],
    width: float = 420,
    height: float = 190,
    size: float = 11,
    marked: int | None = None,
    mark: object = "",
    *,
    so_far: bool = False,
) -> Html:
    """Draw a bar a day, from zero. A day that is not known is a pale band; a last day that is not
    over is an outline. `weeks` are the labels below, oldest first; `mark` stands beside the peak.
    """
    top, floor = size * 2.0, height - size * 1.9
    highest = max((day for day in days if day is not None), default=0)
    ticks = _ticks(highest)
    # The scale reaches at least the first line above the highest bar's foot.
    scale = (floor - top) / max(highest, 1)
    gutter = max((len(str(written(tick))) for tick in ticks), default=0) * size * NUMBER
    inner = width - gutter
    step = inner / max(1, len(days))
    shapes = [
        *_bars(days, step, scale, floor, top, marked, so_far=so_far),
        line(0, floor, inner, floor, stroke("ink", 1)),
        *_weeks(weeks, len(days), step, top, height, size),
    ]
    if marked is not None:
        shapes.append(_mark(mark, (marked + 0.5) * step, top, inner, size))
    beside = Html('<g transform="translate({} 0)">{}</g>').format(
        number(gutter), Html("").join(shapes)
    )
    lines = (_grid(tick, floor - tick * scale, width, size, written) for tick in ticks)
    return frame("days", width, height, title, (*lines, beside))


NUMBER = 0.58
"""Width of a digit of the scale, in its size, and a little room behind the last."""
NARROW = frozenset(" .,:'\u2019\u00a0fijlrt")
"""Letters that are about half as wide as a digit."""
GAP = 0.3
"""Between two labels, in their size."""


def _ticks(highest: int) -> tuple[int, ...]:
    """Return one or two round numbers below the highest, the larger at least half of it."""
    power = 10 ** max(0, len(str(highest)) - 2)
    rounds = sorted({step * power * scale for step in STEPS for scale in (1, 10)})
    best = max((n for n in rounds if n * 2 <= highest), default=0)
    return tuple(n for n in (best, 2 * best) if 0 < n <= highest)


def _grid(tick: int, y: float, width: float, size: float, written: Callable[[int], object]) -> Html:
    label = letters(written(tick), 0, y - size * 0.25, size * 0.9, "mute", bold=False)
    return line(0, y, width, y, stroke("light", 0.8)) + label


def _bars(  # noqa: PLR0917  (what places a bar)
    days: Sequence[int | None],
    step: float,
    scale: float,
    floor: float,
    top: float,
    marked: int | None,
    *,
    so_far: bool,
) -> Iterator[Html]:
    place = 0
    for unknown, run in groupby(days, lambda day: day is None):
        count = len(list(run))
        if unknown:
            faint = Html('{} opacity=".22"').format(fill("grey"))
            yield rect(place * step, top, count * step, floor - top, faint)
        place += count
    for i, day in enumerate(days):
        if day is None:
            continue
        left, wide = i * step + step * 0.15, step * 0.7
        tall = day * scale
        colour = "red" if i == marked else "ink" if i >= len(days) - A_WEEK else "grey"
        if so_far and i == len(days) - 1:
            yield rect(left + 0.5, floor - tall, wide - 1, tall, stroke(colour, 1))
        else:
            yield rect(left, floor - tall, wide, tall, fill(colour))


def _weeks(  # noqa: PLR0917  (what places a label)
    weeks: Sequence[object], days: int, step: float, top: float, height: float, size: float
) -> Iterator[Html]:
    first = days - A_WEEK * len(weeks)
    # Where a week has no room for its label, every second one stands over two.
    longest = max((_extent(str(week)) for week in weeks), default=0)
    every = 1 if (longest + GAP) * size <= step * A_WEEK else 2
    for i, week in enumerate(weeks):
        left = (first + i * A_WEEK) * step
        is_last = i == len(weeks) - 1
        if i:
            yield line(left, top, left, height - 2, stroke("light", 0.8))
        if (len(weeks) - 1 - i) % every:
            continue
        middle = left + step * A_WEEK / 2
        yield letters(week, middle, height - size * 0.4, size, "ink", "middle", bold=is_last)


def _extent(text: str) -> float:
    """Return about how wide letters are, in their size."""
    return sum(NUMBER / 2 if letter in NARROW else NUMBER for letter in text)


def _mark(mark: object, middle: float, top: float, width: float, size: float) -> Html:
    anchor = "end" if middle > width / 2 else "start"
    return letters(mark, middle, top - size * 0.5, size, "red", anchor, bold=True)
