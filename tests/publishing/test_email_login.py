"""Getting in: TLS that is verified, passwords and bearer tokens, as aiosmtpd understands them."""

import asyncio
import base64
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult
from werkzeug import Request, Response

from bulletin import config
from bulletin.errors import BulletinError
from bulletin.model.delivery import DeliveryState, Fate
from bulletin.sandbox.server import Service
from bulletin.sandbox.world import World
from tests.builders import NOW
from tests.publishing.posting import THREE, Desk, draft, edition, publisher
from tests.publishing.smtp_script import GOOD, Script

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
SENT, DEFERRED, REFUSED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.REFUSED


@cache
def authorities() -> tuple[trustme.CA, trustme.CA]:
    return trustme.CA(), trustme.CA()


def served(which: str) -> ssl.SSLContext:
    """Return a server's context, its certificate good or wrong in one way."""
    ours, stranger = authorities()
    past = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251  (certificates have a real clock)
    issued = {
        "good": lambda: ours.issue_cert("localhost"),
        "expired": lambda: ours.issue_cert("localhost", not_after=past),
        "stranger": lambda: stranger.issue_cert("localhost"),
        "elsewhere": lambda: ours.issue_cert("elsewhere.example"),
    }[which]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


class Post:
    """Keeps what is sent, and lets in who knows the word."""

    def __init__(self) -> None:
        self.kept: list[tuple[list[str], bytes]] = []
        self.logins: list[str] = []
        self.over_tls: list[bool] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.over_tls.append(server.transport.get_extra_info("cipher") is not None)
        self.kept.append((envelope.rcpt_tos, envelope.original_content))
        return "250 kept"

    async def auth_XOAUTH2(self, server, args):  # noqa: N802  (aiosmtpd's name)
        given = base64.b64decode(args[1]).decode()
        self.logins.append("XOAUTH2")
        if given == "user=journal@acme.example\1auth=Bearer fresh\1\1":
            return AuthResult(success=True, auth_data=b"")
        answer = await server.challenge_auth(b'{"status":"401"}')
        assert answer == b""
        return AuthResult(success=False, handled=False)

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append(mechanism)
        right = (data.login, data.password) == (b"journal@acme.example", b"opensesame")
        return AuthResult(success=right, handled=False)


@contextmanager
def serving(which: str = "good", security: str = "starttls", mechanisms=("PLAIN", "LOGIN")):
    """Run the server; yields what it keeps, and the settings to reach it."""
    post, context, loop = Post(), served(which), asyncio.new_event_loop()
    given = {
        "authenticator": post.authenticate,
        "auth_required": True,
        "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - {*mechanisms},
        "loop": loop,
    }
    given |= (
        {"tls_context": context, "require_starttls": True}
        if security == "starttls"
        else {"auth_require_tls": False}
    )
    at_once = context if security == "tls" else None
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(post, **given), "127.0.0.1", 0, ssl=at_once)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        port = server.sockets[0].getsockname()[1]
        yield post, {"host": "localhost", "port": port, "security": security}
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture
def reach(tmp_path, monkeypatch):
    """Return settings that trust our authority and know the password."""
    authorities()[0].cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("MAIL_PASSWORD", "opensesame")
    monkeypatch.setenv("MAIL_TOKEN", "fresh")
    return {
        "ca": str(tmp_path / "ca.pem"),
        "user": "journal@acme.example",
        "password": {"env": "MAIL_PASSWORD"},
    }


def send(tmp_path, **given):
    """Send an edition to three people; returns every delivery as it stands then."""
    desk = Desk.open(tmp_path, edition(), draft(edition()))
    with desk.archive:
        desk.deliver(publisher(**given))
        return desk.archive.outbox.deliveries()


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_mail_goes_over_verified_tls_with_a_password(security, mechanism, reach, tmp_path):
    with serving("good", security, [mechanism]) as (post, there):
        deliveries = send(tmp_path, **reach, **there)

    assert [one.state for one in deliveries] == [SENT] * 3
    assert sorted(to for to, _ in post.kept) == [[one] for one in THREE]
    assert {kept for _, kept in post.kept} == {
        one.parcel.head + one.parcel.body for one in deliveries
    }
    assert post.logins == [mechanism]
    assert post.over_tls == [True] * 3


@pytest.mark.faults
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("which", ["expired", "stranger", "elsewhere"])
def test_a_certificate_that_is_wrong_stops_the_mail_for_now(security, which, reach, tmp_path):
    """Deferred, as RFC 8461 has it; the password is not told, and nothing arrives."""
    with serving(which, security) as (post, there):
        deliveries = send(tmp_path, **reach, **there)

    assert [one.state for one in deliveries] == [DEFERRED] * 3
    assert "could not be trusted" in deliveries[0].detail
    assert "Renew its certificate" in deliveries[0].detail
    assert (post.kept, post.logins) == ([], [])


@pytest.mark.faults
def test_an_authority_that_we_were_not_told_of_is_not_trusted(reach, tmp_path):
    with serving() as (post, there):
        deliveries = send(tmp_path, **{k: v for k, v in reach.items() if k != "ca"}, **there)

    assert [one.state for one in deliveries] == [DEFERRED] * 3
    assert post.logins == []


@pytest.mark.faults
def test_what_a_stranger_says_before_tls_is_forgotten(tmp_path, reach):
    """A reply slipped in behind the one to STARTTLS is not taken for the server's own."""
    starttls = GOOD["starttls"]
    GOOD["starttls"] = f"{starttls}\r\n250 AUTH evil"
    try:
        with Script(context=served("good")) as script:
            deliveries = send(tmp_path, **reach, port=script.port)
    finally:
        GOOD["starttls"] = starttls

    assert [one.state for one in deliveries] == [SENT] * 3
    assert script.said.count("ehlo") == 2


