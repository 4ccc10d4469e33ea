"""What may go wrong between us and a mail server: 26 faults, each to one and to three recipients.

Each delivery ends in exactly one state. Only a server that says nothing after the final dot leaves
it uncertain; what was accepted is never sent again. A control that sends first and marks after
shows that the same server can tell doubles.
"""

import smtplib
import socket
from dataclasses import dataclass, replace
from functools import cache

import pytest
import trustme

from bulletin.model.delivery import DeliveryState
from bulletin.publishing.email.wire import Patience
from tests.publishing.posting import PATIENCE, THREE, Desk, draft, edition, publisher
from tests.publishing.smtp_script import GOOD, SMALL, Fault, Script

pytestmark = pytest.mark.faults

SENT, DEFERRED = DeliveryState.SENT, DeliveryState.DEFERRED
REFUSED, UNCERTAIN = DeliveryState.REFUSED, DeliveryState.UNCERTAIN
SECOND = "grace"
IMPATIENT = replace(PATIENCE, dot=0.2)
ALL_LINES = "250-2.0.0 queued\r\n250-and\r\n250 done"
NO_TLS = GOOD["ehlo"].replace("250-STARTTLS\r\n", "")


@dataclass(frozen=True)
class Cell:
    """A fault, and what becomes of each recipient."""

    fault: Fault | None
    state: DeliveryState
    others: DeliveryState | None = None
    """What becomes of those that the fault is not about; the same unless it says so."""
    connections: int = 1
    """To how many connections three recipients lead at most."""
    security: str = "none"
    login: bool = False


CELLS = {
    "S01 refused": Cell(None, DEFERRED, connections=0),
    "S02 banner 554": Cell(Fault("connect", "554 go away"), REFUSED),
    "S03 EHLO 502": Cell(Fault("ehlo", "502 what?"), REFUSED),
    "S04 no STARTTLS": Cell(Fault("ehlo", NO_TLS), DEFERRED, security="starttls"),
    "S05 bad certificate": Cell(Fault("starttls"), DEFERRED, security="starttls"),
    "S06 AUTH 535": Cell(Fault("auth", "535 no"), REFUSED, login=True),
    "S07 AUTH 454": Cell(Fault("auth", "454 later"), DEFERRED, login=True),
    "S08 MAIL 451": Cell(Fault("mail", "451 later"), DEFERRED),
    "S09 MAIL 552": Cell(Fault("mail", "552 too large"), REFUSED),
    "S10 RCPT 450": Cell(Fault("rcpt", "450 busy"), DEFERRED),
    "S11 RCPT 550 for one": Cell(Fault("rcpt", "550 who?", only=SECOND), REFUSED, SENT),
    "S12 RCPT 421": Cell(Fault("rcpt", "421 closing", drop=True), DEFERRED, connections=3),
    "S13 all refused": Cell(Fault("rcpt", "550 who?"), REFUSED),
    "S14 no 354": Cell(Fault("data", "250 fine"), DEFERRED, connections=3),
    "S15 DATA 451": Cell(Fault("data", "451 later"), DEFERRED),
    "S16 drop in the body": Cell(Fault("body", drop=True), DEFERRED, connections=3),
    "S17 drop after the dot": Cell(Fault("dot", "", drop=True), UNCERTAIN, connections=3),
    "S18 451 after the dot": Cell(Fault("dot", "451 later", takes=False), DEFERRED),
    "S19 554 after the dot": Cell(Fault("dot", "554 spam", takes=False), REFUSED),
    "S20 250 too late": Cell(Fault("dot", wait=0.6), UNCERTAIN, connections=3),
    "S21 QUIT 421": Cell(Fault("quit", "421 no"), SENT),
    "S22 250 then drop": Cell(Fault("dot", drop=True), SENT, connections=3),
    "S23 replies of many lines": Cell(Fault("dot", ALL_LINES), SENT),
    "S24 garbage after the dot": Cell(Fault("dot", "hello?"), UNCERTAIN, connections=3),
    "S25 no extensions": Cell(Fault("ehlo", "250 script"), SENT),
    "S26 greylisted": Cell(Fault("rcpt", "450 later", times=1), DEFERRED),
}
MATRIX = [(name, count) for name in CELLS for count in (1, 3)]


@cache
def authorities() -> tuple[trustme.CA, trustme.CA]:
    return trustme.CA(), trustme.CA()


def context(*, good: bool):
    import ssl  # noqa: PLC0415  (here alone)

    ours, stranger = authorities()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (ours if good else stranger).issue_cert("localhost").configure_cert(made)
    return made


@pytest.fixture
def reach(tmp_path, monkeypatch):
    """Return the settings that reach a script as a cell wants it."""
    authorities()[0].cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("MAIL_PASSWORD", "opensesame")

    def settings(script: Script, cell: Cell, recipients):
        given = {"to": recipients, "host": "localhost", "port": script.port}
        given |= {"security": cell.security, "ca": str(tmp_path / "ca.pem")}
        login = {"user": "journal", "password": {"env": "MAIL_PASSWORD"}}
        return given | (login if cell.login else {})

    return settings


