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
from bulletin.publishing.places import Apart, Attached, Pattern, attached, named, summary
from bulletin.publishing.standing import ATTEMPTS, Dialect, NotNowError, attempt, tried
from bulletin.wire.address import Address

STAMP = re.compile(
    r"<!-- bulletin:edition:\d{4}-W\d\d:(?P<revision>\d+):(?P<digest>[0-9a-f]{64}) -->"
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

    def __init__(self, settings: Settings, channel: str = "mediawiki") -> None:
        self.channel = channel
        self._settings = settings
        self._host = urlsplit(settings.site).netloc

    @classmethod
    def from_settings(cls, settings: Settings, name: str, _bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings, name)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Freeze the page of the edition's mode, with links to what is uploaded beside it."""
        page = self._page(issue)
        if page is None:
            return ()
        body = named(issue, "bulletin.mediawiki").body
        files = attached(issue, self._settings.attach)
        links = [f"[[Media:{_file(page, one.name)}|{one.name}]]" for one in files]
        if links:
            body += f"\n{' · '.join(links)}\n".encode()
        address = f"{self._settings.site}{self._settings.path}index.php?title={quote(page)}"
        return (Parcel(target=page, reference=address, title=page, body=body),)

    def _page(self, issue: Issue) -> str | None:
        edition = issue.filed.edition
        before = {Mode.LIVE: "", Mode.REHEARSAL: self._settings.rehearsal}.get(edition.mode)
        if before is None:
            return None
        title = " ".join(BANNED.sub(" ", edition.title).split())
        page = before + self._settings.page.format(title=title, week=edition.week)
        if BANNED.search(page) or len(page.encode()) > TITLE_BYTES:
            raise BulletinError(
                f"no page of MediaWiki can be called {page[:60]!r}",
                "Choose another `page` or `rehearsal` in the settings, without []{}|#<>_.",
            )
        return page

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Write the page, unless it stands there; a lost answer is looked up, never guessed."""
        parcel = delivery.parcel
        if self._page(issue) != parcel.target or issue.filed.edition.mode is not delivery.mode:
            raise BulletinError(
                f"{parcel.target} is no page of the {delivery.mode} editions any more",
                "Name it again in the settings, or let this delivery be.",
            )
        return attempt(self.channel, parcel, self._host, lambda: self._bring(parcel, issue))

    def _bring(self, parcel: Parcel, issue: Issue) -> tuple[Fate, str]:
        with spoken(self._settings.user):
            wiki = self._wiki()
            for one in attached(issue, self._settings.attach):
                wiki.upload(_file(parcel.target, one.name), one.body)
            standing = wiki.read(parcel.target)
            for _ in range(ATTEMPTS):
                text = DIALECT.woven(parcel.body.decode(), standing.text, parcel.target)
                if text is None:
                    return Fate.ALREADY_THERE, "the page stands there"
                raced = wiki.write(standing, text, summary(issue))
                if raced is None:
                    return Fate.DELIVERED, "the page was written"
                standing = raced
        raise NotNowError(f"somebody else keeps writing {parcel.target}", "It is tried again.")

    def _wiki(self) -> Wiki:
        given = self._settings
        password = given.password.reveal(is_token=False)
        return Wiki.enter(given.site, given.path, given.user, password)

    def check(self) -> str:
        """Sign in, and say what this user may do."""
        return tried(self._host, self._look)

    def _look(self) -> str:
        with spoken(self._settings.user):
            wiki = self._wiki()
            needed = {"edit", "createpage", *(("upload",) if self._settings.attach else ())}
            if lacking := sorted(needed - wiki.rights):
                raise BulletinError(
                    f"{self._settings.user} may not {' or '.join(lacking)} on {self._host}",
                    "Grant it to the bot password on Special:BotPasswords, or to the user's group.",
                )
            return f"{self._host} is {wiki.software}, where {wiki.user} may write"


def _file(page: str, name: str) -> str:
    """Return what an upload is called: its page's name without what a file's name cannot hold."""
    return re.sub(r"[/:\\ ]+", "-", f"{page} {name}")
