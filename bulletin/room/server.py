"""The room's server: the slides, the speaker's page, and one address that files a decision."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException
from werkzeug.routing import Map, Rule

from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.edition import Filed
from bulletin.model.text import printable
from bulletin.model.week import Week
from bulletin.model.word import Word, decisions, week_of
from bulletin.pipeline.filing import Clerk, say
from bulletin.rendering.bundle import Bundle
from bulletin.room.pages import slides, speaker
from bulletin.serving import HEADERS, LOOPBACK

CSP = "Content-Security-Policy"
PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{0}'; connect-src 'self'; "
    "font-src data:; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LARGEST = 10_000
"""Bytes of a decision as it is sent."""
ROUTES = Map(
    [
        Rule("/", endpoint="slides", methods=["GET"]),
        Rule("/speaker", endpoint="speaker", methods=["GET"]),
        Rule("/decisions", endpoint="decided", methods=["GET"]),
        Rule("/decisions", endpoint="decide", methods=["POST"]),
    ]
)


@dataclass(frozen=True, slots=True)
class App:
    """Answers a browser on this machine."""

    settings: Bulletin
    filed: Filed
    bundle: Bundle
    author: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """What only our own page knows: no other page of the browser can file anything."""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI asks for it."""
        request = Request(environ)
        request.trusted_hosts = LOOPBACK
        request.max_content_length = LARGEST
        response = self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault(CSP, "default-src 'none'")
        return response(environ, start)

    def _answer(self, request: Request) -> Response:
        try:
            _ = request.host  # raises for a name that is not ours
            endpoint, _ = ROUTES.bind_to_environ(request.environ).match()
            match endpoint:
                case "slides":
                    return self._page(slides)
                case "speaker":
                    return self._page(speaker)
                case "decided":
                    return _json(self._decided())
                case _:
                    return self._decide(request)
        except HTTPException as error:
            said = f"{error.code} {error.name}\n"
            return Response(said, error.code, content_type="text/plain; charset=utf-8")
        except BulletinError as error:
            told = {"problem": printable(error.problem), "hint": printable(error.hint)}
            return _json(told, 422)

    def _page(self, make: Any) -> Response:
        nonce = secrets.token_urlsafe(16)
        page = make(self.filed, self.bundle, self.settings, nonce=nonce, secret=self.secret)
        headers = {CSP: PAGE.format(nonce)}
        return Response(page, headers=headers, content_type="text/html; charset=utf-8")

    def _decide(self, request: Request) -> Response:
        """File a decision of this week's meeting. Only our own page knows the secret."""
        given = _read(request)
        known = given.get("secret", "").encode(errors="replace")
        if not secrets.compare_digest(known, self.secret.encode()):
            raise Forbidden
        week = self.filed.edition.week
        due = given.get("due", "")

        def speak(clerk: Clerk) -> Word:
            return clerk.decide(
                week,
                given.get("text", ""),
                owner=given.get("owner") or None,
                due=_week(due) if due else None,
                about=given.get("about") or None,
            )

        say(self.settings, speak, author=self.author)
        return _json(self._decided(), 201)

    def _decided(self) -> list[dict[str, str]]:
        """Return what this week's meeting has decided so far."""
        week = self.filed.edition.week
        with Archive.open(self.settings.archive) as archive:
            made = decisions(archive.words())
        return [
            {
                "key": one.key.subject,
                "text": one.title,
                "owner": one.owner or "",
                "due": str(one.due),
            }
            for one in made
            if week_of(one.key) == week
        ]


def _read(request: Request) -> dict[str, str]:
    """Return what was sent: an object of texts. Raises `BadRequest` for anything else."""
    try:
        given = json.loads(request.get_data())
    except ValueError:
        raise BadRequest from None
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise BadRequest
    return given


def _week(text: str) -> Week:
    try:
        return Week.parse(text)
    except ValueError as error:
        raise BulletinError(str(error), "Write the week that it is due in, or leave it.") from None


def _json(told: object, status: int = 200) -> Response:
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, content_type="application/json; charset=utf-8")
