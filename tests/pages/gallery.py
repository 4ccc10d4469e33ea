"""Photographs the faces of a printed demo: python -m tests.pages.gallery DEMO LANGUAGE FOLDER."""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from bulletin.model.delivery import Artifact
from bulletin.preview.faces import FACES, body_of
from tests.e2e.tools import tool
from tests.pages.browser import Browser

ROOM = 200_000
"""Bytes of a picture."""
COLOURS = (128, 64, 32, 16)
"""Sizes of the palette, tried in turn until the picture fits; then it is made smaller."""
WIDTH, TELEPHONE, MAIL, SHEET = 1100, 360, 680, 3
GAP = 8
TALL = 2000
"""Where a long page is cut: whole, it would be too small to read."""


def quantised(picture, room=ROOM):
    """Return a picture as PNG that takes at most so many bytes."""
    flat = picture.convert("RGB")
    while True:
        for colours in COLOURS:
            body = io.BytesIO()
            flat.quantize(colours, dither=Image.Dither.NONE).save(body, "PNG", optimize=True)
            if body.tell() <= room:
                return body.getvalue()
        flat = flat.resize((flat.width * 4 // 5, flat.height * 4 // 5), Image.Resampling.LANCZOS)


def photographed(demo, week):
    """Take the pages as a browser shows them: name → picture."""
    page, shelf = (path.read_bytes() for path in (week / "index.html", demo / "index.html"))
    names = ("email.html", "email.eml")
    made = [Artifact(name=n, media_type="", body=(week / n).read_bytes()) for n in names]
    mail = body_of(FACES["email"], made)
    shots = {
        "web": (page, WIDTH, "light"),
        "web-dark": (page, WIDTH, "dark"),
        "narrow": (page, TELEPHONE, "light"),
        "email": (mail, MAIL, "light"),
        "archive": (shelf, WIDTH, "light"),
    }
    taken = {}
    with Browser() as browser:
        for name, (html, width, scheme) in shots.items():
            browser.open(html, width=width)
            browser.recolour(scheme)
            taken[name] = Image.open(io.BytesIO(browser.picture()))
    return taken


def drawn(path, width):
    """Draw every page of a PDF, so many pixels wide."""
    scale = ("-scale-to-x", str(width), "-scale-to-y", "-1")
    command = [tool("pdftoppm"), *scale, path]
    body = io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)
    while body.read(1):
        body.seek(-1, io.SEEK_CUR)
        yield _next_ppm(body)


def _next_ppm(body):
    kind, size, most = (body.readline() for _ in range(3))
    assert (kind, most) == (b"P6\n", b"255\n")
    width, height = map(int, size.split())
    return Image.frombytes("RGB", (width, height), body.read(3 * width * height))


def contact_sheet(slides, columns=SHEET):
    """Lay slides out in rows."""
    width, height = (side + GAP for side in slides[0].size)
    rows = -(-len(slides) // columns)
    sheet = Image.new("RGB", (columns * width + GAP, rows * height + GAP), "#57534b")
    for n, slide in enumerate(slides):
        sheet.paste(slide, (GAP + n % columns * width, GAP + n // columns * height))
    return sheet


def main(demo, language, folder):
    week = max(path for path in demo.glob("*-W*") if path.is_dir())
    pictures = photographed(demo, week)
    pictures["paper"] = next(drawn(week / "paper.pdf", 1000))
    pictures["deck"] = next(drawn(week / "deck.pdf", 1100))
    pictures["slides"] = contact_sheet(list(drawn(week / "deck.pdf", 480)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        path = folder / f"{name}-{language}.png"
        shown = picture.crop((0, 0, picture.width, min(picture.height, TALL)))
        path.write_bytes(quantised(shown))
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
