"""What a schedule makes of an exit code: gaps and another run fail no job, everything else does.

The shell is the printed one; the program is one that ends as it is told.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.monitoring.desk import settings
from tests.scheduling.test_scheduling import IMAGE, PREVIEW, printed

ROOT = Path(__file__).resolve().parents[2]
CODES = [(0, 0), (1, 1), (2, 2), (3, 0), (4, 4), (75, 0)]


@pytest.fixture
def program(tmp_path):
    """Return the folder of a `bulletin` that says its arguments and ends with $CODE."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "bulletin"
    draft = '{"week": "2026-W48", "revision": 1}'
    path.write_text(
        f'#!/bin/sh\ncase "$*" in *"draft --json") echo \'{draft}\' ;; *) echo "$@" ;; esac\n'
        "exit ${CODE:-0}\n"
    )
    path.chmod(0o755)
    return folder


def shell(script, program, code=0, **more):
    environment = {"PATH": f"{program}:{os.environ['PATH']}", "CODE": str(code), **more}
    return subprocess.run(
        ["/bin/sh", "-ec", script], env=environment, capture_output=True, text=True, check=False
    )


def pods(folder):
    """Return the command of every job by its name."""
    documents = yaml.safe_load_all(printed(folder, "kubernetes", *IMAGE))
    jobs = [one for one in documents if one["kind"] == "CronJob"]
    specs = {one["metadata"]["name"]: one["spec"]["jobTemplate"]["spec"] for one in jobs}
    return {
        name: spec["template"]["spec"]["containers"][0]["args"][0] for name, spec in specs.items()
    }


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_a_pod_ends_as_the_run_went(tmp_path, program, code, expected):
    settings(tmp_path, PREVIEW)
    script = pods(tmp_path)["bulletin"]

    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=False,
        env={"PATH": f"{program}:{os.environ['PATH']}", "CODE": str(code)},
    )  # fmt: skip

    assert done.returncode == expected
    assert done.stdout == "--config /data/bulletin.toml run\n"


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_a_workflow_of_a_runner_of_one_s_own_ends_as_the_run_went(
    tmp_path, program, code, expected
):
    settings(tmp_path)
    told = yaml.safe_load(
        printed(tmp_path, "github-actions", "--program", str(program / "bulletin"))
    )
    steps = told["jobs"]["bulletin"]["steps"]

    done = shell(steps[0]["run"], program, code)

    assert done.returncode == expected
    assert [re.search(r"(run|watch)$", one["name"])[1] for one in steps] == ["run", "watch"]


def test_the_draft_for_the_editors_is_published_as_a_preview(tmp_path, program):
    """The week is the draft's own, whatever its exit code says of gaps."""
    settings(tmp_path, PREVIEW)
    done = shell(pods(tmp_path)["bulletin-preview"], program)

    assert done.stdout == "--config /data/bulletin.toml publish 2026-W48 --as preview\n"


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_the_action_ends_as_the_command_did_and_says_so(tmp_path, program, code, expected):
    """The composite action's own shell, with a checkout whose program ends as it is told."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "bootstrap").write_text("#!/bin/sh\n")
    (tmp_path / "scripts" / "bootstrap").chmod(0o755)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(program)
    (step,) = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    output = tmp_path / "output"
    given = {"ACTION": str(tmp_path), "COMMAND": "run", "CONFIG": "b.toml"}

    done = shell(step["run"], program, code, GITHUB_OUTPUT=str(output), **given)

    assert done.returncode == expected
    assert output.read_text() == f"exit-code={code}\n"
    assert "--config b.toml run" in done.stdout
    assert ("::warning::" in done.stdout) == (code in {3, 75})
