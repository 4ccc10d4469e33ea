"""Hypothesis is unhurried, and repeatable in CI; what is nightly waits for its switch.

The suites that come in bulk run without measuring coverage, which makes them twice as slow:
they prove what comes out, and the lines that they pass are passed by the tests of each part.
"""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "unhurried")


IN_BULK = ("e2e", "faults", "hostile")
"""Marks of suites that come in bulk."""
LONG = (
    "tests/archive/test_broken",
    "tests/archive/test_sqlite_faults",
    "tests/delivery/test_crashes",
    "tests/delivery/test_runners",
    "tests/delivery/test_years",
    "tests/editing/test_ledger_laws",
    "tests/editing/test_voice_year",
    "tests/pages",
    "tests/rendering/test_deck",
    "tests/rendering/test_pdf",
    "tests/specimens",
    "tests/test_themes",
)
"""What takes as long, by the beginning of its name: many weeks, many pages, many crashes."""


def pytest_collection_modifyitems(items):
    for item in items:
        is_long = item.nodeid.startswith(LONG)
        if is_long or any(item.get_closest_marker(name) for name in IN_BULK):
            item.add_marker("no_cover")
    if os.environ.get("BULLETIN_NIGHTLY"):
        return
    wait = pytest.mark.skip(reason="nightly: set BULLETIN_NIGHTLY=1")
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(wait)


def pytest_collection_finish():
    """Spare the collector of garbage the modules and tests, which stay to the end."""
    gc.collect()
    gc.freeze()
