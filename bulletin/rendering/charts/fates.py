"""What became of last week's list: one bar, cut by fate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bulletin.rendering.charts.ink import COLOURS, LETTERS, fill, frame, number
from bulletin.rendering.escape import Html

LOOKS = {
    "fixed": ("blue", "paper"),
    "cleared": ("sky", "ink"),
    "dropped": ("light", "ink"),
    "waived": ("light", "ink"),
    "stayed": ("ink", "paper"),
    "unknown": ("grey", "ink"),
}
"""Fate → the colours of its part and of the number in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A fate and how many items it met."""

    fate: str
    count: int
    written: object
    """The number as the page writes it."""


NARROW = 300.0
"""Width of the narrowest screen's column, in CSS pixels."""


def fatebar(
    parts: Sequence[Part],
    title: object,
    width: float | None = 420,
    height: float = 26,
    size: float = 13,
) -> Html:
    """Draw the bar; a part too narrow for its number has none, the title tells it.

    Without a width it takes all that there is, and its letters keep their size.
    """
    shapes = Html("").join(_parts(parts, width, height, size))
    if width is not None:
        return frame("fates", width, height, title, (shapes,))
    return Html(
        '<svg class="fates" xmlns="http://www.w3.org/2000/svg" role="img"'
        ' width="100%" height="{}"><title>{}</title>{}</svg>'
    ).format(number(height), title, shapes)


def _parts(
    parts: Sequence[Part], width: float | None, height: float, size: float
) -> Iterator[Html]:
    total = sum(part.count for part in parts)
    left = 0.0
    for part in parts:
        share = part.count / total
        colour, inside = LOOKS[part.fate]
        yield Html('<rect x="{}" y="0" width="{}" height="{}" {} stroke="{}"/>').format(
            _along(left, width),
            _along(share, width),
            number(height),
            fill(colour),
            COLOURS["paper"],
        )
        if share * (width or NARROW) > size * 0.75 * len(str(part.written)) + 4:
            yield Html(
                '<text x="{}" y="{}" font-size="{}" font-weight="700" text-anchor="middle"'
                ' font-family="{}" {}>{}</text>'
            ).format(
                _along(left + share / 2, width),
                number(height / 2 + size * 0.36),
                number(size),
                LETTERS,
                fill(inside),
                part.written,
            )
        left += share


def _along(share: float, width: float | None) -> str:
    return f"{share:.2%}" if width is None else number(share * width)
