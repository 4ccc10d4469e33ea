"""The errors that a person is meant to read: what happened, and what to do."""


class BulletinError(Exception):
    """A foreseen failure. `problem` is one line; `hint` is an order the reader can follow.

    `exit_code` follows the table in the README: 1 nothing printed, 2 usage or settings.
    """

    exit_code = 1

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}\n{self.hint}"


class SettingsError(BulletinError):
    """The settings or the command line are wrong; nothing was tried."""

    exit_code = 2


class LockedError(BulletinError):
    """Another run holds the archive's lock."""

    exit_code = 75
