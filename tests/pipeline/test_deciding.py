"""What people decide: who may approve, and which delivery a word means."""

import pytest

from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import DeliveryState, Fate, Mode
from bulletin.pipeline import deciding
from tests.builders import CUTOFF, WEEK, ZONE
from tests.delivery import plugs
from tests.delivery.newsroom import HOUR, NOW

OPENS = WEEK.closes(ZONE, CUTOFF)


@pytest.mark.parametrize("name", ["Ada", "ada", " ADA  "])
def test_whoever_drafted_it_does_not_approve_it(desk, name):
    desk.draft(author="Ada")

    with pytest.raises(BulletinError, match="Ada drafted 2026-W47: four eyes are needed"):
        desk.approve(name)

    assert desk.log("approved") == []


def test_who_drafted_is_whoever_made_these_bytes_first(desk):
    """Drafting the same again makes nobody else its drafter."""
    made = desk.draft(author="Ada")
    assert desk.draft(author="Bob") == made

    assert desk.log("drafted") == [f"2026-W47 {made.digest} by Ada"]
    with pytest.raises(BulletinError, match="Ada drafted"):
        desk.approve("Ada")
    desk.approve("Bob")


def test_a_new_draft_has_a_new_drafter(desk):
    desk.draft(OPENS - HOUR, author="Ada", week=WEEK)
    desk.draft(OPENS, author="Bob", week=WEEK)

    with pytest.raises(BulletinError, match="Bob drafted"):
        desk.approve("Bob")
    assert desk.approve("Ada").edition.as_of == OPENS


def test_a_rehearsal_keeps_the_drafter_of_what_it_tells(desk):
    desk.draft(author="Ada")
    desk.publish(mode=Mode.REHEARSAL)

    with pytest.raises(BulletinError, match="Ada drafted"):
        desk.approve("Ada")


def test_nobody_drafted_what_a_run_made(desk):
    """The last draft of the week is another edition than the one that is approved."""
    desk.draft(OPENS - HOUR, author="Ada", week=WEEK)
    desk.write(mode="rehearsal")
    plugs.NEWS[0] = 2
    desk.run()
    desk.write(mode="live")

    desk.approve("Ada")

    (approved,) = desk.log("approved")
    assert approved.endswith("by Ada")


def test_what_is_approved_twice_is_one_edition(desk):
    desk.draft()

    assert desk.approve("Bob") == desk.approve("Eve") == desk.approve("Bob")
    assert len(desk.log("approved")) == 2


def test_where_nothing_goes_live_there_is_nothing_to_approve(desk):
    desk.write(mode="rehearsal")
    desk.draft()

    with pytest.raises(SettingsError, match="there is nothing to approve"):
        desk.approve()


def uncertain(desk, weeks=1):
    plugs.SCRIPT["bob"] = [Fate.UNCERTAIN] * weeks
    for week in range(weeks):
        desk.run(NOW + week * 7 * 24 * HOUR)


@pytest.mark.parametrize("part", ["target", "reference", "key"])
def test_a_word_means_the_delivery_that_is_uncertain(desk, part):
    """By its target, its reference or its key; what arrived is never meant."""
    uncertain(desk)
    with desk.archive() as archive:
        (found,) = archive.outbox.find("bob")
    word = found.key if part == "key" else getattr(found.parcel, part)

    assert desk.resolve(word, DeliveryState.SENT).key == found.key
    assert desk.states()["bob"] == "sent"
    with pytest.raises(BulletinError, match="no delivery that could be decided on"):
        desk.resolve(word, DeliveryState.READY)


def test_a_word_that_means_two_decides_nothing(desk):
    uncertain(desk, weeks=2)

    with pytest.raises(BulletinError, match="2 deliveries that could be decided on: bob"):
        desk.resolve("bob", DeliveryState.READY)
    assert desk.states()["bob"] == desk.states(WEEK.shift(1))["bob"] == "uncertain"


def test_what_is_uncertain_is_meant_before_what_was_left_in_other_weeks(desk):
    plugs.SCRIPT["bob"] = [Fate.REFUSED, Fate.UNCERTAIN]
    for week in range(2):
        desk.run(NOW + week * 7 * 24 * HOUR)

    assert desk.resolve("bob", DeliveryState.SENT).week == "2026-W48"
    assert desk.states()["bob"] == "refused"


@pytest.mark.parametrize("word", ["", "nobody", "ada", "bo"])
def test_a_word_that_means_none_decides_nothing(desk, word):
    uncertain(desk)

    with pytest.raises(BulletinError, match="no delivery that could be decided on"):
        desk.resolve(word, DeliveryState.SENT)


def test_what_a_dead_run_had_in_its_hands_can_be_decided_on_at_once(desk):
    plugs.SCRIPT["bob"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        desk.run()

    desk.resolve("bob", DeliveryState.READY)
    desk.run(NOW + HOUR)

    assert desk.arrived() == ["ada", "bob", "eve"]


def test_an_archive_sends_from_one_machine_until_it_is_adopted(desk):
    desk.run(NOW - 7 * 24 * HOUR)
    desk.write(instance="there")

    with pytest.raises(BulletinError, match="sends from another machine"):
        desk.run()
    assert deciding.adopt(desk.settings, author="Ada", now=NOW) == "there"
    desk.run()

    assert desk.log("home") == ["here", "there by Ada"]
    desk.write(instance="here")
    with pytest.raises(BulletinError, match="sends from another machine"):
        desk.publish()
    assert len(desk.arrived()) == 6
