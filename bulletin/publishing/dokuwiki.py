"""The DokuWiki channel: a page a week, written under the wiki's lock, and people's notes kept."""

import re
from collections.abc import Sequence
from typing import ClassVar, Self
from urllib.parse import quote, urlsplit

from pydantic import model_validator

from bulletin.config import Bulletin, Secret
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt
from bulletin.model.text import clean
from bulletin.notes import Fence
from bulletin.publishing import Commit, Issue
from bulletin.publishing.dokuwiki_rpc import CREATE, EDIT, UPLOAD, Wiki, spoken
from bulletin.publishing.places import (
    Apart,
    Attached,
    Pattern,
    attached,
    by_mode,
    linked,
    named,
    packed,
    page_of,
    pages,
    summary,
)
from bulletin.publishing.standing import (
    ATTEMPTS,
    Brought,
    Dialect,
    NotNowError,
    attempt,
    looking_again,
    tried,
)
from bulletin.wire.address import Address
from bulletin.wire.refused import Refused

DIALECT = Dialect(
    re.compile(
        r"\[\[#bulletin:edition:(?P<week>\d{4}-W\d\d):(?P<revision>\d+):(?P<digest>[0-9a-f]{64})\|"
    ),
    Fence(
        "[[#bulletin:notes:begin|▾]]",
        "[[#bulletin:notes:end|▴]]",
        re.compile(r"\[\[\s*#?\s*bulletin\s*:\s*notes\b", re.IGNORECASE),
    ),
)
PAGE = re.compile(r"[a-z0-9][a-z0-9_.-]*(:[a-z0-9][a-z0-9_.-]*)*")


class DokuwikiPublisher:
    """Writes each week's page, by its marker at most once, and never over a person's page."""

    formats: ClassVar[tuple[str, ...]] = ("dokuwiki",)

    class Settings(Table):
        """The table `[[publish]]` with `kind = "dokuwiki"`."""

        site: Address
        """Where its `doku.php` is, such as `https://wiki.acme.example`; http only on loopback."""
        user: str | None = None
        """The user."""
        password: Secret | None = None
        """Its password."""
        token: Secret | None = None
        """Instead of both: a token, where the wiki is of 2023 or later."""
        page: Pattern = "bulletin:{week}"
        """What a week's page is called, with its namespace."""
        rehearsal: Apart | None = None
        """The namespace that rehearsals go to; without it, they go nowhere."""
        attach: Attached = ()
        """Files that are uploaded and linked to, such as `["deck.pdf"]`."""

        @model_validator(mode="after")
        def _one_way_in(self) -> Self:
            pair = self.user is not None and self.password is not None
            if pair == (self.token is not None) or (self.user is None) != (self.password is None):
                msg = "write a user and its password, or a token"
                raise ValueError(msg)
            return self

        def name(self, mode: Mode, title: str, week: str) -> str | None:
            """Return what an edition's page is called; None where the mode has no place here.

            Raises `BulletinError` for a name that no page can have.
            """
            before = by_mode(mode, "", self.rehearsal)
            if before is None:
                return None
            plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "bulletin"
            page = self.page.format(title=plain, week=week).lower()
            page = f"{before}:{page}" if before else page
            if not PAGE.fullmatch(page):
                raise BulletinError(
                    f"no page of DokuWiki can be called {page[:60]!r}",
                    "Choose another `page` or `rehearsal`: small letters, digits, _ . - and `:`.",
                )
            return page

        def target(self, _mode: Mode, name: str) -> str:
            """Return the address that people open."""
            return f"{self.site}/doku.php?id={quote(name)}"

    def __init__(self, settings: Settings, channel: str, title: str) -> None:
        self.channel = channel
        self._settings, self._title = settings, title
        self._user = settings.user or "the token's user"
        self._host = urlsplit(settings.site).netloc

    @classmethod
    def from_settings(cls, settings: Settings, name: str, bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings, name, bulletin.title)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Freeze the page of the edition's mode, with links to what is uploaded beside it."""
        return packed(self._settings, issue, lambda page: self._body(page, issue))

    def _body(self, page: str, issue: Issue) -> bytes:
        body = named(issue, "bulletin.dokuwiki").body
        files = attached(issue, self._settings.attach)
        links = " · ".join(_link(page, issue, one.name) for one in files)
        return body + (f"\n{links}\n".encode() if links else b"")

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Write the page, unless it stands there; a lost answer is looked up, never guessed."""
        page, parcel = page_of(self._settings, delivery, issue), delivery.parcel
        return attempt(self.channel, parcel, self._host, lambda: self._bring(page, parcel, issue))

    def _bring(self, page: str, parcel: Parcel, issue: Issue) -> Brought:
        with spoken(self._user):
            wiki, fresh = self._enter(), parcel.body.decode()
            files = linked(issue, fresh, lambda name: _link(page, issue, name))
            self._refuse_rights(wiki, page, uploads=bool(files))
            for one in files:
                wiki.upload(_file(page, issue, one.name), one.body)
            with wiki.locked(page):
                fate, said = self._write(wiki, page, fresh, summary(issue))
        return Brought(fate, said, parcel.target)

    def _write(self, wiki: Wiki, page: str, fresh: str, told: str) -> tuple[Fate, str]:
        """Write the page until it stands there: whether it was written is read, not believed."""
        lost: Refused | None = None
        for attempts in range(ATTEMPTS + 1):
            with looking_again(lost):
                standing = wiki.read(page)
            text = DIALECT.woven(fresh, standing, page)
            if text is None and attempts:
                return Fate.DELIVERED, "the page was written"
            if text is None:
                return Fate.ALREADY_THERE, "the page stands there"
            if attempts < ATTEMPTS:
                lost = wiki.write(page, text, told)
        raise NotNowError(f"{page} was written, and does not stand there", "Look at it.")

    def _refuse_rights(self, wiki: Wiki, page: str, *, uploads: bool) -> None:
        """Raise `BulletinError` where the user may not write the page."""
        needed = UPLOAD if uploads else EDIT if wiki.read(page) else CREATE
        if wiki.may(page) < needed:
            right = {EDIT: "edit", CREATE: "create", UPLOAD: "upload"}[needed]
            raise BulletinError(
                f"{self._user} may not {right} at {page}",
                f"Give it the right to {right} in that namespace, on the wiki's page of rights.",
            )

    def _enter(self) -> Wiki:
        given = self._settings
        if given.token is not None:
            return Wiki.present(given.site, given.token.reveal())
        if given.user is None or given.password is None:
            raise AssertionError
        return Wiki.enter(given.site, given.user, given.password.reveal(is_token=False))

    def check(self) -> str:
        """Try the pages' names, sign in, and say whether this user may write there."""
        return tried(self._host, self._look)

    def _look(self) -> str:
        named = pages(self._settings, self._title)
        with spoken(self._user):
            wiki = self._enter()
            software = clean(wiki.ask(str, "dokuwiki.getVersion"), 60)
            for page in named:
                self._refuse_rights(wiki, page, uploads=bool(self._settings.attach))
        return f"{self._host} is DokuWiki, {software}, where {self._user} may write"


def _link(page: str, issue: Issue, name: str) -> str:
    return f"{{{{:{_file(page, issue, name)}|{name}}}}}"


def _file(page: str, issue: Issue, name: str) -> str:
    """Return what an upload is called: each edition's has a name of its own, never replaced."""
    return f"{page}-{issue.filed.edition.revision}-{name}"
