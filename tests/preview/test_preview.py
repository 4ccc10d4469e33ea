"""The preview over loopback: every face, who may ask, and what follows a change on disk."""

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from bulletin import specimens
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.week import Week
from bulletin.preview import Shelf, Templates, open_preview
from bulletin.preview.faces import FACES, in_scheme
from bulletin.rendering.bundle import Bundle
from bulletin.serving import PORT

SOON = 1.0
"""Seconds within which a page follows a change."""
PRINTED = frozenset({"deck", "paper"})
WORST = frozenset({"dreadful", "hostile"})
SHOWN = [
    pytest.param(kind, face, marks=[pytest.mark.nightly] if {kind, face} <= WORST | PRINTED else [])
    for kind in specimens.KINDS
    for face in FACES
]
PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def previewed(templates: Templates, shelf: Shelf | None = None):
    """Serve a preview for as long as the block lasts; yields its address."""
    with open_preview(shelf or Shelf(), templates, free_port()) as opened:
        thread = threading.Thread(target=opened.serve)
        thread.start()
        try:
            yield opened.url
        finally:
            opened.stop()
            thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask(url: str, path: str = "/", method: str = "GET", **headers: str):
    """Return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=60)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def url():
    with previewed(Templates.found()) as address:
        yield address


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Templates.found().folder, tmp_path / "templates"))


@pytest.mark.parametrize(("kind", "face"), SHOWN)
def test_every_face_of_every_specimen_answers(url, face, kind):
    """The worst weeks are printed in both languages by the tests of the specimens."""
    status, headers, body = ask(url, f"/face/{kind}/fr/merry/{face}")
    assert (status, headers["Content-Type"]) == (200, FACES[face].media_type)
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert body.startswith(b"%PDF-") == (face in PRINTED)


def test_an_email_is_shown_with_its_pictures(url):
    _, _, body = ask(url, "/face/full/en/dry/email")
    assert body.count(b'src="data:image/png;base64,') > 3
    assert b'src="cid:' not in body


def test_a_page_is_served_without_any_right_to_run_a_script(url):
    _, headers, _ = ask(url, "/face/hostile/en/dry/web")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io"])
@pytest.mark.parametrize("path", ["/", "/face/full/en/dry/web", "/changes", "/nothing"])
def test_a_stranger_s_name_is_refused(url, name, path):
    status, _, body = ask(url, path, Host=f"{name}:{urlsplit(url).port}")
    assert (status, body) == (400, b"400 Bad Request\n")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_our_own_names_are_answered(url, name):
    assert ask(url, Host=f"{name}:{urlsplit(url).port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_nothing_but_get(url, method):
    status, headers, _ = ask(url, method=method)
    assert (status, headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/face/full/en/dry/scroll", 404),
        ("/face/2026-W47/en/dry/web", 500),
        ("/fonts/..%2Fhtml%2Findex.html", 404),
        ("/fonts/libre-franklin-LICENSE.txt", 404),
    ],
)
def test_what_is_not_there_is_told(url, path, status):
    assert ask(url, path)[0] == status


def test_the_toolbar_shows_what_its_address_says(url):
    _, headers, body = ask(url, "/?name=quiet&language=fr&tone=off&face=email&width=phone&at=tone")
    page = body.decode()
    assert '<iframe id="face" src="/face/quiet/fr/off/email"' in page
    assert 'value="off" checked autofocus' in page
    assert 'class="phone"' in page
    nonce = page.partition('<script nonce="')[2].partition('"')[0]
    assert f"script-src 'nonce-{nonce}'" in headers["Content-Security-Policy"]
    assert "On file" not in page


def test_a_hostile_address_stays_text(url):
    page = ask(url, "/?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&face=x&tone=loud")[2].decode()
    assert "<script>" not in page
    assert "/dry/web" in page or "/off/web" in page


def test_the_tone_of_a_specimen_changes_its_page(url):
    off, merry = (ask(url, f"/face/quiet/en/{tone}/web")[2] for tone in ("off", "merry"))
    assert off != merry


def test_colours_are_chosen_without_asking_the_system():
    page = b"@media (prefers-color-scheme: dark) {a} @media (prefers-color-scheme:light) {b}"
    dark, light = in_scheme(page, "dark"), in_scheme(page, "light")
    assert dark == b"@media (min-width: 0) {a} @media (max-width: 0) {b}"
    assert light == b"@media (max-width: 0) {a} @media (min-width: 0) {b}"
    assert in_scheme(page, "auto") == page


def test_a_change_of_a_template_is_told_at_once_and_shown(copied):
    with previewed(Templates(copied)) as url:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=10)
        connection.request("GET", "/changes?since=0")
        stream = connection.getresponse()
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.readline() == b"retry: 500\n"
        time.sleep(0.5)  # the watcher starts with the server, and needs a moment
        begun = time.monotonic()
        style = copied / "style" / "web.css"
        style.write_text(style.read_text("utf-8") + "/* a new broom */\n", "utf-8")
        while not stream.readline().startswith(b"data: "):
            pass
        assert time.monotonic() - begun < SOON
        connection.close()
        assert b"a new broom" in ask(url, "/face/quiet/en/dry/web")[2]


@pytest.mark.parametrize(
    ("path", "old", "new", "place"),
    [
        ("html/journal.html", "{% endif %}", "{% endfi %}", "html/journal.html, line"),
        ("html/journal.html", "page.", "page.nothing_of_the_kind.", "html/journal.html, line"),
        ("voice/en.toml", 'text = "', "text = ", "voice/en.toml, line"),
        ("style/web.css", "{", "{{ }}{", "style/web.css, line 1"),
        ("locale/en.po", 'msgid "page.title"', 'msgid "page.titel"', "html/index.html, line 8"),
    ],
)
def test_a_broken_template_is_shown_where_it_breaks_and_recovers(copied, path, old, new, place):
    face = "/face/full/en/dry/web"
    broken = copied / path
    whole = broken.read_text("utf-8")
    with previewed(Templates(copied)) as url:
        assert ask(url, face)[0] == 200
        assert old in whole
        broken.write_text(whole.replace(old, new, 1), "utf-8")
        status, _, body = ask(url, face)
        assert status == 500
        assert place in body.decode()
        assert "Mend it and save" in body.decode()
        assert 'aria-current="true"' in body.decode()
        assert ask(url)[0] == 200
        broken.write_text(whole, "utf-8")
        assert ask(url, face)[0] == 200


def test_templates_that_are_gone_are_told_and_come_back(copied, tmp_path):
    with previewed(Templates(copied)) as url:
        copied.rename(tmp_path / "away")
        assert b"the templates are not there" in ask(url, "/face/full/en/dry/web")[2]
        assert ask(url)[0] == 200
        (tmp_path / "away").rename(copied)
        assert ask(url, "/face/full/en/dry/web")[0] == 200


def test_an_edition_on_file_is_rendered_with_the_templates_of_today(copied, tmp_path):
    bundle = Bundle.read()
    filed = specimens.specimen("full", bundle, "merry")
    settings = Bulletin(archive=f"sqlite:///{tmp_path / 'journal.db'}", language="fr")
    with Archive.open(settings.archive, create=True) as archive:
        archive.file(filed, bundle.digest, bundle.dumps(), filed.edition.as_of)
    style = copied / "style" / "web.css"
    style.write_text(style.read_text("utf-8") + "/* of today */\n", "utf-8")
    with previewed(Templates(copied), Shelf(settings)) as url:
        page = ask(url)[2].decode()
        assert "On file" in page
        assert 'src="/face/2026-W47/fr/merry/web"' in page
        assert "frozen when it was filed" in page
        assert b"of today" in ask(url, "/face/2026-W47/fr/merry/web")[2]
        status, _, body = ask(url, "/face/2026-W47/fr/off/web")
        assert (status, b"filed with the tone" in body) == (404, True)
        assert ask(url, "/face/2026-W46/fr/merry/web")[0] == 500


def test_a_week_that_is_asked_for_comes_first():
    assert Shelf(None, Week(2026, 47)).opening() == "2026-W47"
    assert Shelf().opening() == "full"


def test_a_taken_port_is_told_and_a_usual_one_is_given_way():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(BulletinError, match=str(port)),
            open_preview(Shelf(), Templates.found(), port),
        ):
            pass
    with open_preview(Shelf(), Templates.found()) as first:
        with open_preview(Shelf(), Templates.found()) as second:
            assert first.url != second.url
        assert PORT == 8000


def test_the_command_says_where_it_answers_and_ends_quietly(tmp_path):
    command = [sys.executable, "-m", "bulletin.cli", "preview", "--no-open"]
    port = free_port()
    with subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        try:
            assert f"http://127.0.0.1:{port}/".encode() in running.stdout.readline()
            assert b"templates" in running.stdout.readline()
            assert ask(f"http://127.0.0.1:{port}/")[0] == 200
            running.send_signal(signal.SIGINT)
            rest = running.communicate(timeout=10)
        finally:
            running.kill()
    assert (running.returncode, rest) == (0, (b"", b""))


@pytest.mark.parametrize(
    "words", [["preview", "2026-W47"], ["--config", "mine.toml", "preview"]], ids=["week", "config"]
)
def test_what_was_named_must_be_there(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*words, "--no-open"])
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 2


@pytest.mark.skipif(PROGRAM is None, reason="there is no chromium")
def test_a_browser_shows_the_page_and_hears_that_it_is_live(url, tmp_path):
    ask(url, "/face/quiet/en/dry/web")
    done = subprocess.run(
        [
            PROGRAM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            f"{url}?name=quiet&tone=dry&language=en",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Live, as of" in done.stdout, done.stdout[-500:] + done.stderr[-500:]
