"""Three modes, three channels, five ways to go wrong: nothing reaches whom it may not reach.

The channels are the e-mail to a real server, the files, and one that can be asked afterwards, as
a wiki can. Each cell is tried by a person's hand and by cron. Whoever must get nothing is counted
at the far end: at the server, in the folders and in the loft.
"""

import shutil
from dataclasses import replace

import pytest

from bulletin.errors import BulletinError
from bulletin.model.delivery import DeliveryState, Mode, Parcel
from bulletin.pipeline import deciding
from tests.builders import WEEK
from tests.delivery import plugs
from tests.delivery.newsroom import NOW, Newsroom

CHANNELS = ("email", "files", "wiki")
TABLES = """
[[publish]]
kind = "email"
from = "journal@acme.example"
to = ["live@acme.example"]
rehearsal = ["rehearsal@acme.example"]
preview = ["preview@acme.example"]
host = "127.0.0.1"
port = {port}
security = "none"

[[publish]]
kind = "files"
folder = "live"
rehearsal = "rehearsal"

[[publish]]
kind = "pigeon"
name = "wiki"
loft = "loft"
asks = false
live = ["live"]
rehearsal = ["rehearsal"]
preview = ["preview"]
"""
NONE_OF = {("files", Mode.PREVIEW)}
"""A folder of previews is not served to anybody."""


@pytest.fixture
def room(plugged, tmp_path, sink):
    sink.clear()
    return Newsroom(tmp_path / "room", TABLES.format(port=sink.port), check=False)


@pytest.fixture
def drafted(room):
    """A room with a draft of Ada's."""
    room.folder.mkdir()
    room.write(more='approval = "four-eyes"')
    room.draft(author="Ada")
    return room


def reached(room, sink) -> dict[str, set[str]]:
    """Return which modes' targets got something, by channel."""
    laid = {mode for mode in ("live", "rehearsal") if (room.folder / mode).exists()}
    posted = {target.partition("@")[0] for target in sink.accepted()}
    return {"email": posted, "files": laid, "wiki": {line["target"] for line in at_loft(room)}}


def at_loft(room):
    return plugs.arrived(room.loft)


def attempt(room, mode, **keywords):
    """Try by hand and by cron; returns what was refused."""
    refused = []
    for act in (lambda: room.publish(mode=mode, **keywords), room.run):
        try:
            act()
        except BulletinError as error:
            refused.append(error.problem)
    return refused


def allowed(mode):
    return {one: set() if (one, mode) in NONE_OF else {str(mode)} for one in CHANNELS}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("wrong", ["no approval", "self-approval", "stale digest"])
def test_what_was_not_approved_reaches_no_reader(drafted, sink, mode, wrong):
    """Whoever looks at a preview or at a rehearsal needs no approval, and gets nobody else's."""
    if wrong == "self-approval":
        with pytest.raises(BulletinError, match="these are the same two"):
            drafted.approve("Ada")
    if wrong == "stale digest":
        drafted.approve("Bob")
        drafted.draft(NOW.replace(minute=6), author="Ada", week=WEEK)

    refused = attempt(drafted, mode)

    if mode is Mode.LIVE:
        assert len(refused) == 2
        assert reached(drafted, sink) == {channel: set() for channel in CHANNELS}
    else:
        assert reached(drafted, sink) == allowed(mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_copy_of_the_archive_sends_nothing(drafted, sink, mode):
    drafted.approve("Bob")
    deciding.adopt(drafted.settings, author="Ada", now=NOW)
    drafted.write(instance="a copy")

    refused = attempt(drafted, mode)

    assert len(refused) == 2
    assert all("sends from another machine" in told for told in refused)
    assert reached(drafted, sink) == {channel: set() for channel in CHANNELS}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_recipient_outside_the_list_gets_nothing_whatever_the_outbox_says(drafted, sink, mode):
    """Every channel's rows are there for the targets of the other modes as well, bytes and all."""
    drafted.write(more="", mode=str(mode))
    drafted.publish()
    with drafted.archive() as archive:
        rows = archive.outbox.deliveries()
        targets = {
            (row.channel, row.parcel.target.replace(mode, other))
            for row in rows
            for other in (*(one for one in Mode if one is not mode), "stranger")
        }
        fresh = {"state": DeliveryState.READY, "attempts": 0}
        forged = [
            replace(rows[0], channel=channel, parcel=Parcel(target=target, body=b"x"), **fresh)
            for channel, target in targets
        ]
        assert archive.outbox.put(forged, NOW) == len(targets) >= 6

    drafted.publish()
    drafted.run()

    assert reached(drafted, sink) == allowed(mode)
    with drafted.archive() as archive:
        states = {one.key: str(one.state) for one in archive.outbox.deliveries()}
    assert {states[one.key] for one in forged} == {"refused"}


@pytest.mark.parametrize("mode", list(Mode))
def test_what_was_approved_reaches_everybody_of_its_mode_once(drafted, sink, mode):
    """The control: the same rooms, with nothing wrong."""
    drafted.approve("Bob")
    drafted.write(mode=str(mode))

    assert attempt(drafted, mode) == []
    assert attempt(drafted, mode) == []

    assert reached(drafted, sink) == allowed(mode)
    assert set(sink.accepted().values()) == {1}
    assert len(at_loft(drafted)) == 1


def test_a_room_that_is_copied_is_another_machine_s(drafted, sink, tmp_path):
    """The whole folder, settings and all, but for the machine that it stands on."""
    drafted.approve("Bob")
    drafted.publish()
    shutil.copytree(drafted.folder, tmp_path / "copy")
    copy = Newsroom(tmp_path / "copy", *drafted.tables, **drafted.given | {"instance": "clone"})
    sink.clear()

    with pytest.raises(BulletinError, match="sends from another machine"):
        copy.publish()
    assert sink.accepted() == {}
