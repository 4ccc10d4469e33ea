"""A logo draws, and does nothing else."""

import re
import struct
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader

from bulletin.errors import SettingsError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.logo import Logo, find_logo
from bulletin.rendering.paper import PaperRenderer
from tests.menagerie import EDITIONS
from tests.rendering.themes import written

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
FILED = EDITIONS["quiet"]()


def png(width=2, height=2):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xb3\x26\x1e" * width for _ in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def pictures(body):
    """What a screen reader says for each picture of a PDF."""

    def walk(node):
        found = node.get_object()
        if not isinstance(found, dict):
            return
        if found.get("/S") == "/Figure":
            yield found.get("/Alt")
        kids = found.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            yield from walk(kid)

    return list(walk(PdfReader(BytesIO(body)).root_object["/StructTreeRoot"]))


def with_logo(folder, name, body):
    return Bundle.read(theme=written(folder, {name: body}))


@pytest.mark.parametrize(
    ("name", "body", "address"),
    [
        ("logo.svg", SVG.format('<path d="M0 0h9v9z"/>'), "data:image/svg+xml;base64,"),
        ("logo.png", png(), "data:image/png;base64,"),
    ],
)
def test_the_web_page_holds_the_logo_and_may_show_it(tmp_path, name, body, address):
    (page,) = HtmlRenderer().render(FILED, with_logo(tmp_path, name, body), "en")
    text = page.body.decode()
    (tag,) = re.findall(r"<img [^>]*>", text)
    assert f'src="{address}' in tag
    assert f'alt="{FILED.edition.title}"' in tag
    assert "img-src data:" in text


def test_without_a_logo_there_is_no_picture_and_the_page_may_show_none():
    (page,) = HtmlRenderer().render(FILED, Bundle.read(), "en")
    assert b"<img" not in page.body
    assert b"img-src" not in page.body


@pytest.mark.parametrize(
    ("name", "body"), [("logo.svg", SVG.format('<path d="M0 0h9v9z"/>')), ("logo.png", png())]
)
def test_the_paper_prints_the_logo_and_is_the_same_twice(tmp_path, name, body):
    mine = with_logo(tmp_path, name, body)
    (one,) = PaperRenderer().render(FILED, mine, "en")
    (two,) = PaperRenderer().render(FILED, mine, "en")
    (plain,) = PaperRenderer().render(FILED, Bundle.read(), "en")
    assert one.body == two.body
    title = FILED.edition.title
    assert pictures(one.body).count(title) == pictures(plain.body).count(title) + 1


def test_the_drawing_goes_before_the_picture_unless_the_face_wants_that():
    files = {"logo.svg": b"", "logo.png": b""}
    assert find_logo(files) == Logo("logo.svg", "image/svg+xml")
    assert find_logo(files, "logo.png") == Logo("logo.png", "image/png")
    assert find_logo({"logo.png": b""}) == Logo("logo.png", "image/png")
    assert find_logo({}) is None


@pytest.mark.parametrize(
    "body",
    [
        '<linearGradient id="a"><stop offset="0"/></linearGradient><g fill="url(#a)"/>',
        "<style>.a { fill: red; mask: url( '#b' ) }</style><title>Us</title>",
        '<text x="1" style="font: 9px serif">Us</text>',
    ],
)
def test_a_drawing_is_taken(tmp_path, body):
    assert with_logo(tmp_path, "logo.svg", SVG.format(body)).files["logo.svg"]
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- us -->' + SVG.format(body)
    assert with_logo(tmp_path, "logo.svg", declared).files["logo.svg"]


@pytest.mark.parametrize(
    "body",
    [
        SVG.format("<script>alert(1)</script>"),
        SVG.format("<foreignObject/>"),
        SVG.format('<path onload="alert(1)"/>'),
        SVG.format('<path ONCLICK="alert(1)"/>'),
        SVG.format('<image href="https://evil.example/a.png"/>'),
        SVG.format('<a href="https://evil.example/"><path/></a>'),
        SVG.format('<use href="https://evil.example/a.svg#a"/>'),
        SVG.format('<animate attributeName="href"/>'),
        SVG.format('<path fill="url(https://evil.example/a.svg#a)"/>'),
        SVG.format("<path fill=\"URL( 'https://evil.example/a')\"/>"),
        SVG.format('<path style="fill: u\\72l(//evil.example/a)"/>'),
        SVG.format("<style>@import '//evil.example/a.css';</style>"),
        SVG.format("<style>a { fill: url(//evil.example/a) }</style>"),
        SVG.format('<g xmlns:x="http://www.w3.org/1999/xlink" x:href="//evil.example"/>'),
        SVG.format('<g xml:base="https://evil.example/"/>'),
        SVG.format('<x xmlns="http://www.w3.org/1999/xhtml"/>'),
        '<!DOCTYPE svg [<!ENTITY a "aa">]>' + SVG.format("&a;"),
        '<?xml-stylesheet href="//evil.example/a.css"?>' + SVG.format(""),
        '<?xml version="1.0" encoding="utf-7"?>' + SVG.format(""),
        SVG.format("").encode("utf-16"),
        SVG.format("<path>"),
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "<svg viewBox='0 0 1 1'/>",
        "",
    ],
)
def test_what_does_more_than_draw_is_refused(tmp_path, body):
    with pytest.raises(SettingsError) as caught:
        with_logo(tmp_path, "logo.svg", body)
    problem, hint = str(caught.value).splitlines()
    assert problem.startswith(f"{tmp_path / 'logo.svg'} cannot be the logo: ")
    assert "plain SVG" in hint


@pytest.mark.parametrize("body", [b"GIF89a", b"", png(5000, 1)[:40], png(0, 1)])
def test_a_picture_that_is_none(tmp_path, body):
    with pytest.raises(SettingsError, match="cannot be the logo"):
        with_logo(tmp_path, "logo.png", body)
