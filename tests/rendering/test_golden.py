"""Pages that a person can open; `UPDATE_GOLDEN=1 pytest …/test_golden.py` rewrites them."""

import os
import re
from pathlib import Path

import pytest

from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.email.team import TeamEmailRenderer
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.json import JsonRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from tests.menagerie import EDITIONS

GOLDEN = Path(__file__).parents[1] / "golden"
BUNDLE = Bundle.read()
RENDERERS = {
    "html": HtmlRenderer(),
    "email": EmailRenderer(),
    "team-email": TeamEmailRenderer("search"),
    "markdown": MarkdownRenderer(),
    "json": JsonRenderer(),
}


@pytest.mark.parametrize("name", ["everything", "quiet"])
@pytest.mark.parametrize("language", BUNDLE.languages)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_page_is_the_one_that_a_person_looked_at(name, language, renderer):
    folder = GOLDEN / name / language
    for artifact in RENDERERS[renderer].render(EDITIONS[name](), BUNDLE, language):
        # The fonts would be most of the file, and a reader's machine has fonts.
        body = re.sub(rb"data:font/woff2;base64,[\w+/=]*", b"data:,", artifact.body)
        path = folder / artifact.name
        if os.environ.get("UPDATE_GOLDEN"):
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        assert path.read_bytes() == body, f"{path} differs; look at it, then set UPDATE_GOLDEN=1"
