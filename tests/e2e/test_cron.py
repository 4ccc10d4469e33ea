"""The printed crontab, run by the real cron in namespaces of its own; only its hours are others."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.tools import tool
from tests.monitoring.desk import settings
from tests.scheduling.test_scheduling import printed

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]

BOOT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir /run/upper /run/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work overlay /etc
rm -f /etc/cron.d/*
cp "$TABLE" /etc/cron.d/bulletin
chmod 644 /etc/cron.d/bulletin
mkdir -p /etc/bulletin
echo "PING_URL='https://hc.example/a b'" >/etc/bulletin/environment
chmod 640 /etc/bulletin/environment
chgrp daemon /etc/bulletin/environment
timeout 75 "$CRON" -f || true
"""


@pytest.fixture
def folder():
    """A folder that another user may enter; those of pytest are root's own, all the way up."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_cron_runs_what_is_printed(folder):
    """As the user, with the secrets, from a folder whose name would end a line of its table."""
    tool("crontab")
    cron = shutil.which("cron", path=f"{os.environ['PATH']}:/usr/sbin")
    if cron is None or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a cron of its own needs root, unshare and Debian's cron")
    place, said = folder / "50% of it", folder / "said"
    place.mkdir()
    said.touch()
    said.chmod(0o666)
    program = folder / "program"
    program.write_text(f'#!/bin/sh\necho "$(id -un) [$PING_URL] $*" >>{said}\n')
    program.chmod(0o755)
    settings(place, '[monitor]\nping = { env = "PING_URL" }')
    told = printed(place, "cron", "--program", str(program), "--user", "daemon")
    table = folder / "table"
    every = re.compile(r"^(\*/20|50) \S+ \* \* \S+", re.MULTILINE)
    table.write_text(every.sub("* * * * *", told))

    subprocess.run(
        ["unshare", "--kill-child", "--pid", "--fork", "--mount", "--mount-proc", "sh", "-c", BOOT],
        env={"PATH": os.environ["PATH"], "TABLE": str(table), "CRON": cron}, check=True,
        stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip

    lines = {f"daemon [https://hc.example/a b] --config {place}/bulletin.toml {what}"
             for what in ("run --quiet", "watch")}  # fmt: skip
    assert set(said.read_text().splitlines()) == lines
