"""Hypothesis is unhurried, and repeatable in CI; what is nightly waits for its switch."""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "unhurried")


def pytest_collection_modifyitems(items):
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
