"""Git remotes on this machine, served and looked at by the real git."""

import base64
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from bulletin.config import Bulletin
from bulletin.publishing.git_wiki import GitWikiPublisher

QUIET = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@acme.example",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@acme.example",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"],
}  # fmt: skip


class Wiki:
    """A bare repository, a person who edits it, and what git says of it."""

    def __init__(self, folder: Path, *, branch="main", seeded=True, like=None) -> None:
        self.path = folder / "shop.wiki.git"
        self._clone = folder / "clone"
        self.branch = branch
        if like is not None:
            shutil.copytree(like.path, self.path)
            return
        self.git("init", "-q", "--bare", "-b", branch, self.path)
        self.git("-C", self.path, "config", "http.receivepack", "true")
        self.git("-C", self.path, "config", "daemon.receivepack", "true")
        if seeded:
            self.edit("Home.md", "Welcome.\n")

    def git(self, *words) -> str:
        made = subprocess.run(
            ["git", *map(str, words)], env=QUIET, capture_output=True, check=False
        )
        assert made.returncode == 0, made.stderr
        return made.stdout.decode()

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def edit(self, name: str, text: str | bytes | None, said="by hand") -> None:
        """Let a person write a page, or delete it, and push."""
        if not self._clone.exists():
            self.git("clone", "-q", self.path, self._clone)
        else:
            self.git("-C", self._clone, "pull", "-q", "origin", self.branch)
        path = self._clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("-C", self._clone, "add", "-A")
        self.git("-C", self._clone, "commit", "-q", "-m", said)
        self.git("-C", self._clone, "push", "-q", "origin", f"HEAD:{self.branch}")

    def commits(self) -> int:
        return int(self.git("-C", self.path, "rev-list", "--count", self.branch))

    def log(self, form: str) -> str:
        return self.git("-C", self.path, "log", "-1", f"--format={form}", self.branch).strip()

    def files(self) -> list[str]:
        listed = self.git("-C", self.path, "ls-tree", "-r", "--name-only", self.branch)
        return listed.splitlines()

    def page(self, name: str) -> str:
        return self.git("-C", self.path, "show", f"{self.branch}:{name}")

    def whole(self) -> None:
        """Let git look for what is broken or missing."""
        said = self.git("-C", self.path, "fsck", "--strict", "--full")
        assert "missing" not in said


def publisher(remote: str, *, title="The Journal", **settings) -> GitWikiPublisher:
    made = GitWikiPublisher.Settings.model_validate({"remote": remote, **settings})
    return GitWikiPublisher.from_settings(made, "wiki", Bulletin(title=title))


@contextmanager
def daemon(folder: Path, *words: str):
    """Serve a folder's repositories by `git daemon`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "git",
        "daemon",
        "--listen=127.0.0.1",
        f"--port={port}",
        "--export-all",
        "--reuseaddr",
    ]
    with subprocess.Popen(
        [*command, f"--base-path={folder}", *words, str(folder)],
        env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as server:  # fmt: skip
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield f"git://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, 15)


class Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up, which is what some tests are about."""

    def handle_error(self, *_):
        pass


class SmartServer:
    """`git http-backend` behind a password, with faults at a moment of one's choice.

    `fault(request number, path)` may return a status to answer instead, or the word `drop`, which
    lets git do its work and closes the connection without an answer.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wanted = "Basic " + base64.b64encode(b"x-access-token:hush").decode()
        self.fault = lambda _path: None
        self.asked: list[str] = []
        self.fired = 0

    @contextmanager
    def serving(self, certificate=None):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer._answer(self, b"")

            def do_POST(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer._answer(self, body)

        server = Quiet(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            certificate.configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _answer(self, handler, body: bytes) -> None:
        self.asked.append(f"{handler.command} {handler.path}")
        fault = self.fault(f"{handler.command} {handler.path}")
        if fault is not None:
            self.fired += 1
        if isinstance(fault, int):
            return self._plain(handler, fault, b"")
        if isinstance(fault, bytes):
            return self._plain(handler, 200, fault)
        if handler.headers.get("Authorization") != self.wanted:
            return self._plain(handler, 401, b"")
        made = self._git(handler, body)
        if fault == "drop":
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        head, _, rest = made.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(lines.pop("Status", "200 OK").split()[0])
        return self._plain(handler, status, rest, lines)

    def _git(self, handler, body: bytes) -> bytes:
        parts = urlsplit(handler.path)
        environment = QUIET | {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "bulletin",
            "REMOTE_ADDR": "127.0.0.1",
        }
        return subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=False
        ).stdout

    def _plain(self, handler, status: int, body: bytes, headers=None) -> None:
        handler.send_response(status)
        for name, value in (headers or {"Content-Type": "text/html"}).items():
            handler.send_header(name, value)
        if status == 401:
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
