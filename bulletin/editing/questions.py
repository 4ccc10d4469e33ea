"""The decisions that the meeting has to take, worded as questions."""

from collections.abc import Iterator, Sequence

from bulletin.editing.rules.decision_unkept import is_unkept
from bulletin.model.edition import UNDEPLOYED, Figure, Item, ItemState
from bulletin.model.facts import FactKey, Severity
from bulletin.model.front import Question, Sentence, Words
from bulletin.model.harvest import Coverage, State
from bulletin.model.word import DECISION

ROOM = 12
"""Questions that an edition holds; a meeting takes fewer."""
OLD = 4
"""Weeks on the list after which the question is asked out loud."""


def questions(
    items: Sequence[Item],
    coverage: Sequence[Coverage],
    figures: Sequence[Figure],
    lead: FactKey | None = None,
) -> tuple[tuple[Question, ...], int]:
    """Return the most pressing questions, at most one an item, and how many were left out.

    The one about the `lead` comes first: the page opens with it.
    """
    listed = [item for item in items if item.state.on_list]
    ranked = sorted(listed, key=lambda item: (-item.severity, -item.weeks, item.key))
    asked: dict[object, Question] = {}
    for question in (
        *_grave(ranked),
        *_dark(coverage),
        *_undeployed(ranked),
        *_persisting(ranked),
        *_old(sorted(ranked, key=lambda item: -item.weeks)),
        *_unowned(ranked),
        *_signals(figures),
    ):
        asked.setdefault(question.key or repr(question.asks), question)
    told = sorted(asked.values(), key=lambda one: lead is None or one.key != lead)
    return tuple(told[:ROOM]), len(told[ROOM:])


def _about(item: Item, pattern: str, **words: str | int) -> Question:
    asks: Words = {"title": item.title, **words}
    return Question(asks=Sentence(pattern=f"question.{pattern}", words=asks), key=item.key)


def _grave(items: Sequence[Item]) -> Iterator[Question]:
    for item in items:
        known = item.state is not ItemState.UNKNOWN
        if known and item.kind == "incident" and item.severity >= Severity.HIGH:
            yield _about(item, "grave" if item.owner else "grave-unowned")


def _dark(coverage: Sequence[Coverage]) -> Iterator[Question]:
    for one in coverage:
        if one.state is State.UNKNOWN:
            yield Question(asks=Sentence(pattern="question.dark", words={"source": one.source}))


def _undeployed(items: Sequence[Item]) -> Iterator[Question]:
    return (_about(item, "undeployed") for item in items if item.why == UNDEPLOYED)


def _persisting(items: Sequence[Item]) -> Iterator[Question]:
    for item in items:
        if item.state is ItemState.PERSISTING or is_unkept(item):
            own = f".{item.kind}" if item.kind in {"incident", DECISION} else ""
            yield _about(item, "persisting" + own)


def _old(items: Sequence[Item]) -> Iterator[Question]:
    for item in items:
        if item.weeks >= OLD:
            own = ".decision" if item.kind == DECISION else ""
            yield _about(item, f"old{own}", weeks=item.weeks)


def _unowned(items: Sequence[Item]) -> Iterator[Question]:
    return (_about(item, "unowned") for item in items if item.owner is None)


def _signals(figures: Sequence[Figure]) -> Iterator[Question]:
    for figure in figures:
        if figure.is_worse:
            yield Question(asks=Sentence(pattern="question.signal", words={"name": figure.name}))
