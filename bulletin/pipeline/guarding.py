"""Guard rails: who may let which edition leave from where. Each says no with a reason."""

import hashlib
import platform
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bulletin.archive.gate import Gate
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Mode
from bulletin.model.edition import Filed

MACHINE = Path("/etc/machine-id")


def machine(settings: Bulletin) -> str:
    """Return what tells this machine from another: the setting `instance`, or its own id."""
    if settings.instance is not None:
        return settings.instance
    try:
        own = MACHINE.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        own = ""
    # The id itself is meant to stay on its machine (machine-id(5)).
    return hashlib.sha256((own or platform.node()).encode()).hexdigest()[:16]


def check_mode(settings: Bulletin, mode: Mode) -> None:
    """Refuse what goes further than the settings allow. Raises `SettingsError`."""
    if not settings.mode.covers(mode):
        raise SettingsError(
            f"the settings let nothing go further than {settings.mode}, and this is {mode}",
            f'Write mode = "{mode}" into the settings once it may reach its readers.',
        )


def check_home(settings: Bulletin, gate: Gate, at: datetime) -> None:
    """Refuse to send from a copy of the archive. The first machine that sends is its home.

    Raises `BulletinError` on any other.
    """
    here, home = machine(settings), gate.home()
    if home is None:
        gate.settle_in(here, at)
    elif home != here:
        raise _away()


def refusals(settings: Bulletin, gate: Gate, filed: Filed) -> Iterator[BulletinError]:
    """Yield why this edition would not leave from here, as things stand; changes nothing."""
    if gate.home() not in {None, machine(settings)}:
        yield _away()
    try:
        check_approval(settings, gate, filed)
    except BulletinError as error:
        yield error


def _away() -> BulletinError:
    return BulletinError(
        "this archive sends from another machine: from here everything could arrive twice",
        "If it has moved here for good, say so once with `bulletin adopt`.",
    )


def check_approval(settings: Bulletin, gate: Gate, filed: Filed) -> None:
    """Refuse a live edition that nobody but its drafter has read. Raises `BulletinError`."""
    if settings.approval == "none" or filed.edition.mode is not Mode.LIVE:
        return
    if not gate.approvers(filed.digest):
        week = filed.edition.week
        raise BulletinError(
            f"{week} ({filed.digest[:12]}) has not been approved by a second pair of eyes",
            f"Whoever did not draft it reads it and runs `bulletin approve {week}`.",
        )
