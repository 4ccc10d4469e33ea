"""What every table shares: frozen settings, paths near the file, and secrets by reference."""

import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, model_validator

from bulletin.errors import SettingsError

REVEALED: set[str] = set()
"""The secrets that this process has read, for the log to leave out."""


class Settings(BaseModel):
    """The base of every table in the file: frozen, and no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _from_settings(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", Path())
    return base / path.expanduser()


NearPath = Annotated[Path, AfterValidator(_from_settings)]
"""A path that, if relative, starts at the settings' folder: cron starts programs anywhere."""


def _credential(name: str) -> str:
    """Return what systemd's LoadCredential= has laid out under this name, if anything."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    try:
        return Path(folder, name).read_text(encoding="utf-8").strip() if folder else ""
    except (OSError, UnicodeError):
        return ""


def _variable(name: str) -> str:
    # A token that stands where its variable's name belongs would be printed as that name.
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,99}", name):
        msg = "write the NAME of an environment variable, in capitals; never the secret itself"
        raise ValueError(msg)
    return name


class Secret(Settings):
    """Where a secret lies: `{ env = "NAME" }` or `{ file = "/path" }`. Never the secret itself."""

    env: Annotated[str, AfterValidator(_variable)] | None = None
    """Name of an environment variable, in capitals, or of a systemd credential."""
    file: NearPath | None = None
    """A file that holds the secret and nothing else; surrounding space is dropped."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            msg = 'a secret is never written here; write { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)  # noqa: TRY004  (pydantic collects ValueError)
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            msg = 'write either { env = "NAME" } or { file = "/path" }'
            raise ValueError(msg)
        return self

    def reveal(self, *, is_token: bool = True) -> str:
        """Read the secret. Raises `SettingsError` where it is not there, or no header can hold it.

        A key of several lines and a password in an address are no tokens: they go into no header.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip() or _credential(self.env)
            where = f"the environment variable {self.env}"
            remedy = f"Set {self.env} where bulletin runs; cron has an environment of its own."
        else:
            where = f"the file {self.file}"
            remedy = "Put the secret into it, readable by the user that runs bulletin."
            try:
                value = Path(str(self.file)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError):
                value = ""
        if not value:
            msg = f"a secret is missing: {where} is not set, empty or unreadable"
            raise SettingsError(msg, remedy)
        if is_token and not (value.isascii() and value.isprintable()):
            msg = f"a secret cannot be used: {where} holds characters that no token has"
            raise SettingsError(msg, "Copy the token again, whole, on one line and without quotes.")
        REVEALED.add(value)
        return value
