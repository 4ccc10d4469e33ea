"""What `bulletin schedule` prints, read by the validators that install with the tests."""

import json
import re
import subprocess
from pathlib import Path

import check_jsonschema
import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from bulletin.cli import main
from tests.monitoring.desk import settings

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("cron", "systemd", "github-actions", "gitlab-ci", "kubernetes")
IMAGE = ("--image", "registry.acme.example/bulletin:1")
ACTION = ("--action", "acme/bulletin@" + "0" * 40)
PREVIEW = 'schedule = { preview = "Wednesday 17:00" }\nmonitor = { ping = { env = "PING_URL" } }'
SERVER = 'archive = { env = "BULLETIN_ARCHIVE" }'
VALIDATED = {
    "github-actions": "vendor.github-workflows",
    "gitlab-ci": "vendor.gitlab-ci",
}


def printed(folder, kind, *more):
    """Return what the command prints for the settings of this folder."""
    words = ["--config", str(folder / "bulletin.toml"), "schedule", kind, *more]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def refused(folder, kind, *more):
    words = ["--config", str(folder / "bulletin.toml"), "schedule", kind, *more]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 2
    return done.stderr


def checked(schema, path):
    """Hold a file against a schema that check-jsonschema carries; return code and words."""
    done = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, str(path)])
    return done.exit_code, done.output


def jobs(text):
    """Hold every document against Kubernetes' own schema, and return the CronJobs."""
    documents = list(yaml.safe_load_all(text))
    for one in documents:
        kubernetes_validate.validate(one, "1.33", strict=True)
    return [one for one in documents if one["kind"] == "CronJob"]


@pytest.fixture(params=["a file", "a server"])
def folder(request, tmp_path, monkeypatch):
    """Settings whose archive is a file, and settings whose archive is a database server."""
    monkeypatch.setenv("BULLETIN_ARCHIVE", "postgresql+psycopg://u:p@db.acme.example/bulletin")
    place = tmp_path / 'a folder with 100% of $HOME\'s "quotes"'
    place.mkdir()
    settings(place, "\n".join([SERVER if request.param == "a server" else "", PREVIEW]))
    return place


@pytest.mark.parametrize("kind", VALIDATED)
def test_workflows_are_what_their_schema_wants(folder, kind, tmp_path):
    path = tmp_path / "printed.yml"
    path.write_text(printed(folder, kind, *IMAGE[: 2 * (kind == "gitlab-ci")], *ACTION))

    code, said = checked(VALIDATED[kind], path)

    assert code == 0, said


def test_cron_jobs_are_what_kubernetes_wants(folder):
    found = jobs(printed(folder, "kubernetes", *IMAGE))

    assert [one["metadata"]["name"] for one in found] == [
        "bulletin", "bulletin-later", "bulletin-watch-1", "bulletin-watch-2", "bulletin-preview",
    ]  # fmt: skip
    assert {one["spec"]["timeZone"] for one in found} == {"Europe/Paris"}


def test_the_validators_find_what_is_wrong(tmp_path):
    """The control: a slip of the pen in each."""
    settings(tmp_path)
    for kind, schema in VALIDATED.items():
        wrong = printed(tmp_path, kind, *IMAGE, *ACTION)
        path = tmp_path / f"{kind}.yml"
        path.write_text(wrong.replace("schedule:", "shedule:").replace("script:", "scripts:"))
        assert checked(schema, path)[0] == 1
    with pytest.raises(kubernetes_validate.ValidationError):
        jobs(printed(tmp_path, "kubernetes", *IMAGE).replace("timeZone", "timezone"))


def test_the_action_is_what_its_schema_wants():
    code, said = checked("vendor.github-actions", ROOT / "action.yml")
    assert code == 0, said


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_printed_and_every_one_is_named(folder, kind):
    told = printed(folder, kind, *IMAGE, *ACTION)

    assert "PING_URL" in told
    assert "a-token-of-bugsink" not in told
    assert "u:p@" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_how_the_archive_persists(folder, kind):
    told = printed(folder, kind, *IMAGE, *ACTION)
    assert re.search(r"archive (lies in|is a file)|PersistentVolumeClaim", told)


def test_github_keeps_names_of_its_own(tmp_path):
    path = tmp_path / "bulletin.toml"
    settings(tmp_path)
    path.write_text(path.read_text() + '[[source]]\nkind = "github"\norganization = "acme"\n'
                    'token = { env = "GITHUB_TOKEN" }\n')  # fmt: skip

    told = printed(tmp_path, "github-actions")

    assert "GITHUB_TOKEN: ${{ secrets.BULLETIN_GITHUB_TOKEN }}" in told


def test_every_action_is_pinned_by_its_whole_commit(folder):
    used = re.findall(r"uses: \S+", printed(folder, "github-actions", *ACTION))
    # Beside an archive that is a file, the runner is one's own, with everything on it.
    assert bool(used) == (SERVER in (folder / "bulletin.toml").read_text())
    assert all(re.fullmatch(r"uses: [\w/-]+@[0-9a-f]{40}", one) for one in used)


