"""What the Nu HTML checker, which is the one of the W3C, finds in the web pages: nothing."""

import json
import subprocess

import pytest

from tests.e2e.tools import tool
from tests.pages.faces import BUNDLE, LOOKS, written

pytestmark = pytest.mark.e2e
BROKEN = '<!doctype html><html lang="en"><title>t</title><p><b>bold<div id="a" id="b"></p></b></div>'


def errors(paths):
    """What is wrong with these pages; one Java machine looks at them all."""
    command = [tool("java"), "-jar", tool("vnu"), "--format", "json", "--errors-only", "--stdout"]
    done = subprocess.run(
        [*command, "--exit-zero-always", *paths], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)["messages"]
    return [
        f"{said.get('url', '').rsplit('/', 1)[-1]}: {said['message']} {said.get('extract', '')}"
        for said in found
    ]


def test_the_web_pages_are_valid_html(tmp_path):
    shelves = [("everything", language) for language in BUNDLE.languages]
    pages = written(tmp_path, ("html",), LOOKS) + written(tmp_path, ("archive",), shelves)
    assert errors(pages) == []


def test_a_broken_page_is_noticed(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text(BROKEN)
    assert any("Duplicate attribute" in error for error in errors([page]))
