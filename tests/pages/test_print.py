"""What pdfua and pypdf find in the printed faces: tags, fonts, titles, text; and no fault."""

import io
import re

import pypdf
import pytest
from pdfua import Severity, validate

from bulletin.rendering.pdf import print_pdf
from tests.pages.faces import BUNDLE, LOOKS, PRINTED, artifacts

pytestmark = pytest.mark.e2e
FACES = [(kind, *look) for kind in PRINTED for look in LOOKS]
SHOW_TEXT = re.compile(rb"\bT[jJ]\b")
EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


def errors(path):
    return [
        f"{found.rule_id}: {found.message}"
        for found in validate(str(path)).findings
        if found.severity >= Severity.ERROR
    ]


def fonts(reader):
    """Every font that a page names, those within forms too."""
    for page in reader.pages:
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            yield font.get_object()


def descriptor(font):
    within = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return within.get("/FontDescriptor", {})


def says(page):
    """Whether a page shows text; reading it takes seconds."""
    contents = page.get_contents()
    return contents is not None and bool(SHOW_TEXT.search(contents.get_data()))


def lacks(body, language):
    """What a PDF has not that a reader of any kind needs."""
    reader = pypdf.PdfReader(io.BytesIO(body))
    root = reader.trailer["/Root"]
    loose = {
        str(font["/BaseFont"])
        for font in fonts(reader)
        if not any(file in descriptor(font) for file in EMBEDDED)
    }
    empty = [n for n, page in enumerate(reader.pages, 1) if not says(page)]
    has = {
        "marks": bool(root.get("/MarkInfo", {}).get("/Marked")),
        "its language": root.get("/Lang") == language,
        "a title": bool((reader.metadata or {}).get("/Title")),
        "an outline": bool(reader.outline),
        f"the fonts {loose}": not loose,
        f"text on pages {empty}": not empty,
    }
    return [what for what, there in has.items() if not there]


@pytest.mark.parametrize("face", FACES, ids="-".join)
def test_a_printed_face_is_accessible(tmp_path, face):
    made = artifacts(*face)
    assert made
    for name, body in made.items():
        path = tmp_path / name
        path.write_bytes(body)
        assert (errors(path), lacks(body, face[-1])) == ([], [])


def test_a_page_without_alternatives_is_noticed(tmp_path):
    path = tmp_path / "broken.pdf"
    drawing = '<svg width="9" height="9"><rect width="9" height="9"/></svg>'
    page = f'<!doctype html><html lang="en"><title>t</title><body><p>x</p>{drawing}</body></html>'
    path.write_bytes(print_pdf(page, BUNDLE))
    assert errors(path)


def test_a_bare_page_is_noticed(tmp_path):
    bare = pypdf.PdfWriter()
    page = bare.add_blank_page(100, 100)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject({
        pypdf.generic.NameObject("/Font"): pypdf.generic.DictionaryObject({
            pypdf.generic.NameObject("/F1"): pypdf.generic.DictionaryObject({
                pypdf.generic.NameObject(key): pypdf.generic.NameObject(value)
                for key, value in font.items()
            })
        })
    })  # fmt: skip
    written = io.BytesIO()
    bare.write(written)
    assert lacks(written.getvalue(), "en") == [
        "marks", "its language", "a title", "an outline",
        "the fonts {'/Helvetica'}", "text on pages [1]",
    ]  # fmt: skip
