"""The settings of the Confluence channel."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from bulletin.config import Secret, Settings
from bulletin.model.delivery import Mode
from bulletin.publishing.places import Attached, Pattern, by_mode
from bulletin.wire.address import Address

CLOUD = (".atlassian.net", ".jira.com")
GATEWAY = "api.atlassian.com"


class ConfluenceSettings(Settings):
    """The table `[[publish]]` with `kind = "confluence"`."""

    site: Address
    """`https://acme.atlassian.net`, a Data Center's address with its path, or the gateway of
    scoped tokens: `https://api.atlassian.com/ex/confluence/<cloudId>`."""
    space: str = Field(pattern=r"^~?[A-Za-z0-9_.:-]{1,255}$")
    """The key of the space, as in its address."""
    token: Secret
    """Cloud: an API token; Data Center: a personal access token."""
    user: str | None = Field(default=None, pattern=r"^[^:\s\x00-\x1f]+$")
    """Cloud: the e-mail of the token's account; Data Center: leave it out."""
    deployment: Literal["cloud", "data-center"] | None = None
    """Which of the two it is; told by the address unless set."""
    parent: str | None = Field(default=None, min_length=1, max_length=255)
    """The page that editions are put below, by its title or the number in its address; the
    space's own page unless set."""
    page: Pattern = Field(default="{title} {week}", max_length=120)
    """What a page is called; its name is unique in the space."""
    rehearsal: str | None = Field(default=None, pattern=r"^~?[A-Za-z0-9_.:-]{1,255}$")
    """The key of the space of rehearsals; without it, they go nowhere."""
    attach: Attached = ()
    """Files that are attached to the page, such as `["deck.pdf"]`."""
    labels: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")], ...] = ()
    """Labels of the page, such as `["bulletin"]`."""

    @model_validator(mode="after")
    def _complete(self) -> "ConfluenceSettings":
        # Keys in capitals and in small letters are the same to Confluence.
        if self.rehearsal is not None and self.rehearsal.casefold() == self.space.casefold():
            msg = "rehearsal: name another space than the one of the live editions"
            raise ValueError(msg)
        if self.is_cloud and self.user is None:
            msg = "user: Confluence Cloud needs the e-mail of the token's account"
            raise ValueError(msg)
        return self

    @property
    def is_cloud(self) -> bool:
        """Whether it speaks the API of Confluence Cloud."""
        if self.deployment is not None:
            return self.deployment == "cloud"
        host = urlsplit(self.site).hostname or ""
        return host.endswith(CLOUD) or host == GATEWAY

    @property
    def host(self) -> str:
        """The site's host."""
        return urlsplit(self.site).hostname or ""

    def place(self, mode: Mode) -> str | None:
        """Return the space of a mode; None where it has no place here."""
        return by_mode(mode, self.space, self.rehearsal)

    def name(self, mode: Mode, title: str, week: str) -> str | None:
        """Return what an edition's page is called; None where the mode has no place here."""
        page = " ".join(self.page.format(title=title, week=week).split())
        return page if self.place(mode) else None

    def target(self, mode: Mode, name: str) -> str:
        """Return what a person is shown as the place of a page."""
        return f"{self.site} {self.place(mode)}: {name}"
