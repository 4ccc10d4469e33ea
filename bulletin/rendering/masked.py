"""What was masked in foreign text, told in the language of the page."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bulletin.model.edition import Filed
from bulletin.rendering.escape import Plain
from bulletin.rendering.words import Words

MARK = re.compile(r"\[redacted: (?:([^\[\]]{1,20}) )?([a-z-]{1,20})\]")
"""As an edition, which is in no language, has it: `[redacted: GitHub token]`."""


PRINTED = (
    "items", "waived", "gaps", "headline", "lead", "headings", "questions", "picture", "services",
    "folds", "history",
)  # fmt: skip
"""Parts of an edition that hold foreign text."""


def spoken(filed: Filed, words: Words) -> Filed:
    """Return the edition with every mark in what is printed told in the page's language."""
    edition = filed.edition
    told = {part: _told(getattr(edition, part), words) for part in PRINTED}
    return replace(filed, edition=replace(edition, **told))


def tell(text: str, words: Words) -> str:
    """Return a foreign text with its marks in the page's language; the text is still foreign."""

    def said(match: re.Match[str]) -> str:
        whose, what = match.groups(default="")
        if not words.knows(f"masked.{what}"):
            return match[0]
        plain = replace(words, safe=Plain)
        return str(plain("masked", what=plain(f"masked.{what}", whose=whose)))

    return MARK.sub(said, text)


def _told(value: Any, words: Words) -> Any:
    if isinstance(value, str):
        return tell(value, words) if type(value) is str else value
    if isinstance(value, tuple):
        return tuple(_told(one, words) for one in value)
    if isinstance(value, dict):
        return {name: _told(one, words) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: _told(getattr(value, field.name), words) for field in fields(value)}
        return replace(value, **told) if told else value
    return value
