"""What a wheel holds, and that it works where there is no checkout."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bulletin import __version__
from bulletin.rendering.bundle import Bundle

ROOT = Path(__file__).resolve().parent.parent
UNREACHABLE = re.compile(r"Failed to fetch|error sending request|Failed to download|--offline")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command apart from the checkout's own environment and return what it printed.

    Skips the test where a package index was needed and could not be reached.
    """
    dropped = {"PYTHONPATH", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"no package index can be reached: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def under_version_control(folder: str) -> dict[str, bytes]:
    """Every file of the checkout that git knows or would take, with its content."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing tells what belongs to it")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder)
    paths = [ROOT / name for name in listed.split("\0") if name]
    return {str(p.relative_to(ROOT)): p.read_bytes() for p in paths if p.is_file()}


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv") or shutil.which("uv", path=ROOT / ".tools" / "uv" / "bin")
    if found is None:
        pytest.skip("there is no uv; scripts/bootstrap fetches one")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from the source archive, so that both are tried."""
    folder = tmp_path_factory.mktemp("dist")
    run(uv, "build", "--quiet", "--out-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and the locked packages alone."""
    folder = tmp_path_factory.mktemp("installed")
    locked, venv = folder / "locked.txt", folder / "venv"
    export = ("export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--no-hashes")
    run(uv, *export, "--output-file", locked)
    run(uv, "venv", "--quiet", "--python", sys.executable, venv)
    run(uv, "pip", "install", "--quiet", "--python", venv, "--constraint", locked, wheel)
    return venv / "bin"


def test_the_wheel_holds_the_templates_of_the_checkout(wheel: Path) -> None:
    """They stand at the top of the checkout and lie inside the package in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix("bulletin/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("bulletin/templates/")
        }
    assert packed
    assert packed == under_version_control("templates")


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Data files and migrations too; no tests, no recordings, no scripts."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name
            for name in archive.namelist()
            if not name.startswith(("bulletin/templates/", f"bulletin-{__version__}.dist-info/"))
        }
    assert packed == {*under_version_control("bulletin"), "bulletin/bulletin.example.toml"}


def test_the_licence_comes_along(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(f"bulletin-{__version__}.dist-info/licenses/LICENSE")
    assert packed == (ROOT / "LICENSE").read_bytes()


def test_an_installed_bulletin_tells_its_version(installed: Path) -> None:
    assert __version__ in run(installed / "bulletin", "--version", cwd=Path("/"))


def test_an_installed_bulletin_explains_itself(installed: Path) -> None:
    assert "Usage: bulletin" in run(installed / "bulletin", "--help", cwd=Path("/"))


def test_an_installed_bulletin_writes_its_example(installed: Path, tmp_path: Path) -> None:
    run(installed / "bulletin", "--config", tmp_path / "bulletin.toml", "init", cwd=Path("/"))
    example = (ROOT / "bulletin.example.toml").read_text("utf-8")
    assert (tmp_path / "bulletin.toml").read_text("utf-8") == example


def test_an_installed_bulletin_prints_with_the_same_templates(installed: Path) -> None:
    """The digest of the bundle is filed with every edition; it must not depend on the install."""
    ask = "from bulletin.rendering.bundle import Bundle; print(Bundle.read().digest)"
    told = run(installed / "python", "-c", ask, cwd=Path("/"))
    assert told.strip() == Bundle.read().digest
