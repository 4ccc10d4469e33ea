"""The outbox, on either database: who may take which step, and that each is taken once."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from bulletin.archive.connection import connect, parse_address, writer
from bulletin.archive.outbox import RECOVERIES
from bulletin.archive.store import Archive
from bulletin.model.delivery import TOO_LATE, DeliveryState, Mode
from tests.archive.samples import AT, delivery, filed, put, rendering

HOUR = timedelta(hours=1)
LETTER = delivery()
STATES = (*DeliveryState, "committed")
"""Every state, and the one behind the point of no return."""
STEPS = {
    "claim": {"ready", "deferred"},
    "commit": {"sending"},
    "settle": {"sending", "committed"},
    "resolve": {"ready", "deferred", "refused", "uncertain", "cancelled"},
    "cancel": {"ready", "deferred"},
}
"""Where each step may be taken; from everywhere else it is refused."""


@pytest.fixture
def archive(address):
    with Archive.open(address, create=True) as opened:
        put(opened, filed(), rendering())
        yield opened


@pytest.fixture
def outbox(archive):
    archive.outbox.put([LETTER], AT)
    return archive.outbox


def standing(outbox, key=LETTER.key):
    (found,) = outbox.find(key)
    return found


def bring_to(outbox, state, key=LETTER.key):
    """Take the steps that lead to a state; returns the attempt that has it, or comes next."""
    if state == "ready":
        return 1
    if state == "cancelled":
        assert outbox.cancel(key, AT)
        return 1
    assert outbox.claim(key, 1, AT)
    if state == "committed":
        assert outbox.commit(key, 1, AT)
    elif state != "sending":
        assert outbox.settle(key, 1, state, AT)
    return 2 if state == "deferred" else 1


def step(outbox, name, attempt, key):
    match name:
        case "claim":
            return outbox.claim(key, attempt, AT)
        case "commit":
            return outbox.commit(key, attempt, AT)
        case "settle":
            return outbox.settle(key, attempt, DeliveryState.SENT, AT)
        case "resolve":
            return outbox.resolve(key, DeliveryState.SENT, AT, author="Ada")
        case "cancel":
            return outbox.cancel(key, AT)
        case _:
            raise KeyError(name)


def test_a_step_is_taken_from_where_it_may_be_and_from_nowhere_else(archive):
    """What is refused changes nothing and is no line of the log: every step, from every state."""
    outbox = archive.outbox
    for name, state in product(STEPS, STATES):
        letter = delivery(f"{name}-{state}@example.org")
        outbox.put([letter], AT)
        attempt = bring_to(outbox, state, letter.key)
        before, said = standing(outbox, letter.key), len(archive.events())

        taken = step(outbox, name, attempt, letter.key)

        assert taken == (str(state) in STEPS[name]), (name, state)
        assert (standing(outbox, letter.key) == before) == (not taken), (name, state)
        assert len(archive.events()) == said + taken, (name, state)


def test_a_delivery_is_put_in_once_and_comes_back_to_the_byte(archive):
    """The second time its bytes are others, and the first stand."""
    other = delivery(parcel=delivery().parcel.__class__(target="ada@example.org", body=b"other"))

    assert archive.outbox.put([LETTER, delivery("bob@example.org")], AT) == 2
    assert archive.outbox.put([other, delivery("eve@example.org")], AT + HOUR) == 1

    held = archive.outbox.deliveries("2026-W48", Mode.LIVE)
    assert [one.parcel.target.partition("@")[0] for one in held] == ["ada", "bob", "eve"]
    assert held[0].parcel == LETTER.parcel
    assert (held[0].at, held[2].at) == (AT, AT + HOUR)
    assert archive.outbox.deliveries("2026-W47") == ()
    assert archive.outbox.deliveries("2026-W48", Mode.REHEARSAL) == ()
    assert archive.outbox.deliveries(edition=LETTER.edition) == held
    assert archive.outbox.deliveries(edition="0" * 64) == ()
    size = len(LETTER.parcel.head) + len(LETTER.parcel.body)
    assert [one.size for one in archive.outbox.deliveries(whole=False)] == [size, size, size]
    assert archive.outbox.get(LETTER.key) == held[0]
    with pytest.raises(KeyError):
        archive.outbox.get("nobody")


def test_deliveries_are_put_in_all_or_none(archive):
    """One of an edition that is not on file: the others wait with it."""
    stranger = delivery("bob@example.org", filed(revision=9))

    with pytest.raises(Exception, match=r"(?i)foreign key|refused"):
        archive.outbox.put([LETTER, stranger], AT)

    assert archive.outbox.deliveries() == ()


def test_what_others_share_is_held_once(archive, address):
    archive.outbox.put([LETTER, delivery("bob@example.org")], AT)

    with connect(parse_address(address)).begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM payload")).scalar() == 1


def test_of_two_that_claim_one_attempt_one_has_it(outbox):
    assert [outbox.claim(LETTER.key, 1, AT) for _ in range(2)] == [True, False]


def test_a_delivery_that_waits_is_claimed_when_its_time_has_come(outbox):
    outbox.claim(LETTER.key, 1, AT)
    outbox.settle(LETTER.key, 1, DeliveryState.DEFERRED, AT, next_at=AT + HOUR)

    assert not outbox.claim(LETTER.key, 2, AT + HOUR - timedelta(seconds=1))
    assert outbox.claim(LETTER.key, 2, AT + HOUR)
    assert standing(outbox).attempts == 2


def test_an_attempt_that_was_taken_for_dead_can_say_nothing_any_more(outbox):
    """Its lock was lost: another run took the delivery back, and has it in its hands."""
    outbox.claim(LETTER.key, 1, AT)
    assert outbox.recover(AT) == 1
    assert outbox.claim(LETTER.key, 2, AT)

    assert not outbox.commit(LETTER.key, 1, AT)
    assert not outbox.settle(LETTER.key, 1, DeliveryState.REFUSED, AT)

    assert outbox.commit(LETTER.key, 2, AT)
    assert not outbox.settle(LETTER.key, 1, DeliveryState.DEFERRED, AT)
    assert outbox.settle(LETTER.key, 2, DeliveryState.SENT, AT)


def test_what_died_before_its_point_of_no_return_is_ready_until_it_died_too_often(outbox):
    for turn in range(1, RECOVERIES + 1):
        assert outbox.claim(LETTER.key, turn, AT)
        assert outbox.recover(AT) == 1
        assert standing(outbox).state is DeliveryState.READY
        assert standing(outbox).recoveries == turn
    assert outbox.claim(LETTER.key, RECOVERIES + 1, AT)
    assert outbox.recover(AT) == 1

    assert standing(outbox).state is DeliveryState.REFUSED
    assert "4 runs ended" in standing(outbox).detail
    assert outbox.recover(AT) == 0


def test_what_died_behind_it_is_uncertain(outbox):
    outbox.claim(LETTER.key, 1, AT)
    outbox.commit(LETTER.key, 1, AT)

    assert outbox.recover(AT + HOUR) == 1

    found = standing(outbox)
    assert (found.state, found.committed, found.at) == (DeliveryState.UNCERTAIN, False, AT + HOUR)
    assert not outbox.claim(LETTER.key, 2, AT + HOUR)


def test_a_person_s_word_sends_it_again_and_forgets_how_often_it_died(outbox):
    outbox.claim(LETTER.key, 1, AT)
    outbox.commit(LETTER.key, 1, AT)
    outbox.recover(AT)

    assert outbox.resolve(LETTER.key, DeliveryState.READY, AT, author="Ada")

    found = standing(outbox)
    assert (found.recoveries, found.detail, found.next_at) == (0, "Ada said so", None)
    assert outbox.claim(LETTER.key, 2, AT)


def test_what_waits_is_listed_without_its_bodies(archive):
    others = [delivery(f"{name}@example.org") for name in ("bob", "eve")]
    archive.outbox.put([LETTER, *others], AT)
    archive.outbox.claim(LETTER.key, 1, AT)
    archive.outbox.settle(LETTER.key, 1, DeliveryState.DEFERRED, AT, next_at=AT + HOUR)
    archive.outbox.cancel(others[0].key, AT)

    waiting = archive.outbox.waiting()
    assert [one.key for one in waiting] == [LETTER.key, others[1].key]
    assert {one.parcel.body for one in waiting} == {b""}
    (cancelled,) = archive.outbox.find("bob@example.org")
    assert (cancelled.state, cancelled.detail) == (DeliveryState.CANCELLED, TOO_LATE)


def test_an_edition_has_left_once_it_arrived_or_may_have(archive):
    outbox, digests = archive.outbox, {}
    for revision, state in enumerate(STATES, 2):
        edition = filed(revision=revision)
        put(archive, edition)
        letter = delivery(edition=edition)
        outbox.put([letter], AT)
        bring_to(outbox, state, letter.key)
        digests[edition.digest] = str(state)

    def states(**asked):
        return {digests[digest] for _, digest in outbox.left(Mode.LIVE, **asked)}

    gone = {"sending", "committed", "sent", "uncertain"}
    assert states() == gone
    assert states(waiting=True) == gone | {"ready", "deferred"}
    assert outbox.left(Mode.REHEARSAL, waiting=True) == frozenset()
    assert {week for week, _ in outbox.left(Mode.LIVE)} == {"2026-W48"}


def test_a_delivery_is_found_by_its_key_its_target_and_its_reference(outbox):
    for word in (LETTER.key, LETTER.parcel.target, LETTER.parcel.reference):
        assert [one.key for one in outbox.find(word)] == [LETTER.key]
    assert outbox.find(LETTER.key[:20]) == ()


def test_an_approval_is_filed_once_and_never_its_drafter_s(archive):
    digest = filed().digest
    for name in ("Bob", "Eve", "Bob"):
        archive.gate.approve(digest, name, "Ada", AT)

    assert archive.gate.approvers(digest) == ("Bob", "Eve")
    assert [event.what for event in archive.events()].count("approved") == 2
    with pytest.raises(Exception, match=r"(?i)four_eyes|refused"):
        archive.gate.approve(digest, "Ada", "Ada", AT)


def test_home_is_the_last_machine_that_was_made_it(archive):
    assert archive.gate.home() is None
    archive.gate.settle_in("here", AT)
    archive.gate.settle_in("there", AT, author="Ada")

    assert archive.gate.home() == "there"
    assert [e.detail for e in archive.events() if e.what == "home"] == ["here", "there by Ada"]


def test_bulletins_that_share_an_archive_have_outboxes_of_their_own(address):
    with (
        Archive.open(address, create=True, bulletin="shop") as shop,
        Archive.open(address, bulletin="search") as search,
    ):
        put(shop, filed())
        shop.outbox.put([LETTER], AT)

        assert search.outbox.deliveries() == search.outbox.waiting() == ()
        assert not search.outbox.claim(LETTER.key, 1, AT)
        assert search.outbox.recover(AT) == 0
        assert shop.outbox.claim(LETTER.key, 1, AT)


def test_a_state_that_is_none_is_refused_by_the_database(outbox, address):
    with (
        pytest.raises(Exception, match=r"(?i)check"),
        writer(connect(parse_address(address))).begin() as connection,
    ):
        connection.execute(text("UPDATE delivery SET state = 'lost'"))
