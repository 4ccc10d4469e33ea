"""The icons: the weather, arrows and stamps. Each has a word beside it; none stands alone."""

from collections.abc import Mapping
from math import cos, pi, sin

from bulletin.rendering.charts.ink import COLOURS, fill, frame, line, stroke
from bulletin.rendering.escape import Html

CLOUD = "M13 33h21a7 7 0 0 0 .8-13.9A11 11 0 0 0 13.6 17.2 8 8 0 0 0 13 33z"
ROUND = Html('stroke-linecap="round" stroke-linejoin="round"')


def icon(name: str, title: object, size: float = 24) -> Html:
    """Draw an icon. Raises KeyError for a name that there is no drawing of."""
    return frame(f"icon {name}", size, size, title, (_scaled(ICONS[name], size),))


def _scaled(shapes: Html, size: float) -> Html:
    return Html('<g transform="scale({:.3f})">{}</g>').format(size / 48, shapes)


def _path(d: str, look: Html) -> Html:
    return Html('<path d="{}" {} {}/>').format(d, look, ROUND)


def _sun(x: float, y: float, radius: float, rays: int, ray: float) -> Html:
    drawn = Html('<circle cx="{}" cy="{}" r="{}" {}/>').format(x, y, radius, stroke("ink", 2))
    for i in range(rays):
        along, up = cos(2 * pi * i / rays), sin(2 * pi * i / rays)
        near, far = radius + 3, radius + 3 + ray
        drawn += line(
            x + near * along,
            y + near * up,
            x + far * along,
            y + far * up,
            Html("{} {}").format(stroke("ink", 2), ROUND),
        )
    return drawn


def _moved(shapes: Html, up: float) -> Html:
    return Html('<g transform="translate(0 {})">{}</g>').format(-up, shapes)


def _strokes(*lines: tuple[float, float, float, float]) -> Html:
    look = Html("{} {}").format(stroke("ink", 2), ROUND)
    return Html("").join(line(*one, look) for one in lines)


def _filled_cloud(colour: str) -> Html:
    look = Html('class="f-{0} s-ink" fill="{1}" stroke="{2}" stroke-width="2"').format(
        colour, COLOURS[colour], COLOURS["ink"]
    )
    return _path(CLOUD, look)


def _disc(colour: str, mark: str) -> Html:
    disc = Html('<circle cx="24" cy="24" r="21" {}/>').format(fill(colour))
    return disc + _path(mark, stroke("paper", 5))


def _ring(colour: str, mark: str) -> Html:
    ring = Html('<circle cx="24" cy="24" r="19" {}/>').format(stroke(colour, 4))
    return ring + _path(mark, stroke(colour, 4))


TICK = "M13 25l8 8 15-17"
CROSS = "M16 16l16 16M32 16l-16 16"
HANDS = "M24 13v11l8 6"

ICONS: Mapping[str, Html] = {
    "sun": _sun(24, 24, 9, 8, 4),
    "cloud": _sun(33, 15, 6, 8, 3)
    + Html('<g transform="translate(-2 6)">{}</g>').format(_filled_cloud("paper")),
    "rain": _moved(_filled_cloud("paper"), 5)
    + _strokes((17, 33, 14, 41), (25, 33, 22, 41), (33, 33, 30, 41)),
    "storm": _moved(_filled_cloud("ink"), 6)
    + _path("M26 25l-7 10h6l-3 9 10-13h-6l3-6z", fill("red")),
    "fog": _moved(_path(CLOUD, stroke("ink", 2)), 6)
    + _strokes((9, 33, 39, 33), (13, 38.5, 35, 38.5), (17, 44, 31, 44)),
    "worse": _path("M24 6 44 42H4z", fill("red")),
    "better": _path("M24 42 4 6h40z", fill("blue")),
    "above": _path("M24 6 44 42H4z", fill("ink")),
    "below": _path("M24 42 4 6h40z", fill("ink")),
    "same": _path("M6 20h36v8H6z", fill("grey")),
    "fixed": _disc("blue", TICK),
    "cleared": _ring("blue", TICK),
    "dropped": _ring("grey", CROSS),
    "waived": _ring("grey", "M18 15v18M30 15v18"),
    "stayed": _ring("ink", HANDS),
    "persisting": _disc("red", CROSS),
    "reopened": _ring("red", "M33 19a10.500 10.500 0 1 0 1 9M34 12v8h-8"),
    "unknown": _ring("grey", "M18 19a6 6 0 1 1 8.500 5.500c-2 1-2.500 2-2.500 4M24 33.500v.5"),
    "new": _disc("ink", "M24 13v22M13 24h22"),
}
"""Name → its shapes, in a square of 48."""
