"""The image without Docker: its own lines build it, and a read-only root and a stranger run it.

What the base image brings, and Docker itself, are not tried here.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bulletin.model.week import WEEKDAYS
from tests.e2e.test_systemd import due_now
from tests.monitoring.desk import settings

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
PYTHON = Path("/usr/bin/python3")
"""A Python that somebody else than root may start."""
TMP = "/tmp"  # noqa: S108  (the image's own, as Docker mounts it)
USER = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE).groups()


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What `COPY` and `RUN … uv sync` leave, in a folder of its own."""
    uv = shutil.which("uv") or shutil.which("uv", path=ROOT / ".tools" / "uv" / "bin")
    if uv is None or not PYTHON.exists() or shutil.which("bwrap") is None or os.geteuid() != 0:
        pytest.skip("building and trying it needs uv, a Python of the system, bwrap and root")
    folder = tmp_path_factory.mktemp("image")
    folder.chmod(0o755)
    source = folder / "source"
    source.mkdir()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *names, _ = line.split()
        for name in names:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, source / name)
    sync = re.search(r"^RUN /opt/uv/bin/uv (sync .+)$", DOCKERFILE, re.MULTILINE)[1]
    environment = os.environ | {
        "UV_PROJECT_ENVIRONMENT": str(folder / "venv"),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    words = [word for word in shlex.split(sync) if word != "--no-cache"]
    subprocess.run([uv, *words, "--python", PYTHON], cwd=source, env=environment, check=True)
    shutil.rmtree(source)
    return folder


@pytest.fixture
def contained(image, tmp_path):
    """Return a function that runs words as the image's user, beneath a root that is read-only."""
    data = tmp_path / "data"
    data.mkdir()
    settings(data, due_now())
    for path in (data, *data.iterdir()):
        os.chown(path, *map(int, USER))

    def run(*words):
        # A tmpfs of bwrap, and what it makes in there, belong to root alone; Docker's do not.
        walls = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
        walls += ["--perms", "1777", "--tmpfs", TMP]
        above = {
            path
            for door in (image, data)
            for path in door.parents
            if path.is_relative_to(TMP) and path != Path(TMP)
        }
        for path in sorted({image, *above}):
            walls += ["--perms", "0755", "--dir", path]
        doors = ["--ro-bind", image / "venv", image / "venv", "--bind", data, data]
        inside = ["--clearenv", "--setenv", "PATH", f"{image}/venv/bin:/usr/bin:/bin"]
        inside += ["--setenv", "XDG_CACHE_HOME", TMP, "--chdir", data, "--die-with-parent"]
        stranger = ["setpriv", f"--reuid={USER[0]}", f"--regid={USER[1]}", "--clear-groups"]
        stranger += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        return subprocess.run(
            list(map(str, ["bwrap", *walls, *doors, *inside, *stranger, *words])),
            capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip

    return run


def test_a_run_needs_no_root_and_no_root_that_can_be_written_to(contained, tmp_path):
    done = contained("bulletin", "run")

    assert done.returncode == 3, done.stderr  # the source is not there
    assert "is out" in done.stdout
    (week,) = [path for path in (tmp_path / "data" / "site").iterdir() if path.is_dir()]
    assert (week / "deck.pdf").read_bytes().startswith(b"%PDF")
    assert {path.stat().st_uid for path in (tmp_path / "data").rglob("*")} == {int(USER[0])}
    assert contained("bulletin", "status").returncode == 0
    assert contained("bulletin", "watch").returncode == 0
    assert any(day in contained("bulletin", "status").stdout for day in WEEKDAYS)


@pytest.mark.parametrize("place", ["/opt", "/usr/bin", "/etc", "/var"])
def test_nothing_else_can_be_written_to(contained, place):
    """And the control: its own folder can."""
    assert contained("touch", f"{place}/probe").returncode == 1
    assert contained("touch", "probe").returncode == 0
    assert contained("id", "-u").stdout.strip() == USER[0]


def test_the_entry_of_the_image_is_the_program(contained):
    entry = re.search(r'^ENTRYPOINT \["(\w+)"\]$', DOCKERFILE, re.MULTILINE)[1]
    assert contained(entry, "--version").stdout.strip()
