"""Eight runs at once, as from a cron that fires everywhere: one edition, one message each.

On SQLite and on PostgreSQL; all at the same moment, and strewn over the time that a run takes.
The lock lets one in. Without it, the claims alone must see to it that nobody gets anything twice.
"""

from contextlib import ExitStack
from random import Random  # noqa: TID251  (seeded)

import pytest

from bulletin.archive.store import Archive
from bulletin.model.delivery import Mode
from tests.archive import postgres
from tests.delivery.newsroom import EVERYBODY, MAIL, Newsroom

EIGHT = 8
BY_DAY, AT_NIGHT = 2, 50


@pytest.fixture(params=["sqlite", "postgresql"])
def archives(request):
    """Gives a new archive's address, from the newsroom's folder."""
    if request.param == "sqlite":
        yield lambda folder: f"sqlite:///{folder}/bulletin.db"
        return
    with ExitStack() as stack:
        server = request.getfixturevalue("server")
        yield lambda _: stack.enter_context(postgres.database(server))


def hall(folder, sink, **given):
    """A newsroom of its own for a round."""
    folder.mkdir()
    sink.clear()
    return Newsroom(folder, MAIL.format(port=sink.port), check=False, **given)


def race(folder, dogs, sink, archives, seed):
    """Start eight at once, or strewn, and look what came of it."""
    room = hall(folder, sink, archive=archives(folder))
    rng = Random(seed)  # noqa: S311  (seeded)
    delays = [0.0] * EIGHT if seed % 2 else [rng.uniform(0, 1) for _ in range(EIGHT)]

    said = dogs.race(room, delays)

    assert "exit 0" in said
    strange = [one for one in said if one != "exit 0" and not one.startswith("exit 75: ")]
    assert strange == []
    assert sink.accepted() == dict.fromkeys(EVERYBODY, 1), said
    with Archive.open(room.given["archive"]) as archive:
        assert {str(one.state) for one in archive.outbox.deliveries()} == {"sent"}
        assert [entry.mode for entry in archive.editions()] == [Mode.LIVE]


def test_eight_at_once_are_one_run(tmp_path, dogs, sink, archives):
    for turn in range(BY_DAY):
        race(tmp_path / f"round{turn}", dogs, sink, archives, turn)


@pytest.mark.nightly
def test_eight_at_once_are_one_run_fifty_times(tmp_path, dogs, sink, archives):
    for turn in range(AT_NIGHT):
        race(tmp_path / f"round{turn}", dogs, sink, archives, turn)


@pytest.fixture
def printed(tmp_path, dogs, sink):
    """An edition that was printed, and waits to leave."""
    room = hall(tmp_path / "room", sink)
    assert dogs.run(Newsroom(room.folder, "", check=False))["said"] == "exit 0"
    return room


def test_without_the_lock_nobody_gets_anything_twice_either(dogs, sink, printed):
    """Its file was deleted, or lies on a share that knows no locks. The claims hold; what one run
    took for another's remains is uncertain at worst.
    """
    said = dogs.race(printed, [0.0] * EIGHT, unlocked=True)
    last = dogs.run(printed, minutes=15)["said"]

    assert not any(one.startswith("broke") for one in said), said
    assert max(sink.accepted().values()) == 1, said
    with Archive.open(f"sqlite:///{printed.folder}/bulletin.db") as archive:
        for one in archive.outbox.deliveries():
            count = sink.accepted()[one.parcel.target]
            assert one.state in ({"sent", "uncertain"} if count else {"uncertain"}), (said, last)


def test_without_the_claims_the_same_eight_send_again_and_again(dogs, sink, printed):
    """The control: nothing but the lock and the claims stood between."""
    dogs.race(printed, [0.0] * EIGHT, unlocked=True, unclaimed=True)

    assert max(sink.accepted().values()) > 1
