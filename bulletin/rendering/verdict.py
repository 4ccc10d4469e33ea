"""An edition in a line: what became of the list, and what is on it."""

from bulletin.model.edition import Edition
from bulletin.model.harvest import State
from bulletin.rendering.escape import Safe
from bulletin.rendering.words import Words


def verdict(edition: Edition, words: Words) -> Safe:
    """Say what was fixed of the list of the week before, what stands on it, and what is missing.

    It stands below the headline, and does not repeat it.
    """
    ledger, said = edition.ledger, []
    settled = ledger.fixed + ledger.cleared
    if ledger.open_then and edition.headline.pattern != "headline.fixed":
        said.append(words("verdict.gone", n=settled, then=ledger.open_then))
    said.append(words("deck.open", n=ledger.open_now) if ledger.open_now else words("deck.empty"))
    if any(section.state is not State.KNOWN for section in edition.sections):
        said.append(words("deck.incomplete"))
    return words.safe(" ").join(said)
