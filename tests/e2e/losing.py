"""A proxy before a wiki that loses answers: the wiki has got the request, we never hear of it."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Losing:
    """Loses the answer, or answers a status itself, where a request holds `words`."""

    def __init__(self, port: int, words: bytes, *, times: int = 1, status: int = 0) -> None:
        self._port, self._words, self._times, self._status = port, words, times, status
        self.fired = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.forward(self)

            def do_POST(self):
                outer.forward(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def forward(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        is_hit = self._words in body and self.fired < self._times
        if is_hit and self._status:
            self.fired += 1
            request.send_error(self._status)
            return
        asked = http.client.HTTPConnection("127.0.0.1", self._port)
        headers = {k: v for k, v in request.headers.items() if k.lower() != "connection"}
        asked.request(request.command, request.path, body, headers)
        answer = asked.getresponse()
        said = answer.read()
        asked.close()
        if is_hit:
            self.fired += 1
            request.close_connection = True
            return
        request.send_response_only(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in {"connection", "transfer-encoding", "content-length"}:
                request.send_header(key, value)
        request.send_header("Content-Length", str(len(said)))
        request.end_headers()
        request.wfile.write(said)

    @contextmanager
    def serving(self) -> Iterator["Losing"]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
