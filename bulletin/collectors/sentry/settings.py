"""What a `[[source]]` of kind `sentry` may say."""

from typing import Annotated

from pydantic import Field

from bulletin import config
from bulletin.wire.address import Address

SLUG = r"^[A-Za-z0-9_-]{1,100}$"

Slug = Annotated[str, Field(pattern=SLUG)]


class SentrySettings(config.Settings):
    """One Sentry organization."""

    site: Address = "https://sentry.io"
    """Address of Sentry: its own, a region's, or that of your own server."""
    web: Address | None = None
    """The address that people open, where it is another than `site`."""
    organization: Slug
    """The organization's slug, as in `https://sentry.io/organizations/SLUG/`."""
    token: config.Secret
    """Token of an internal integration that may read organization, projects and issues."""
    projects: tuple[Slug, ...] = ()
    """Slugs of the projects to look at; empty means every project that the token reaches."""
    environment: str | None = Field(default=None, min_length=1, max_length=64)
    """The one environment to look at, such as `production`; unset means all."""
    top: int = Field(default=100, ge=1, le=1000)
    """How many of the week's most frequent unresolved errors to look at."""
    limit: int = Field(default=1000, ge=1, le=10_000)
    """How many errors to fetch at most."""
    retention: int = Field(default=90, ge=1, le=3650)
    """Days for which this Sentry keeps events: 30 on the free plan. Of an older week nothing is
    asked."""
