"""The HTTP policy against real sockets that misbehave."""

import contextlib
import gzip
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import github
import github.Requester
import jira.resilientsession
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from bulletin.model.harvest import Cause
from bulletin.wire import http
from bulletin.wire.http import Budget, Refused, get, govern, parse_json, pause, session

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
CANARY = "canary-8d1e"


def head(status=200, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} X", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Scripted:
    """Answers the nth connection with the nth of `answers`, the last one for ever."""

    def __init__(self, *answers, tls=None):
        self.answers = answers
        self.tls = tls
        self.requests = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://localhost:{self.socket.getsockname()[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`; closing alone would not
        self.thread.join()
        self.socket.close()

    def run(self):
        for number in itertools.count():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            answer = self.answers[min(number, len(self.answers) - 1)]
            with connection, contextlib.suppress(OSError):  # the client may hang up at any time
                self.answer(connection, answer)

    def answer(self, connection, answer):
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        self.requests.append(self.read(connection))
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)
        if self.tls:
            connection.close()

    @staticmethod
    def read(connection):
        data = b""
        while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
            data += more
        return data.decode()


@pytest.fixture
def serve():
    with ExitStack() as stack:
        yield lambda *answers, **how: stack.enter_context(Scripted(*answers, **how))


@pytest.fixture
def naps():
    return []


@pytest.fixture
def client(naps):
    with session(Budget(sleep=naps.append)) as made:
        yield made


def budget_of(client):
    return client.get_adapter("https://x").budget


def refusal(client, url, **how):
    with pytest.raises(Refused) as caught:
        get(client, url, **how)
    return caught.value


def test_an_answer_is_read_whole_and_counted(serve, client):
    server = serve(head(body=b'{"a": 1}'))
    assert parse_json(get(client, server.url, [("q", "a b&c")]), dict) == {"a": 1}
    assert server.requests[0].startswith("GET /?q=a+b%26c HTTP/1.1")
    assert budget_of(client).requests == 1


def test_a_gzipped_and_a_chunked_answer_are_read_whole(serve, client):
    zipped = gzip.compress(b'["x"]')
    chunked = b'3\r\n["x\r\n2\r\n"]\r\n0\r\n\r\n'
    server = serve(
        head(body=zipped, Content_Encoding="gzip"),
        head(body=chunked, Transfer_Encoding="chunked"),
    )
    assert parse_json(get(client, server.url), list) == ["x"]
    assert parse_json(get(client, server.url), list) == ["x"]


def drip(connection):
    connection.sendall(head(Content_Length=10**6))
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.02)


def drip_in_a_chunk(connection):
    connection.sendall(head(Transfer_Encoding="chunked") + b"fffff\r\n")
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("answer", [drip, drip_in_a_chunk])
def test_a_slow_drip_ends_at_the_deadline_though_never_silent(serve, client, monkeypatch, answer):
    monkeypatch.setattr(http, "REQUEST_SECONDS", 0.3)
    server = serve(answer)
    started = time.monotonic()
    refused = refusal(client, server.url)
    assert refused.cause is Cause.TOO_SLOW
    assert "still sending" in refused.detail
    assert time.monotonic() - started < 3  # three attempts; the drip alone takes four seconds each


def test_silence_is_too_slow(serve, client, monkeypatch):
    monkeypatch.setattr(http, "SILENCE_SECONDS", 0.1)
    server = serve(lambda _: time.sleep(0.5))
    assert refusal(client, server.url).cause is Cause.TOO_SLOW


def test_silence_midway_is_too_slow(serve, client, monkeypatch):
    monkeypatch.setattr(http, "SILENCE_SECONDS", 0.1)

    def stall(connection):
        connection.sendall(head(body=b"[", Content_Length=10))
        time.sleep(0.5)

    assert refusal(client, serve(stall).url).cause is Cause.TOO_SLOW


@pytest.mark.parametrize(
    "answer",
    [
        head(body=b"[1,", Content_Length=100),
        head(body=b"5\r\n[1,", Transfer_Encoding="chunked"),
        head(body=b"no gzip at all", Content_Encoding="gzip"),
        b"",
        b"HTTP/1.1 2",
        b"nonsense\r\n\r\n",
    ],
    ids=["short", "short chunk", "no gzip", "nothing", "half a line", "no HTTP"],
)
def test_a_broken_answer_is_tried_again_and_then_unreachable(serve, client, answer):
    server = serve(answer)
    assert refusal(client, server.url).cause is Cause.UNREACHABLE
    assert len(server.requests) == http.ATTEMPTS


def test_a_broken_answer_followed_by_a_whole_one_is_fine(serve, client):
    server = serve(head(body=b"[1,", Content_Length=100), head(body=b"[1]"))
    assert parse_json(get(client, server.url), list) == [1]


def test_a_bomb_is_stopped_at_the_limit(serve, client):
    server = serve(head(body=gzip.compress(b"0" * 2**26), Content_Encoding="gzip"))
    refused = refusal(client, server.url)
    assert refused.cause is Cause.CHANGED_SHAPE
    assert "20 MiB" in refused.detail
    assert len(server.requests) == 1


