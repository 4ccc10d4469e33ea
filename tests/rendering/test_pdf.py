"""The PDF printer: the same bytes, tagged, with our fonts, and nothing reached but the bundle."""

import io
import os
import socket
import sys
import threading
from dataclasses import replace
from functools import cache

import pypdf
import pytest

from bulletin.archive.codec import file
from bulletin.errors import BulletinError
from bulletin.rendering import pdf
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import DeckRenderer
from bulletin.rendering.paper import PaperRenderer
from bulletin.rendering.pdf import print_pdf
from tests.menagerie import EDITIONS

BUNDLE = Bundle.read()
PAGE = (
    '<!doctype html><html lang="en"><head><title>t</title>{head}</head><body>{body}</body></html>'
)


@cache
def printed(renderer, name, language="en"):
    (artifact,) = renderer().render(EDITIONS[name](), BUNDLE, language)
    return artifact.body


def reader(body):
    return pypdf.PdfReader(io.BytesIO(body))


@pytest.mark.parametrize("renderer", [DeckRenderer, PaperRenderer])
def test_printing_twice_gives_the_same_bytes(renderer):
    (again,) = renderer().render(EDITIONS["everything"](), BUNDLE, "en")
    assert again.body == printed(renderer, "everything")


@pytest.mark.parametrize("name", ["quiet", "dreadful"])
def test_the_paper_is_a4_and_at_most_eight_pages(name):
    pages = reader(printed(PaperRenderer, name)).pages
    assert 1 <= len(pages) <= 8
    assert round(float(pages[0].mediabox.width)) == 595


@pytest.mark.parametrize("renderer", [DeckRenderer, PaperRenderer])
def test_a_pdf_is_tagged_titled_and_in_its_language(renderer):
    made = reader(printed(renderer, "everything"))
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert made.metadata.title.startswith("The Black Friday Journal")
    assert "/EmbeddedFiles" not in root.get("/Names", {})
    assert "/OpenAction" not in root


def test_the_main_fonts_are_ours():
    text = printed(PaperRenderer, "quiet")
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in reader(text).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    ours = ("Libre-Franklin", "Playfair-Display", "Source-Serif", "UnifrakturCook")
    assert all(f.startswith(ours) for f in fonts)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<link rel="stylesheet" href="{url}">', ""),
        ("<style>@import url({url});</style>", ""),
        ("<style>@font-face {{ font-family: f; src: url({url}) }}</style>", "<p>x</p>"),
        ("", '<img src="{url}" alt="x">'),
        ("", '<p style="background: url({url})">x</p>'),
        ("", '<object data="{url}">x</object>'),
        ("", '<svg><title>t</title><image href="{url}" width="9" height="9"/></svg>'),
        ('<link rel="attachment" href="{url}">', ""),
    ],
)  # fmt: skip
def test_a_page_reaches_no_network(head, body):
    """Whatever a template should ever let through: no request, and no PDF."""
    hits = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def listen():
            try:
                hits.append(server.accept())
            except OSError:
                return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(BulletinError, match="could not be printed"):
            print_pdf(PAGE.format(head=head.format(url=url), body=body.format(url=url)), BUNDLE)
        assert thread.is_alive()
    assert not hits


@pytest.mark.parametrize(
    "form", ['<link rel="attachment" href="{}">', '<link rel="stylesheet" href="{}">']
)
def test_a_page_reaches_no_file(form, tmp_path):
    secret = tmp_path / "secret.css"
    secret.write_text("body { color: red }")
    with pytest.raises(BulletinError, match="could not be printed"):
        print_pdf(PAGE.format(head=form.format(secret.as_uri()), body="x"), BUNDLE)


def test_a_font_that_is_not_in_the_bundle_is_an_error():
    face = (
        '<style>@font-face { font-family: f; src: url("asset://journal/fonts/no.woff2") }</style>'
    )
    with pytest.raises(BulletinError, match="could not be printed"):
        print_pdf(PAGE.format(head=face, body="<p style='font-family: f'>x</p>"), BUNDLE)


def test_a_rule_that_the_printer_does_not_know_is_an_error():
    with pytest.raises(BulletinError, match="could not be printed"):
        print_pdf(PAGE.format(head="<style>p { colour: red }</style>", body="<p>x</p>"), BUNDLE)


@pytest.mark.parametrize("bomb", ["<div>" * 5000, '<p style="font-size: 1e9px">x</p>'])
def test_a_bomb_is_an_error_and_not_a_pdf(bomb):
    with pytest.raises(BulletinError, match="could not be printed"):
        print_pdf(PAGE.format(head="", body=bomb), BUNDLE)


def test_a_page_that_takes_too_long_is_an_error():
    with pytest.raises(BulletinError, match=r"not printed within 0\.05 seconds"):
        print_pdf(PAGE.format(head="", body="x"), BUNDLE, seconds=0.05)


def test_a_machine_without_pango_is_told_what_to_install(tmp_path, monkeypatch):
    """The printer is the real one; its interpreter says what WeasyPrint says without Pango."""
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nexit {pdf.NO_PANGO}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", os.fspath(fake))
    with pytest.raises(BulletinError) as caught:
        print_pdf(PAGE.format(head="", body="x"), BUNDLE)
    for name in ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"):
        assert name in str(caught.value)
    for tool in ("apt-get", "dnf", "apk", "brew"):
        assert tool in caught.value.hint


def test_an_ellipsis_reads_as_one_and_not_as_what_it_stands_for():
    cut = "<p style='width: 102pt; overflow: hidden; white-space: nowrap; text-overflow: ellipsis'>"
    rows = f"{cut}The catalogue is empty</p>{cut}The search index is new</p>"
    html = f"<html lang='en'><title>t</title>{rows}</html>"
    text = pypdf.PdfReader(io.BytesIO(print_pdf(html, BUNDLE))).pages[0].extract_text()
    assert text.count("…") == 2
    assert "empty" not in text


@pytest.mark.parametrize("rows", [(3, 15, 0), (0, 11, 3), (9, 2, 14)])
def test_no_drawing_is_painted_on_two_pages(rows):
    """The printer of tagged PDF breaks on one that floats where a page ends."""
    full = EDITIONS["dreadful"]().edition
    cut = tuple(replace(s, keys=s.keys[:n]) for s, n in zip(full.sections, rows, strict=True))
    gaps, asked = full.gaps[:6], full.questions[:3]
    few = replace(full, sections=cut, gaps=gaps, questions=asked, waived=(), figures=())
    (made,) = PaperRenderer().render(file(few), BUNDLE, "en")
    assert 1 <= len(pypdf.PdfReader(io.BytesIO(made.body)).pages) <= 8
