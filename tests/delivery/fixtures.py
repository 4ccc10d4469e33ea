"""Fixtures that tests of other folders share."""

import pytest

from bulletin import registry
from tests.delivery import plugs
from tests.delivery.newsroom import Newsroom


@pytest.fixture
def plugged(monkeypatch):
    """The plugs in the registry, no script, one piece of news."""
    before = [
        (table, dict(table))
        for table in (registry.COLLECTORS, registry.PUBLISHERS, registry.RENDERERS)
    ]
    plugs.install()
    monkeypatch.setattr(plugs, "SCRIPT", {})
    monkeypatch.setattr(plugs, "NEWS", [1])
    yield
    for table, held in before:
        table.clear()
        table.update(held)


@pytest.fixture
def desk(plugged, tmp_path):
    """A newsroom that may go live, with three readers, and an archive in a file."""
    return Newsroom(tmp_path)
