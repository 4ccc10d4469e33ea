"""What other people's servers come with: found, missing with a reason, and gone with the tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib

import pytest

from tests.e2e import tools
from tests.e2e.serving import free_port
from tests.e2e.tools import HERE, PLACES, PROGRAMS, tool

ROOT = HERE.parents[1]
ORPHAN = """
import os, sys
from pathlib import Path
from tests.e2e.serving import running

address = f"http://127.0.0.1:{sys.argv[1]}"
server = [sys.executable, "-m", "http.server", sys.argv[1], "--bind", "127.0.0.1"]
with running(server, address, Path(os.devnull)):
    os.kill(os.getpid(), 9)
"""


@pytest.mark.e2e
@pytest.mark.parametrize("name", [*PLACES, *PROGRAMS])
def test_a_part_that_is_installed_holds_what_it_should(name):
    assert tool(name).exists()


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "SERVERS", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BULLETIN_REQUIRE_SERVERS", raising=False)
    return tmp_path


def test_without_its_part_a_test_is_skipped_with_a_remedy(nowhere):
    with pytest.raises(pytest.skip.Exception, match="run scripts/servers, which installs jira820"):
        tool("jira820")


def test_a_skip_says_why_the_part_could_not_be_installed(nowhere):
    (nowhere / "npm.missing").write_text("there is no\nnpm on PATH\n")
    with pytest.raises(pytest.skip.Exception, match=r"emulate is not here: .* no npm on PATH"):
        tool("emulate")


def test_a_program_that_is_not_on_the_path_is_missing(nowhere, monkeypatch):
    monkeypatch.setenv("PATH", str(nowhere))
    (nowhere / "debian.missing").write_text("there is no chromium on PATH\n")
    with pytest.raises(pytest.skip.Exception, match=r"chromium is not here: .* on PATH"):
        tool("chromium")


@pytest.mark.parametrize("switch", ["CI", "BULLETIN_REQUIRE_SERVERS"])
def test_where_servers_are_required_a_missing_one_fails(nowhere, monkeypatch, switch):
    monkeypatch.setenv(switch, "1")
    with pytest.raises(pytest.fail.Exception, match="jira820 is not here"):
        tool("jira820")


def test_the_recordings_are_those_of_the_library_that_is_locked():
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    (locked,) = (package for package in packages if package["name"] == "pygithub")
    ours = (HERE / "servers" / "pygithub.txt").read_text(encoding="utf-8")
    assert f"pygithub=={locked['version']} " in ours
    assert f"--hash={locked['sdist']['hash']}" in ours


@pytest.mark.skipif(not shutil.which("setpriv"), reason="there is no setpriv to tie it with")
def test_a_server_does_not_outlive_tests_that_are_killed():
    port = free_port()
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    killed = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(port)],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    for _ in range(100):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail("the server goes on")