def test_a_plain_flood_is_stopped_at_the_limit(serve, client, monkeypatch):
    monkeypatch.setattr(http, "BODY_BYTES", 10**5)
    assert refusal(client, serve(head(body=b" " * 10**6)).url).cause is Cause.CHANGED_SHAPE


def test_no_server_is_unreachable(client):
    with Scripted() as gone:
        pass
    refused = refusal(client, gone.url)
    assert refused.cause is Cause.UNREACHABLE
    assert "localhost" in refused.detail


def test_a_failure_is_tried_again_after_the_wait_it_asks_for(serve, client, naps):
    server = serve(head(503, Retry_After="7"), head(500), head(body=b"[]"))
    assert parse_json(get(client, server.url), list) == []
    assert naps == [7.0, 4.0]


def test_a_failure_for_ever_is_the_answer(serve, client):
    server = serve(head(503))
    with pytest.raises(Refused, match="server_error"):
        parse_json(get(client, server.url), list)
    assert len(server.requests) == http.ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_what_will_not_change_is_asked_once(serve, client, status):
    server = serve(head(status))
    assert get(client, server.url).status_code == status
    assert len(server.requests) == 1


def test_a_wait_beyond_the_budget_is_not_waited_for(serve, client, naps):
    server = serve(head(429, Retry_After="86400"))
    with pytest.raises(Refused) as caught:
        parse_json(get(client, server.url), list)
    assert caught.value.cause is Cause.RATE_LIMITED
    assert naps == []
    assert len(server.requests) == 1


def test_a_throttled_403_is_waited_for_and_named_a_rate_limit(serve, client, naps):
    server = serve(head(403, Retry_After="3"), head(403, X_RateLimit_Remaining="0"))
    with pytest.raises(Refused) as caught:
        parse_json(get(client, server.url), list)
    assert caught.value.cause is Cause.RATE_LIMITED
    assert naps[0] == 3.0


def test_a_spent_budget_asks_nothing(serve):
    server = serve(head())
    with session(Budget(seconds=0)) as client:
        assert refusal(client, server.url).cause is Cause.TOO_SLOW
    assert server.requests == []


def test_a_redirect_to_another_host_or_port_is_not_followed(serve, client):
    client.headers["X-Token"] = CANARY
    other = serve(head())
    for target in (other.url, other.url.replace("localhost", "127.0.0.1"), other.url[5:]):
        refused = refusal(client, serve(head(302, Location=target)).url)
        assert refused.cause is Cause.REFUSED
    assert other.requests == []


def test_a_redirect_on_the_same_origin_is_followed_with_the_token(serve, client):
    client.headers["Authorization"] = f"Bearer {CANARY}"
    server = serve(head(301, Location="/moved/"), head(body=b"[]"))
    assert parse_json(get(client, server.url), list) == []
    assert server.requests[1].startswith("GET /moved/")
    assert f"Authorization: Bearer {CANARY}" in server.requests[1]


def test_a_redirect_in_circles_is_refused(serve, client):
    server = serve(head(302, Location="/again"))
    assert refusal(client, server.url).cause is Cause.UNREACHABLE
    assert len(server.requests) == http.REDIRECTS + 1


@pytest.mark.parametrize(
    ("asked", "target", "followed"),
    [
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://a.example:443/y", True),
        ("https://a.example/x", "https://a.example:8443/y", False),
        ("https://a.example/x", "https://A.EXAMPLE/y", True),
        ("https://a.example/x", "https://a.example.evil/y", False),
        ("https://a.example/x", "https://a.example@evil.example/y", False),
        ("https://a.example/x", "///y", True),
        ("https://a.example/x", "https://[", False),
        ("https://a.example/x", "https://a.example:port/", False),
        ("https://a.example/x", "javascript:alert(1)", False),
    ],
)
def test_where_a_redirect_may_lead(asked, target, followed):
    response = requests.Response()
    response.status_code, response.headers["Location"] = 302, target
    if followed:
        assert http.refuse_elsewhere(asked, response) is None
    else:
        with pytest.raises(Refused):
            http.refuse_elsewhere(asked, response)


