"""An archive of today is opened without the machinery that makes and changes its tables."""

import subprocess
import sys

from alembic.script import ScriptDirectory

from bulletin.archive import migrating
from bulletin.archive.store import Archive

OPEN = """
import sys
from bulletin.archive.store import Archive
with Archive.open(sys.argv[1]) as archive:
    print(archive.editions(), "alembic" in sys.modules)
"""


def test_the_last_step_is_the_one_that_is_written_down():
    steps = ScriptDirectory.from_config(migrating.settings())
    assert steps.get_heads() == [migrating.HEAD]


def test_an_archive_of_today_is_opened_without_alembic(tmp_path):
    address = f"sqlite:///{tmp_path / 'bulletin.db'}"
    with Archive.open(address, create=True):
        pass
    done = subprocess.run(
        [sys.executable, "-c", OPEN, address], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["()", "False"]
