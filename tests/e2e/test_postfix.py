"""E-mail by a real Postfix: as a server over TLS, and by its `sendmail`."""

import os
from email import message_from_bytes, policy

import pytest

from bulletin.model.delivery import DeliveryState
from bulletin.publishing.email.publisher import EmailPublisher
from tests.e2e.postfix_server import serving
from tests.publishing.posting import PATIENCE, Desk, draft, edition, publisher, settings

pytestmark = pytest.mark.e2e

PEOPLE = ("ada", "grace", "mary")
SENT, DEFERRED, REFUSED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.REFUSED


@pytest.fixture(scope="module")
def running():
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root alone")
    with serving(PEOPLE) as postfix:
        yield postfix


@pytest.fixture
def postfix(running):
    running.empty()
    return running


@pytest.fixture
def desk(tmp_path):
    filed = edition()
    desk = Desk.open(tmp_path, filed, draft(filed, text="Hello.\n.\n..two\n.three\n"))
    with desk.archive:
        yield desk


def over_tls(postfix, **given):
    return publisher(PATIENCE, port=postfix.port, ca=str(postfix.ca), **given)


def stripped(kept: bytes) -> bytes:
    """Return a kept message without what Postfix puts above it."""
    return kept[kept.index(b"\nTo: ") + 1 :]


def assert_arrived(postfix, desk) -> None:
    """Everybody has one message, which is to the byte what was packed."""
    for delivery in desk.archive.outbox.deliveries():
        parcel = delivery.parcel
        name = parcel.target.partition("@")[0]
        (kept,) = postfix.received(name)
        assert stripped(kept) == (parcel.head + parcel.body).replace(b"\r\n", b"\n")
        read = message_from_bytes(kept, policy=policy.default)
        assert read["Message-ID"] == parcel.reference
        assert read["Return-Path"] == "<journal@acme.example>"
        assert read["Delivered-To"] == parcel.target
        assert len(read.get_all("Date")) == len(read.get_all("Message-ID")) == 1
        text = read.get_body(("plain",)).get_content()
        assert text == "Hello.\n.\n..two\n.three\n"


def test_postfix_keeps_what_was_packed(postfix, desk):
    """Over TLS that is verified, to three people over one connection; a second run sends none."""
    for _ in range(2):
        outcome = desk.deliver(over_tls(postfix))
        assert outcome.is_whole
    assert_arrived(postfix, desk)


def test_postfix_tells_who_is_unknown_and_who_is_busy(postfix, desk):
    """One of five is refused, one deferred; the others have it."""
    people = [*PEOPLE, "nobody", "busy"]
    channel = over_tls(postfix, to=[f"{one}@acme.example" for one in people])
    desk.deliver(channel)

    assert desk.states() == {f"{one}@acme.example": SENT for one in PEOPLE} | {
        "nobody@acme.example": REFUSED,
        "busy@acme.example": DEFERRED,
    }
    details = {one.parcel.target: one.detail for one in desk.archive.outbox.deliveries()}
    assert "550 5.1.1" in details["nobody@acme.example"]
    assert "450 4.2.1" in details["busy@acme.example"]
    assert "queued as" in details["ada@acme.example"]


def test_postfix_is_checked_without_a_mail(postfix):
    assert "answers over TLS" in over_tls(postfix).check()
    assert not list((postfix.home / "mail").iterdir())


def test_sendmail_keeps_what_was_packed(postfix, desk):
    """A dot alone on its line does not end the message there either."""
    given = settings(host=None, sendmail=str(postfix.sendmail))
    for _ in range(2):
        desk.deliver(EmailPublisher.from_settings(given, "email", None))

    assert set(desk.states().values()) == {SENT}
    assert_arrived(postfix, desk)
