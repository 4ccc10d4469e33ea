"""What markdownlint finds in the bulletins: nothing."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.tools import tool
from tests.menagerie import EDITIONS
from tests.pages.faces import BUNDLE, artifacts

pytestmark = pytest.mark.e2e
CONFIG = Path(__file__).with_name("bulletin.markdownlint-cli2.jsonc")
FAULT = re.compile(r"^\S+\.md:.*", re.MULTILINE)


def faults(folder):
    """What markdownlint says of every file of a folder; one process reads them all."""
    command = [tool("node"), tool("markdownlint"), "--config", CONFIG, "*.md"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Linting: 0 file" not in done.stdout
    assert done.returncode in {0, 1}, done.stderr
    return FAULT.findall(done.stderr)


def test_the_bulletins_are_clean(tmp_path):
    for name in EDITIONS:
        for language in BUNDLE.languages:
            for page, body in artifacts("markdown", name, language).items():
                (tmp_path / f"{name}-{language}-{page}").write_bytes(body)
    assert faults(tmp_path) == []


def test_a_broken_bulletin_is_noticed(tmp_path):
    (tmp_path / "broken.md").write_text("# One\n\n### Three\n\n* a\n- b\n")
    found = "\n".join(faults(tmp_path))
    assert "MD001" in found
    assert "MD004" in found