@pytest.mark.parametrize(("name", "count"), MATRIX, ids=[f"{n} x{c}" for n, c in MATRIX])
def test_a_fault_ends_in_one_state_and_never_in_a_double(name, count, reach, tmp_path, monkeypatch):
    cell = CELLS[name]
    recipients = THREE[1:2] if count == 1 else THREE
    size = 1_000
    if name.startswith("S16"):
        swallow_little(monkeypatch)
        size = 300_000
    desk = Desk.open(tmp_path, edition(), draft(edition(), picture=bytes(size)))
    with Script(cell.fault, context(good=cell.security == "none")) as script, desk.archive:
        given = reach(script, cell, recipients)
        if cell.fault is None:  # nobody listens where the script has gone
            given["port"] = vacant()
        channel = publisher(IMPATIENT if cell.fault and cell.fault.wait else PATIENCE, **given)
        desk.deliver(channel)
        del channel  # says goodbye
        assert desk.states() == {
            one: cell.others if cell.others and SECOND not in one else cell.state
            for one in recipients
        }
        details = [one.detail for one in desk.archive.outbox.deliveries()]
        assert script.fired if cell.fault else all("refused" in one for one in details)
        assert "opensesame" not in str(details)
        assert_calm(script, cell, count)

        script.heal()
        before = desk.states()
        for _ in range(2):
            desk.deliver(publisher(**reach(script, CELLS["S25 no extensions"], recipients)))
        for recipient, state in desk.states().items():
            settled = {UNCERTAIN: UNCERTAIN, REFUSED: REFUSED}.get(before[recipient], SENT)
            assert state is settled
            assert script.count(recipient) <= 1, "a double"
            assert script.count(recipient) == 1 or state in {REFUSED, UNCERTAIN}


def swallow_little(monkeypatch) -> None:
    """Keep the kernel from taking a whole message before the server can leave in the middle."""
    reached = socket.create_connection

    def small(*given):
        made = reached(*given)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        return made

    monkeypatch.setattr(socket, "create_connection", small)


def assert_calm(script: Script, cell: Cell, count: int) -> None:
    """Nothing was tried more often than it had to be."""
    assert script.connections <= (cell.connections if count == 3 else 1)
    assert script.said.count("auth") <= 1
    for verb in ("mail", "rcpt", "data"):
        assert script.said.count(verb) <= count


@pytest.mark.parametrize(("reply", "state"), [("552 too large", REFUSED), ("451 full", DEFERRED)])
def test_a_server_that_speaks_before_the_dot_has_not_taken_it(reply, state, tmp_path, monkeypatch):
    """Its word is heard before the point of no return: nothing is uncertain."""
    swallow_little(monkeypatch)
    desk = Desk.open(tmp_path, edition(), draft(edition(), picture=bytes(300_000)))
    with Script(Fault("body", reply)) as script, desk.archive:
        hasty = Patience(connect=5, reply=3, dot=20)
        desk.deliver(publisher(hasty, to=THREE[:1], port=script.port, security="none"))
        (delivery,) = desk.archive.outbox.deliveries()
        assert not [event for event in desk.archive.events() if "committed" in event.detail]

    assert (delivery.state, script.fired, script.accepted) == (state, 1, [])
    assert f"the message was not taken: {reply}" in delivery.detail


def vacant() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def send_then_mark(port: int, recipients, sent: set[str]) -> None:
    """Send as most programs do: with smtplib at once, and remember what raised nothing."""
    for recipient in [one for one in recipients if one not in sent]:
        try:
            with smtplib.SMTP("localhost", port, timeout=0.3) as server:
                server.sendmail("journal@acme.example", [recipient], b"Subject: x\r\n\r\nx\r\n")
        except (OSError, smtplib.SMTPException):
            continue
        sent.add(recipient)


def test_a_program_that_sends_and_then_marks_makes_doubles_here():
    """The control: were this test to find none, those above would prove nothing."""
    doubles, fired = {}, 0
    for name, cell in CELLS.items():
        if cell.fault is None or cell.security != "none" or cell.login:
            continue
        with Script(cell.fault) as script:
            sent: set[str] = set()
            send_then_mark(script.port, THREE, sent)
            fired += script.fired
            script.heal()
            send_then_mark(script.port, THREE, sent)
            doubles[name[:3]] = sum(script.count(one) > 1 for one in THREE)
    assert fired > 40
    assert {name for name, count in doubles.items() if count} >= {"S17", "S20", "S21", "S24"}
    assert sum(doubles.values()) >= 12


def test_every_fault_of_the_catalogue_is_played():
    assert [name[:3] for name in CELLS] == [f"S{number:02}" for number in range(1, 27)]
    assert len(MATRIX) == 52
