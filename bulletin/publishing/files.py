"""The files channel: `<folder>/<week>/<name>`, each file whole or not at all."""

import errno
import os
import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import ClassVar, Self
from uuid import uuid4

from bulletin.config import Bulletin, NearPath
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Delivery, Fate, Mode, Parcel, Receipt
from bulletin.model.edition import Filed
from bulletin.publishing import Commit, Issue
from bulletin.publishing.answers import moved

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""A name that is one on every system, hides nothing and leads nowhere."""
PART = ".part"
HINT = "Check the folder, its rights and the room on its disk, then publish again."


class FilesPublisher:
    """Lays an edition out in a folder. What is there with the same bytes is not touched."""

    formats: ClassVar[tuple[str, ...]] = ()

    class Settings(Table):
        """The table `[[publish]]` with `kind = "files"`."""

        folder: NearPath | None = None
        """Where the weeks' folders are made; the bulletin's `output` unless set."""
        rehearsal: NearPath | None = None
        """The folder of rehearsals; without it, rehearsals are laid out nowhere."""

    def __init__(self, live: Path, rehearsal: Path | None = None, channel: str = "files") -> None:
        self.channel = channel
        self._folders = {Mode.LIVE: live, Mode.REHEARSAL: rehearsal}

    @classmethod
    def from_settings(cls, settings: Settings, name: str, bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings.folder or bulletin.output, settings.rehearsal, name)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Name the folder of the edition's mode; what is laid out are its artifacts."""
        folder = self._folders.get(issue.filed.edition.mode)
        return () if folder is None else (Parcel(target=str(folder)),)

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Lay the edition out, and the shelf beside it. The same edition twice changes nothing."""
        folder = self._folders.get(delivery.mode)
        if folder is None or str(folder) != delivery.parcel.target:
            raise moved(delivery, "folder")
        receipt = lay_out_files(folder, issue.filed, issue.artifacts, self.channel)
        for artifact in issue.shelf(folder):
            atomic_write(folder / artifact.name, artifact.body)
        return receipt

    def check(self) -> str:
        """Try to write, and leave nothing."""
        folders = [folder for folder in self._folders.values() if folder is not None]
        for folder in folders:
            writable(folder)
        return f"{', '.join(map(str, folders))} can be written to"


def lay_out_files(
    root: Path, filed: Filed, artifacts: Sequence[Artifact], channel: str = "files"
) -> Receipt:
    """Write every artifact into the week's folder, or none where one cannot be written.

    All are written beside their places before the first is moved there. Raises `BulletinError`
    for a name that is not plain, a folder that may not be written to and a full disk. Files of the
    week's folder that are no artifacts are left alone.
    """
    folder = root / str(filed.edition.week)
    names = [artifact.name for artifact in artifacts]
    for name in names:
        if not PLAIN.fullmatch(name) or names.count(name) > 1:
            raise BulletinError(
                f"an artifact is named {name[:40]!r}, which is no plain name of its own",
                "A renderer is at fault; nothing was written.",
            )
    try:
        written = _write(folder, artifacts)
    except OSError as error:
        raise _refused(folder, error) from error
    entrance = "index.html" if "index.html" in names else ""
    return Receipt(
        channel=channel,
        target=str(root),
        fate=Fate.DELIVERED if written else Fate.ALREADY_THERE,
        reference=str(folder / entrance),
        detail=f"{written} of {len(names)} files written",
    )


def _write(folder: Path, artifacts: Sequence[Artifact]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f".*{PART}"):  # by a run that was killed
        left.unlink(missing_ok=True)
    changed = [made for made in artifacts if not _holds(folder / made.name, made.body)]
    with ExitStack() as parts:
        staged = [(_stage(folder / made.name, made.body, parts), made) for made in changed]
        for part, made in staged:
            part.replace(folder / made.name)
    if changed:
        _settle(folder)
    return len(changed)


def writable(folder: Path) -> None:
    """Try whether files can be written in a folder, or where it would be made; leaves nothing.

    Raises `BulletinError` where they cannot.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with ExitStack() as parts:
            _stage(there / "check", b"", parts)
    except OSError as error:
        raise _refused(folder, error) from error


def atomic_write(path: Path, body: bytes) -> bool:
    """Write one file whole: whoever reads it sees the old bytes or the new, also after a crash.

    Returns whether it was written: the same bytes are not written again. Raises `BulletinError`
    where it cannot be; the old file is then still there.
    """
    try:
        if _holds(path, body):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as parts:
            _stage(path, body, parts).replace(path)
        _settle(path.parent)
    except OSError as error:
        raise _refused(path, error) from error
    return True


def _holds(path: Path, body: bytes) -> bool:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except FileNotFoundError:
        return False


def _stage(path: Path, body: bytes, parts: ExitStack) -> Path:
    # Not `tempfile`: its files are for their owner alone, and a web server has to read these.
    part = path.with_name(f".{path.name}.{uuid4().hex}{PART}")
    parts.callback(part.unlink, missing_ok=True)
    with part.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return part


def _settle(folder: Path) -> None:
    # The new names are on the disk only once the folder is. Some file systems cannot be asked.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refused(path: Path, error: OSError) -> BulletinError:
    return BulletinError(f"{path} cannot be written ({error.strerror})", HINT)
