"""One browser for all pages."""

import pytest

from tests.pages.browser import Browser


@pytest.fixture(scope="session")
def browser():
    with Browser() as browser:
        yield browser
