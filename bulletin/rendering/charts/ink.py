"""What every drawing is made of: colours, numbers, and the frame with its title."""

from collections.abc import Iterable

from bulletin.rendering.escape import Html

COLOURS = {
    "ink": "#1b1a17",
    "red": "#b3261e",
    "blue": "#1f4e79",
    "sky": "#5f8fb8",
    "grey": "#857f72",
    "mute": "#5d584e",
    "light": "#cfc8b8",
    "paper": "#fbf8f0",
}
"""Names of the journal's colours, as the light page has them. Good is blue, bad is red."""
LETTERS = "'Libre Franklin', Arial, sans-serif"


def fill(colour: str) -> Html:
    """Return the attributes that fill a shape."""
    return Html('class="f-{}" fill="{}"').format(colour, COLOURS[colour])


def stroke(colour: str, width: float) -> Html:
    """Return the attributes of a line without filling."""
    return Html('class="s-{}" stroke="{}" stroke-width="{}" fill="none"').format(
        colour, COLOURS[colour], number(width)
    )


def number(value: float) -> str:
    """Write a length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def rect(x: float, y: float, width: float, height: float, look: Html) -> Html:
    """Draw a rectangle."""
    return Html('<rect x="{}" y="{}" width="{}" height="{}" {}/>').format(
        number(x), number(y), number(max(0.0, width)), number(max(0.0, height)), look
    )


def line(x: float, y: float, to_x: float, to_y: float, look: Html) -> Html:
    """Draw a line."""
    return Html('<path d="M{} {}L{} {}" {}/>').format(
        number(x), number(y), number(to_x), number(to_y), look
    )


def letters(  # noqa: PLR0917  (as SVG has them)
    text: object, x: float, y: float, size: float, colour: str, anchor: str = "start", *, bold: bool
) -> Html:
    """Write letters; `y` is their baseline."""
    return Html(
        '<text x="{}" y="{}" font-size="{}" font-weight="{}" text-anchor="{}"'
        ' font-family="{}" {}>{}</text>'
    ).format(
        number(x),
        number(y),
        number(size),
        700 if bold else 400,
        anchor,
        LETTERS,
        fill(colour),
        text,
    )


def frame(kind: str, width: float, height: float, title: object, shapes: Iterable[Html]) -> Html:
    """Return the drawing. Its title is its text alternative, on the web and in the PDF."""
    return Html(
        '<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" role="img"'
        ' width="{w}" height="{h}" viewBox="0 0 {w} {h}"><title>{title}</title>{shapes}</svg>'
    ).format(
        kind=kind,
        w=number(width),
        h=number(height),
        title=title,
        shapes=Html("").join(shapes),
    )
