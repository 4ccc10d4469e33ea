"""The room's pages: the deck and the speaker's page as printed, each with a script laid over it."""

import json
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment

from bulletin.config import Bulletin
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import ROWS
from bulletin.rendering.environment import fill, inline_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.speaker import SpeakerRenderer
from bulletin.rendering.words import Words
from bulletin.serving import own_pages

AHEAD = 6
"""Weeks that a decision may be due in, to choose from."""
SAID = (
    "help", "next", "back", "timer", "decide", "wheel", "speaker", "full", "dark", "decision",
    "owner", "nobody", "due", "about", "nothing", "file", "cancel", "filed", "failed",
)  # fmt: skip
"""What the page over the slides says, each a sentence `room.<name>` of the catalogue."""


def slides(filed: Filed, bundle: Bundle, settings: Bulletin, *, nonce: str, secret: str) -> str:
    """Return the deck as one page that turns, with the timer and the form over it."""
    words = words_for(filed, bundle, settings.language, Html)
    deck = fill("deck/deck.html", filed, bundle, words, rows=ROWS, asset=inline_asset(bundle))
    agenda = filed.edition.agenda
    parts = [
        {"place": slot.place, "minutes": slot.minutes, "name": str(words(f"agenda.{slot.place}"))}
        for slot in (agenda.slots if agenda else ())
    ]
    items = {
        number: (str(item.key), item.title)
        for number, item in enumerate(filed.edition.items)
        if item.state.on_list
    }
    week = filed.edition.week
    over = (
        _pages()
        .get_template("room.html")
        .render(
            nonce=nonce,
            said=_said(words),
            teams=sorted(settings.teams),
            weeks=[str(week.shift(n)) for n in range(1, AHEAD + 1)],
            data=_for_script(
                {
                    "secret": secret,
                    "week": str(week),
                    "minutes": agenda.minutes if agenda else 0,
                    "parts": parts,
                    "items": items,
                    "said": {name: str(text) for name, text in _said(words).items()},
                }
            ),
        )
    )
    return _over(deck, over)


def speaker(filed: Filed, bundle: Bundle, settings: Bulletin, *, nonce: str, secret: str) -> str:
    """Return the speaker's page; it marks the part that the slides are at."""
    (made,) = SpeakerRenderer().render(filed, bundle, settings.language)
    del secret  # nothing is filed from here
    page = POLICY.sub("", made.body.decode(), count=1)
    return _over(page, _pages().get_template("beside.html").render(nonce=nonce))


POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
"""Where the printed page says that no script may run; the server's own header says so here."""


def _over(page: str, more: str) -> str:
    """Put more before the end of a page."""
    before, end, after = page.rpartition("</body>")
    return f"{before}{more}{end}{after}"


def _said(words: Words) -> dict[str, Html]:
    return {name: Html(words(f"room.{name}")) for name in SAID}


def _for_script(data: object) -> str:
    """Write data for a script element: no foreign text in it can end that element."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def _pages() -> Environment:
    return own_pages(Path(__file__).parent)
