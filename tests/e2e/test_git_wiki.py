"""The git-wiki channel at an otterwiki, which shows what was pushed, and through a real sshd."""

import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from bulletin.archive import codec
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate, Mode
from bulletin.notes import BEGIN, END
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.markdown import MarkdownRenderer
from tests.e2e.serving import free_port, running
from tests.e2e.tools import tool
from tests.menagerie import everything
from tests.publishing.issues import bring, edition, issue
from tests.publishing.wikis import QUIET, Wiki, publisher

pytestmark = pytest.mark.e2e
PAGE = "The-Journal-2026-W48"
SETTINGS = """
REPOSITORY = "{folder}/repository"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/users.db"
SECRET_KEY = "a-key-of-the-tests-alone"
GIT_WEB_SERVER = True
RETAIN_PAGE_NAME_CASE = True
WRITE_ACCESS = "APPROVED"
ATTACHMENT_ACCESS = "APPROVED"
"""
ACCOUNT = "bot@acme.example"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, env=QUIET, capture_output=True, text=True, check=True).stdout


class Otterwiki:
    def __init__(self, folder: Path) -> None:
        self.repository = folder / "repository"
        self.repository.mkdir()
        git(self.repository, "init", "-q", "-b", "main")
        git(self.repository, "commit", "-q", "--allow-empty", "-m", "The wiki begins")
        settings = folder / "settings.cfg"
        settings.write_text(SETTINGS.format(folder=folder))
        self._environment = {"OTTERWIKI_SETTINGS": str(settings), "PATH": os.environ["PATH"]}
        rights = ("--flags=email_confirmed,approved", "--permissions=read,write,upload")
        self._flask("user", "create", ACCOUNT, "Bulletin", *rights)
        said = self._flask("user", "password", ACCOUNT, "--generate")
        self.password = said.split()[-1]
        self.url = f"http://127.0.0.1:{free_port()}"

    def _flask(self, *words: str) -> str:
        command = [tool("otterwiki-flask"), "--app", "otterwiki.server", *words]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=True
        ).stdout

    def serving(self):
        port = self.url.rpartition(":")[2]
        command = [tool("otterwiki-flask"), "--app", "otterwiki.server", "run", f"--port={port}"]
        log = self.repository.with_name("log")
        return running(command, f"{self.url}/-/about", log, env=self._environment)

    def shown(self, page: str) -> str:
        answer = requests.get(f"{self.url}/{page}", timeout=30)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def otterwiki(tmp_path_factory):
    wiki = Otterwiki(tmp_path_factory.mktemp("otterwiki"))
    with wiki.serving():
        yield wiki


def rendered(**fields):
    """A live edition with one of everything, and its page."""
    filed = codec.file(replace(everything().edition, mode=Mode.LIVE, **fields))
    (page,) = MarkdownRenderer().render(filed, Bundle.read(), "en")
    return issue(filed, bulletin__md=page.body, deck__pdf=b"%PDF-1.7\n")


def test_an_otterwiki_shows_the_page_the_list_and_keeps_the_notes(otterwiki, monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", otterwiki.password)
    made = publisher(
        f"{otterwiki.url}/.git", user=ACCOUNT, token={"env": "WIKI_TOKEN"},
        index="Editions", links="pages", attach=["deck.pdf"],
    )  # fmt: skip

    assert "opened for writing" in made.check()
    assert bring(made, rendered()).fate is Fate.DELIVERED
    assert bring(made, rendered()).fate is Fate.ALREADY_THERE
    page = "The-Black-Friday-Journal-2026-W47"
    shown = otterwiki.shown(page)
    assert "<table" in shown
    assert "bulletin:edition" not in re.sub(r"<!--.*?-->", "", shown, flags=re.DOTALL)
    assert f"{page}-deck.pdf" in shown
    assert f'href="/{page}"' in otterwiki.shown("Editions").replace(otterwiki.url, "")
    path = otterwiki.repository / f"{page}.md"
    path.write_text(path.read_text().replace(f"{BEGIN}\n\n{END}", f"{BEGIN}\nAda asks.\n{END}"))
    git(otterwiki.repository, "commit", "-q", "-a", "-m", "Notes")
    assert bring(made, rendered(revision=9)).fate is Fate.DELIVERED
    assert "Ada asks." in otterwiki.shown(page)
    assert git(otterwiki.repository, "rev-list", "--count", "main").strip() == "4"


def test_an_otterwiki_refuses_a_stranger(otterwiki, monkeypatch):
    monkeypatch.setenv("WIKI_TOKEN", "guessed")
    made = publisher(f"{otterwiki.url}/.git", user=ACCOUNT, token={"env": "WIKI_TOKEN"})

    with pytest.raises(BulletinError, match="403"):
        made.check()
    with pytest.raises(BulletinError, match="403"):
        bring(made, issue())


SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/id.pub
PasswordAuthentication no
StrictModes no
PidFile none
UsePAM no
"""
WRAPPER = """#!/bin/sh
exec {ssh} -F /dev/null -o UserKnownHostsFile={folder}/known -o GlobalKnownHostsFile=/dev/null "$@"
"""


@contextmanager
def sshd(folder: Path, port: int):
    """Run the real server for this user alone, with keys of its own."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None or shutil.which("ssh") is None:
        pytest.skip("there is no sshd here: apt-get install openssh-server")
    for name in ("host", "id"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    (folder / "sshd").write_text(SSHD.format(port=port, folder=folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    log = (folder / "sshd.log").open("wb")
    with (
        log,
        subprocess.Popen([program, "-D", "-e", "-f", str(folder / "sshd")], stderr=log) as server,
    ):
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield
        finally:
            server.terminate()


def test_a_real_sshd_carries_it_once_its_key_is_known(tmp_path, monkeypatch):
    wiki, port = Wiki(tmp_path), free_port()
    real = shutil.which("ssh")
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER.format(ssh=real, folder=tmp_path))
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=":")
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    remote = f"ssh://{user}@127.0.0.1:{port}{wiki.path}"
    made = publisher(remote, key=str(tmp_path / "id"))

    with sshd(tmp_path, port):
        with pytest.raises(BulletinError, match="Host key verification failed"):
            bring(made, issue())
        key = (tmp_path / "host.pub").read_text()
        (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {key}")
        assert bring(made, issue()).fate is Fate.DELIVERED
        assert bring(made, issue()).fate is Fate.ALREADY_THERE
        with pytest.raises(BulletinError, match="Permission denied"):
            bring(publisher(remote, key=str(tmp_path / "host")), issue(edition(revision=2)))

    assert bring(made, issue(edition(revision=3))).fate is Fate.DEFERRED
    assert wiki.commits() == 2
