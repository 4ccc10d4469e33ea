"""A systemd of our own: the real one, as process 1 of namespaces that end with the test.

It sees this machine's files, but none of its units: what is started is what a test installed, and
what is written to /etc, /run and /var is gone with it. It needs root and cgroups, which are mounted
anew; where it cannot be had, the test says why.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.tools import tool

SECONDS = 150
BOOT = """
set -e
mount --make-rprivate /
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
umount -R /sys/fs/cgroup
if [ -n "$LEGACY" ]; then
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
else
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
for folder in /etc /var; do
    mkdir -p /run/aside$folder/upper /run/aside$folder/work
    aside="upperdir=/run/aside$folder/upper,workdir=/run/aside$folder/work"
    mount -t overlay -o lowerdir=$folder,$aside overlay $folder
done
mkdir -p /run/systemd/system /etc/bulletin
cp -r "$UNITS"/. /run/systemd/system/
cp -r "$CREDENTIALS" /etc/bulletin/credentials
chmod -R go= /etc/bulletin/credentials
export container=private
exec "$SYSTEMD" --system --unit="$UNIT" --log-level=notice --log-target=console --show-status=0
"""
DROP_IN = """[Unit]
DefaultDependencies=no
Wants=
After=
SuccessAction=exit-force
FailureAction=exit-force
FailureActionExitStatus=9
SuccessActionExitStatus=0

[Service]
StandardOutput=file:{out}
StandardError=append:{err}
{more}
"""
"""The test's own: it ends with the service, and what it says lands in a file. The directives that
are tried stay as they were printed."""


FAILED = 9
"""What it ends with where the service failed, and 0 where it did not."""


def start(unit: str, units: Path, credentials: Path, folder: Path, more: str = "") -> int:
    """Start one service under a systemd of its own and return how that ended.

    What the service says is in `out` and `err` of the folder. Skips the test where namespaces,
    root or systemd are not to be had.
    """
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a systemd of its own needs root and unshare")
    aside = units / f"{unit}.d"
    aside.mkdir()
    (aside / "test.conf").write_text(
        DROP_IN.format(out=folder / "out", err=folder / "err", more=more)
    )
    environment = {
        "PATH": os.environ["PATH"],
        "UNITS": str(units),
        "UNIT": unit,
        "CREDENTIALS": str(credentials),
        "SYSTEMD": str(tool("systemd")),
        "LEGACY": "" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "1",
    }
    spaces = ["--kill-child", "--pid", "--fork", "--mount", "--mount-proc", "--cgroup"]
    words = ["timeout", "-k", "5", str(SECONDS), "unshare", *spaces, "--uts", "--ipc"]
    done = subprocess.run(
        [*words, "sh", "-c", BOOT],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not (folder / "out").exists():
        pytest.skip(f"systemd cannot run here: {(done.stdout + done.stderr)[-300:]}")
    return done.returncode
