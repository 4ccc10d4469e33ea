"""A Confluence on loopback, Cloud and Data Center, that keeps pages as the real one does.

It takes well-formed storage format alone, adds attributes of its own, wants the next version, and
has no two pages of one title in a space. What it was asked is kept for the service's own document.
"""

import email
import email.policy
import json
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.entities import name2codepoint
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from bulletin.publishing.confluence import ConfluencePublisher
from bulletin.wire.http import Budget
from tests.contracts.openapi import Exchange
from tests.publishing.issues import edition, issue

SPACES = {"ENG": "101", "TRY": "102"}
ROOT = '<r xmlns:ac="urn:ac" xmlns:ri="urn:ri">{}</r>'


STORAGE = (
    "<h1>Nothing burns</h1>\n<p>All clear.</p>\n<hr />\n"
    "<p>{begin}</p>\n<p> </p>\n<p>{end}</p>\n<hr />\n<p>Over.{mark}</p>\n"
)


def pin(name):
    macro = '<ac:structured-macro ac:name="anchor" ac:schema-version="1">'
    return f'{macro}<ac:parameter ac:name="">{name}</ac:parameter></ac:structured-macro>'


def storage(filed):
    """A small page in Confluence's format, marked as the edition."""
    edition = filed.edition
    mark = f"bulletin-edition-{edition.week}-{edition.revision}-{filed.digest}"
    notes = {"begin": pin("bulletin-notes-begin"), "end": pin("bulletin-notes-end")}
    return STORAGE.format(mark=pin(mark), **notes)


def written(filed=None, **bodies):
    """An issue with a small page in Confluence's format, and whichever artifacts are given."""
    filed = filed or edition()
    page = storage(filed).encode()
    return issue(filed, files={"bulletin.confluence": page}, **bodies)


@dataclass
class Page:
    id: str
    space: str
    title: str
    body: str
    version: int = 1
    minor: bool = False
    parent: str | None = None
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    """Name → id, bytes, comment."""
    labels: set[str] = field(default_factory=set)


class RefusedError(Exception):
    def __init__(self, status: int, said: str = "") -> None:
        super().__init__(said)
        self.status = status


def parsed(body: str):
    """Return the page as a tree; HTML's entities may stand in what Confluence keeps."""
    numbered = re.sub(r"&(\w+);", lambda m: f"&#{name2codepoint[m[1]]};", body)
    return etree.fromstring(ROOT.format(numbered if "<![CDATA[" not in body else body))


def kept(body: str) -> str:
    """Return a body as it is kept: macros and paragraphs get attributes."""
    numbers = count(1)
    for tag, name in (("ac:structured-macro", "ac:macro-id"), ("p", "local-id")):
        body = re.sub(
            rf"<{tag}(?=[ >])(?![^>]* {name}=)",
            lambda m, n=name: f'{m[0]} {n}="{next(numbers)}"',
            body,
        )
    return re.sub(r'(<p local-id="\d+">) (</p>)', r"\1&nbsp;\2", body).rstrip("\n")


