"""The preview's server: only GET, only from this machine, nothing cached."""

import logging
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule

from bulletin.errors import BulletinError
from bulletin.preview.faces import FACES, body_of, in_scheme
from bulletin.preview.faults import Fault, explain
from bulletin.preview.pages import Choice, fault_page, shell
from bulletin.preview.shelf import Shelf, render
from bulletin.preview.templates import Templates
from bulletin.preview.watching import Changes
from bulletin.rendering.bundle import Bundle
from bulletin.serving import HEADERS, LOOPBACK

log = logging.getLogger("bulletin")

HEARTBEAT = 15
"""Seconds after which a browser that waits for changes is told that we live."""
LANGUAGES = ("en", "fr")
"""What is offered while the templates cannot say."""
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
PAGE = (
    f"{NOTHING}; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""For a face of HTML: as it is printed, and without any script."""
PRINTED = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""For a PDF: browsers build their reader from parts that a stricter one would refuse."""
OWN = (
    "default-src 'none'; style-src 'nonce-{0}'; script-src 'nonce-{0}'; connect-src 'self'; "
    "frame-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""For our own pages."""
ROUTES = Map(
    [
        Rule("/", endpoint="shell"),
        Rule("/face/<name>/<language>/<tone>/<face>", endpoint="face"),
        Rule("/fonts/<name>", endpoint="font"),
        Rule("/changes", endpoint="changes"),
    ]
)


@dataclass(frozen=True, slots=True)
class App:
    """Answers a browser on this machine."""

    shelf: Shelf
    templates: Templates
    changes: Changes

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI asks for it."""
        request = Request(environ)
        request.trusted_hosts = LOOPBACK
        response = self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        return response(environ, start)

    def _answer(self, request: Request) -> Response:
        try:
            _ = request.host  # raises for a name that is not ours
            if request.method != "GET":
                return Response("Only GET.\n", 405, {"Allow": "GET"}, content_type="text/plain")
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            match endpoint:
                case "shell":
                    return self._shell(request)
                case "face":
                    return self._face(request, **values)
                case "font":
                    return self._font(values["name"])
                case _:
                    return self._follow(request)
        except HTTPException as error:
            said = f"{error.code} {error.name}\n"
            return Response(said, error.code, content_type="text/plain; charset=utf-8")

    def _shell(self, request: Request) -> Response:
        since = self.changes.count
        try:
            bundle = self.templates.read()
        except (BulletinError, OSError):
            bundle = None  # the face says why
        languages = (bundle.languages if bundle else ()) or LANGUAGES
        settings = self.shelf.settings
        usual = {"name": self.shelf.opening(), "tone": "dry"}
        if settings is not None:
            usual |= {"language": settings.language, "tone": settings.tone}
        choice = Choice.read(request.args, usual, languages)
        try:
            filed = self.shelf.on_file(choice.name)
        except BulletinError:
            filed = None  # likewise
        nonce = secrets.token_urlsafe(16)
        page = shell(
            choice,
            frozen=filed.edition.tone if filed else None,
            weeks=self.shelf.weeks(),
            bundle=bundle,
            languages=languages,
            nonce=nonce,
            since=since,
        )
        return _own(page, nonce)

    def _face(
        self, request: Request, *, name: str, language: str, tone: str, face: str
    ) -> Response:
        since, bundle = self.changes.count, None
        if face not in FACES:
            raise NotFound
        wanted = FACES[face]
        try:
            bundle = self.templates.read()
            filed = self.shelf.filed(name, tone, bundle)
            if filed.edition.tone != tone:
                said = f"{name} was filed with the tone '{filed.edition.tone}', and that stays."
                return self._fault(Fault(problem=said, hint="Try tones on a specimen."), since, 404)
            made = render(filed, bundle, language, wanted.format)
            body = body_of(wanted, made)
        except BulletinError as error:
            return self._fault(explain(error, bundle), since)
        except Exception as error:
            log.info("%s of %s could not be made", face, name, exc_info=error)
            return self._fault(explain(error, bundle), since)
        if not wanted.is_html:
            response = Response(body, content_type=wanted.media_type)
            response.headers["Content-Disposition"] = f'inline; filename="{wanted.artifact}"'
            if wanted.format in {"deck", "paper"}:
                response.headers["Content-Security-Policy"] = PRINTED
            return response
        page = in_scheme(body, request.args.get("scheme", "auto"))
        return Response(page, content_type=wanted.media_type, headers={CSP: PAGE})

    def _fault(self, fault: Fault, since: int, status: int = 500) -> Response:
        nonce = secrets.token_urlsafe(16)
        return _own(fault_page(fault, nonce=nonce, since=since), nonce, status)

    def _font(self, name: str) -> Response:
        """Return one of the journal's own fonts, for our own pages."""
        bundle: Bundle = self.templates.read()
        body = bundle.files.get(f"fonts/{name}")
        if body is None or not name.endswith(".woff2"):
            raise NotFound
        return Response(body, content_type="font/woff2")

    def _follow(self, request: Request) -> Response:
        """Tell of each change as it comes, by Server-Sent Events."""
        seen = request.headers.get("Last-Event-ID") or request.args.get("since")
        since = int(seen) if seen and seen.isdecimal() else self.changes.count
        return Response(self._news(since), content_type="text/event-stream")

    def _news(self, seen: int) -> Iterator[str]:
        yield "retry: 500\n\n"
        while not self.changes.is_over:
            count = self.changes.wait(seen, HEARTBEAT)
            yield ": still here\n\n" if count == seen else f"id: {count}\ndata: {count}\n\n"
            seen = count


CSP = "Content-Security-Policy"


def _own(page: str, nonce: str, status: int = 200) -> Response:
    headers = {CSP: OWN.format(nonce)}
    return Response(page, status, headers, content_type="text/html; charset=utf-8")
