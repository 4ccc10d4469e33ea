"""Who is told of a run, and that the telling never changes what becomes of it."""

import logging

import pytest

from bulletin.archive.lock import run_lock
from bulletin.checking import _monitor
from bulletin.config import REVEALED
from bulletin.errors import BulletinError, LockedError
from bulletin.monitoring import ping as pinging
from bulletin.pipeline.attending import attended_run
from bulletin.pipeline.sending import publish
from tests.builders import NOW, WEEK
from tests.monitoring.desk import HOUR, filed, listener, settings, told

PING = '[monitor]\nping = { env = "PING" }'
START, WELL = ("GET", "/hc/uuid/start", ""), ("GET", "/hc/uuid", "")


def failed(code):
    return ("POST", "/hc/uuid/fail", f"exit code {code}")


@pytest.fixture(autouse=True)
def _forget():
    REVEALED.clear()
    yield
    REVEALED.clear()


@pytest.fixture
def server(monkeypatch):
    with listener() as server:
        monkeypatch.setenv("PING", f"{server.url}/hc/uuid")
        yield server


def attend(bulletin, at=NOW + HOUR / 6):
    return attended_run(bulletin, clock=lambda: at)


def test_a_run_that_brings_everything_starts_and_succeeds(tmp_path, server):
    bulletin = settings(tmp_path, PING)
    filed(bulletin)

    attend(bulletin)

    assert told(server) == [START, WELL]


def test_nothing_is_told_before_the_cut_off(tmp_path, server):
    """A start of cron that has nothing to do is no sign of life: only an edition is."""
    bulletin = settings(tmp_path, PING)
    filed(bulletin)
    attend(bulletin, NOW - HOUR)

    assert told(server) == []


def test_success_comes_only_once_everything_has_arrived(tmp_path, server):
    """Refused, then brought by hand, then confirmed by the next start."""
    bulletin = settings(tmp_path, PING)
    (tmp_path / "site").write_bytes(b"a file where the folder belongs")
    filed(bulletin)

    assert attend(bulletin).exit_code == 4
    assert told(server) == [START, failed(4)]
    (tmp_path / "site").unlink()
    publish(bulletin, WEEK, clock=lambda: NOW + HOUR)
    attend(bulletin, NOW + 2 * HOUR)
    assert told(server)[2:] == [START, WELL]


def test_a_week_without_an_edition_is_well(tmp_path, server):
    """Its monitor waits for a sign every week."""
    attend(settings(tmp_path, f'skip = ["{WEEK}"]\n{PING}'))

    assert told(server) == [WELL]


def test_what_was_foreseen_is_told_with_its_code(tmp_path, server):
    """Here the edition waits for a second pair of eyes."""
    bulletin = settings(tmp_path, f'approval = "four-eyes"\n{PING}')
    with pytest.raises(BulletinError):
        attend(bulletin)

    assert told(server)[-1] == failed(1)


def test_another_run_at_work_is_no_news(tmp_path, server):
    bulletin = settings(tmp_path, PING)
    with run_lock(bulletin.archive), pytest.raises(LockedError):
        attend(bulletin)

    assert told(server) == []


def test_a_monitor_without_steps_hears_of_success_alone(tmp_path, server):
    bulletin = settings(tmp_path, f"{PING}\nping_steps = false")
    (tmp_path / "site").write_bytes(b"")
    filed(bulletin)
    attend(bulletin)
    assert told(server) == []

    (tmp_path / "site").unlink()
    publish(bulletin, WEEK, clock=lambda: NOW + HOUR)
    attend(bulletin, NOW + 2 * HOUR)
    assert told(server) == [WELL]


@pytest.mark.parametrize(
    ("status", "address"),
    [(500, "{url}/hc/uuid"), (200, "http://127.0.0.1:9/hc/uuid"), (200, "gopher://hc/uuid"),
     (200, ""), (302, "{url}/hc/uuid")],
    ids=["it fails", "nobody answers", "no address", "no secret", "it sends us elsewhere"],
)  # fmt: skip
def test_a_monitor_that_cannot_be_told_changes_nothing(
    tmp_path, monkeypatch, caplog, status, address
):
    """The result stands, the log tells, three tries a ping are made, and the secret stays in."""
    with listener(status) as server:
        monkeypatch.setenv("PING", address.format(url=server.url))
        bulletin = settings(tmp_path, PING)
        filed(bulletin)
        with caplog.at_level(logging.WARNING):
            ran = attend(bulletin)

    assert ran.exit_code == 0
    assert ran.outcome.is_whole
    assert "uuid" not in caplog.text
    assert [record.name for record in caplog.records if record.name == "bulletin.monitoring"]
    assert len(server.seen) == (6 if "{url}" in address else 0)


def test_a_server_that_drips_is_left_after_its_time(tmp_path, monkeypatch, caplog):
    """By the clock on the wall: each line of its headers comes within the time of a read."""
    from socket import create_server  # noqa: PLC0415  (this test alone has a socket of its own)
    from threading import Thread  # noqa: PLC0415  (as above)
    from time import monotonic, sleep  # noqa: PLC0415  (as above)

    monkeypatch.setattr(pinging, "SECONDS", 0.4)
    listening = create_server(("127.0.0.1", 0))

    def drip():
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            with peer:
                peer.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(20):
                    sleep(0.1)
                    try:
                        peer.sendall(b"X-A: b\r\n")
                    except OSError:
                        break

    Thread(target=drip, daemon=True).start()
    began = monotonic()
    with listening:
        pinging.Ping(f"http://127.0.0.1:{listening.getsockname()[1]}/uuid", steps=True).end(0)

    assert monotonic() - began < 3
    assert "did not arrive in 3 tries" in caplog.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning:apprise")
def test_check_reads_the_addresses_and_tells_nobody(tmp_path, server, monkeypatch):
    """Each is ok or says what to do; a secret part of one is in no line."""
    monkeypatch.setenv("DSN", "http://key@127.0.0.1:9/1")
    monkeypatch.setenv("WRONG", "nonsense-canary")
    monkeypatch.setenv("EDITOR", "mailto://127.0.0.1/?from=b@acme.example&to=e@acme.example")
    more = 'sentry = { env = "DSN" }\neditors = [{ env = "EDITOR" }, { env = "WRONG" }]'
    found = list(_monitor(settings(tmp_path, f"{PING}\n{more}")))

    assert [(one.what, one.ok) for one in found] == [
        ("sentry", True), ("ping", True), ("editors", True), ("editors", False),
    ]  # fmt: skip
    assert "uuid" not in str(found)
    assert "canary" not in str(found)
    assert server.seen == []
