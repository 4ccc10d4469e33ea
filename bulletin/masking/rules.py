"""What secrets look like: the rules of `rules.toml`, compiled for linear time."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import re2

from bulletin.masking.measures import CUT, MEASURES

PERSONAL = frozenset({"email", "iban", "card"})
"""What is personal data rather than a secret."""
LEAST = 16
"""Characters that follow a prefix in a whole token, unless the rule says otherwise."""
CUT_LEAST = 8
"""Characters of a token cut short, by a service or by us, that are worth masking."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret or personal data."""

    what: str
    """`token`, `key`, `password` …: the catalogue has a word for each."""
    whose: str
    """The service that issues it, if it is one service's."""
    words: tuple[str, ...]
    """One of these, in small letters, is in every text that the pattern can match."""
    pattern: Any
    """Its first group, if it has one, is what to mask."""
    measure: Callable[[str], int]
    """How many characters of a match are to be masked."""

    @property
    def name(self) -> str:
        """What it is called in English, such as `GitHub token`."""
        return f"{self.whose} {self.what}".strip()

    @property
    def is_personal(self) -> bool:
        """Whether it is personal data rather than a secret."""
        return self.what in PERSONAL


@cache
def read_rules() -> tuple[Rule, ...]:
    """Read every rule, the most telling ones first."""
    text = files("bulletin.masking").joinpath("rules.toml").read_text(encoding="utf-8")
    return tuple(_rule(table) for table in tomllib.loads(text)["rule"])


def _rule(table: Mapping[str, Any]) -> Rule:
    return Rule(
        what=table["what"],
        whose=table.get("whose", ""),
        words=tuple(table.get("words", ())),
        pattern=re2.compile(table.get("regex") or _shape(table), _quietly()),
        measure=MEASURES[table.get("measure", "whole")],
    )


def _quietly() -> Any:
    """Ask re2 to raise what is wrong with a pattern, and to write nothing to standard error."""
    options = re2.Options()
    options.log_errors = False
    return options


def _shape(table: Mapping[str, Any]) -> str:
    """Return the pattern of a prefix and what follows: a whole token, or one that was cut."""
    prefix, alphabet = table["prefix"], table.get("alphabet", "[A-Za-z0-9_-]")
    whole = f"{prefix}{alphabet}{{{table.get('least', LEAST)},}}"
    cut = "|".join(map(re2.escape, CUT))
    return f"{whole}|{prefix}{alphabet}{{{CUT_LEAST},}}(?:{cut})"
