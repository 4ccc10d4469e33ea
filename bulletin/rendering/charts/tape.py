"""The countdown's tape: a cell a day, from the season's start to the event."""

from collections.abc import Iterator

from bulletin.rendering.charts.ink import COLOURS, frame, rect
from bulletin.rendering.escape import Html

GONE, LEFT, FROZEN = "#fbf8f0", "#5d584e", "#9cc4e4"
"""Colours of a day on black: behind us, ahead of us, and under the code freeze."""
FINEST = 3.0
"""Width of a cell below which the lines between the days would be all that is seen."""


def tape(  # noqa: PLR0917  (a drawing has a size)
    total: int, gone: int, frozen: int, title: object, width: float = 880, height: float = 30
) -> Html:
    """Draw `total` days, of which `gone` are over and the last `frozen` are frozen."""
    step = width / total
    return frame("tape", width, height, title, _days(total, gone, frozen, step, height))


def _days(total: int, gone: int, frozen: int, step: float, height: float) -> Iterator[Html]:
    yield _run(0, total * step, height, LEFT)
    yield _run(0, gone * step, height, GONE)
    yield _run((total - frozen) * step, frozen * step, height, FROZEN)
    if step >= FINEST:
        yield from (_run(day * step - 0.5, 1, height, COLOURS["ink"]) for day in range(1, total))


def _run(left: float, wide: float, height: float, colour: str) -> Html:
    return rect(left, 0, wide, height, Html('fill="{}"').format(colour))
