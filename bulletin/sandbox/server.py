"""The sandbox: three loopback servers that speak GitHub, Jira and Sentry about one `World`."""

import functools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bulletin.sandbox.world import World

TOKEN = "sandbox"  # noqa: S105  (a demo company has no secrets)
"""The one token that every service of the sandbox accepts."""

Answer = Callable[[Request, World, datetime], Response]
"""A service: a request, the company, and the moment it is there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that a service answered."""

    method: str
    path: str
    query: str
    body: bytes
    status: int


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  (its name in werkzeug)
        """Say nothing: the demo prints a journal, not an access log."""


@dataclass(slots=True)
class Service:
    """One service on a loopback port. `moment` is its clock; `seen` its log."""

    name: str
    answer: Answer
    world: World
    moment: datetime
    seen: list[Seen] = field(default_factory=list)
    _server: BaseWSGIServer | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI asks for it."""
        request = Request(environ)
        body = request.get_data(cache=True)
        if self.world.is_out(self.name, self.moment):
            response = Response("upstream is having a moment", 503, content_type="text/plain")
            response.headers["Retry-After"] = "0"
        else:
            response = self.answer(request, self.world, self.moment)
        query = request.query_string.decode()
        self.seen.append(Seen(request.method, request.path, query, body, response.status_code))
        return response(environ, start)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        if self._server is None:
            msg = f"{self.name} was not started"
            raise RuntimeError(msg)
        return f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        # It looks so often whether it should stop; the usual half second adds up over many tests.
        serve = functools.partial(self._server.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
