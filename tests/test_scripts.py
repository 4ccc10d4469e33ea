"""The scripts of the README, in a checkout whose `uv` and `bulletin` are stand-ins.

The real ones need the network and minutes; what is tried here is what the scripts themselves
decide. PATH holds a handful of tools and nothing else, so no package can be installed by accident.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("bootstrap", "demo", "gallery", "servers", "test")
TOOLS = (
    *("sh", "basename", "cat", "chmod", "cksum", "cp", "dirname", "env", "head", "id"),
    *("mkdir", "readlink", "rm", "tar", "tee"),
)

UV = """#!/bin/sh
[ "$1" = --version ] && echo "uv {version} (stand-in)" && exit
echo "uv $*" >> "$LOG"
[ -z "${{UV_FAILS-}}" ] || {{ echo "the lock is stale" >&2; exit 2; }}
mkdir -p .venv/bin
echo "#!/bin/sh
cat > /dev/null; cat \\"$LIBRARIES\\"" > .venv/bin/python
echo '#!/bin/sh
echo "bulletin $*, in $PWD"' > .venv/bin/bulletin
chmod +x .venv/bin/*
"""


class Checkout:
    """A copy of the scripts in a folder with a space in its name."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.missing = folder / "missing libraries"
        self.locks = self.root / "tests" / "e2e" / "servers"
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        shutil.copytree(ROOT / "tests" / "e2e" / "servers", self.locks)
        (self.root / "pyproject.toml").write_text("[project]\n")
        (self.root / "uv.lock").write_text("version = 1\n")
        self.log.touch()
        self.missing.touch()
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, f"this machine has no {tool}"
            (self.bin / tool).symlink_to(found)
        self.has_uv("0.13.9")

    def has_uv(self, version: str) -> None:
        uv = self.bin / "uv"
        uv.write_text(UV.format(version=version))
        uv.chmod(0o755)

    def run(
        self, script: str | Path, *arguments: str, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "scripts" / script, *arguments],
            cwd=cwd or self.root,
            env={
                "PATH": str(self.bin),
                "LOG": str(self.log),
                "LIBRARIES": str(self.missing),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_executable_and_plain_posix_sh(script: str) -> None:
    """A fresh Debian's sh is dash; what only bash knows would break there."""
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/bin/sh\n")
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell
    subprocess.run([shell, "-n", path], check=True)


def test_ci_is_executable_and_reads_as_bash() -> None:
    path = ROOT / ".ci" / "run"
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)


def test_demo_hands_its_arguments_on_and_stays_where_it_was_called(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Through a symlink, from another folder: `--output` is the caller's, not the checkout's."""
    link = tmp_path / "demo"
    link.symlink_to(checkout.root / "scripts" / "demo")
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = checkout.run(link, "--output", "my out", cwd=elsewhere)
    assert done.stdout == f"bulletin demo --output my out, in {elsewhere}\n"
    assert done.returncode == 0


def test_bootstrap_speaks_on_stderr_only(checkout: Checkout) -> None:
    done = checkout.run("bootstrap")
    assert (done.returncode, done.stdout) == (0, "")
    assert "installing the locked packages" in done.stderr


def test_bootstrap_syncs_once_until_the_lock_changes(checkout: Checkout) -> None:
    for _ in range(2):
        checkout.run("bootstrap")
    assert checkout.calls == [
        "uv sync --quiet --locked --compile-bytecode --no-dev --inexact --extra postgres"
    ]
    (checkout.root / "uv.lock").write_text("version = 2\n")
    checkout.run("bootstrap")
    assert len(checkout.calls) == 2


def test_what_the_tests_need_is_enough_for_the_demo(checkout: Checkout) -> None:
    """A developer who tests and then tries the demo loses no package and waits for nothing."""
    checkout.run("bootstrap", "--dev")
    checkout.run("demo")
    assert checkout.calls == ["uv sync --quiet --locked --compile-bytecode"]


def test_a_failed_sync_is_told_and_tried_again(checkout: Checkout) -> None:
    failed = checkout.run("demo", UV_FAILS="yes")
    assert failed.returncode != 0
    assert "the lock is stale" in failed.stderr
    assert failed.stdout == ""
    assert checkout.run("demo").returncode == 0
    assert len(checkout.calls) == 2


@pytest.mark.parametrize("version", ["0.2.37", "0.7.22"])
def test_a_uv_that_cannot_read_the_lock_is_passed_over(checkout: Checkout, version: str) -> None:
    checkout.has_uv(version)
    assert checkout.run("bootstrap").returncode == 1
    assert checkout.calls == []


def test_without_uv_and_python_it_says_what_to_install(checkout: Checkout) -> None:
    (checkout.bin / "uv").unlink()
    done = checkout.run("bootstrap")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_missing_libraries_are_named_with_their_packages(checkout: Checkout) -> None:
    """The packages are in, but WeasyPrint would fail on its first page."""
    checkout.missing.write_text("libpango-1.0\nlibharfbuzz-subset\n")
    done = checkout.run("demo")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "not here: libpango-1.0 libharfbuzz-subset." in done.stderr
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stderr


def test_an_unknown_argument_is_refused(checkout: Checkout) -> None:
    done = checkout.run("bootstrap", "--prod")
    assert done.returncode == 2
    assert "--prod" in done.stderr


def servers(calls: list[str]) -> list[str]:
    """Return which parts uv was asked for."""
    return [
        part
        for part in ("bugsink", "jira820", "node", "pygithub")
        for call in calls
        if f"{part}.txt" in call
    ]


def test_servers_that_cannot_be_had_stop_no_other(checkout: Checkout) -> None:
    """Here are no npm, and no sources of PyGithub: uv is a stand-in, which downloads nothing."""
    checkout.run("bootstrap")
    done = checkout.run("servers")
    assert (done.returncode, done.stdout) == (0, "")
    parts = checkout.root / ".tools" / "servers"
    installed = {path.parent.name for path in parts.glob("*/installed")}
    assert installed == {"bugsink", "jira820", "node", "operations", "otterwiki"}
    assert "no npm on PATH" in (parts / "npm.missing").read_text()
    assert "npm could not be installed, and its tests will be skipped" in done.stderr
    assert (parts / "pygithub.missing").exists()


