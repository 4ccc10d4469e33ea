"""A newsroom with a canned service and whatever channels, run at any moment one likes."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from bulletin import config, registry
from bulletin.archive.store import Archive
from bulletin.model.delivery import Mode
from bulletin.model.week import Week
from bulletin.pipeline import deciding, drafting, running, sending
from bulletin.rendering.bundle import Bundle
from tests.builders import CUTOFF, WEEK, ZONE
from tests.delivery import plugs

NOW = WEEK.closes(ZONE, CUTOFF) + timedelta(minutes=5)
"""Five minutes after the cut-off of a Thursday."""
HOUR = timedelta(hours=1)
HEAD = """
title = "The Journal"
zone = "{zone}"
meeting = "Thursday 10:00"
archive = "{archive}"
output = "out"
mode = "{mode}"
instance = "{instance}"
{more}

[[source]]
kind = "canned"
name = "jira"
"""
PIGEONS = """
[[publish]]
kind = "pigeon"
loft = "loft"
live = ["ada", "bob", "eve"]
rehearsal = ["tess"]
preview = ["ed"]
"""

MAIL = """
[[publish]]
kind = "email"
from = "journal@acme.example"
to = ["ada@acme.example", "bob@acme.example", "eve@acme.example"]
host = "127.0.0.1"
port = {port}
security = "none"
"""
EVERYBODY = ("ada@acme.example", "bob@acme.example", "eve@acme.example")


@cache
def templates():
    return Bundle.read()


class Newsroom:
    """Drafts, runs, sends and decides in one folder; a step moves no clock but its own."""

    def __init__(self, folder: Path, *tables: str, check: bool = True, **given: str) -> None:
        self.folder = folder
        self.path = folder / "bulletin.toml"
        self.loft = folder / "loft"
        self.tables = tables or (PIGEONS,)
        self.given = {"zone": "Europe/Paris", "archive": "sqlite:///bulletin.db", "mode": "live"}
        self.given |= {"instance": "here", "more": ""} | given
        if check:  # else the plugs are in another process
            self.write()

    def write(self, **given: str) -> None:
        """Write the settings, or others from now on."""
        self.given |= given
        self.path.write_text(HEAD.format(**self.given) + "".join(self.tables))
        self.read()

    def read(self) -> None:
        """Read the settings as they stand in the file."""
        self.settings = config.load(self.path, registry.kinds())

    def run(self, now=NOW, **keywords):
        return running.run(self.settings, clock=lambda: now, bundle=templates(), **keywords)

    def draft(self, now=NOW, author="Ada", **keywords):
        return drafting.draft(
            self.settings, now=now, author=author, bundle=templates(), **keywords
        ).filed  # fmt: skip

    def publish(self, week: Week = WEEK, now=NOW, **keywords):
        return sending.publish(self.settings, week, clock=lambda: now, **keywords)

    def plan(self, week: Week = WEEK, now=NOW, **keywords):
        return sending.plan(self.settings, week, clock=lambda: now, **keywords)

    def approve(self, author="Bob", week: Week = WEEK, now=NOW):
        return deciding.approve(self.settings, week, author=author, now=now)[0]

    def resolve(self, word, state, now=NOW):
        return deciding.resolve(self.settings, word, state, author="Ada", now=now)

    def archive(self) -> Archive:
        return Archive.open(self.settings.archive)

    def states(self, week: Week = WEEK, mode: Mode | None = None) -> dict[str, str]:
        """Return the state of every target, of a week's last edition that was put in."""
        with self.archive() as archive:
            deliveries = archive.outbox.deliveries(str(week), mode)
        return {one.parcel.target: str(one.state) for one in deliveries}

    def log(self, *what: str) -> list[str]:
        with self.archive() as archive:
            return [event.detail for event in archive.events() if event.what in what]

    def arrived(self) -> list[str]:
        """Return who got something, oldest first."""
        return [line["target"] for line in plugs.arrived(self.loft)]
