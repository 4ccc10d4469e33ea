"""Killed at every named point of a mail's way, and run again: nobody gets it twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bulletin.model.delivery import DeliveryState
from tests.publishing.posting import THREE, Desk, draft, edition
from tests.publishing.smtp_script import Script

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from pathlib import Path
from tests.publishing.posting import Desk, draft, edition, publisher

desk = Desk.reopen(Path(sys.argv[1]), edition(), draft(edition()))
desk.deliver(publisher(port=int(sys.argv[2]), security="none"))
"""
SEND_THEN_MARK = """
import sys
from pathlib import Path
from tests.publishing.posting import THREE, PATIENCE, settings
from bulletin.publishing.email.relay import Relay

marks = Path(sys.argv[1]) / "marks"
relay = Relay(settings(port=int(sys.argv[2]), security="none"), PATIENCE)
for one in THREE:
    if not marks.exists() or one not in marks.read_text():
        relay.send("journal@acme.example", one, b"Subject: x\\r\\n\\r\\nx\\r\\n", lambda: None)
        with marks.open("a") as file:
            file.write(one)
"""
SENT, UNCERTAIN = DeliveryState.SENT, DeliveryState.UNCERTAIN
POINTS = {
    "outbox-filled": (SENT, 1),
    "claimed": (SENT, 1),
    "mail-connected": (SENT, 1),
    "mail-recipient": (SENT, 1),
    "mail-begun": (SENT, 1),
    "mail-half": (SENT, 1),
    "mail-written": (SENT, 1),
    "committed": (UNCERTAIN, 0),
    "mail-dotted": (UNCERTAIN, 1),
    "mail-answered": (UNCERTAIN, 1),
    "answered": (UNCERTAIN, 1),
    "settled": (SENT, 1),
}
"""What becomes of the first recipient, and how often the server took it; the others have it."""
BY_DAY = ("mail-half", "committed", "mail-dotted")


def die(code: str, folder: Path, port: int, point: str = "") -> int:
    """Run the code in a process of its own, which dies at this point."""
    done = subprocess.run(
        [sys.executable, "-c", code, folder, str(port)],
        cwd=ROOT, check=False, timeout=60, env=os.environ | {"BULLETIN_CRASH": point},
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize(
    "point", [p if p in BY_DAY else pytest.param(p, marks=pytest.mark.nightly) for p in POINTS]
)
def test_a_run_that_was_killed_and_run_again_sends_to_each_at_most_once(point, tmp_path):
    state, accepted = POINTS[point]
    with Script() as script:
        Desk.open(tmp_path, edition(), draft(edition())).archive.close()
        assert die(RUN, tmp_path, script.port, point) == -signal.SIGKILL
        assert die(RUN, tmp_path, script.port) == 0
        counts = [script.count(one) for one in THREE]
    desk = Desk.reopen(tmp_path, edition(), draft(edition()))
    with desk.archive:
        states = list(desk.states().values())

    assert states == [state, SENT, SENT]
    assert counts == [accepted, 1, 1]


def test_a_program_that_sends_and_then_marks_makes_a_double_here(tmp_path):
    """The control."""
    with Script() as script:
        assert die(SEND_THEN_MARK, tmp_path, script.port, "mail-answered") == -signal.SIGKILL
        assert die(SEND_THEN_MARK, tmp_path, script.port) == 0

        assert [script.count(one) for one in THREE] == [2, 1, 1]
