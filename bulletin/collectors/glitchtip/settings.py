"""What a `[[source]]` of kind `glitchtip` may say."""

from typing import Annotated

from pydantic import Field

from bulletin import config
from bulletin.wire.address import Address

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class GlitchtipSettings(config.Settings):
    """One GlitchTip organization."""

    site: Address = "https://app.glitchtip.com"
    """Address of GlitchTip: its own, or that of your server."""
    web: Address | None = None
    """The address that people open, where it is another than `site`."""
    organization: Slug
    """The organization's slug, as in `https://app.glitchtip.com/SLUG/issues`."""
    token: config.Secret
    """A token with `project:read` and `event:read`, of somebody in the organization."""
    projects: tuple[Slug, ...] = ()
    """Slugs of the projects to look at; empty means every project of the organization."""
    limit: int = Field(default=1000, ge=1, le=10_000)
    """How many errors to fetch at most, those that fired last first."""
