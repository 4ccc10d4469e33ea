"""The printed units, run by the real systemd: credentials, rights, and the whole of a run."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bulletin.model.week import WEEKDAYS
from bulletin.pipeline.clock import utc_now
from tests.e2e import systemd
from tests.monitoring.desk import listener, settings, told
from tests.scheduling.test_scheduling import printed

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("bulletin")


def due_now() -> str:
    """Return settings by which an edition has been due for an hour."""
    opened = utc_now() - timedelta(hours=1)
    cutoff = f"{WEEKDAYS[opened.weekday()]} {opened:%H:%M}"
    return f'zone = "UTC"\ncutoff = "{cutoff}"\nlateness_hours = 100\n'


@pytest.fixture
def installed(tmp_path):
    """Return where the printed script has put the units of a bulletin that is due."""
    place = tmp_path / "place"
    place.mkdir()
    settings(place, f'{due_now()}[monitor]\nping = {{ env = "PING_URL" }}\nafter_hours = 1')
    script = printed(place, "systemd", "--program", str(PROGRAM), "--user", "root")
    root = tmp_path / "root"
    elsewhere = {"DESTDIR": str(root), "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh"], input=script, text=True, check=True, env=elsewhere)
    return root / "etc/systemd/system"


def started(unit, installed, tmp_path, ping):
    """Start it with the ping's address as the one credential.

    A checkout and settings that lie in /tmp are let through PrivateTmp; nothing else is.
    """
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "PING_URL").write_text(ping)
    place = tmp_path / "place"
    more = f"BindPaths={place}\nBindReadOnlyPaths={ROOT}"
    code = systemd.start(unit, installed, credentials, tmp_path, more)
    return code, (tmp_path / "out").read_text() + (tmp_path / "err").read_text()


def test_the_watch_reads_its_credential_and_tells(installed, tmp_path):
    """There is no archive: it exits with 1, and systemd calls the unit failed."""
    with listener() as server:
        code, said = started("bulletin-watch.service", installed, tmp_path, f"{server.url}/hc")

    assert "is not known to be out: there is no archive" in said
    assert told(server) == [("POST", "/hc/fail", "exit code 1")]
    assert code == systemd.FAILED


def test_the_watch_without_its_credential_is_not_started(installed, tmp_path):
    """The control: it is LoadCredential= that brings the secret, and nothing else."""
    unit = installed / "bulletin-watch.service"
    unit.write_text(re.sub(r"LoadCredential=.*\n", "", unit.read_text()))
    with listener() as server:
        _, said = started("bulletin-watch.service", installed, tmp_path, f"{server.url}/hc")

    assert "PING_URL is not set" in said
    assert server.seen == []


@pytest.mark.nightly
def test_a_whole_run_works_as_hardened_as_it_is_printed(installed, tmp_path):
    """PDFs, archive and site are written; everything else is out of its reach."""
    with listener() as server:
        code, said = started("bulletin.service", installed, tmp_path, f"{server.url}/hc")

    site = tmp_path / "place" / "site"
    (week,) = [path for path in site.iterdir() if path.is_dir()]
    assert (week / "deck.pdf").read_bytes().startswith(b"%PDF")
    assert (week / "paper.pdf").read_bytes().startswith(b"%PDF")
    assert "is out" in said
    assert told(server) == [("GET", "/hc/start", ""), ("GET", "/hc", "")]
    assert code == 0  # 3, for the source that is not there, is a success


@pytest.mark.nightly
@pytest.mark.parametrize(
    "probe",
    ["touch /usr/probe", "touch /etc/probe", "touch /var/probe", "touch /home/probe",
     "mount -t tmpfs none /mnt", "unshare -m true", "mknod /tmp/probe c 1 3", "hostname probe"],
)  # fmt: skip
def test_what_a_run_has_no_use_for_is_refused(installed, tmp_path, probe):
    """In the printed unit, with another program."""
    said = probed(installed, tmp_path, probe)

    assert "STARTED" in said
    assert "DONE" not in said


@pytest.mark.nightly
@pytest.mark.parametrize(
    "probe", ["mount -t tmpfs none /mnt", "hostname probe", "touch /etc/probe"]
)
def test_without_the_hardening_it_would_be_allowed(installed, tmp_path, probe):
    """The control, with what can be tried without harm."""
    hardening = r"(Protect|Private|Restrict|System|Capability|NoNew|Lock).*\n"
    unit = installed / "bulletin.service"
    unit.write_text(re.sub(hardening, "", unit.read_text()))

    assert "DONE" in probed(installed, tmp_path, probe)


def probed(installed, tmp_path, probe):
    unit = installed / "bulletin.service"
    line = f"ExecStart=/bin/sh -c '{probe} && echo DONE; true && echo STARTED'"
    unit.write_text(re.sub(r"ExecStart=.*", line, unit.read_text()))
    return started("bulletin.service", installed, tmp_path, "https://hc.example")[1]
