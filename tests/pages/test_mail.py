"""Whether the programs that people read mail with can show ours, by the tables of caniemail.com."""

import json
import subprocess
from pathlib import Path

import html5lib
import pytest

from tests.e2e.tools import tool
from tests.pages.faces import LOOKS, artifacts, written

pytestmark = pytest.mark.e2e
CLIENTS = (
    *("gmail.desktop-webmail", "outlook.windows", "outlook.outlook-com"),
    *("apple-mail.macos", "apple-mail.ios"),
)
ALLOWED = {
    "@media": "only the dark and the narrow scheme; the light one in one column is whole",
    "color-scheme meta tag": "a hint that both schemes are styled; where it is dropped, one is",
    "<bdi> element": "where it is dropped, the name or title within stands all the same",
    "max-height property": "only on the line for the inbox, which `display: none` hides alone",
    "overflow": "likewise",
    "overflow-wrap": "word-break does the same, and stands beside it",
}
"""What not all of them support → why nothing is lost where it is not."""
USUAL, FULLEST = 40_000, 90_000
"""Bytes of HTML of a usual week, and of the fullest: Gmail cuts a message near 102 KB."""
GRID = "<p style='display:grid'>x</p>"
DRAWING = "<p><svg width='9' height='9'></svg></p>"


def unsupported(paths):
    """File name → what it uses → the programs that do not show it."""
    script = Path(__file__).with_name("caniemail.mjs")
    command = [tool("node"), script, tool("caniemail"), ",".join(CLIENTS), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {Path(path).name: found for path, found in json.loads(done.stdout).items()}


def test_mail_programs_support_what_the_mail_uses(tmp_path):
    used = unsupported(written(tmp_path, ("email", "team-email")))
    faults = {
        page: {what: who for what, who in found.items() if what not in ALLOWED}
        for page, found in used.items()
    }
    assert not any(faults.values()), faults
    unused = ALLOWED.keys() - {what for found in used.values() for what in found}
    assert not unused, "allowed, but no longer used"


@pytest.mark.parametrize(("body", "what"), [(GRID, "display:grid"), (DRAWING, "<svg>")])
def test_what_mail_programs_do_not_support_is_noticed(tmp_path, body, what):
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><html><body>{body}</body></html>")
    assert any(what in used for used in unsupported([page])["page.html"])


@pytest.mark.parametrize(("name", "room"), [("everything", USUAL), ("dreadful", FULLEST)])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_mail_is_not_cut(name, room, language):
    assert len(artifacts("email", name, language)["email.html"]) <= room


def fetched(html):
    """The addresses of what a mail program would fetch by itself."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    carriers = ("src", "background", "poster", "srcset")
    return [element.get(name) for element in page.iter() for name in carriers if element.get(name)]


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_pictures_travel_with_the_mail(look):
    html = artifacts("email", *look)["email.html"].decode()
    assert [address for address in fetched(html) if not address.startswith("cid:")] == []
    assert "url(" not in html


def test_a_picture_from_elsewhere_is_noticed():
    assert fetched("<p><img src='https://pictures.example/a.png'>") == [
        "https://pictures.example/a.png"
    ]
