"""A DokuWiki on loopback that keeps pages and files, and answers as it is told to."""

import threading
import xmlrpc.client
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bulletin.publishing.dokuwiki import DokuwikiPublisher


class DokuwikiServer:
    """`fault(method)` may return a status or a struct to answer instead, or bytes, which are said
    once the work is done.
    """

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.writes = 0
        self.fault = lambda _method: None
        self.fired = 0

    def publisher(self, **settings) -> DokuwikiPublisher:
        given = {"site": self.url, "token": {"env": "WIKI_TOKEN"}} | settings
        return DokuwikiPublisher(
            DokuwikiPublisher.Settings.model_validate(given), "wiki", "A Title"
        )

    @contextmanager
    def serving(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer._answer(self)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _answer(self, handler) -> None:
        sent = handler.rfile.read(int(handler.headers["Content-Length"]))
        values, method = xmlrpc.client.loads(sent)
        self.asked.append(method)
        fault = self.fault(method)
        self.fired += fault is not None
        status = 200
        if isinstance(fault, int):
            status, said = fault, b"no"
        elif isinstance(fault, dict):
            said = _written(fault)
        else:
            made = _written(self._do(method, values))
            said = made if fault is None else fault
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)

    def _do(self, method: str, values: tuple) -> Any:
        match method, values:
            case "dokuwiki.getVersion", _:
                return "Release of the tests"
            case "wiki.aclCheck", _:
                return 8
            case "dokuwiki.setLocks", (asked,):
                return {"locked": asked["lock"]}
            case "wiki.getPageInfo", (page,):
                return {"name": page} if page in self.pages else {}
            case "wiki.getPage", (page,):
                return self.pages[page]
            case "wiki.putPage", (page, text, _):
                self.pages[page] = text
                self.writes += 1
                return True
            case "wiki.getAttachmentInfo", (name,):
                return {"size": len(self.files[name])} if name in self.files else {}
            case "wiki.getAttachment", (name,):
                return self.files[name]
            case "wiki.putAttachment", (name, body, _):
                self.files[name] = body.data
                return name
        raise AssertionError(method)


def _written(value: Any) -> bytes:
    return xmlrpc.client.dumps((value,), methodresponse=True).encode()
