"""docs/faults.md says what the matrix proves. `BULLETIN_UPDATE=1` writes it anew."""

import os
from pathlib import Path

from tests.faults.catalogue import FAMILIES
from tests.faults.reference import FAMILIES as TITLES
from tests.faults.reference import write_faults

PATH = Path(__file__).resolve().parents[2] / "docs" / "faults.md"


def test_the_page_for_operators_says_what_is_played() -> None:
    if os.environ.get("BULLETIN_UPDATE"):
        PATH.write_text(write_faults(), encoding="utf-8")
    assert PATH.read_text("utf-8") == write_faults(), f"BULLETIN_UPDATE=1 rewrites {PATH}"


def test_no_family_is_left_out_of_the_page() -> None:
    assert tuple(TITLES) == FAMILIES
