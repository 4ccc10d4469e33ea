"""The files channel: `<folder>/<week>/<name>`, each file whole or not at all."""

import errno
import os
import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

from bulletin.config import NearPath
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Fate, Receipt
from bulletin.model.edition import Filed

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""A name that is one on every system, hides nothing and leads nowhere."""
PART = ".part"
HINT = "Check the folder, its rights and the room on its disk, then publish again."


class FilesPublisher:
    """Lays an edition out in a folder. What is there with the same bytes is not touched."""

    class Settings(Table):
        """The table `[[publish]]` with `kind = "files"`."""

        folder: NearPath | None = None
        """Where the weeks' folders are made; the bulletin's `output` unless set."""

    def __init__(self, folder: Path, channel: str = "files") -> None:
        self.channel = channel
        self._folder = folder

    @classmethod
    def from_settings(cls, settings: Settings, name: str, output: Path) -> Self:
        """Build the channel of this configured name; `output` is the bulletin's own folder."""
        return cls(settings.folder or output, name)

    def publish(self, filed: Filed, artifacts: Sequence[Artifact]) -> Receipt:
        """Write every artifact, or none where one cannot be written.

        All are written beside their places before the first is moved there. Raises
        `BulletinError` for a name that is not plain, a folder that may not be written to and a
        full disk. Files of the week's folder that are no artifacts are left alone.
        """
        folder = self._folder / str(filed.edition.week)
        names = [artifact.name for artifact in artifacts]
        for name in names:
            if not PLAIN.fullmatch(name) or names.count(name) > 1:
                raise BulletinError(
                    f"an artifact is named {name[:40]!r}, which is no plain name of its own",
                    "A renderer is at fault; nothing was written.",
                )
        try:
            written = self._write(folder, artifacts)
        except OSError as error:
            raise _refused(folder, error) from error
        entrance = "index.html" if "index.html" in names else ""
        return Receipt(
            channel=self.channel,
            target=str(self._folder),
            fate=Fate.DELIVERED if written else Fate.ALREADY_THERE,
            reference=str(folder / entrance),
            detail=f"{written} of {len(names)} files written",
        )

    def _write(self, folder: Path, artifacts: Sequence[Artifact]) -> int:
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