def test_servers_are_installed_once_until_their_lock_changes(checkout: Checkout) -> None:
    checkout.run("bootstrap")
    checkout.run("servers")
    before = len(checkout.calls)
    checkout.run("servers")
    assert servers(checkout.calls[before:]) == ["pygithub"]  # what failed is tried again
    before = len(checkout.calls)
    (checkout.locks / "jira820.txt").write_text("jira820==0.13.0\n")
    checkout.run("servers")
    assert servers(checkout.calls[before:]) == ["jira820", "pygithub"]


def test_two_at_once_install_the_servers_once(checkout: Checkout) -> None:
    """Each begins by deleting what is half installed, which may be what the other is making."""
    checkout.run("bootstrap")
    before = len(checkout.calls)
    python = checkout.root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (checkout.bin / "uv").write_text(
        f'#!/bin/sh\necho "uv $*" >> "$LOG"\n{shutil.which("sleep")} 0.2\n'
    )
    with ThreadPoolExecutor() as pool:
        for _ in range(2):
            pool.submit(checkout.run, "servers")
    wanted = ["bugsink", "jira820", "node", "pygithub", "pygithub"]  # the last always fails here
    assert servers(checkout.calls[before:]) == wanted


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_where_no_server_can_be_installed_the_tests_go_on(checkout: Checkout) -> None:
    checkout.run("bootstrap")
    checkout.root.chmod(0o555)
    done = checkout.run("servers")
    checkout.root.chmod(0o755)
    assert (done.returncode, done.stdout) == (0, "")
    assert "cannot be written to: tests of npm will be skipped" in done.stderr


def test_the_tests_of_everything_install_the_servers(checkout: Checkout) -> None:
    checkout.run("test", "-k", "nothing")
    assert servers(checkout.calls) == ["bugsink", "jira820", "node", "pygithub"]
