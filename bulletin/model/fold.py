"""One thing told once: what names one another, under one head, with what says so."""

from dataclasses import dataclass

from bulletin.model.facts import FactKey
from bulletin.model.front import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A subject that is told under a fold's head, on the list or beside it."""

    key: FactKey
    because: tuple[Sentence, ...]
    """The literal link that put it here, and others that it names besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """An item of the list, and what is told under it. The ledger counts every one of them."""

    head: FactKey
    parts: tuple[Part, ...]
    said: tuple[Sentence, ...] = ()
    """What follows from them together, such as that the fix is merged."""
