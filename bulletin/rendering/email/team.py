"""A team's letter: the same edition, of which it tells what is the team's own."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bulletin.model.delivery import Artifact, letter_name
from bulletin.model.edition import Filed
from bulletin.model.text import plain_title
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import fitting
from bulletin.rendering.email.message import compose
from bulletin.rendering.email.pictures import Pictures
from bulletin.rendering.email.plain import wrapped
from bulletin.rendering.environment import fill, words_for
from bulletin.rendering.escape import Plain
from bulletin.rendering.markdown import tidy
from bulletin.rendering.page import Page
from bulletin.rendering.share import Share
from bulletin.rendering.verdict import stamped


class TeamEmailRenderer:
    """Renders the letter of one team, such as `email.checkout.eml`.

    It is of the same edition as everybody's, and says so: the digest at its foot is the same.
    """

    format = "team-email"

    def __init__(self, team: str) -> None:
        self._team = team

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:
        """Render. Raises `BulletinError` where it cannot be made to fit."""
        words = words_for(filed, bundle, language, Plain)
        pictures = Pictures(filed.digest, bundle)
        html = fitting("email/team.html", filed, bundle, language, pictures, team=self._team)
        text = wrapped(tidy(fill("email/team.txt", filed, bundle, words, team=self._team)))
        # A draft of its own: mail programs take two of one Message-ID for the same.
        own = hashlib.sha256(f"{filed.digest}|{self._team}".encode()).hexdigest()
        title = subject(filed, bundle, language, self._team)
        draft = compose(
            replace(filed, digest=own), language, title, text, html, pictures.printed(html)
        )
        return (Artifact(name=letter_name(self._team), media_type="message/rfc822", body=draft),)


def subject(filed: Filed, bundle: Bundle, language: str, team: str) -> str:
    """Write the subject: the team's name, its counts, the week and the title."""
    edition, words = filed.edition, words_for(filed, bundle, language, Plain)
    share = Share(Page(filed), team)
    whole = "email.team-subject" if share.is_whole else "email.team-subject-incomplete"
    line = words(
        whole,
        team=plain_title(team),
        open=len(share.listed),
        fixed=share.fixed,
        week=edition.week.number,
        title=plain_title(edition.title),
    )
    return " ".join(stamped(str(line), edition, words).split())
