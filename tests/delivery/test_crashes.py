"""A run that dies anywhere: nobody gets anything twice, nothing is lost without a word, and no
delivery says that it arrived where it did not.

The runs are real processes, the mail server puts every message on the disk before it answers, and
the faults are the kernel's own, played by strace. Every one of them is counted as it fires; the
control is the policy that most programs have, to send and then to write it down.
"""

import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: a sample of what runs whole at night)

import pytest

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.model.delivery import Mode
from tests.delivery import kennel
from tests.delivery.newsroom import EVERYBODY, MAIL, Newsroom
from tests.e2e.tools import tool

ROOT = Path(__file__).parents[2]
MAKING = ("locked", "collected", "filed")
LEAVING = (
    "outbox-filled", "claimed", "mail-connected", "mail-recipient", "mail-begun", "mail-half",
    "mail-written", "committed", "mail-dotted", "mail-answered", "answered", "settled", "delivered",
)  # fmt: skip
FAULTS = {
    "no room, once": "error=ENOSPC:when={n}",
    "no room from then on": "error=ENOSPC:when={n}+",
    "disk fails, once": "error=EIO:when={n}",
    "disk fails from then on": "error=EIO:when={n}+",
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory, dogs, sink):
    """A folder with an edition that was printed and has not left."""
    room = Newsroom(tmp_path_factory.mktemp("room"), MAIL.format(port=sink.port), check=False)
    unsent = Newsroom(room.folder, "", check=False)
    assert dogs.run(unsent)["said"] == "exit 0"
    return room.folder


@pytest.fixture
def stage(tmp_path, printed, sink, dogs):
    """Plays one fault after another, each to a fresh copy."""
    return Stage(tmp_path, printed, sink, dogs)


class Stage:
    """One run with a fault, one without, and what then is true."""

    def __init__(self, folder, printed, sink, dogs) -> None:
        self._folder, self._printed, self.sink, self.dogs = folder, printed, sink, dogs
        self._turn = 0

    def room(self, *, empty=False) -> Newsroom:
        self._turn += 1
        folder = self._folder / f"turn{self._turn}"
        if empty:
            folder.mkdir()
        else:
            shutil.copytree(self._printed, folder)
        self.sink.clear()
        return Newsroom(folder, MAIL.format(port=self.sink.port), check=False)

    def calls(self, **order) -> dict[str, int]:
        """Count the system calls of a run in which nothing fails."""
        return self.dogs.run(self.room(), calls=kennel.MOMENTS, **order)["calls"]

    def play(self, room=None, **order) -> tuple[dict, dict[str, str]]:
        """Run with a fault, run again without, and hold what is there to the promises."""
        room = room or self.room()
        end = self.dogs.run(room, **order)
        with run_lock(f"sqlite:///{room.folder}/bulletin.db"):
            pass  # free at once, whatever died with it
        again = self.dogs.run(room, minutes=15)
        assert again["said"].startswith("exit"), again
        states = standing(room)
        if not order.get("control"):
            judge(room, states, self.sink.accepted())
        shutil.rmtree(room.folder)
        return end, states


def standing(room) -> dict[str, str]:
    with closing(sqlite3.connect(room.folder / "bulletin.db")) as connection:
        return dict(connection.execute("SELECT target, state FROM delivery"))


