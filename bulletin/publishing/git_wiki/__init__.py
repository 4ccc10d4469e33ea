"""The git-wiki channel: a page an edition in a git repository of Markdown pages, by one commit.

A wiki can be asked what it holds, so nothing here is ever uncertain: after a lost answer it is
fetched again, and the mark in the page tells.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import ClassVar, Self

from bulletin.config import Bulletin
from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery, Fate, Mode, Parcel, Receipt
from bulletin.model.edition import Filed
from bulletin.publishing import Commit, Issue
from bulletin.publishing.answers import is_lost
from bulletin.publishing.git_wiki.address import host_of
from bulletin.publishing.git_wiki.clients import connect
from bulletin.publishing.git_wiki.pages import headline_of, listed, renewed, written
from bulletin.publishing.git_wiki.remote import Author, GitRemote, OvertakenError, Tip
from bulletin.publishing.git_wiki.settings import GitWikiSettings
from bulletin.publishing.places import attached, linked, named, packed, page_of
from bulletin.publishing.standing import (
    ATTEMPTS,
    Brought,
    NotNowError,
    attempt,
    looking_again,
    tried,
)
from bulletin.wire.refused import Refused

PAGE = "bulletin.md"


class GitWikiPublisher:
    """Writes an edition's page, its files and the list of editions by one commit."""

    formats: ClassVar[tuple[str, ...]] = ()
    Settings = GitWikiSettings

    def __init__(self, settings: GitWikiSettings, channel: str) -> None:
        self.channel = channel
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: GitWikiSettings, name: str, _bulletin: Bulletin) -> Self:
        """Build the channel of this configured name."""
        return cls(settings, name)

    def pack(self, issue: Issue) -> Sequence[Parcel]:
        """Return the page; nothing where the edition's mode has no place in the wiki."""
        return packed(self._settings, issue, lambda page: self._body(page, issue))

    def _body(self, page: str, issue: Issue) -> bytes:
        links = [_link(page, one.name) for one in attached(issue, self._settings.attach)]
        return written(named(issue, PAGE).body.decode(), links, issue.filed).encode()

    def deliver(self, delivery: Delivery, issue: Issue, _commit: Commit) -> Receipt:
        """Commit what is not there yet. The same edition twice is one commit."""
        name, host = page_of(self._settings, delivery, issue), self._settings.host

        def bring() -> Brought:
            fate, said = self._write(delivery, issue, name)
            return Brought(fate, said, self._settings.path(name))

        return attempt(self.channel, delivery.parcel, host, bring)

    def _write(self, delivery: Delivery, issue: Issue, name: str) -> tuple[Fate, str]:
        """Fetch, commit and push, again where somebody came first or the answer was lost."""
        remote = self._remote()
        seen: bytes | None = None
        lost: OvertakenError | Refused | None = None
        for _ in range(ATTEMPTS):
            with ExitStack() as fetched:
                with looking_again(lost if isinstance(lost, Refused) else None):
                    tip = fetched.enter_context(remote.tip())
                files = self._files(delivery, issue, name, tip)
                if not files:
                    fate = Fate.DELIVERED if lost else Fate.ALREADY_THERE
                    return fate, f"commit {(tip.commit or b'').decode()[:12]}"
                forbidden = isinstance(lost, OvertakenError) and not lost.is_race
                if forbidden and tip.commit == seen:
                    raise BulletinError(
                        f"{self._settings.host} does not let the branch be written to: {lost}",
                        "Let the bulletin's account push there, or name another branch.",
                    )
                try:
                    pushed = self._push(remote, tip, files, issue.filed)
                except OvertakenError as error:
                    seen, lost = tip.commit, error
                except Refused as error:
                    if not is_lost(error):
                        raise
                    seen, lost = tip.commit, error
                else:
                    return Fate.DELIVERED, f"commit {pushed[:12]}"
        if isinstance(lost, Refused):
            raise NotNowError(lost.detail, lost.hint)
        return Fate.DEFERRED, f"somebody else wrote first, {ATTEMPTS} times"

    def _push(self, remote: GitRemote, tip: Tip, files: dict[str, bytes], filed: Filed) -> str:
        edition, settings = filed.edition, self._settings
        author = Author(name=settings.author, email=settings.email)
        message = f"{edition.title} {edition.week}\n\nRevision {edition.revision}, {filed.digest}"
        return remote.push(tip, files, message, author, edition.made)

    def _files(self, delivery: Delivery, issue: Issue, name: str, tip: Tip) -> dict[str, bytes]:
        """Return what has to be written on top of a tip; nothing where the edition is there."""
        path = self._settings.path(name)
        self._refuse_namesake(name, tip)
        fresh = delivery.parcel.body.decode()
        files: dict[str, bytes] = {}
        index = self._settings.listing(delivery.mode)
        if index is not None:
            entry = f"- [{delivery.week}]({self._settings.link(name)}): {headline_of(fresh)}"
            listing = listed(tip.read(self._settings.path(index)), index, entry)
            files |= {self._settings.path(index): listing.encode()} if listing else {}
        page = renewed(fresh, tip.read(path), name)
        if page is None:
            return {}
        beside = linked(issue, fresh, lambda file: _link(name, file))
        files |= {self._settings.path(name, one.name): one.body for one in beside}
        return files | {path: page.encode()}

    def _refuse_namesake(self, name: str, tip: Tip) -> None:
        """Raise `BulletinError` for a page that a wiki could take for this one."""
        for other in tip.names(self._settings.folder):
            stem = other.rsplit(".", 1)[0]
            if other != f"{name}.md" and stem.casefold() == name.casefold():
                raise BulletinError(
                    f"the wiki has a page {other} already, which readers could not tell from ours",
                    "Rename that page, or choose another name for the bulletin's in the settings.",
                )

    def check(self) -> str:
        """Fetch the wiki, try the pages' names, and ask for the right to write."""
        return tried(self._settings.host, self._look)

    def _look(self) -> str:
        remote = self._remote()
        with remote.tip() as tip:
            index = self._settings.listing(Mode.LIVE)
            if index is not None:
                listed(tip.read(self._settings.path(index)), index, "- [2026-W01](x)")
            branch = tip.branch.decode().removeprefix("refs/heads/")
        remote.knock()
        return f"branch {branch} can be read, and opened for writing; its rules were not tried"

    def _remote(self) -> GitRemote:
        settings = self._settings
        token = settings.token.reveal() if settings.token else None
        key = str(settings.key) if settings.key else None
        client, path = connect(settings.remote, settings.user, token, key)
        return GitRemote(client, path, host_of(settings.remote), settings.branch)


def _link(page: str, name: str) -> str:
    return f"[{name}]({page}-{name})"