class ConfluenceServer:
    """`fault(method, path)` may return a status to answer instead; `drop`, which lets it do its
    work and hangs up; or bytes, which are said once the work is done.
    """

    def __init__(self, deployment: str) -> None:
        self.deployment = deployment
        self.pages: dict[str, Page] = {}
        self.numbers = count(1000)
        self.fault = lambda _method, _path: None
        self.before = lambda _method, _path: None
        """Runs before a request is looked at: what another person does in the meantime."""
        self.links: dict[str, str] = {}
        """What Cloud tells of where people open a page: `base`, with its answers."""
        self.asked: list[Exchange] = []
        self.fired = 0

    @property
    def root(self) -> str:
        return "/wiki" if self.deployment == "cloud" else ""

    def add(self, title: str, body: str, space="ENG") -> Page:
        """Let a person write a page."""
        page = Page(str(next(self.numbers)), space, title, body)
        self.pages[page.id] = page
        return page

    def named(self, title: str, space="ENG") -> Page | None:
        pages = self.pages.values()
        return next((one for one in pages if (one.title, one.space) == (title, space)), None)

    def made(self, method: str, end: str) -> int:
        return sum(one.method == method and one.path.endswith(end) for one in self.asked)

    def publisher(self, *, title="The Journal", **settings) -> ConfluencePublisher:
        user = {"user": "bot@acme.example"} if self.deployment == "cloud" else {}
        given = {
            "site": self.url,
            "space": "ENG",
            "token": {"env": "WIKI_TOKEN"},
            "deployment": self.deployment,
        }
        made = ConfluencePublisher.Settings.model_validate(given | user | settings)
        return ConfluencePublisher(made, "wiki", lambda: Budget(sleep=lambda _: None))

    @contextmanager
    def serving(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer._answer(self)

            def do_POST(self):
                outer._answer(self)

            def do_PUT(self):
                outer._answer(self)

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        server = Quiet(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _answer(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        exchange = Exchange(
            method=handler.command, path=parts.path, query=parts.query, headers=headers, body=body
        )
        self.asked.append(exchange)
        path = parts.path.removeprefix(self.root)
        fault = self.fault(handler.command, path)
        if fault is not None:
            self.fired += 1
        if isinstance(fault, int):
            return self._say(handler, fault, b"{}")
        self.before(handler.command, path)
        try:
            self._admit(exchange)
            status, made = 200, self._do(exchange, path, dict(parse_qsl(parts.query)))
        except RefusedError as refusal:
            status, made = refusal.status, {"message": str(refusal)}
        if fault == "drop":
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        if isinstance(fault, bytes):
            return self._say(handler, 200, fault, "text/html")
        return self._say(handler, status, json.dumps(made).encode())

    def _admit(self, asked: Exchange) -> None:
        signed = "Basic " if self.deployment == "cloud" else "Bearer hush"
        if not asked.headers.get("authorization", "").startswith(signed):
            raise RefusedError(401)
        if not asked.path.startswith(self.root):
            raise RefusedError(404)

    def _say(self, handler, status, body, kind="application/json") -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        if status == 302:
            handler.send_header("Location", "https://id.atlassian.example/login")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _do(self, asked: Exchange, path: str, query: dict):
        method = asked.method
        if path == "/rest/api/user/current":
            return {"displayName": "The Bulletin's Bot"}
        if match := re.fullmatch(r"/rest/api/content/(\d+)/child/attachment(?:/(\d+)/data)?", path):
            page = self._page(match[1])
            if method == "GET":
                return {"results": self._files(page, query["filename"])}
            return self._attach(page, match[2], asked)
        if match := re.fullmatch(r"/rest/api/content/(\d+)/label", path):
            labels = {one["name"] for one in json.loads(asked.body)}
            self._page(match[1]).labels |= labels
            return {"results": []}
        return (self._cloud if self.deployment == "cloud" else self._center)(asked, path, query)

    def _cloud(self, asked: Exchange, path: str, query: dict):
        given = json.loads(asked.body or b"{}")
        if path == "/api/v2/spaces":
            keys = [key for key in SPACES if key == query["keys"]]
            return {"results": [{"id": SPACES[key], "key": key} for key in keys]}
        if path == "/api/v2/pages" and asked.method == "GET":
            same = [
                self._told(one)
                for one in self.pages.values()
                if SPACES[one.space] == query["space-id"] and one.title == query["title"]
            ]
            return {"results": same, "_links": self.links}
        if path == "/api/v2/pages":
            space = next(key for key, id_ in SPACES.items() if id_ == given["spaceId"])
            return self._create(
                space, given["title"], given["body"]["value"], given.get("parentId")
            )
        if match := re.fullmatch(r"/api/v2/pages/(\d+)/attachments", path):
            return {"results": self._files(self._page(match[1]), query["filename"])}
        if match := re.fullmatch(r"/api/v2/pages/(\d+)", path):
            page = self._page(match[1])
            if asked.method == "GET":
                return self._told(page)
            return self._update(page, given["version"], given["body"]["value"])
        raise RefusedError(410 if path.startswith("/rest/api/content") else 404)

    def _center(self, asked: Exchange, path: str, query: dict):
        given = json.loads(asked.body or b"{}")
        if path == "/rest/api/space":
            return {"results": [{"key": key} for key in SPACES if key == query["spaceKey"]]}
        if path == "/rest/api/content" and asked.method == "GET":
            page = self.named(query["title"], query["spaceKey"])
            return {"results": [self._told(page)] if page else []}
        if path == "/rest/api/content":
            parent = given["ancestors"][0]["id"] if "ancestors" in given else None
            value = given["body"]["storage"]["value"]
            return self._create(given["space"]["key"], given["title"], value, parent)
        if match := re.fullmatch(r"/rest/api/content/(\d+)", path):
            page = self._page(match[1])
            if asked.method == "GET":
                return self._told(page)
            return self._update(page, given["version"], given["body"]["storage"]["value"])
        raise RefusedError(404)

    def _page(self, id_: str) -> Page:
        if id_ not in self.pages:
            raise RefusedError(404)
        return self.pages[id_]

    def _told(self, page: Page):
        webui = {"webui": f"/spaces/{page.space}/pages/{page.id}/Its+title"} if self.links else {}
        return {
            "id": page.id, "title": page.title, "status": "current",
            "version": {"number": page.version},
            "body": {"storage": {"value": page.body, "representation": "storage"}},
            "_links": self.links | webui,
        }  # fmt: skip

    def _well_formed(self, body: str) -> None:
        try:
            parsed(body)
        except etree.XMLSyntaxError as error:
            raise RefusedError(400, f"Error parsing xhtml: {error}") from error

    def _create(self, space: str, title: str, body: str, parent: str | None):
        self._well_formed(body)
        if self.named(title, space):
            raise RefusedError(400, "A page with this title already exists")
        if parent is not None:
            self._page(parent)
        page = self.add(title, kept(body), space)
        page.parent = parent
        return self._told(page)

    def _update(self, page: Page, version: dict, body: str):
        self._well_formed(body)
        if version["number"] != page.version + 1:
            raise RefusedError(409, "Version must be incremented")
        page.version += 1
        page.body, page.minor = kept(body), version.get("minorEdit", False)
        return self._told(page)

    def _files(self, page: Page, name: str):
        return [
            {"id": f"att{id_}", "title": one, "comment": comment, "metadata": {"comment": comment}}
            for one, (id_, _, comment) in page.files.items()
            if one == name
        ]

    def _attach(self, page: Page, standing: str | None, asked: Exchange):
        if asked.headers.get("x-atlassian-token") != "no-check":
            raise RefusedError(403, "XSRF check failed")
        head = b"Content-Type: " + asked.headers["content-type"].encode() + b"\r\n\r\n"
        message = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
        parts = {
            one.get_param("name", header="content-disposition"): one for one in message.iter_parts()
        }
        name = parts["file"].get_filename()
        if (name in page.files) != (standing is not None):
            raise RefusedError(400, "Cannot add a new attachment with same file name")
        assert parts["minorEdit"].get_content().strip() == "true"
        id_ = standing or str(next(self.numbers))
        comment = parts["comment"].get_content().strip()
        page.files[name] = (id_, parts["file"].get_payload(decode=True), comment)
        return {"results": []}
