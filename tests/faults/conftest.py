"""Last week, and this week with nothing wrong: made once for all cells."""

import logging

import pytest

from tests.faults.judging import Stage
from tests.faults.stage import Healthy, prepare


@pytest.fixture(scope="session")
def healthy(tmp_path_factory) -> Healthy:
    with pytest.MonkeyPatch.context() as patch:
        return prepare(tmp_path_factory.mktemp("healthy"), patch)


@pytest.fixture
def stage(healthy, tmp_path, monkeypatch, caplog, capfd) -> Stage:
    caplog.set_level(logging.DEBUG)
    return Stage(healthy, tmp_path, monkeypatch, caplog, capfd)
