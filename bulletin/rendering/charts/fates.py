"""What became of last week's list: one bar, cut by fate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bulletin.rendering.charts.ink import COLOURS, fill, frame, letters, rect, stroke
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


def fatebar(
    parts: Sequence[Part], title: object, width: float = 420, height: float = 26, size: float = 13
) -> Html:
    """Draw the bar; a part too narrow for its number has none, the title tells it."""
    return frame("fates", width, height, title, _parts(parts, width, height, size))


def _parts(parts: Sequence[Part], width: float, height: float, size: float) -> Iterator[Html]:
    total = sum(part.count for part in parts)
    left = 0.0
    for part in parts:
        if not part.count:
            continue
        wide = width * part.count / total
        colour, number = LOOKS[part.fate]
        yield rect(left, 0, wide, height, Html('{} stroke="{}"').format(fill(colour), _gap()))
        if wide > size * 0.75 * len(str(part.written)) + 4:
            foot = height / 2 + size * 0.36
            yield letters(part.written, left + wide / 2, foot, size, number, "middle", bold=True)
        left += wide
    if not total:
        yield rect(0.5, 0.5, width - 1, height - 1, stroke("grey", 1))


def _gap() -> str:
    return COLOURS["paper"]
