"""The settings of the git-wiki channel, and what follows from them: names, paths and links."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bulletin.config import NearPath, Secret, Settings
from bulletin.model.delivery import Mode
from bulletin.publishing.git_wiki.address import Remote, host_of
from bulletin.publishing.git_wiki.pages import slug
from bulletin.publishing.places import Attached, Pattern, by_mode

WIKI = (".wiki.git", ".wiki")
"""How remotes end whose pages link one another by name, without `.md`."""


def _folder(folder: str) -> str:
    if not re.fullmatch(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/?)*", folder):
        msg = "write a folder of the wiki, as in 'reports/bulletin'"
        raise ValueError(msg)
    return folder.strip("/")


def _name(name: str) -> str:
    if not slug(name):
        msg = "write a name with letters in it"
        raise ValueError(msg)
    return slug(name)


class GitWikiSettings(Settings):
    """The table `[[publish]]` with `kind = "git-wiki"`."""

    remote: Remote
    """The address of the wiki's git repository: https, ssh, or a folder as in `file:///srv/w.git`."""
    token: Secret | None = None
    """For https: a token that may write. It goes into a header, never into the address."""
    user: str = Field(default="x-access-token", pattern=r"^[\w.@+-]+$")
    """The name that goes with the token, where the host asks for one: `oauth2` on GitLab."""
    key: NearPath | None = None
    """For ssh: the file of the private key; ssh finds its own unless set."""
    branch: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][\w./-]*$")
    """The branch that is the wiki; the one that the remote calls its own unless set."""
    folder: Annotated[str, AfterValidator(_folder)] = ""
    """The folder that the pages lie in."""
    page: Pattern = "{title} {week}"
    """What a page is called; every sign that a wiki may stumble over becomes a dash."""
    index: Annotated[str, AfterValidator(_name)] | None = None
    """A page that lists the editions, between two markers if it is there already."""
    links: Literal["pages", "files"] | None = None
    """Whether the list links to pages by name or to files that end in `.md`; wikis are told by
    their address, which ends in `.wiki.git`."""
    attach: Attached = ()
    """Files that are put beside the page, such as `["deck.pdf"]`."""
    rehearsal: Annotated[str, AfterValidator(_name)] | None = None
    """What the names of rehearsals' pages begin with; without it, rehearsals go nowhere."""
    author: str = Field(default="Bulletin", pattern=r"^[^<>\x00-\x1f]{1,60}$")
    """Who the commits are by."""
    email: str = Field(default="bulletin@bulletin.invalid", pattern=r"^[^<>\s@]+@[^<>\s@]+$")
    """The author's address: hosts show the account that it belongs to."""

    @property
    def host(self) -> str:
        """The remote's host, or the folder that it is."""
        return host_of(self.remote) or self.remote

    def name(self, mode: Mode, title: str, week: str) -> str | None:
        """Return what an edition's page is called; None where the mode has no place here."""
        prefix = by_mode(mode, "", self.rehearsal)
        if prefix is None:
            return None
        return slug(f"{prefix} {self.page.format(title=title, week=week)}")

    def listing(self, mode: Mode) -> str | None:
        """Return the page that lists the editions of a mode, if there is to be one."""
        prefix = by_mode(mode, "", self.rehearsal)
        return self.index and (f"{prefix}-{self.index}" if prefix else self.index)

    def path(self, name: str, file: str = "") -> str:
        """Return where a page lies, or a file beside it."""
        folder = f"{self.folder}/" if self.folder else ""
        return f"{folder}{name}-{file}" if file else f"{folder}{name}.md"

    def target(self, _mode: Mode, name: str) -> str:
        """Return what a person is shown as the place of a page."""
        branch = f"{self.branch}:" if self.branch else ""
        return f"{self.remote} {branch}{self.path(name)}"

    def link(self, name: str) -> str:
        """Return how the list links to a page."""
        by_name = self.links == "pages" or (self.links is None and self.remote.endswith(WIKI))
        return name if by_name else f"{name}.md"
