"""What leaves with a fault of our own: the fault, and not one byte of a secret."""

import base64
import gzip
import json
import logging

import brotli
import pytest
import sentry_sdk
from sentry_sdk.utils import event_from_exception

from bulletin import config, registry
from bulletin.config import REVEALED
from bulletin.errors import BulletinError
from bulletin.monitoring.sentry import Sentry, schedule_of
from bulletin.pipeline.attending import attended_run
from tests.builders import NOW, WEEK
from tests.monitoring.desk import FILES, HOUR, filed, listener, settings
from tests.packages import installed

SENTRY = '[monitor]\nsentry = { env = "DSN" }'
SECRETS = {
    "PASSWORD": "canary-Zq7 wX/9+pass",
    "PLAIN_TOKEN": "canaryPlainToken5f0c2a",
    "CHAT_URL": "https://hooks.chat.example/services/canaryT0/canaryB0/canaryX0secret",
}
"""What the settings name, and the process reads."""
FOREIGN = {
    "a token of GitHub": "ghp_c4naryAbCdEfGhIjKlMnOpQrStUvWx12345678",
    "a token of Slack": "xox" + "b-123456789012-123456789012-c4naryAbCdEfGhIjKlMnOpQr",
    "a password in an address": "c4naryInTheAddress",
}
"""What nobody named, and a service's answer may quote."""
BURSTING = """
import os
from bulletin.config import Secret, Settings as Table
from bulletin.model.delivery import Parcel


class BurstingPublisher:
    formats = ()

    class Settings(Table):
        secrets: tuple[Secret, ...]

    def __init__(self, settings, name):
        self.settings, self.channel = settings, name

    @classmethod
    def from_settings(cls, settings, name, bulletin):
        return cls(settings, name)

    def pack(self, issue):
        return [Parcel(target="bursting")]

    def deliver(self, delivery, issue, commit):
        from urllib.parse import quote
        renamed = [one.reveal(is_token=False) for one in self.settings.secrets]
        nested = {"headers": {"Authorization": f"Bearer {renamed[0]}"}, "deep": [[renamed]]}
        foreign = FOREIGN
        try:
            raise KeyError(renamed[0], nested)
        except KeyError as cause:
            told = [*renamed, *(quote(one, safe="") for one in renamed), *foreign[:2]]
            error = RuntimeError(" and ".join(told))
            error.add_note(f"asked https://bot:{foreign[2]}@api.example/?token={foreign[0]}")
            raise error from cause
"""


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    REVEALED.clear()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    yield
    REVEALED.clear()


@pytest.fixture
def bursting(tmp_path):
    """A bulletin with a stranger's channel that breaks with everything it knows."""
    code = BURSTING.replace("FOREIGN", repr(list(FOREIGN.values())))
    package = tmp_path / "package"
    package.mkdir()
    entries = {"bulletin.publishers": {"bursting": "acme_bursting:BurstingPublisher"}}
    named = ", ".join(f'{{ env = "{name}" }}' for name in SECRETS)
    with installed(package, "acme_bursting", code, entries):
        publish = f'{FILES}[[publish]]\nkind = "bursting"\nsecrets = [{named}]\n'
        yield settings(tmp_path, SENTRY, publish)


def dsn(server):
    return f"http://0123456789abcdef0123456789abcdef@{server.url.removeprefix('http://')}/1"


def left(server):
    """Return every byte that left, as the server can read it."""
    about = [f"{one.path}?{one.query}".encode() for one in server.seen]
    return b"\n".join([*(unpacked(one.body) for one in server.seen), *about])


def unpacked(body):
    """Read an envelope, which the SDK packs with whatever it finds."""
    packed = body[:2] == b"\x1f\x8b"
    text = gzip.decompress(body) if packed else brotli.decompress(body)
    assert text.startswith(b"{")
    return text


def hits(sent):
    """Return which secrets can be read in it, as they are and in the forms that they travel in."""
    found = []
    for secret in (*SECRETS.values(), *FOREIGN.values()):
        forms = {secret, json.dumps(secret)[1:-1], secret.replace(" ", "%20").replace("/", "%2F")}
        forms.add(base64.b64encode(secret.encode()).decode())
        if any(form.encode() in sent for form in forms):
            found.append(secret)
    return found


def events(sent):
    """Return the JSON objects of the envelopes."""
    lines = [json.loads(line) for line in sent.split(b"\n") if line.startswith(b"{")]
    return [one for one in lines if "exception" in one or "check_in_id" in one]


