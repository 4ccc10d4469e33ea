"""Pages that are made to burst: the printer ends in time and in its memory, and alone."""

import resource
import time

import pytest

from bulletin.errors import BulletinError
from bulletin.pipeline import render_all
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.pdf import MEMORY, print_pdf
from tests.hostile.shapes import wide

pytestmark = pytest.mark.hostile
BUNDLE = Bundle.read()
SECONDS = 20
USES = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))
BOMBS = {
    "nested blocks": "<div>" * 5000,
    "nested tables": "<table><tr><td>" * 400,
    "nested spans": "<b>" * 20_000 + "x",
    "letters without end": '<p style="font-size: 1e9px">x</p>',
    "columns without end": '<table><tr><td colspan="100000000">x</td></tr></table>',
    "rows without end": "<table>" + "<tr><td>x</td></tr>" * 40_000 + "</table>",
    "a drawing of drawings": f'<svg><title>t</title><g id="g0"><path d="M0 0"/></g>{USES}</svg>',
    "a word without end": f"<p>{'x' * 1_000_000}</p>",
    "marks without end": f"<p>a{'&#x301;' * 100_000}</p>",
    "a page without end": "<style>@page { size: 1e7px 1e7px }</style><p>x</p>",
    "margins without end": '<p style="margin-top: 1e8px">x</p>' * 50,
    "columns of text": f'<div style="columns: 5000">{"x " * 20_000}</div>',
    "one letter a page": '<p style="break-before: page">x</p>' * 20_000,
}
QUICK = ("a page without end", "letters without end", "margins without end")
PAGE = '<!doctype html><html lang="en"><head><title>t</title></head><body>{}</body></html>'


@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(n, marks=pytest.mark.nightly) for n in BOMBS if n not in QUICK)]
)
def test_a_bomb_ends_in_time_and_in_its_memory(name):
    started = time.monotonic()
    try:
        body = print_pdf(PAGE.format(BOMBS[name]), BUNDLE, seconds=SECONDS)
    except BulletinError as error:
        body = None
        said = f"{error.problem} {error.hint}"
    assert "printed" in said if body is None else body.rstrip().endswith(b"%%EOF")
    assert time.monotonic() - started < SECONDS + 5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= MEMORY


def test_a_deck_that_bursts_takes_no_other_format_with_it():
    files = dict(BUNDLE.files)
    files["deck/deck.html"] = PAGE.format(BOMBS["letters without end"]).encode()
    artifacts, failures = render_all(wide().fill({}), Bundle.of(files), "en")
    assert [f.problem.split(":")[0] for f in failures] == ["the PDF could not be printed"]
    assert {a.name for a in artifacts} == {
        "index.html", "email.html", "email.txt", "email.eml", "paper.pdf", "bulletin.md",
        "edition.json",
        "speaker.html",
    }  # fmt: skip


def test_text_that_is_made_to_burst_is_cut_and_printed():
    bombs = (
        "x" * 1_000_000, "a" + "\u0301" * 500_000, "字" * 300_000, "\u200b" * 900_000,
        "<b>" * 90_000, "x " * 400_000, "﷽" * 100_000, "\U0001f469\u200d" * 200_000,
        "\u202e" * 500_000, "\r\n" * 500_000, "&amp;" * 200_000, "[" * 300_000,
    )  # fmt: skip
    titles = [word for word, where in wide().places.items() if where == "Item.title"]
    filed = wide().fill(dict(zip(titles, bombs, strict=False)))
    artifacts, failures = render_all(filed, BUNDLE, "en")
    assert not failures
    pages = {a.name: len(a.body) for a in artifacts}
    assert len(pages) == 9
    assert pages.pop("edition.json") > 5_000_000
    assert max(pages.values()) < 2_000_000