def test_what_could_not_work_is_not_printed(tmp_path, monkeypatch):
    """A machine of another name each time, an action nobody named, an image nobody named, folders
    that a pod cannot write to.
    """
    monkeypatch.setenv("BULLETIN_ARCHIVE", "postgresql+psycopg://u:p@db.acme.example/bulletin")
    settings(tmp_path, SERVER)
    assert "--action" in refused(tmp_path, "github-actions")
    assert "--image" in refused(tmp_path, "gitlab-ci")
    assert "--image" in refused(tmp_path, "kubernetes")
    path = tmp_path / "bulletin.toml"
    path.write_text(path.read_text().replace('instance = "here"', ""))
    assert "instance" in refused(tmp_path, "kubernetes", *IMAGE)
    path.write_text(path.read_text().replace('folder = "site"', 'folder = "/srv/www"'))
    settings(tmp_path, 'output = "/srv/www"')
    assert "/data" in refused(tmp_path, "kubernetes", *IMAGE)


def test_a_user_of_two_words_is_refused(tmp_path):
    """In a crontab the second would be the program."""
    settings(tmp_path)
    assert "no name of a user" in refused(tmp_path, "cron", "--user", "a b")


def test_a_path_with_a_line_break_is_refused(tmp_path):
    place = tmp_path / "a\nb"
    place.mkdir()
    settings(place)

    assert "line breaks" in refused(place, "cron")


def test_the_shells_read_the_paths_that_were_meant(folder, tmp_path):
    """The line of the crontab, as cron hands it to a shell; only the program is another."""
    program = tmp_path / "it's a program"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    told = printed(folder, "cron", "--program", str(program), "--user", "ada")
    line = next(line for line in told.splitlines() if line.endswith("run --quiet"))
    command = line.split(" ada ", 1)[1].replace("set -a; . /etc/bulletin/environment; set +a; ", "")

    done = subprocess.run(
        ["/bin/sh", "-c", command.replace(r"\%", "%")], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [
        "--config", str(folder / "bulletin.toml"), "run", "--quiet",
    ]  # fmt: skip


def test_the_install_script_writes_units_and_touches_nothing_else(folder, tmp_path):
    root = tmp_path / "root"
    script = printed(folder, "systemd", "--user", "ada")

    subprocess.run(
        ["sh"],
        input=script,
        text=True,
        check=True,
        env={"DESTDIR": str(root), "PATH": "/usr/bin:/bin"},
    )

    names = {path.name for path in root.rglob("*") if path.is_file()}
    assert names == {
        f"bulletin{part}.{kind}"
        for part in ("", "-watch", "-preview")
        for kind in ("service", "timer")
    }
    unit = (root / "etc/systemd/system/bulletin.service").read_text()
    assert "LoadCredential=PING_URL:/etc/bulletin/credentials/PING_URL" in unit
    assert '100%% of $$HOME\'s \\"quotes\\"/bulletin.toml' in unit


def test_a_credential_of_systemd_is_a_secret(tmp_path, monkeypatch):
    """Where the environment does not have it."""
    from bulletin.config import Secret  # noqa: PLC0415  (this test alone)

    (tmp_path / "PING_URL").write_text("https://hc.example/uuid\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Secret(env="PING_URL").reveal() == "https://hc.example/uuid"
    monkeypatch.setenv("PING_URL", "https://hc.example/other")
    assert Secret(env="PING_URL").reveal() == "https://hc.example/other"


def test_the_metadata_is_json_where_yaml_wants_a_string(tmp_path):
    settings(tmp_path)
    told = printed(tmp_path, "kubernetes", "--image", 'a"b: c')
    assert f"image: {json.dumps('a' + chr(34) + 'b: c')}" in told


def test_a_unit_may_write_where_the_settings_lead_and_nowhere_else(tmp_path):
    """The archive, the output, every folder of a channel, a wiki on this machine; none twice."""
    for name in ("data", "site", "elsewhere/rehearsal", "wiki.git", "output/deep"):
        (tmp_path / name).mkdir(parents=True)
    folder = tmp_path / "settings"
    folder.mkdir()
    text = f"""
        archive = "sqlite:///{tmp_path}/data/bulletin.db"
        output = "{tmp_path}/output"
        [[publish]]
        kind = "files"
        folder = "{tmp_path}/site"
        rehearsal = "{tmp_path}/elsewhere/rehearsal"
        [[publish]]
        kind = "files"
        name = "deep"
        folder = "{tmp_path}/output/deep"
        [[publish]]
        kind = "git-wiki"
        remote = "file://{tmp_path}/wiki.git"
        branch = "main"
    """
    (folder / "bulletin.toml").write_text(text, encoding="utf-8")
    (line,) = {
        line
        for line in printed(folder, "systemd").splitlines()
        if line.startswith("ReadWritePaths")
    }
    named = set(re.findall(r'"([^"]+)"', line))
    wanted = ("data", "output", "site", "elsewhere/rehearsal", "wiki.git")
    assert named == {str(tmp_path / name) for name in wanted}


def test_a_channels_folder_outside_is_refused_in_a_cluster(tmp_path):
    text = """
        instance = "here"
        [[publish]]
        kind = "files"
        folder = "/srv/site"
    """
    (tmp_path / "bulletin.toml").write_text(text, encoding="utf-8")
    assert "/srv" in refused(tmp_path, "kubernetes", *IMAGE)
