"""What takes a message away: a mail server, or a program that speaks for one."""

from typing import Protocol

from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate
from bulletin.publishing import Commit

HINT = "The mail server's log says more."


class NotTakenError(BulletinError):
    """A message was not taken: `fate` says whether for now, for good, or nobody can tell."""

    def __init__(self, fate: Fate, problem: str, hint: str = HINT) -> None:
        super().__init__(problem, hint)
        self.fate = fate


class Carrier(Protocol):
    """Takes one message to one recipient. It lives as long as a run, and no longer."""

    def send(self, sender: str, recipient: str, message: bytes, commit: Commit) -> str:
        """Hand a message over, and return what was answered.

        `commit` is called right before it may be taken. Raises `NotTakenError` where it was not,
        and whatever `commit` raises; nothing leaves then.
        """
        ...

    def check(self) -> str:
        """Try everything but sending. Raises `NotTakenError`."""
        ...
