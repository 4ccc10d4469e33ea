"""One text without its secrets and personal data."""

from collections.abc import Iterator
from dataclasses import dataclass

from bulletin.masking.rules import Rule, read_rules


@dataclass(frozen=True, slots=True)
class Masking:
    """A text that was looked through, and the rule of everything that was masked in it."""

    text: str
    rules: tuple[Rule, ...]


def mask(text: str) -> Masking:
    """Put `[redacted: GitHub token]` and the like in the place of what no rule wants kept.

    Masking twice changes nothing. Half of a surrogate pair becomes `?`.
    """
    text = text.encode("utf-8", "replace").decode()
    found: list[Rule] = []
    while spans := _merged(text):
        parts: list[str] = []
        end = 0
        for span in spans:
            parts += (text[end : span.start], f"[redacted: {span.rule.name}]")
            end = span.end
        text = "".join((*parts, text[end:]))
        found += (span.rule for span in spans)
    return Masking(text, tuple(found))


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    order: int
    rule: Rule


def _merged(text: str) -> list[_Span]:
    """Return what to mask, from left to right. Where two overlap, the more telling rule
    names it.
    """
    merged: list[_Span] = []
    for span in sorted(_spans(text), key=lambda span: span.start):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
            continue
        last = merged.pop()
        telling = min(last, span, key=lambda one: one.order)
        end = max(last.end, span.end)
        merged.append(_Span(last.start, end, telling.order, telling.rule))
    return merged


def _spans(text: str) -> Iterator[_Span]:
    lowered = text.lower()
    for order, rule in enumerate(read_rules()):
        if rule.words and not any(word in lowered for word in rule.words):
            continue
        found = rule.pattern.search(text)
        while found is not None:
            start, end = found.span(1 if rule.pattern.groups else 0)
            length = rule.measure(text[start:end])
            if length:
                yield _Span(start, start + length, order, rule)
            # What was none may begin inside: digits in front of an account number, for one.
            gap = text.find(" ", start, end)
            rest = gap if gap > 0 else end
            found = rule.pattern.search(text, start + length if length else rest)
