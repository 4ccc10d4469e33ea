"""The settings of a GitHub source."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from bulletin.config import Secret
from bulletin.config import Settings as Table

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def parse_address(text: str) -> str:
    """Read a base address, without its last slash. Raises ValueError unless it is https.

    Plain http is for loopback: anywhere else it would carry the token in the clear.
    """
    parts = urlsplit(text)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if not (secure and parts.hostname and plain):
        msg = "write a base address as in 'https://api.github.com': https, and without a password"
        raise ValueError(msg)
    return text.rstrip("/")


def parse_repository(text: str) -> str:
    """Read `owner/name`. Raises ValueError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", text):
        msg = "this is no repository; write owner and name, as in 'acme/shop'"
        raise ValueError(msg)
    return text


Address = Annotated[str, AfterValidator(parse_address)]
Repository = Annotated[str, AfterValidator(parse_repository)]


class App(Table):
    """A GitHub App that is installed in the organization."""

    id: str | int
    """The App's client id, or its number."""
    key: Secret
    """The App's private key in PEM."""
    installation: int
    """The number of the installation, the last part of its page's address."""


class Settings(Table):
    """Where to look, and as whom."""

    organization: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,100}$")
    """Every repository of this organization that the credentials can see."""
    repositories: tuple[Repository, ...] = ()
    """Single repositories as `owner/name`, besides the organization or instead of it."""
    token: Secret | None = None
    """A personal access token, classic or fine-grained. Either this or `app`."""
    app: App | None = None
    """A GitHub App to sign in as. Either this or `token`."""
    api: Address = "https://api.github.com"
    """The API's address; for GitHub Enterprise Server `https://HOST/api/v3`."""
    web: Address | None = None
    """The address that people open; derived from `api` unless set."""
    checks: bool = True
    """Whether to ask for the state of checks, which fine-grained tokens may not read."""
    codeowners: bool = True
    """Whether to ask which team CODEOWNERS names for a whole repository."""
    limit: int = Field(default=5000, ge=1, le=50_000)
    """Most pull requests to fetch, oldest first. What is left out is counted."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.organization is None and not self.repositories:
            msg = 'say where to look: organization = "acme", or repositories = ["acme/shop"]'
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.token is None) == (self.app is None):
            msg = (
                'write either token = { env = "NAME" } or an app table: GitHub answers nobody else'
            )
            raise ValueError(msg)
        return self

    @property
    def secret(self) -> Secret:
        """What the credentials rest on: the token, or the App's key."""
        chosen = self.app.key if self.app else self.token
        assert chosen is not None, "one of the two is there: it was validated"
        return chosen

    @property
    def pages(self) -> str:
        """The address of the web pages, without a slash at the end."""
        if self.web is not None:
            return self.web
        parts = urlsplit(self.api)
        return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
