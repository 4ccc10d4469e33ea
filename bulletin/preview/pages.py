"""The preview's own two pages: the toolbar with the face below it, and what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment

from bulletin import specimens
from bulletin.preview.faces import FACES, Face
from bulletin.preview.faults import Fault
from bulletin.preview.shelf import TONES
from bulletin.rendering.bundle import Bundle
from bulletin.serving import own_pages

SCHEMES = {"auto": "system", "light": "light", "dark": "dark"}
WIDTHS = {"wide": "wide", "phone": "360 px"}
PAGE_FIT = "#view=Fit"
"""Asks a browser's PDF reader for the whole page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the switches stand at."""

    name: str
    language: str
    tone: str
    face: Face
    scheme: str
    width: str
    at: str
    """The switch that was moved last: it keeps the focus."""

    @classmethod
    def read(
        cls, query: Mapping[str, str], usual: Mapping[str, str], languages: tuple[str, ...]
    ) -> "Choice":
        """Read an address's query; what it does not say, or says wrong, is as usual."""

        def one(switch: str, known: Iterable[str]) -> str:
            known = tuple(known)
            wanted = query.get(switch, usual.get(switch, ""))
            return wanted if wanted in known else known[0]

        return cls(
            name=query.get("name", usual["name"]),
            language=one("language", languages),
            tone=one("tone", TONES),
            face=FACES[one("face", FACES)],
            scheme=one("scheme", SCHEMES),
            width=one("width", WIDTHS),
            at=query.get("at", ""),
        )

    def address(self, tone: str) -> str:
        """Return where the face is served."""
        path = "/".join(quote(p, safe="") for p in (self.name, self.language, tone, self.face.id))
        query = {"scheme": self.scheme} if self.face.is_html and self.scheme != "auto" else {}
        return f"/face/{path}" + (f"?{urlencode(query)}" if query else "")


def shell(
    choice: Choice,
    *,
    frozen: str | None,
    weeks: tuple[str, ...],
    bundle: Bundle | None,
    languages: tuple[str, ...],
    nonce: str,
    since: int,
) -> str:
    """Return the page with the toolbar. `frozen` is the tone of an edition on file."""
    face = choice.face
    styles = () if bundle is None else bundle.files.items()
    has_schemes = face.is_html and any(
        b"prefers-color-scheme" in body for path, body in styles if path.startswith(face.styles)
    )
    address = choice.address(frozen or choice.tone)
    known = {*weeks, *specimens.KINDS}
    return (
        _pages()
        .get_template("shell.html")
        .render(
            choice=choice,
            frozen=frozen,
            weeks=weeks if choice.name in known else (choice.name, *weeks),
            kinds=specimens.KINDS,
            faces={face.id: face.label for face in FACES.values()},
            languages=dict(zip(languages, languages, strict=True)),
            tones=dict(zip(TONES, TONES, strict=True)),
            schemes=SCHEMES,
            widths=WIDTHS,
            has_schemes=has_schemes,
            address=address,
            fit=PAGE_FIT if face.media_type.endswith("pdf") else "",
            nonce=nonce,
            since=since,
        )
    )


def fault_page(fault: Fault, *, nonce: str, since: int) -> str:
    """Return the page that says what is wrong; opened alone, it waits for the next change."""
    return _pages().get_template("fault.html").render(fault=fault, nonce=nonce, since=since)


@cache
def _pages() -> Environment:
    return own_pages(Path(__file__).parent)
