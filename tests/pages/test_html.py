"""What the Nu HTML checker, which is the one of the W3C, finds in the web pages: nothing."""

import json
import subprocess

import pytest

from tests.e2e.tools import tool
from tests.pages.faces import BUNDLE, LOOKS, written

pytestmark = pytest.mark.e2e
BROKEN = (
    '<!doctype html><html lang="en"><title>t</title><p><b>bold<div id="a" id="b"></p></b></div>'
)


def errors(paths):
    """What is wrong with these pages; one Java machine looks at them all."""
    command = [
        tool("java"),
        "-Xss16m",
        "-XX:TieredStopAtLevel=1",
        "-jar",
        tool("vnu"),
        "--format",
        "json",
        "--errors-only",
        "--stdout",
    ]
    done = subprocess.run(
        [*command, "--exit-zero-always", *paths], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)["messages"]
    return [
        f"{said.get('url', '').rsplit('/', 1)[-1]}: {said['message']} {said.get('extract', '')}"
        for said in found
    ]


def test_the_web_pages_are_valid_html_and_a_broken_one_is_noticed(tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(BROKEN)
    shelves = [("everything", language) for language in BUNDLE.languages]
    pages = written(tmp_path, ("html",), LOOKS) + written(tmp_path, ("archive",), shelves)
    found = errors([broken, *pages])
    noticed = [error for error in found if error.startswith("broken.html")]
    assert any("Duplicate attribute" in error for error in noticed)
    assert [error for error in found if error not in noticed] == []
