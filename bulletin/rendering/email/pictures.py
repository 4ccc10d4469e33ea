"""The pictures of an e-mail: the journal's drawings as PNG, since few mail programs show SVG."""

import base64
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts.ink import COLOURS
from bulletin.rendering.escape import Html

NAMEPLATE = "fonts/unifrakturcook-latin-700-normal.woff2"
FACES = {
    NAMEPLATE: "UnifrakturCook",
    "fonts/libre-franklin-latin-400-normal.woff2": "Libre Franklin",
    "fonts/libre-franklin-latin-700-normal.woff2": "Libre Franklin",
}
"""The faces that drawings are lettered in, and the family that they go by there."""
SHARPNESS = 2
"""Dots a pixel: what most screens have today."""
WIDE = 592
"""The column of an e-mail, in pixels; a drawing as wide as that shrinks with it."""
LARGEST, SMALLEST = 56, 36
"""Height of the nameplate's letters: of a short title, and below which a long one is split."""
SIZE = re.compile(r' width="([\d.]+)" height="([\d.]+)"')
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Places drawings in one e-mail, and prints those that are in it."""

    digest: str
    bundle: Bundle
    drawn: dict[str, Html] = field(default_factory=dict)
    """Name in the message → drawing."""

    def image(self, drawing: Html, alt: object, *name: str) -> Html:
        """Return the tag that shows a drawing; nothing for an empty one.

        The words stand alone where the bundle has no face to letter the drawing in. The name is
        ours, such as `spark errors_new`, and the same name is the same drawing.
        """
        size = SIZE.search(drawing)
        if size is None or ("<text" in drawing and not faces(self.bundle)):
            return Html.escape(alt) if size else Html("")
        label = re.sub(r"[^a-z0-9]+", "-", "-".join(name))
        cid = f"{label}.{self.digest[:16]}@bulletin.invalid"
        self.drawn[cid] = drawing
        width, height = (round(float(side)) for side in size.groups())
        return Html('<img src="cid:{}" class="{}" width="{}" height="{}" alt="{}">').format(
            cid, "wide" if width == WIDE else name[0], width, height, alt
        )

    def nameplate(self, title: str) -> Html:
        """Draw the title in blackletter, in two lines if it is long; nothing where the face lacks
        one of its letters.
        """
        widths = _widths(self.bundle, title)
        if widths is None:
            return Html("")
        lines = (title,) if sum(widths) * SMALLEST <= WIDE else _halves(title)
        broadest = max(sum(widths) / len(title) * len(line) for line in lines)
        size = min(LARGEST, WIDE / broadest)
        drawn = Html("").join(
            Html('<text x="{}" y="{:.1f}">{}</text>').format(WIDE // 2, size * (0.95 + n), line)
            for n, line in enumerate(lines)
        )
        return Html(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
            ' viewBox="0 0 {w} {h}"><g font-size="{size:.1f}" text-anchor="middle"'
            ' font-family="UnifrakturCook" font-weight="700" fill="{ink}">{drawn}</g></svg>'
        ).format(
            w=WIDE,
            h=round(size * (0.3 + len(lines))),
            size=size,
            ink=COLOURS["ink"],
            drawn=drawn,
        )

    def printed(self, html: str) -> dict[str, bytes]:
        """Return the pictures that the HTML shows, by name, in its order."""
        named = re.findall(r'src="cid:([^"]+)"', html)
        shown = {name: self.drawn[name] for name in named}
        return dict(zip(shown, print_png(tuple(shown.values()), self.bundle), strict=True))


def viewable(html: str, pictures: Mapping[str, bytes]) -> str:
    """Return the HTML of an e-mail with its pictures in it, for a browser."""

    def shown(found: re.Match[str]) -> str:
        body = base64.b64encode(pictures[found[1]]).decode()
        return f'src="data:image/png;base64,{body}"'

    return re.sub(r'src="cid:([^"]+)"', shown, html)


def print_png(drawings: tuple[Html, ...], bundle: Bundle) -> list[bytes]:
    """Print drawings on the journal's paper; no face of the machine's own is used."""
    import resvg_py  # noqa: PLC0415  (only who prints pictures needs it)

    with TemporaryDirectory(prefix="bulletin-") as folder:
        paths = [Path(folder) / f"{n}.ttf" for n in range(len(faces(bundle)))]
        for path, body in zip(paths, faces(bundle), strict=True):
            path.write_bytes(body)
        return [
            resvg_py.svg_to_bytes(
                svg_string=TITLE.sub("", drawing),
                zoom=SHARPNESS,
                background=COLOURS["paper"],
                skip_system_fonts=True,
                font_files=[str(path) for path in paths],
            )
            for drawing in drawings
        ]


@lru_cache(maxsize=4)
def faces(bundle: Bundle) -> tuple[bytes, ...]:
    """Return the bundle's faces as TrueType, each by the name that drawings call it.

    Libre Franklin's files say that they are `Libre Franklin Thin`, whatever their weight.
    """
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (a tenth of a second; it ships no types)

    made = []
    for path, family in FACES.items():
        if not bundle.files.get(path):
            continue
        face = TTFont(io.BytesIO(bundle.files[path]), recalcTimestamp=False)
        if face["name"].getDebugName(1) != family:
            face["name"].setName(family, 1, 3, 1, 0x409)
        face.flavor = None
        plain = io.BytesIO()
        face.save(plain, reorderTables=None)
        made.append(plain.getvalue())
    return tuple(made)


@lru_cache(maxsize=16)
def _widths(bundle: Bundle, title: str) -> tuple[float, ...] | None:
    """Return the width of each letter at size 1, or None where one is missing."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (likewise)

    if not bundle.files.get(NAMEPLATE) or not title.strip():
        return None
    face = TTFont(io.BytesIO(faces(bundle)[0]))
    letters, em = face.getBestCmap(), face["head"].unitsPerEm
    if any(ord(letter) not in letters for letter in title):
        return None
    return tuple(face["hmtx"][letters[ord(letter)]][0] / em for letter in title)


def _halves(title: str) -> tuple[str, ...]:
    """Split at the space nearest to the middle."""
    spaces = [n for n, letter in enumerate(title) if letter == " "]
    if not spaces:
        return (title,)
    at = min(spaces, key=lambda n: abs(n - len(title) // 2))
    return title[:at], title[at + 1 :]
