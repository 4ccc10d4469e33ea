"""A mail server on this machine, by its `sendmail` program."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import ClassVar

from bulletin.crashing import crash_point
from bulletin.model.delivery import Fate
from bulletin.publishing import Commit
from bulletin.publishing.email.carrier import NotTakenError

LATER = 75
"""EX_TEMPFAIL of sysexits.h."""
NEEDED = ("PATH", "HOME", "USER", "LOGNAME")
"""Of our environment, which holds secrets, the program is given these alone."""


class Sendmail:
    """Gives messages to a program that queues them."""

    SECONDS: ClassVar[float] = 600
    """How long it may take."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def send(self, sender: str, recipient: str, message: bytes, commit: Commit) -> str:
        """Start the program on the whole message, which lies in a file.

        It is no pipe: if we died half way, the program would take the end of the pipe for the end
        of the message, and send the half. So it is committed before the program starts.
        """
        command = [str(self._program), "-i", "-f", sender, "--", recipient]
        with tempfile.TemporaryFile() as file:
            file.write(message.replace(b"\r\n", b"\n"))  # a file of this machine has its lines
            file.seek(0)
            crash_point("mail-written")
            commit()
            try:
                done = subprocess.run(  # noqa: S603  (the program that the settings name)
                    command,
                    stdin=file,
                    capture_output=True,
                    env={name: os.environ[name] for name in NEEDED if name in os.environ},
                    timeout=self.SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                told = f"{self._program} was at it for {self.SECONDS:.0f} seconds, and was stopped"
                raise NotTakenError(Fate.UNCERTAIN, told) from error
            except OSError as error:
                raise self._missing(error.strerror) from error
        crash_point("mail-answered")
        if done.returncode:
            raise self._failed(done)
        return "queued on this machine"

    def check(self) -> str:
        """See whether the program is there."""
        if not os.access(self._program, os.X_OK):
            raise self._missing("it is no program that we may start")
        return f"{self._program} is there"

    def _failed(self, done: subprocess.CompletedProcess[bytes]) -> NotTakenError:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        code = done.returncode
        if code < 0:
            return NotTakenError(Fate.UNCERTAIN, f"{self._program} was killed by signal {-code}")
        fate = Fate.DEFERRED if code == LATER else Fate.REFUSED
        return NotTakenError(fate, f"{self._program} ended with {code}: {said or 'no reason'}")

    def _missing(self, why: str | None) -> NotTakenError:
        told = f"{self._program} cannot be started ({why})"
        return NotTakenError(Fate.REFUSED, told, "Install a mail server, or name a host instead.")