def test_a_fault_of_ours_is_sent_and_no_secret_with_it(bursting, monkeypatch):
    filed(bursting)
    with listener() as server:
        monkeypatch.setenv("DSN", dsn(server))
        ran = attended_run(bursting, clock=lambda: NOW + HOUR)
        sent = left(server)

    assert ran.exit_code == 4
    assert len(REVEALED) >= len(SECRETS)
    assert hits(sent) == []
    told = events(sent)
    (fault,) = [one for one in told if "exception" in one]
    kinds = [one["type"] for one in fault["exception"]["values"]]
    assert kinds == ["KeyError", "RuntimeError"]
    assert "[secret]" in fault["exception"]["values"][1]["value"]
    frames = [f for one in fault["exception"]["values"] for f in one["stacktrace"]["frames"]]
    assert frames
    assert not [f for f in frames if "vars" in f or "context_line" in f]
    assert not {"breadcrumbs", "request", "user"} & set(fault)
    assert [one["status"] for one in told if "check_in_id" in one] == ["in_progress", "error"]


def test_a_client_as_it_comes_would_have_sent_them(bursting, caplog):
    """The control: the same fault, by the SDK's own defaults."""
    caplog.set_level(logging.CRITICAL)
    filed(bursting)
    (channel,) = [
        registry.find("publish", plug.kind).from_settings(plug.settings, plug.name, bursting)
        for plug in bursting.publish
        if plug.kind == "bursting"
    ]
    with listener() as server:
        client = sentry_sdk.Client(dsn(server), default_integrations=False)
        try:
            channel.deliver(None, None, None)
        except RuntimeError as error:
            client.capture_event(*event_from_exception(error, client_options=client.options))
        client.close(timeout=10)
        sent = left(server)

    assert len(hits(sent)) >= len(SECRETS) + 1


def test_what_was_foreseen_is_not_sent_and_the_check_in_is(tmp_path, monkeypatch):
    bulletin = settings(tmp_path, f'approval = "four-eyes"\n{SENTRY}\nslug = "the-journal"')
    with listener() as server:
        monkeypatch.setenv("DSN", dsn(server))
        with pytest.raises(BulletinError):
            attended_run(bulletin, clock=lambda: NOW + HOUR)
        told = events(left(server))

    assert [one["status"] for one in told] == ["in_progress", "error"]
    assert {one["monitor_slug"] for one in told} == {"the-journal"}
    assert len({one["check_in_id"] for one in told}) == 1
    assert told[0]["monitor_config"] == {
        "schedule": {"type": "crontab", "value": "0 10 * * 4"},
        "timezone": "Europe/Paris",
        "checkin_margin": 120,
        "max_runtime": 60,
        "failure_issue_threshold": 1,
        "recovery_threshold": 1,
    }


def test_a_server_without_crons_is_sent_no_check_in(tmp_path, monkeypatch):
    bulletin = settings(tmp_path, f"{SENTRY}\ncheckins = false")
    filed(bulletin)
    with listener() as server:
        monkeypatch.setenv("DSN", dsn(server))
        attended_run(bulletin, clock=lambda: NOW + HOUR)

    assert server.seen == []


@pytest.mark.parametrize("address", ["nonsense", "http://key@127.0.0.1:9/1", ""])
def test_a_sentry_that_cannot_be_told_changes_nothing(tmp_path, monkeypatch, caplog, address):
    monkeypatch.setenv("DSN", address)
    bulletin = settings(tmp_path, SENTRY)
    filed(bulletin)

    ran = attended_run(bulletin, clock=lambda: NOW + HOUR)

    assert ran.outcome.is_whole
    assert ran.week == WEEK
    assert [one for one in caplog.records if one.name == "bulletin.monitoring"]


def test_only_faults_of_bulletin_are_sent(tmp_path):
    """What a library logs may quote whole answers."""
    with listener() as server:
        sentry = Sentry(dsn(server), None, schedule_of(settings(tmp_path)))
        try:
            raise RuntimeError("of a library")  # noqa: TRY301  (a log needs a traceback)
        except RuntimeError:
            logging.getLogger("github").exception("it quotes its answer")
        logging.getLogger("bulletin").error("no traceback, no fault")
        sentry.close()

    assert server.seen == []


def test_a_dsn_is_a_secret_of_the_settings(tmp_path):
    path = tmp_path / "bulletin.toml"
    path.write_text('[monitor]\nsentry = "http://key@host/1"\n')
    with pytest.raises(BulletinError, match="a secret is never written here"):
        config.load(path)
