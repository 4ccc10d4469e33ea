"""The archive's tests run on SQLite and on a PostgreSQL that they start themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bulletin import registry
from tests.archive import company, postgres

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL of our own on a Unix socket; yields the socket's folder."""
    serving = postgres.serve()
    try:
        socket = serving.__enter__()
    except postgres.MissingError as error:
        told = f"PostgreSQL cannot be started here: {error}"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    yield socket
    serving.__exit__(None, None, None)


@pytest.fixture
def postgresql(server):
    """The address of an empty database."""
    with postgres.database(server) as address:
        yield address


@pytest.fixture
def sqlite(tmp_path):
    """The address of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/bulletin.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request):
    """The same test on either database."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def text_only(monkeypatch):
    """Leave out the formats that take seconds."""
    for name in set(registry.RENDERERS) - set(company.FORMATS):
        monkeypatch.delitem(registry.RENDERERS, name)


@pytest.fixture
def start():
    """Starts Python on a text, with arguments, in a process of its own."""
    started = []

    def _start(code, *arguments, **keywords):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **keywords,
        )  # fmt: skip
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()