def judge(room, states, accepted) -> None:
    """Hold a run and its repetition to every promise of `docs/delivery.md`."""
    told = f"{states} {accepted}"
    assert states.keys() == {*EVERYBODY}, told
    for one in EVERYBODY:
        assert accepted[one] <= 1, f"double: {told}"
        if states[one] == "sent":
            assert accepted[one] == 1, f"a lie: {told}"
        else:
            assert states[one] in {"uncertain", "refused"}, f"lost without a word: {told}"
    with closing(sqlite3.connect(room.folder / "bulletin.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        editions = "SELECT count(*) FROM edition WHERE mode = 'live'"
        assert connection.execute(editions).fetchall() == [(1,)]
    assert (room.folder / "out" / "2026-W47" / "bulletin.md").is_file()


@pytest.fixture
def strace():
    tool("strace")


def moments(calls):
    return [(name, n) for name in sorted(calls) for n in range(1, calls[name] + 1)]


def disk(calls):
    return [
        (fault, name, n)
        for name in kennel.DISK
        for n in range(1, calls.get(name, 0) + 1)
        for fault in FAULTS
    ]


def kill(stage, name, n, **order):
    return stage.play(calls=[name], inject=f"{name}:signal=KILL:when={n}", **order)


def fail(stage, fault, name, n):
    return stage.play(calls=[name], inject=f"{name}:{FAULTS[fault].format(n=n)}")


def table(title, tally):
    print(f"\n{title}: " + ", ".join(f"{what} {n}" for what, n in sorted(tally.items())))  # noqa: T201  (what it is for)


def test_no_named_point_is_forgotten():
    found = set()
    for path in (ROOT / "bulletin").rglob("*.py"):
        found |= {*re.findall(r'crash_point\("([a-z-]+)"\)', path.read_text())}
    assert found == {*MAKING, *LEAVING}


@pytest.mark.parametrize("point", LEAVING)
def test_killed_at_a_named_point_of_the_delivery(stage, point):
    """What died with the server's answer on its way is uncertain; all else arrives, once."""
    end, states = stage.play(point=point)

    assert end["killed"]
    doubtful = {"committed", "mail-dotted", "mail-answered", "answered"}
    assert states["ada@acme.example"] == ("uncertain" if point in doubtful else "sent")
    assert {states["bob@acme.example"], states["eve@acme.example"]} == {"sent"}


@pytest.mark.parametrize("point", MAKING)
def test_killed_at_a_named_point_before_anything_is_there(stage, point):
    """The next run starts over, or goes on: one edition, and its pages are laid out."""
    end, states = stage.play(stage.room(empty=True), point=point)

    assert end["killed"]
    assert set(states.values()) == {"sent"}


@pytest.mark.parametrize(
    ("point", "ada"), [("filed", "sent"), ("claimed", "sent"), ("mail-answered", "uncertain")]
)
def test_killed_with_its_archive_on_a_server(stage, postgresql, point, ada):
    """Its lock ends with its session, which the server notices by itself."""
    room = stage.room(empty=True)
    room.given["archive"] = postgresql
    assert stage.dogs.run(room, point=point)["killed"]

    assert stage.dogs.run(room, minutes=15)["said"] == f"exit {0 if ada == 'sent' else 4}"

    with Archive.open(postgresql) as archive:
        states = {one.parcel.target: str(one.state) for one in archive.outbox.deliveries()}
        assert [entry.mode for entry in archive.editions()] == [Mode.LIVE]
    assert states == dict.fromkeys(EVERYBODY, "sent") | {EVERYBODY[0]: ada}
    assert stage.sink.accepted() == dict.fromkeys(EVERYBODY, 1)


@pytest.mark.nightly
@pytest.mark.parametrize("point", LEAVING)
def test_killed_at_a_named_point_of_a_whole_run(stage, point):
    end, _ = stage.play(stage.room(empty=True), point=point)

    assert end["killed"]


@pytest.mark.parametrize("point", ["mail-dotted", "answered"])
def test_who_sends_and_then_marks_sends_twice(stage, point):
    """The control: the same death, without a point of no return."""
    end, states = stage.play(point=point, control=True)

    assert end["killed"]
    assert states["ada@acme.example"] == "sent"
    assert stage.sink.accepted()["ada@acme.example"] == 2


def test_a_run_in_which_nothing_fails_is_as_good_watched_as_unwatched(stage, strace):
    """The control of the faults: past the last call, none fires."""
    calls = stage.calls()
    end, states = kill(stage, "pwrite64", calls["pwrite64"] + 1)

    assert not end["fired"]
    assert set(states.values()) == {"sent"}
    assert sum(calls.values()) > 200, calls


def test_killed_at_some_system_calls_of_the_delivery(stage, strace):
    chosen = Random(20261119).sample(moments(stage.calls()), 8)  # noqa: S311  (seeded)
    ends = [kill(stage, name, n)[0]["killed"] for name, n in chosen]

    assert ends == [True] * len(chosen)


def test_some_writes_of_the_delivery_that_fail(stage, strace):
    chosen = Random(20261119).sample(disk(stage.calls()), 4)  # noqa: S311  (seeded)
    ends = [fail(stage, *one)[0]["fired"] for one in chosen]

    assert ends == [True] * len(chosen)


@pytest.mark.nightly
@pytest.mark.parametrize("policy", ["ours", "send, then mark"])
def test_killed_at_every_system_call_of_the_delivery(stage, strace, policy):
    tally, control = Counter(), policy != "ours"
    for name, n in moments(stage.calls(control=control)):
        end, states = kill(stage, name, n, control=control)
        tally["attempted"] += 1
        tally["fired"] += end["killed"]
        tally["doubles"] += sum(count > 1 for count in stage.sink.accepted().values())
        tally.update(states.values())
    table(f"killed at every system call, {policy}", tally)

    assert tally["fired"] == tally["attempted"] > 150
    assert (tally["doubles"] > 0) == control


@pytest.mark.nightly
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_of_the_delivery_that_fails(stage, strace, fault):
    tally = Counter()
    for kind, name, n in disk(stage.calls()):
        if kind == fault:
            end, states = fail(stage, fault, name, n)
            tally["attempted"] += 1
            tally["fired"] += end["fired"]
            tally.update(states.values())
    table(f"{fault}, at every write", tally)

    assert tally["fired"] == tally["attempted"] > 150
