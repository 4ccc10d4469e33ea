"""What a `[[source]]` of kind `bugsink` may say."""

from typing import Annotated

from pydantic import Field

from bulletin import config
from bulletin.wire.address import Address

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class BugsinkSettings(config.Settings):
    """One Bugsink."""

    site: Address
    """Address of your Bugsink."""
    web: Address | None = None
    """The address that people open, where it is another than `site`."""
    token: config.Secret
    """A token that may read projects, issues and events."""
    projects: tuple[Slug, ...] = ()
    """Slugs of the projects to look at; empty means every project that the token may see."""
    top: int = Field(default=100, ge=1, le=1000)
    """How many errors to ask the events of, those that ever fired most first."""
    limit: int = Field(default=1000, ge=1, le=10_000)
    """How many errors of a project to fetch at most."""
