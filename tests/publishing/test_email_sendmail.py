"""A mail server on this machine, by its `sendmail`: programs that end as such programs may."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bulletin.errors import BulletinError
from bulletin.model.delivery import DeliveryState
from bulletin.publishing.email.publisher import EmailPublisher
from bulletin.publishing.email.sendmail import Sendmail
from tests.publishing.posting import Desk, draft, edition, settings

SENT, DEFERRED = DeliveryState.SENT, DeliveryState.DEFERRED
REFUSED, UNCERTAIN = DeliveryState.REFUSED, DeliveryState.UNCERTAIN
KEEP = 'cat > "$0.got.$$"; echo "$*" >> "$0.args"; env > "$0.env"\n'
ROOT = Path(__file__).parents[2]
DIE = """
import os, signal, sys, time
from pathlib import Path
from threading import Thread
from bulletin.publishing.email.sendmail import Sendmail

program = Path(sys.argv[1])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def later():
    while not Path(f"{{program}}.on").exists():
        time.sleep(0.01)
    die()

message = b"Subject: x\\r\\n\\r\\n" + b"a line\\r\\n" * 200_000
Sendmail(program).send("j@a.example", "b@a.example", message, {commit})
"""
PIPE = """
import os, signal, subprocess, sys

pipe = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE)
pipe.stdin.write(b"Subject: x\\n\\nhalf a mess")
pipe.stdin.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def program(tmp_path):
    def write(script: str) -> Path:
        path = tmp_path / "sendmail"
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)
        return path

    return write


def send(tmp_path, program: Path, to=("ada@acme.example",)):
    given = settings(host=None, sendmail=str(program), to=list(to))
    desk = Desk.open(tmp_path, edition(), draft(edition()))
    with desk.archive:
        for _ in range(2):
            desk.deliver(EmailPublisher.from_settings(given, "email", None))
        return desk.archive.outbox.deliveries()


def test_the_program_is_given_the_message_and_the_recipient(program, tmp_path, monkeypatch):
    """With the line ends of this machine, once, and none of our secrets."""
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    path = program(KEEP)
    (delivery,) = send(tmp_path, path)

    assert delivery.state is SENT
    (got,) = tmp_path.glob("sendmail.got.*")
    parcel = delivery.parcel
    assert got.read_bytes() == (parcel.head + parcel.body).replace(b"\r\n", b"\n")
    args = (tmp_path / "sendmail.args").read_text()
    assert args == "-i -f journal@acme.example -- ada@acme.example\n"
    assert "ghp_secret" not in (tmp_path / "sendmail.env").read_text()


ENDS = {
    "exit 75": (DEFERRED, 2, "ended with 75: no reason"),
    "echo 'no such user' >&2; exit 67": (REFUSED, 1, "ended with 67: no such user"),
    "kill -9 $$": (UNCERTAIN, 1, "killed by signal 9"),
    "exec sleep 30": (UNCERTAIN, 1, "was at it for 1 seconds, and was stopped"),
}


@pytest.mark.faults
@pytest.mark.parametrize("script", ENDS)
def test_how_it_ends_is_how_it_stands(script, program, tmp_path, monkeypatch):
    """Deferred is tried again, refused and uncertain are not."""
    state, starts, words = ENDS[script]
    if "sleep" in script:
        monkeypatch.setattr(Sendmail, "SECONDS", 1)
    (delivery,) = send(tmp_path, program(f"{KEEP}{script}\n"))

    assert delivery.state is state
    assert words in delivery.detail
    assert len((tmp_path / "sendmail.args").read_text().splitlines()) == starts


@pytest.mark.faults
def test_a_program_that_is_not_there_is_told(tmp_path):
    (delivery,) = send(tmp_path, tmp_path / "nothing")

    assert delivery.state is REFUSED
    assert "nothing cannot be started (No such file or directory)" in delivery.detail
    with pytest.raises(BulletinError, match="cannot be started"):
        Sendmail(tmp_path / "nothing").check()


def test_a_program_that_is_there_is_found(program):
    path = program("exit 1")

    assert Sendmail(path).check() == f"{path} is there"


def await_(path: Path) -> None:
    for _ in range(400):
        if path.exists():
            return
        signal.sigtimedwait([], 0.05)


def killed(code: str, *given) -> None:
    done = subprocess.run([sys.executable, "-c", code, *given], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.faults
def test_when_we_die_no_half_message_is_sent(program, tmp_path):
    """Killed at the point of no return, the program has not started."""
    killed(DIE.format(commit="die"), program(KEEP))

    assert list(tmp_path.glob("sendmail.got.*")) == []


@pytest.mark.faults
def test_when_we_die_while_the_program_reads_it_has_the_whole(program, tmp_path):
    """It is killed after the point of no return: somebody will look, and find one whole mail."""
    slow = f'echo x > "$0.on"; sleep 0.3; {KEEP}'
    killed(DIE.format(commit="lambda: Thread(target=later).start()"), program(slow))
    await_(tmp_path / "sendmail.env")

    (got,) = tmp_path.glob("sendmail.got.*")
    assert got.read_bytes() == b"Subject: x\n\n" + b"a line\n" * 200_000


@pytest.mark.faults
def test_a_pipe_would_send_half_a_message(program, tmp_path):
    """The control: the end of us is the end of the pipe, which is the end of the message."""
    killed(PIPE, program(KEEP))
    await_(tmp_path / "sendmail.env")

    (got,) = tmp_path.glob("sendmail.got.*")
    assert got.read_bytes() == b"Subject: x\n\nhalf a mess"
