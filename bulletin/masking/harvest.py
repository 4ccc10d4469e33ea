"""A harvest without secrets and personal data: the one place that every source passes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from bulletin.masking.rules import Rule
from bulletin.masking.text import mask
from bulletin.model.facts import Fact, FactKey
from bulletin.model.harvest import Cause, Gap, Harvest, Masked, State
from bulletin.model.text import clean

LENGTH = 300
"""Letters of a foreign text that are kept."""
NAMES = frozenset({"type", "key", "handle"})
"""What a service is asked by next week: it must stay as it is."""
ADDRESSES = frozenset({"url", "links"})


def mask_harvest(harvest: Harvest) -> Harvest:
    """Return the harvest with everything masked that must not be kept, and a note of each.

    A fact whose very key holds a secret is left out, which is a gap: its key is what it would be
    known by. What moved to such a key keeps the one that it had.
    """
    notes: list[Masked] = []
    kept = [fact for fact in harvest.facts if not _is_secret(fact.key.subject, fact.handle)]
    moved = tuple(move for move in harvest.moved if not _is_secret(move.new.subject))
    facts = tuple(_mask_fact(fact, notes) for fact in kept)
    gaps = tuple(_mask_gap(gap, notes) for gap in harvest.gaps)
    masked = replace(harvest, facts=facts, gaps=gaps, moved=moved, masked=tuple(notes))
    left_out = len(harvest.facts) - len(kept)
    return _short_of(masked, left_out) if left_out else masked


def _is_secret(*names: str) -> bool:
    return any(not rule.is_personal for name in names for rule in mask(name).rules)


def _mask_fact(fact: Fact, notes: list[Masked]) -> Fact:
    changes: dict[str, Any] = {}
    for field in fields(fact):
        if field.name in NAMES:
            continue
        value, found = _mask_value(getattr(fact, field.name), in_address=field.name in ADDRESSES)
        changes[field.name] = value
        notes += _notes(fact.key.source, fact.key, field.name, found)
    return replace(fact, **changes)


def _mask_gap(gap: Gap, notes: list[Masked]) -> Gap:
    detail, in_detail = _mask_text(gap.detail)
    hint, in_hint = _mask_text(gap.hint)
    notes += _notes(gap.source, None, "detail", (*in_detail, *in_hint))
    return replace(gap, detail=detail, hint=hint)


def _mask_value(value: Any, *, in_address: bool) -> tuple[Any, tuple[Rule, ...]]:
    if isinstance(value, tuple):
        pairs = [_mask_value(one, in_address=in_address) for one in value]
        texts = tuple(dict.fromkeys(one for one, _ in pairs)) if any(r for _, r in pairs) else value
        return texts, tuple(rule for _, rules in pairs for rule in rules)
    if not isinstance(value, str) or isinstance(value, Enum):
        return value, ()
    return _mask_address(value) if in_address else _mask_text(value)


def _mask_text(text: str) -> tuple[str, tuple[Rule, ...]]:
    # Cleaned first: a hidden character inside a token would hide the token.
    masking = mask(clean(text, LENGTH))
    return masking.text, masking.rules


def _mask_address(address: str) -> tuple[str, tuple[Rule, ...]]:
    """Return an address that holds nothing to mask: shortened, or empty where that is not enough.

    A masked address would lead nowhere.
    """
    rules = mask(address).rules
    if not rules:
        return address, ()
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", rules
    host = parts.netloc.rpartition("@")[2]
    short = parts._replace(netloc=host, query="", fragment="").geturl()
    return "" if mask(short).rules else short, rules


def _notes(
    source: str, key: FactKey | None, part: str, rules: tuple[Rule, ...]
) -> Iterator[Masked]:
    for rule, count in Counter(rules).items():
        yield Masked(
            source=source,
            key=key,
            part=part,
            what=rule.name,
            personal=rule.is_personal,
            count=count,
        )


def _short_of(harvest: Harvest, left_out: int) -> Harvest:
    """Say that facts are missing, since they could not be named."""
    gap = Gap(
        source=harvest.source,
        reason=Cause.UNSUPPORTED,
        detail=f"left out, since a secret stands in the key: {left_out}",
        hint="Find what has a token for its name, revoke the token, and rename it there.",
    )
    known = harvest.coverage.state is State.KNOWN
    coverage = replace(harvest.coverage, state=State.PARTIAL) if known else harvest.coverage
    return replace(harvest, gaps=(*harvest.gaps, gap), coverage=coverage)