@pytest.mark.faults
def test_a_wrong_password_is_tried_once(reach, tmp_path, monkeypatch):
    """Three recipients and two ways to log in are no reason to lock the account."""
    monkeypatch.setenv("MAIL_PASSWORD", "guess")
    with serving() as (post, there):
        deliveries = send(tmp_path, **reach, **there)

    assert [one.state for one in deliveries] == [REFUSED] * 3
    assert "the login of journal@acme.example was not taken: 535" in deliveries[0].detail
    assert "guess" not in str(deliveries)
    assert len(post.logins) == 1


def test_a_secret_that_is_missing_is_told_before_anything_is_reached(reach, monkeypatch, tmp_path):
    monkeypatch.delenv("MAIL_PASSWORD")
    with Script() as script:
        deliveries = send(tmp_path, **reach, port=script.port)

    assert [one.state for one in deliveries] == [REFUSED] * 3
    assert "MAIL_PASSWORD is not set" in deliveries[0].detail
    assert script.connections == 0


def test_an_authority_that_cannot_be_read_is_told(reach, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")

    with pytest.raises(BulletinError, match="cannot be read as a file of certificates"):
        publisher(**reach).check()


def test_a_ready_token_lets_in(reach, tmp_path):
    oauth = {"oauth": {"token": {"env": "MAIL_TOKEN"}}, "password": None}
    with serving() as (post, there):
        deliveries = send(tmp_path, **reach | oauth, **there)

    assert [one.state for one in deliveries] == [SENT] * 3
    assert post.logins == ["XOAUTH2"]


@pytest.mark.faults
def test_a_stale_token_is_refused_with_the_servers_own_word(reach, tmp_path, monkeypatch):
    """Which it says only once its complaint is answered with nothing."""
    monkeypatch.setenv("MAIL_TOKEN", "stale")
    oauth = {"oauth": {"token": {"env": "MAIL_TOKEN"}}, "password": None}
    with serving() as (post, there):
        deliveries = send(tmp_path, **reach | oauth, **there)

    assert [one.state for one in deliveries] == [REFUSED] * 3
    assert "535" in deliveries[0].detail
    assert "stale" not in str(deliveries)
    assert post.logins == ["XOAUTH2"]


ASKED = {
    "grant_type": "client_credentials",
    "client_id": "journal",
    "client_secret": "hush-hush",
    "scope": "https://outlook.office365.com/.default",
}
ANSWERS = {
    "good": (lambda: Response('{"access_token": "fresh"}', 200), SENT, ""),
    "refused": (lambda: Response('{"error": "invalid_client"}', 401), REFUSED, "invalid_client"),
    "down": (lambda: Response("oops", 503), DEFERRED, "no token was given: 503"),
    "busy": (lambda: Response("", 429), DEFERRED, "no token was given: 429"),
    "nonsense": (lambda: Response("<html>", 200), REFUSED, "no token was given: 200"),
    "two lines": (lambda: Response('{"access_token": "a\\r\\nb"}', 200), REFUSED, "no token"),
    "elsewhere": (
        lambda: Response("", 307, {"Location": "http://127.0.0.1:1/"}), REFUSED,
        "no token was given: localhost redirects to 127.0.0.1",
    ),
    "elsewhere on the host": (
        lambda: Response("", 307, {"Location": "/other"}), REFUSED, "no token was given: 307",
    ),
    "too slow": (lambda: Response("", 408), DEFERRED, "no token was given: 408"),
    "signs that a terminal obeys": (
        lambda: Response('{"error": "in\\u001b[2Jvalid\\u202e\\nclient"}', 400), REFUSED,
        "no token was given: 400 in[2Jvalid client",
    ),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_token_is_fetched_by_client_credentials(answer, reach, tmp_path, monkeypatch):
    """Once for three recipients; the secret goes to that address alone, and into no message."""
    monkeypatch.setenv("CLIENT_SECRET", "hush-hush")
    told, state, words = ANSWERS[answer]
    asked = []

    def give(request: Request, *_: object) -> Response:
        asked.append(request.form.to_dict())
        assert "Authorization" not in request.headers
        return told()

    with serving() as (post, there), Service("tokens", give, World(), NOW) as tokens:
        oauth = {"token_url": f"{tokens.url}/token", "client_secret": {"env": "CLIENT_SECRET"}}
        given = {"oauth": oauth | {"client_id": "journal", "scope": ASKED["scope"]}}
        deliveries = send(tmp_path, **reach | given | {"password": None}, **there)

    assert [one.state for one in deliveries] == [state] * 3
    assert words in deliveries[0].detail
    assert asked == [ASKED]
    assert "hush-hush" not in str(deliveries)
    assert len(post.kept) == (3 if state is SENT else 0)
    if state is SENT:
        assert {"fresh", "hush-hush"} <= config.REVEALED


def test_a_check_logs_in_and_sends_nothing(reach):
    with serving() as (post, there):
        made = publisher(**reach, **there, rehearsal=["test@acme.example"])
        said = made.check()

    assert said == (
        f"localhost:{there['port']} answers over TLS and lets journal@acme.example in; "
        "recipients: 0 in preview, 1 in rehearsal, 3 in live"
    )
    assert (len(post.logins), post.kept) == (1, [])


def test_a_check_says_what_to_do(reach, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "guess")
    with (
        serving() as (_, there),
        pytest.raises(BulletinError, match="the login of journal") as caught,
    ):
        publisher(**reach, **there).check()

    assert "docs/channels/email.md" in caught.value.hint
    assert caught.value.fate is Fate.REFUSED
