"""The wheel: a wedge a team, as wide as its weight, and the mark where it stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from unicodedata import category

from bulletin.model.text import JOINER
from bulletin.rendering.charts.ink import fill, frame, letters, number
from bulletin.rendering.escape import Html

COLOURS = (("ink", "paper"), ("light", "ink"), ("grey", "ink"))
"""Colours of the wedges in turn, each with that of its letters."""
SPARE = ("paper", "ink")
"""For the last wedge, where it would have the first one's colour beside it."""
CHOSEN = ("red", "paper")
NARROW = 0.04
"""The share of a wedge in which no name can be read."""


LINE = 13
"""Letters of a name that fit between the rim and the hub."""


@dataclass(frozen=True, slots=True)
class Share:
    """A wedge: its name as the page writes it, and its weight."""

    name: object
    weight: int
    chosen: bool


def wheel(shares: Sequence[Share], title: object, size: float = 400) -> Html:
    """Draw the wheel, turned so that the chosen wedge stands under the mark at the top."""
    return frame("wheel", size, size, title, _shapes(shares, size))


def _shapes(shares: Sequence[Share], size: float) -> Iterator[Html]:
    total = sum(share.weight for share in shares)
    before = 0
    middle = size / 2
    radius = middle - size * 0.05
    turned = _turn(shares, total)
    yield Html('<g class="turning">')
    for share, colours in zip(shares, _colours(shares), strict=True):
        start, end = (turned + 2 * pi * part / total for part in (before, before + share.weight))
        yield _wedge(middle, radius, start, end, colours[0])
        if share.weight / total >= NARROW:
            yield _name(share, middle, radius, (start + end) / 2, (size * 0.05, colours[1]))
        before += share.weight
    yield Html("</g>")
    yield Html('<circle cx="{m}" cy="{m}" r="{}" {}/>').format(
        number(size * 0.05), fill("paper"), m=number(middle)
    )
    yield Html('<path d="M{m} {}l{w} -{h}h-{}z" {}/>').format(
        number(size * 0.1),
        number(size * 0.06),
        fill("ink"),
        m=number(middle),
        w=number(size * 0.03),
        h=number(size * 0.09),
    )


def _colours(shares: Sequence[Share]) -> Iterator[tuple[str, str]]:
    """Yield the colours of each wedge: no two neighbours have the same."""
    others = sum(not share.chosen for share in shares)
    number = 0
    for share in shares:
        if share.chosen:
            yield CHOSEN
            continue
        is_last = number == others - 1 > 0 and number % len(COLOURS) == 0
        yield SPARE if is_last else COLOURS[number % len(COLOURS)]
        number += 1


def _turn(shares: Sequence[Share], total: int) -> float:
    """Return the angle at which the first wedge starts, for the chosen one to end up on top."""
    before = 0.0
    for share in shares:
        if share.chosen:
            before += share.weight / 2
            break
        before += share.weight
    return -pi / 2 - 2 * pi * before / total


def _wedge(middle: float, radius: float, start: float, end: float, colour: str) -> Html:
    if end - start > 2 * pi - 1e-9:
        return Html('<circle cx="{m}" cy="{m}" r="{}" {}/>').format(
            number(radius), fill(colour), m=number(middle)
        )
    x, y = middle + radius * cos(start), middle + radius * sin(start)
    to_x, to_y = middle + radius * cos(end), middle + radius * sin(end)
    return Html('<path d="M{m} {m}L{} {}A{r} {r} 0 {} 1 {} {}Z" {} stroke="#1b1a17"/>').format(
        number(x),
        number(y),
        int(end - start > pi),
        number(to_x),
        number(to_y),
        fill(colour),
        m=number(middle),
        r=number(radius),
    )


def _name(share: Share, middle: float, radius: float, at: float, ink: tuple[float, str]) -> Html:
    """Write a name along the middle of its wedge, a long one on two lines, never upside down."""
    size, colour = ink
    flipped = round(cos(at), 6) < 0
    turn = at * 180 / pi + (180 if flipped else 0)
    x = middle + (-1 if flipped else 1) * radius * 0.9
    anchor = "start" if flipped else "end"
    lines = lines_of(str(share.name))
    top = middle + size * 0.36 - size * 0.5 * (len(lines) - 1)
    said = (
        letters(line, x, top + size * row, size, colour, anchor, bold=share.chosen)
        for row, line in enumerate(lines)
    )
    return Html('<g transform="rotate({} {m} {m})">{}</g>').format(
        number(turn), Html("").join(said), m=number(middle)
    )


def lines_of(name: str) -> tuple[str, ...]:
    """Return a name on the lines that it needs, broken at the end of a word if one is there."""
    if len(name) <= LINE:
        return (name,)
    half = len(name) // 2
    ends = [n + 1 for n, letter in enumerate(name) if letter in " -_/" and n < LINE]
    cut = min(ends, key=lambda end: abs(end - half), default=half)
    while cut < len(name) - 1 and _is_inside(name, cut):
        cut += 1
    return (name[:cut], name[cut:])


def _is_inside(name: str, cut: int) -> bool:
    """Whether a cut would part a letter from its marks, or what a joiner holds together."""
    return category(name[cut]).startswith("M") or JOINER in name[cut - 1 : cut + 1]
