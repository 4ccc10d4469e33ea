"""Fixtures that tests of other folders share."""

import pytest

from bulletin import registry
from tests.delivery import kennel, plugs
from tests.delivery.newsroom import Newsroom
from tests.delivery.sink import open_sink


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


@pytest.fixture(scope="session")
def dogs():
    """What forks the runs that die, or race."""
    kept = kennel.Kennel()
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def sink(tmp_path_factory):
    """A mail server."""
    with open_sink(tmp_path_factory.mktemp("sink") / "accepted") as opened:
        yield opened
