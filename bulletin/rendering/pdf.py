"""The PDF printer: WeasyPrint in a child process that reaches no file and no network.

Run as `python -m bulletin.rendering.pdf` it reads one JSON object, `html` and `assets` (path →
base64), and writes a PDF.
"""

import base64
import gc
import io
import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, BinaryIO, NoReturn

from bulletin.errors import BulletinError
from bulletin.model.text import clean
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.logo import MEDIA_TYPES

SECONDS = 60
MEMORY = 1 << 30
FILE_SIZE = 64 << 20
NO_PANGO = 3
"""Exit status of a child that could not load WeasyPrint's libraries."""
PASSED_ON = ("TMPDIR", "DYLD_FALLBACK_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
ASSETS = "asset://journal/"
_UNPACKING = Lock()
"""Held while fonts are unpacked: who comes second finds them done."""


def print_pdf(html: str, bundle: Bundle, seconds: float = SECONDS) -> bytes:
    """Print HTML as PDF/UA-1 with the bundle's fonts; the same HTML gives the same bytes.

    Raises `BulletinError` where Pango is missing, where the page asks for anything that is not
    in the bundle, where the printer complains, and where it takes longer than `seconds`.
    """
    with _start() as child:
        try:
            # While the fonts are unpacked here, the child loads WeasyPrint.
            body, said = child.communicate(_order(html, bundle), seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise BulletinError(
                f"the PDF was not printed within {seconds:g} seconds",
                "Print fewer items a section (`room` in bulletin.toml).",
            ) from None
        except BaseException:
            child.kill()
            raise
    if child.returncode == NO_PANGO:
        raise BulletinError(
            "the PDF cannot be printed: Pango is missing "
            "(libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0)",
            "Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0. Fedora: dnf install pango harfbuzz. "
            "Alpine: apk add pango harfbuzz-subset. macOS: brew install pango.",
        )
    if child.returncode or not body.startswith(b"%PDF-"):
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
        reason = clean(last[0], 200) if last else f"the printer ended with {child.returncode}"
        raise BulletinError(
            f"the PDF could not be printed: {reason}",
            "The other formats are not touched. If a template was changed, look there first.",
        )
    return body


def _start() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "bulletin.rendering.pdf"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"LANG": "C.UTF-8", "PATH": os.defpath, **environment},
    )


def _order(html: str, bundle: Bundle) -> bytes:
    with _UNPACKING:
        named = {
            path: _unpacked(body) if path.endswith(".woff2") else body
            for path, body in html_assets(bundle).items()
            if path in html
        }
    assets = {path: base64.b64encode(body).decode() for path, body in named.items()}
    return json.dumps({"html": html, "assets": assets}).encode()


def html_assets(bundle: Bundle) -> Mapping[str, bytes]:
    """Return what a page may name: the fonts, and the logo."""
    return {
        path: body
        for path, body in bundle.files.items()
        if path.endswith(".woff2") or path in MEDIA_TYPES
    }


@lru_cache(maxsize=32)
def _unpacked(woff2: bytes) -> bytes:
    """Return the font without its compression, which each child would else undo again."""
    # A tenth of a second, and only those who print need it; it ships no types.
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (as said)

    font = TTFont(io.BytesIO(woff2), recalcTimestamp=False)
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain, reorderTables=None)
    return plain.getvalue()


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint would only log: a font or a rule that it dropped."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # A title may hold letters that no font of this machine has; they print as boxes.
        if not record.getMessage().startswith(".notdef glyph"):
            self.heard.append(record.getMessage())


def _limit() -> None:
    for what, much in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (much, much))
        except (OSError, ValueError):
            # macOS has no limit on address space; the wall clock still holds.
            continue


def _print(source: BinaryIO, target: BinaryIO) -> None:
    try:
        import weasyprint  # noqa: PLC0415  (half a second, and Pango: only the child needs it)
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415  (likewise)
    except OSError as error:
        _fail(str(error), NO_PANGO)
    order = json.load(source)

    class Assets(URLFetcher):  # type: ignore[misc]
        """Answers for the order's own assets, and for nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(ASSETS):
                return super().fetch(url, headers)
            body = base64.b64decode(order["assets"][url.removeprefix(ASSETS)])
            return URLFetcherResponse(url, body)

    complaints = _Complaints()
    logger = logging.getLogger("weasyprint")
    logger.handlers = [complaints]
    _spell_ellipses()
    fetcher = Assets(allowed_protocols=["data"], allow_redirects=False)
    document = weasyprint.HTML(string=order["html"], url_fetcher=fetcher)
    body = document.write_pdf(pdf_variant="pdf/ua-1", presentational_hints=False)
    if complaints.heard:
        _fail(complaints.heard[0], 1)
    target.write(body)


def _spell_ellipses() -> None:
    """Have every ellipsis read as one.

    Where `text-overflow` cuts a line, WeasyPrint 70 notes that the ellipsis stands for what was
    cut off, and then reads every other ellipsis of that font as those letters.
    """
    import weasyprint.pdf  # noqa: PLC0415  (as above)
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (likewise)

    build = weasyprint.pdf.build_fonts_dictionary

    def spelled(pdf: Any, fonts: Mapping[str, Any], *more: Any) -> Any:
        for font in fonts.values():
            file = TTFont(io.BytesIO(font.file_content), fontNumber=font.index, lazy=True)
            name = (file.getBestCmap() or {}).get(ord("…"))
            glyph = file.getGlyphID(name) if name else None
            if glyph in font.to_unicode:
                font.to_unicode[glyph] = "…"
        return build(pdf, fonts, *more)

    weasyprint.pdf.build_fonts_dictionary = spelled


def _fail(reason: str, status: int) -> NoReturn:
    sys.stderr.write(reason + "\n")
    raise SystemExit(status)


if __name__ == "__main__":
    _limit()
    gc.disable()  # one document, then the process ends
    _print(sys.stdin.buffer, sys.stdout.buffer)
