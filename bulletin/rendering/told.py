"""How an item stands in words, and what is told under it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bulletin.model.edition import Item, ItemState
from bulletin.model.facts import Fact, FactKey
from bulletin.model.fold import Part
from bulletin.model.front import Sentence
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.masked import tell
from bulletin.rendering.page import Page
from bulletin.rendering.words import Words

NAME = 60
"""Letters of a key within a sentence of ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """One that is told under an item."""

    key: FactKey
    title: str
    url: str
    item: Item | None
    """The item of the list that it is; None for what is there as evidence alone."""
    state: Safe
    because: Safe


def standing(item: Item, words: Words) -> Safe:
    """Say an item's state; a cause or a kind may have its own word for it."""
    owns = (f"state.{item.state}.{item.why}", f"state.{item.state}.{item.kind}")
    return words(next((own for own in owns if words.knows(own)), f"state.{item.state}"))


def told_under(item: Item, page: Page, words: Words) -> Iterator[Told]:
    """Yield what is told under an item of the list, in the order of its fold."""
    fold = page.fold(item)
    if fold is None:
        return
    items = {one.key: one for one in (*page.edition.waived, *page.edition.items)}
    for part in fold.parts:
        one, fact = items.get(part.key), page.edition.fact(part.key)
        stands = one is not None and (one.state.on_list or one.state is ItemState.WAIVED)
        if one is not None and (stands or fact is None):
            listed = one if one.state.on_list else None
            yield _told(part, one, listed, standing(one, words), words)
        elif fact is not None:
            state = words(f"fold.life.{fact.type}.{fact.life}")
            yield _told(part, fact, None, state, words)


def _told(part: Part, subject: Item | Fact, item: Item | None, state: Safe, words: Words) -> Told:
    said = (words(one.pattern, **_clipped(one)) for one in part.because)
    return Told(
        key=part.key,
        title=tell(subject.title, words),
        url=subject.url,
        item=item,
        state=state,
        because=words.safe(words("punctuation.semicolon")).join(said),
    )


def _clipped(sentence: Sentence) -> dict[str, str | int]:
    given = sentence.words.items()
    return {name: clip(v, NAME) if isinstance(v, str) else v for name, v in given}
