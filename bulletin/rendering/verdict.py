"""An edition in a line, below its headline; and in three, for a chat."""

from collections.abc import Sequence

from bulletin.model.delivery import Artifact, Mode
from bulletin.model.edition import Edition, Filed
from bulletin.model.harvest import State
from bulletin.model.text import plain_title
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Chat, Safe
from bulletin.rendering.markdown import tidy
from bulletin.rendering.words import Words

NAMED = 5
"""Sources that are named where they could not be read."""


class VerdictRenderer:
    """Renders `verdict.txt`: the sum, what could not be read, and the address. Nothing foreign."""

    format = "verdict"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where the templates do not fit the edition."""
        edition, words = filed.edition, words_for(filed, bundle, language, Chat)
        head = words("verdict.head", title=plain_title(edition.title), week=edition.week.number)
        unread = [one.source for one in edition.coverage if one.state is not State.KNOWN]
        text = fill(
            "chat/verdict.txt",
            filed,
            bundle,
            words,
            headed=Chat(stamped(str(head), edition, words)),
            unread=unread[:NAMED],
        )
        body = tidy(text).encode()
        return (Artifact(name="verdict.txt", media_type="text/plain", body=body),)


def stamped(title: str, edition: Edition, words: Words) -> str:
    """Put the mode before a title, as in `[PREVIEW] …`; what is live needs no stamp, unless it
    corrects what was sent.
    """
    if edition.mode is not Mode.LIVE:
        return f"[{words(f'mode.{edition.mode}')}] {title}"
    corrected = f"{words('mast.corrected')}{words('punctuation.colon')}" if edition.corrects else ""
    return f"{corrected}{title}"


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
