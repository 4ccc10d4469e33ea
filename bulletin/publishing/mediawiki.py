"""The MediaWiki channel: a page a week, compared before it is set, and people's notes kept."""

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator

from bulletin.config import Bulletin, Secret
from bulletin.config import Settings as Table
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt
from bulletin.notes import COMMENTS
from bulletin.publishing import Commit, Issue
from bulletin.publishing.mediawiki_api import Wiki, spoken
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
from bulletin.publishing.standing import ATTEMPTS, Brought, Dialect, NotNowError, attempt, tried
from bulletin.wire.address import Address

STAMP = re.compile(
    r"<!-- bulletin:edition:(?P<week>\d{4}-W\d\d):(?P<revision>\d+):(?P<digest>[0-9a-f]{64}) -->"
)
DIALECT = Dialect(STAMP, COMMENTS)
BANNED = re.compile(r"[#<>\[\]|{}_\x00-\x1f\x7f]|~{3,}|&(?=[#\w]+;)")
"""What no title may hold."""
TITLE_BYTES = 255


def _path(value: str) -> str:
    if not re.fullmatch(r"/([A-Za-z0-9._~-]+/)*", value):
        msg = "write the path of api.php, as in '/w/' or '/'"
        raise ValueError(msg)
    return value


class MediawikiPublisher:
    """Writes each week's page, by its marker at most once, and never over a person's page."""

    formats: ClassVar[tuple[str, ...]] = ("mediawiki",)

    class Settings(Table):
        """The table `[[publish]]` with `kind = "mediawiki"`."""

        site: Address
        """Where the wiki is, such as `https://wiki.acme.example`; plain http only on loopback."""
        path: Annotated[str, AfterValidator(_path)] = "/w/"
        """Where its `api.php` is."""
        user: str
        """The user; of a bot password, `Name@bot`."""
        password: Secret
        """Its password, made on `Special:BotPasswords`."""
        page: Pattern = "{title}/{week}"
        """What a week's page is called; it names the week."""
        rehearsal: Apart | None = None
        """What stands before a page's name in a rehearsal; without it, rehearsals go nowhere."""
        attach: Attached = ()
        """Files that are uploaded and linked to, such as `["deck.pdf"]`."""

        def name(self, mode: Mode, title: str, week: str) -> str | None:
            """Return what an edition's page is called; None where the mode has no place here.

            Raises `BulletinError` for a name that no page can have.
            """
            before = by_mode(mode, "", self.rehearsal)
            if before is None:
                return None
            plain = " ".join(BANNED.sub(" ", title).split())
            page = before + self.page.format(title=plain, week=week)
            if BANNED.search(page) or len(page.encode()) > TITLE_BYTES:
                raise BulletinError(
                    f"no page of MediaWiki can be called {page[:60]!r}",
                    "Choose another `page` or `rehearsal` in the settings, without []{}|#<>_.",
                )
            return page

        def target(self, _mode: Mode, name: str) -> str:
            """Return the address that people open."""
            return f"{self.site}{self.path}index.php?title={quote(name)}"

    def __init__(self, settings: Settings, channel: str, title: str) -> None:
        self.channel = channel
        self._settings, self._title = settings, title
        self._host = urlsplit(settings.site).netloc

    @classmethod
    def from_settings(cls, settings: Settings, name: str, bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings, name, bulletin.title)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Freeze the page of the edition's mode, with links to what is uploaded beside it."""
        return packed(self._settings, issue, lambda page: self._body(page, issue))

    def _body(self, page: str, issue: Issue) -> bytes:
        body = named(issue, "bulletin.mediawiki").body
        files = attached(issue, self._settings.attach)
        links = " · ".join(_link(page, one.name) for one in files)
        return body + (f"\n{links}\n".encode() if links else b"")

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Write the page, unless it stands there; a lost answer is looked up, never guessed."""
        page, parcel = page_of(self._settings, delivery, issue), delivery.parcel
        return attempt(self.channel, parcel, self._host, lambda: self._bring(page, parcel, issue))

    def _bring(self, page: str, parcel: Parcel, issue: Issue) -> Brought:
        with spoken(self._settings.user):
            wiki, fresh = self._wiki(), parcel.body.decode()
            for one in linked(issue, fresh, lambda name: _link(page, name)):
                wiki.upload(_file(page, one.name), one.body)
            standing = wiki.read(page)
            for _ in range(ATTEMPTS):
                text = DIALECT.woven(fresh, standing.text, page)
                if text is None:
                    return Brought(Fate.ALREADY_THERE, "the page stands there", parcel.target)
                raced = wiki.write(standing, text, summary(issue))
                if raced is None:
                    return Brought(Fate.DELIVERED, "the page was written", parcel.target)
                standing = raced
        raise NotNowError(f"somebody else keeps writing {page}", "It is tried again.")

    def _wiki(self) -> Wiki:
        given = self._settings
        password = given.password.reveal(is_token=False)
        return Wiki.enter(given.site, given.path, given.user, password)

    def check(self) -> str:
        """Try the pages' names, sign in, and say what this user may do."""
        return tried(self._host, self._look)

    def _look(self) -> str:
        pages(self._settings, self._title)
        with spoken(self._settings.user):
            wiki = self._wiki()
            needed = {"edit", "createpage", *(("upload",) if self._settings.attach else ())}
            if lacking := sorted(needed - wiki.rights):
                raise BulletinError(
                    f"{self._settings.user} may not {' or '.join(lacking)} on {self._host}",
                    "Grant it to the bot password on Special:BotPasswords, or to the user's group.",
                )
            return f"{self._host} is {wiki.software}, where {wiki.user} may write"


def _link(page: str, name: str) -> str:
    return f"[[Media:{_file(page, name)}|{name}]]"


def _file(page: str, name: str) -> str:
    """Return what an upload is called: its page's name without what a file's name cannot hold."""
    return re.sub(r"[/:\\ ]+", "-", f"{page} {name}")
