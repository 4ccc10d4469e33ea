"""A theme in one line: its files, written into a folder."""

from pathlib import Path

from bulletin.rendering.bundle import Bundle


def theme(folder: Path, **files: str | bytes) -> Path:
    """Write `path=content`; `__` in a name stands for `/`, and `_` before the end for the dot."""
    return written(folder, {named(name): body for name, body in files.items()})


def named(name: str) -> str:
    stem, _, suffix = name.replace("__", "/").rpartition("_")
    return f"{stem}.{suffix}"


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return folder


def bundle(folder: Path, **files: str | bytes) -> Bundle:
    return Bundle.read(theme=theme(folder, **files))
