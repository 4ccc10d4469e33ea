"""Delivery: every way in which an attempt may end, and that each channel ends by itself."""

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bulletin.archive import connection as connections
from bulletin.errors import BulletinError, LockedError
from bulletin.model.delivery import Fate, Mode
from bulletin.pipeline.delivering import PAUSE
from tests.builders import WEEK
from tests.delivery import plugs
from tests.delivery.newsroom import NOW, PIGEONS

LOST = BulletinError("the pigeon was lost", "Feed it.")
SHOT = ZeroDivisionError("a hawk")
EARLY = BulletinError(f"the pigeon was lost {plugs.BEFORE}", "Feed it.")
SHOT_EARLY = ZeroDivisionError(f"a hawk, {plugs.BEFORE}")


@pytest.mark.parametrize(
    ("met", "state", "detail"),
    [
        (EARLY, "refused", "the pigeon was lost before the point of no return. Feed it."),
        (LOST, "uncertain", "the pigeon was lost. Feed it."),
        (SHOT_EARLY, "refused", "pigeon broke: a fault in bulletin (ZeroDivisionError)"),
        (SHOT, "uncertain", "pigeon broke: a fault in bulletin (ZeroDivisionError)"),
        (Fate.DELIVERED, "sent", "it met delivered"),
        (Fate.ALREADY_THERE, "sent", "it met already_there"),
        (Fate.DEFERRED, "deferred", "it met deferred"),
        (Fate.REFUSED, "refused", "it met refused"),
        (Fate.UNCERTAIN, "uncertain", "it met uncertain"),
    ],
    ids=str,
)
def test_an_attempt_ends_in_one_state_and_the_others_go_on(desk, caplog, met, state, detail):
    """An error tells nothing arrived before the point of no return; after it, nobody can say."""
    caplog.set_level(logging.CRITICAL)
    plugs.SCRIPT["ada"] = [met]

    ran = desk.run()

    assert desk.states() == {"ada": state, "bob": "sent", "eve": "sent"}
    (ada,) = [one for one in ran.outcome.deliveries if one.parcel.target == "ada"]
    assert ada.detail == detail
    assert ada.attempts == 1
    assert not ada.committed
    assert ran.exit_code == (0 if state == "sent" else 4)


def test_a_delivery_that_another_run_took_stops_before_anything_leaves(desk):
    """The lock was lost: the other took it for dead, and has it in its hands."""

    def taken_over():
        with desk.archive() as archive:
            assert archive.outbox.recover(NOW) == 1

    plugs.SCRIPT["ada"] = [taken_over]
    ran = desk.run()

    assert desk.arrived() == ["bob", "eve"]
    assert desk.states()["ada"] == "ready"
    assert ran.said == "2026-W47 has not arrived everywhere"
    assert desk.run().said == "2026-W47 is out"
    assert desk.arrived() == ["bob", "eve", "ada"]


def test_an_archive_that_fails_at_the_point_of_no_return_lets_nothing_leave(desk, monkeypatch):
    """Another program holds it: the run ends, and the next one sends."""
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.05)
    with closing(sqlite3.connect(desk.folder / "other.db")) as holder:

        def hold():
            holder.execute("ATTACH ? AS held", (str(desk.folder / "bulletin.db"),))
            holder.isolation_level = None
            holder.execute("BEGIN IMMEDIATE")
            holder.execute("UPDATE held.bulletin_revision SET version_num = version_num")

        plugs.SCRIPT["bob"] = [hold]
        with pytest.raises(LockedError, match="is being written to by another program"):
            desk.run()
        holder.execute("ROLLBACK")

    assert desk.arrived() == ["ada"]
    assert desk.run().said == "2026-W47 is out"
    assert desk.arrived() == ["ada", "bob", "eve"]


def test_a_channel_that_breaks_while_it_packs_stops_no_other(desk, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    desk.tables = (PIGEONS, PIGEONS.replace('"pigeon"', '"pigeon"\nname = "owl"'))
    desk.write()
    pack = plugs.Pigeon.pack

    def packing(self, issue):
        return 1 / 0 if self.channel == "owl" else pack(self, issue)

    monkeypatch.setattr(plugs.Pigeon, "pack", packing)

    ran = desk.run()

    (failure,) = ran.outcome.failures
    assert failure.problem == "owl broke: a fault in bulletin (ZeroDivisionError)"
    assert ran.exit_code == 4
    assert desk.arrived() == ["ada", "bob", "eve"]


def test_the_pauses_double_and_do_not_grow_for_ever(desk):
    desk.draft()
    plugs.SCRIPT["bob"] = [Fate.DEFERRED] * 40
    pauses = []
    for _ in range(12):
        _, outcome = desk.publish()
        (bob,) = [one for one in outcome.deliveries if one.parcel.target == "bob"]
        pauses.append((bob.next_at - bob.at) / PAUSE)

    assert pauses == [1, 2, 4, 8, 16, 32, 64, *[128] * 5]


def test_what_is_said_of_a_target_is_short_and_holds_no_control_characters(desk):
    plugs.SCRIPT["bob"] = [BulletinError("451 \x1b[31mred\r\nBcc: eve" + "e" * 999, "Wait.")]

    ran = desk.run()

    (bob,) = [one for one in ran.outcome.deliveries if one.parcel.target == "bob"]
    assert len(bob.detail) <= 300
    assert bob.detail.isprintable()


def test_the_edition_that_went_out_live_is_what_the_next_week_is_judged_against(desk):
    """Whatever was drafted after it: people saw that one."""
    live = desk.run().filed
    desk.draft(NOW + timedelta(hours=2), week=WEEK)
    with desk.archive() as archive:
        assert archive.latest(WEEK).edition.mode is Mode.PREVIEW
        assert archive.before(WEEK.shift(1), 12) == (live,)

    following = desk.run(NOW + timedelta(weeks=1)).filed

    assert following.edition.previous == live.digest


def test_of_a_week_that_never_went_live_the_newest_draft_counts(desk):
    desk.draft(NOW - timedelta(hours=2), week=WEEK)
    newest = desk.draft(NOW, week=WEEK)
    with desk.archive() as archive:
        assert archive.before(WEEK.shift(1), 12) == (newest,)
