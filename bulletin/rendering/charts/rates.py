"""A share week by week, within the limits of its routine variation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bulletin.rendering.charts.ink import fill, frame, letters, line, number, rect, stroke
from bulletin.rendering.escape import Html

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Point:
    """One week: what stands below it, its percentage and that in letters; None is not known."""

    label: object
    value: int | None
    letters: object = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The natural process limits, and what is said beside them."""

    lower: float
    upper: float
    name: object
    least: object = ""
    most: object = ""
    """The limits in letters."""

    def leaves(self, value: int) -> str:
        """Return the colour of a value: better above, worse below."""
        return "blue" if value > self.upper else "red" if value < self.lower else ""


def ratechart(  # noqa: PLR0917  (a drawing has a size)
    points: Sequence[Point],
    title: object,
    limits: Limits | None = None,
    width: float = 420,
    height: float = 150,
    size: float = 11,
    side: float = 0,
) -> Html:
    """Draw a share from 0 to 100 %, its last value and those outside of the limits in letters.

    `side` leaves a margin, as wide as that of `agebars`, so that the weeks stand below each other.
    """
    top, floor = size * 1.6, height - size * 1.9
    room = width - side
    step = room / max(1, len(points))

    def up(value: float) -> float:
        return floor - (floor - top) * value / WHOLE

    places = [
        None if point.value is None else ((i + 0.5) * step, up(point.value))
        for i, point in enumerate(points)
    ]
    shapes: list[Html] = []
    if limits:
        shapes += _band(limits, room, up(limits.lower), up(limits.upper), size)
    for i, point in enumerate(points):
        below = letters(
            point.label, (i + 0.5) * step, height - size * 0.4, size, "ink", "middle", bold=False
        )
        shapes.append(below)
        if point.value is None:
            faint = Html('{} opacity=".22"').format(fill("grey"))
            shapes.append(rect(i * step, top, step, floor - top, faint))
    shapes += [line(0, up(0), room, up(0), stroke("ink", 1)), _path(places)]
    shapes += _dots(points, places, limits, size)
    return frame("rates", width, height, title, shapes)


def _band(limits: Limits, room: float, lower: float, upper: float, size: float) -> Iterator[Html]:
    yield rect(0, upper, room, lower - upper, Html('{} opacity=".4"').format(fill("light")))
    for y in (lower, upper):
        yield Html('<path d="M0 {}H{}" {} stroke-dasharray="3 3"/>').format(
            number(y), number(room), stroke("grey", 1)
        )
    said = ((upper, limits.most), ((lower + upper) / 2, limits.name), (lower, limits.least))
    for y, words in said:
        yield letters(words, room + size * 0.6, y + size * 0.35, size, "mute", bold=False)


def _path(places: Sequence[tuple[float, float] | None]) -> Html:
    drawn, down = "", False
    for place in places:
        if place is not None:
            drawn += f"{'L' if down else 'M'}{number(place[0])} {number(place[1])}"
        down = place is not None
    return Html('<path d="{}" {} stroke-linejoin="round"/>').format(drawn, stroke("ink", 2))


def _dots(
    points: Sequence[Point],
    places: Sequence[tuple[float, float] | None],
    limits: Limits | None,
    size: float,
) -> Iterator[Html]:
    last = max((i for i, place in enumerate(places) if place), default=-1)
    for i, (point, place) in enumerate(zip(points, places, strict=True)):
        if place is None or point.value is None:
            continue
        colour = limits.leaves(point.value) if limits else ""
        yield Html('<circle cx="{}" cy="{}" r="{}" {}/>').format(
            number(place[0]), number(place[1]), 4 if i == last or colour else 3,
            fill(colour or "ink"),
        )  # fmt: skip
        if i == last or colour:
            yield letters(
                point.letters, place[0], place[1] - size * 0.75, size, colour or "ink", "middle",
                bold=True,
            )  # fmt: skip
