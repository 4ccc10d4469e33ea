"""The logo of a theme: which file it is, and whether it holds nothing but a drawing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from bulletin.errors import SettingsError

SVG, PNG = "logo.svg", "logo.png"
MEDIA_TYPES = {SVG: "image/svg+xml", PNG: "image/png"}
SIDE = 4000
"""Pixels that a side of a PNG may have."""
NAMESPACE = "{http://www.w3.org/2000/svg}"
DRAWS = frozenset(
    {
        "svg", "g", "defs", "title", "desc", "style", "path", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop",
        "clipPath", "mask", "pattern",
    }
)  # fmt: skip
ELSEWHERE = re.compile(r"url\s*\((?!\s*[\"']?\s*#)|@import|\\", re.IGNORECASE)
PLAIN = "Save it as plain SVG: shapes, text and gradients, no script, picture or link."


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture for the masthead. `asset(logo.path)` is its address on every face."""

    path: str
    media_type: str


def find_logo(files: Mapping[str, bytes], *names: str) -> Logo | None:
    """Return the first of these files that is there, `logo.svg` before `logo.png` unless told."""
    found = next((name for name in names or MEDIA_TYPES if name in files), None)
    return Logo(found, MEDIA_TYPES[found]) if found else None


def check_logo(path: str, body: bytes, shown: str) -> None:
    """Refuse a logo that is not a plain picture. Raises `SettingsError` that names the file."""
    problem = _svg_problem(body) if path == SVG else _png_problem(body)
    if problem:
        hint = PLAIN if path == SVG else f"Save it as PNG, no side longer than {SIDE} pixels."
        raise SettingsError(f"{shown} cannot be the logo: {problem}", hint)


def _png_problem(body: bytes) -> str | None:
    if not body.startswith(b"\x89PNG\r\n\x1a\n") or body[12:16] != b"IHDR":
        return "it is no PNG"
    sides = (int.from_bytes(body[16:20]), int.from_bytes(body[20:24]))
    return None if all(0 < side <= SIDE for side in sides) else "it is too large to be drawn"


def _svg_problem(body: bytes) -> str | None:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    declared = re.match(r"\s*<\?xml\s[^?]*\?>", text)
    rest = text[declared.end() :] if declared else text
    if declared and re.search(r"encoding\s*=\s*[\"'](?!utf-8[\"'])", declared[0], re.IGNORECASE):
        return "it is not UTF-8"
    if "<!DOCTYPE" in rest or "<!ENTITY" in rest or "<?" in rest:
        return "it has a document type or a processing instruction"
    try:
        root = ET.fromstring(rest)  # noqa: S314  (no document type, hence no entity, comes this far)
    except ET.ParseError as error:
        return f"it is not XML ({error})"
    if root.tag != f"{NAMESPACE}svg" or not root.get("viewBox"):
        return "it is no <svg> with a viewBox"
    return next((problem for element in root.iter() if (problem := _element(element))), None)


def _element(element: ET.Element) -> str | None:
    name = element.tag.removeprefix(NAMESPACE)
    if name not in DRAWS:
        return f"it holds <{name.rpartition('}')[2]}>"
    if name == "style" and ELSEWHERE.search(element.text or ""):
        return "a style in it points elsewhere"
    for attribute, value in element.items():
        bare = attribute.rpartition("}")[2].lower()
        if bare.startswith("on"):
            return f"it holds the script '{bare}'"
        if (bare == "href" and not value.startswith("#")) or bare == "base":
            return f"the '{bare}' of <{name}> points elsewhere"
        if ELSEWHERE.search(value):
            return f"the '{bare}' of <{name}> points elsewhere"
    return None
