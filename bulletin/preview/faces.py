"""The faces of an edition: what a reader may get to see of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy

from bulletin.model.delivery import Artifact
from bulletin.rendering.email.pictures import viewable


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One rendered file, and how a browser is to take it."""

    id: str
    label: str
    format: str
    """The renderer that makes it."""
    artifact: str
    media_type: str
    styles: tuple[str, ...] = ()
    """How the names of its templates begin, if it is a page of HTML."""

    @property
    def is_html(self) -> bool:
        """Whether it has a width, and may have colours for the dark."""
        return self.media_type.startswith("text/html")


TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
PDF = "application/pdf"

FACES = {
    face.id: face
    for face in (
        Face(
            id="web",
            label="Web",
            format="html",
            artifact="index.html",
            media_type=HTML,
            styles=("html/", "style/web", "style/journal"),
        ),
        Face(
            id="email",
            label="E-mail",
            format="email",
            artifact="email.html",
            media_type=HTML,
            styles=("email/email.html", "style/email"),
        ),
        Face(id="text", label="Text", format="email", artifact="email.txt", media_type=TEXT),
        Face(id="deck", label="Deck", format="deck", artifact="deck.pdf", media_type=PDF),
        Face(
            id="speaker",
            label="Speaker",
            format="speaker",
            artifact="speaker.html",
            media_type=HTML,
            styles=("speaker/", "style/speaker", "style/web", "style/journal"),
        ),
        Face(id="paper", label="Paper", format="paper", artifact="paper.pdf", media_type=PDF),
        Face(
            id="markdown",
            label="Markdown",
            format="markdown",
            artifact="bulletin.md",
            media_type=TEXT,
        ),
        Face(
            id="json",
            label="JSON",
            format="json",
            artifact="edition.json",
            media_type="application/json",
        ),
    )
}


def body_of(face: Face, made: Sequence[Artifact]) -> bytes:
    """Return a face as a browser can show it: an e-mail has its pictures in the draft beside it."""
    bodies = {artifact.name: artifact.body for artifact in made}
    body = bodies[face.artifact]
    if face.id != "email":
        return body
    draft = message_from_bytes(bodies["email.eml"], policy=policy.SMTP)
    pictures = {
        part["Content-ID"].strip("<>"): part.get_content()
        for part in draft.walk()
        if part.get_content_maintype() == "image"
    }
    return viewable(body.decode(), pictures).encode()


ASKED = re.compile(rb"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
ALWAYS, NEVER = b"(min-width: 0)", b"(max-width: 0)"


def in_scheme(page: bytes, scheme: str) -> bytes:
    """Return a page as one sees it whose system is set to `light` or `dark`."""
    if scheme not in {"light", "dark"}:
        return page
    wanted = scheme.encode()
    return ASKED.sub(lambda asked: ALWAYS if asked[1] == wanted else NEVER, page)
