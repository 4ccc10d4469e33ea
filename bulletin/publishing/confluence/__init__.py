"""The Confluence channel: a page an edition, by compare-and-set on the page's version.

A wiki can be asked what it holds, so nothing here is ever uncertain: after a lost answer the page
is read again, and the mark in it tells.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from markupsafe import escape

from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt
from bulletin.publishing import Commit, Issue
from bulletin.publishing.answers import is_lost
from bulletin.publishing.confluence.cloud import Cloud
from bulletin.publishing.confluence.connection import Page
from bulletin.publishing.confluence.data_center import DataCenter
from bulletin.publishing.confluence.settings import ConfluenceSettings
from bulletin.publishing.confluence.storage import renewed
from bulletin.publishing.places import attached, linked, named, packed, page_of
from bulletin.publishing.standing import (
    ATTEMPTS,
    Brought,
    NotNowError,
    attempt,
    looking_again,
    tried,
)
from bulletin.wire.http import Budget
from bulletin.wire.refused import Refused

BODY = "bulletin.confluence"
STALE = 409
AGAIN = frozenset({400, 404, STALE})
"""A title that was taken meanwhile, a page that is gone or not to be seen yet, another version."""
Site = Cloud | DataCenter


class ConfluencePublisher:
    """Writes an edition's page, and attaches its files."""

    formats: ClassVar[tuple[str, ...]] = ("confluence",)
    Settings = ConfluenceSettings

    def __init__(
        self,
        settings: ConfluenceSettings,
        channel: str,
        budget: Callable[[], Budget] = Budget,
    ) -> None:
        self.channel = channel
        self._settings, self._budget = settings, budget

    @classmethod
    def from_settings(cls, settings: ConfluenceSettings, name: str, _bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings, name)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Return the page; nothing where the edition's mode has no space."""
        return packed(self._settings, issue, lambda _: self._body(issue))

    def _body(self, issue: Issue) -> bytes:
        files = attached(issue, self._settings.attach)
        links = "".join(f"<p>{_link(one.name)}</p>\n" for one in files)
        return named(issue, BODY).body + links.encode()

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Write what is not there yet. The same edition twice is one version."""
        page_of(self._settings, delivery, issue)
        space = self._settings.place(delivery.mode)
        assert space is not None

        def bring() -> Brought:
            site = self._site()
            page, fate, said = self._write(site, space, delivery)
            if self._attach(site, page.id, delivery.parcel, issue) and fate is Fate.ALREADY_THERE:
                fate, said = Fate.DELIVERED, "its files were attached"
            return Brought(fate, said, page.address)

        return attempt(self.channel, delivery.parcel, self._settings.host, bring)

    def _write(self, site: Site, space: str, delivery: Delivery) -> tuple[Page, Fate, str]:
        """Read, compare and write, again where somebody came first or the answer was lost.

        Returns the page, how it ended, and its version in words.
        """
        fresh, title = delivery.parcel.body, delivery.parcel.title
        lost: Refused | None = None
        for _ in range(ATTEMPTS):
            with looking_again(lost if lost and is_lost(lost) else None):
                standing = site.find(space, title)
            try:
                if standing is None:
                    parent = self._parent(site, delivery.mode, space)
                    return site.create(space, title, fresh, parent), Fate.DELIVERED, "version 1"
                body = renewed(fresh, standing.body, title)
                if body is None:
                    fate = Fate.DELIVERED if lost else Fate.ALREADY_THERE
                    return standing, fate, f"version {standing.version}"
                site.update(standing, body, f"Bulletin {delivery.week}")
            except Refused as error:
                if error.status not in AGAIN and not is_lost(error):
                    raise
                lost = error
            else:
                return standing, Fate.DELIVERED, f"version {standing.version + 1}"
        assert lost is not None
        if is_lost(lost) or lost.status == STALE:
            raise NotNowError(lost.detail, lost.hint)
        raise lost

    def _attach(self, site: Site, id_: str, parcel: Parcel, issue: Issue) -> int:
        """Attach what is not attached yet, and label the page. Returns how many files were sent.

        Raises `NotNowError` where an answer was lost: what is attached is seen the next time.
        """
        sent = 0
        try:
            for one in linked(issue, parcel.body.decode(), _link):
                comment = f"sha256 {hashlib.sha256(one.body).hexdigest()}"
                standing = site.attachment(id_, one.name)
                if standing is None or standing.comment != comment:
                    site.attach(id_, one, comment, standing)
                    sent += 1
            if self._settings.labels:
                site.label(id_, self._settings.labels)
        except Refused as refused:
            if not is_lost(refused) and refused.status != STALE:
                raise
            raise NotNowError(refused.detail, refused.hint) from refused
        return sent

    def _parent(self, site: Site, mode: Mode, space: str) -> str | None:
        parent = self._settings.parent
        if parent is None or mode is not Mode.LIVE:
            return None
        try:
            is_number = parent.isascii() and parent.isdecimal()
            found = site.page(parent) if is_number else site.find(space, parent)
        except Refused as refused:
            if refused.status != 404:  # noqa: PLR2004  (an HTTP status)
                raise
            found = None
        if found is None:
            raise BulletinError(
                f"the page '{parent}' is not there, below which editions are put",
                "Name a page of the space in `parent`, or none.",
            )
        return found.id

    def check(self) -> str:
        """Try the credentials, the spaces and the parent. Whether it may write is not known."""
        return tried(self._settings.host, self._look)

    def _look(self) -> str:
        settings, site = self._settings, self._site()
        who = site.who()
        for space in filter(None, (settings.space, settings.rehearsal)):
            if not site.has_space(space):
                raise BulletinError(
                    f"there is no space {space} that {who} may see",
                    "Check the key, which is in the space's address, and the account's rights.",
                )
        self._parent(site, Mode.LIVE, settings.space)
        return f"{who} sees the space {settings.space}; whether it may write there was not tried"

    def _site(self) -> Site:
        made = Cloud if self._settings.is_cloud else DataCenter
        return made(self._settings, self._settings.token.reveal(), self._budget())


def _link(name: str) -> str:
    return f'<ac:link><ri:attachment ri:filename="{escape(name)}" /></ac:link>'
