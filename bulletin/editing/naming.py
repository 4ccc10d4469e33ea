"""Names: how people write a ticket's key or an error's short id among other words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from bulletin.model.facts import FactKey

RUN = re.compile(r"[\w-]+")
"""Letters, digits, underscores and hyphens without a break."""
NAME = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*-[A-Za-z0-9]*[0-9][A-Za-z0-9]*")
"""`INC-42`, `PAYMENTS-API-2K`: words, then one with a digit. What looks otherwise is no name."""
WORDS = 6
"""Words that a name may have."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who is called what. A ticket's key counts in any case, an error's short id as it is spelt.

    Branches are often in lower case, and `inc-42-fix` means INC-42; but `checkout-2` is a second
    try as often as it is the error CHECKOUT-2.
    """

    tickets: Mapping[str, frozenset[FactKey]]
    errors: Mapping[str, frozenset[FactKey]]

    @classmethod
    def of(cls, keys: Iterable[FactKey]) -> Self:
        """Take the names of incidents and errors, as far as they have any."""
        called: dict[str, dict[str, set[FactKey]]] = {
            "incident": defaultdict(set),
            "error": defaultdict(set),
        }
        for key in keys:
            if key.kind in called and NAME.fullmatch(key.subject):
                spelt = key.subject.upper() if key.kind == "incident" else key.subject
                called[key.kind][spelt].add(key)
        tickets, errors = (
            {name: frozenset(held) for name, held in one.items()} for one in called.values()
        )
        return cls(tickets, errors)

    def called(self, text: str) -> frozenset[FactKey]:
        """Return who is called that; several where nobody can tell which is meant."""
        nobody: frozenset[FactKey] = frozenset()
        return self.tickets.get(text.upper(), nobody) | self.errors.get(text, nobody)

    def found(self, text: str) -> Iterator[FactKey]:
        """Yield who is named in a text by words of their own, from left to right.

        A hyphen before or behind belongs to other words, an underscore behind as well: `fix-INC-42`
        and `inc-42_retry` name INC-42. A letter or a digit does not: XINC-42 and INC-421 are
        others. What several are called names none of them.
        """
        for run in RUN.finditer(text):
            words = run[0].split("-")
            start = 0
            while start < len(words):
                end, held = self._longest(words, start)
                if len(held) == 1:
                    yield from held
                start = end if held else start + 1

    def _longest(self, words: list[str], start: int) -> tuple[int, frozenset[FactKey]]:
        """Return the longest name that begins there, by where it ends and who is called so."""
        for end in range(min(start + WORDS, len(words)), start + 1, -1):
            last, *_ = words[end - 1].split("_")
            text = "-".join((*words[start : end - 1], last))
            held = self.called(text) if NAME.fullmatch(text) else frozenset()
            if held:
                return end, held
        return start, frozenset()