def test_netrc_never_replaces_the_token(serve, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    client.headers["Authorization"] = f"Bearer {CANARY}"
    server = serve(head(302, Location="/on"), head(body=b"[]"))
    get(client, server.url)
    with requests.Session() as plain:  # the trap is real
        plain.get(server.url)
    assert [f"Bearer {CANARY}" in seen for seen in server.requests] == [True, True, False]
    assert "Authorization: Basic" in server.requests[2]


def test_a_proxy_of_the_environment_is_used(serve, client, monkeypatch):
    proxy = serve(head(body=b"[]"))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert parse_json(get(client, "http://service.example/x"), list) == []
    assert proxy.requests[0].startswith("GET http://service.example/x ")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_an_authority_of_ones_own_is_named_in_the_environment(
    serve, client, tls, certificate, monkeypatch
):
    server = serve(head(body=b"[]"), tls=tls)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    assert parse_json(get(client, server.url), list) == []


def test_a_certificate_of_nobody_is_refused_with_the_remedy(serve, client, tls, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    refused = refusal(client, serve(head(), tls=tls).url)
    assert refused.cause is Cause.UNREACHABLE
    assert "certificate" in refused.detail
    assert "REQUESTS_CA_BUNDLE" in refused.hint


def test_a_token_that_makes_no_header_is_refused_without_naming_it(serve, client):
    client.headers["Authorization"] = f"Bearer {CANARY}\r\nX: y"
    server = serve(head())
    refused = refusal(client, server.url)
    assert CANARY not in repr(refused) + refused.detail + refused.hint
    assert refused.__cause__ is None
    assert refused.__suppress_context__
    assert server.requests == []


def test_what_is_refused_is_bounded_and_on_one_line():
    refused = Refused(Cause.BROKEN, "a\nb\u202e" + "x" * 1000, "hint")
    assert refused.detail.startswith("a bx")
    assert len(refused.detail) == 200
    assert len(str(refused)) < 220


def test_the_policy_passes_through_jiras_own_session(serve):
    server = serve(head(302, Location="https://sso.example/"))
    with jira.resilientsession.ResilientSession(max_retries=0) as library:
        govern(library, Budget(sleep=lambda _: None))
        with pytest.raises(Refused, match=r"sso\.example"):
            library.get(server.url)
    assert len(server.requests) == 1


def test_the_policy_passes_through_pygithubs_requester(serve, monkeypatch):
    server = serve(head(body=b"[1,", Content_Length=100))
    budget = Budget(sleep=lambda _: None)

    class Governed(github.Requester.HTTPRequestsConnectionClass):
        def __init__(self, *positional, **named):
            super().__init__(*positional, **named)
            govern(self.session, budget)

    monkeypatch.setattr(github.Requester.Requester, "_Requester__httpConnectionClass", Governed)
    library = github.Github(
        base_url=server.url, retry=0, auth=github.Auth.Token(CANARY), seconds_between_requests=0
    )
    with pytest.raises(Refused, match="broke off"):
        library.get_organization("acme")
    assert budget.requests == http.ATTEMPTS


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>Sign in</html>", list),
        (b"", dict),
        (b"[1,", list),
        (b"[NaN]", list),
        (b"[" * 100_000, list),
        (b"9" * 5000, int),
        (b"{}", list),
        (b"[]", dict),
        (b"null", dict),
    ],
    ids=["html", "empty", "cut", "NaN", "deep", "digits", "object", "array", "null"],
)
def test_what_is_not_the_expected_json_has_changed_shape(serve, client, body, expected):
    server = serve(head(body=body, Content_Type="text/html"))
    with pytest.raises(Refused) as caught:
        parse_json(get(client, server.url), expected)
    assert caught.value.cause is Cause.CHANGED_SHAPE


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, Cause.REFUSED),
        (403, Cause.FORBIDDEN),
        (404, Cause.NOT_FOUND),
        (408, Cause.TOO_SLOW),
        (410, Cause.UNSUPPORTED),
        (422, Cause.BAD_QUERY),
        (429, Cause.RATE_LIMITED),
        (500, Cause.SERVER_ERROR),
        (302, Cause.REFUSED),
        (304, Cause.CHANGED_SHAPE),
        (999, Cause.CHANGED_SHAPE),
    ],
)
def test_every_status_that_is_no_success_has_a_cause(serve, client, status, cause):
    server = serve(head(status))
    with pytest.raises(Refused) as caught:
        parse_json(get(client, server.url), dict)
    assert caught.value.cause is cause
    assert caught.value.hint


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, 10.0),
        ({"Retry-After": "Thu, 19 Nov 2026 09:00:09 -0000"}, 10.0),
        ({"Retry-After": format_datetime(NOW - timedelta(days=1), usegmt=True)}, 1.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 30)}, 31.0),
        ({"X-Sentry-Rate-Limit-Reset": str(int(NOW.timestamp()) + 5)}, 6.0),
        ({"X-RateLimit-Reset": "2026-11-19T09:00:20Z"}, 21.0),
        ({"X-RateLimit-Reset": "2026-11-19T09:00:20"}, 21.0),
        ({"Retry-After": "soon"}, 4.0),
        ({"X-RateLimit-Reset": "9" * 40}, 4.0),
        ({}, 4.0),
    ],
)
def test_the_wait_is_what_the_service_asks_for(headers, seconds):
    assert pause(headers, 2, NOW) == seconds


@given(
    st.dictionaries(
        st.sampled_from(["Retry-After", "X-RateLimit-Reset", "X-Sentry-Rate-Limit-Reset"]),
        st.text() | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(str),
    )
)
def test_whatever_a_header_says_the_wait_is_a_number_and_not_negative(headers):
    assert pause(headers, 1, NOW) >= 0
