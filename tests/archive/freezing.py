"""Freezes the archive that this version makes, for all later ones to open: see `docs/archive.md`.

`python -m tests.archive.freezing` writes `tests/archive/released/<version>/`. A sample is made
when its version is released, and never again.
"""

import json
import lzma
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from bulletin import __version__
from bulletin.archive.store import Archive
from bulletin.demo import LAST
from tests.archive import company, postgres

RELEASED = Path(__file__).parent / "released"
WEEKS = [LAST.shift(-back) for back in (3, 2, 1, 0)]


def freeze(folder: Path) -> None:
    """Draft the same weeks into both databases, and write down what they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = company.light_bundle()
    with (
        tempfile.TemporaryDirectory() as scratch,
        postgres.serve() as socket,
        postgres.database(socket) as server,
        company.opened() as opened,
    ):
        path = Path(scratch) / "bulletin.db"
        held = []
        for address in (f"sqlite:///{path}", server):
            settings = company.write_settings(opened, Path(scratch), address)
            company.draft_weeks(opened, company.load_settings(settings), WEEKS, bundle)
            with Archive.open(address) as archive:
                held.append(company.told(archive))
        assert held[0] == held[1], "the databases differ"
        with closing(sqlite3.connect(path)) as connection:
            _write(folder / "sqlite.sql.xz", "\n".join(connection.iterdump()))
        text = postgres.dump(server)
        _write(
            folder / "postgresql.sql.xz",
            "\n".join(
                line
                for line in text.split("\n")
                if line and not line.startswith(("\\", "--", "SET "))
            ),
        )
        (folder / "expected.json").write_text(json.dumps(held[0], indent=1) + "\n")


def thaw_sqlite(folder: Path, path: Path) -> None:
    """Make the SQLite archive of a release again."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(lzma.decompress((folder / "sqlite.sql.xz").read_bytes()).decode())


def thaw_postgresql(folder: Path, address: str) -> None:
    """Make the PostgreSQL archive of a release again, in an empty database."""
    postgres.restore(address, lzma.decompress((folder / "postgresql.sql.xz").read_bytes()).decode())


def _write(path: Path, text: str) -> None:
    path.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    freeze(RELEASED / __version__)
