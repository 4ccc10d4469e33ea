"""What `bulletin.toml` says of a Jira."""

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bulletin.config import Secret, Settings


def _site(address: str) -> str:
    """Return the address without a slash at its end. Raises ValueError for what is none."""
    parts = urlsplit(address.strip())
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        msg = "write an address, as in 'https://acme.atlassian.net'"
        raise ValueError(msg)
    if parts.username or parts.password:
        msg = "an address holds no user and no password; use `user` and `token`"
        raise ValueError(msg)
    if parts.scheme == "http" and not _is_loopback(host):
        msg = "http would send the token in clear; write https"
        raise ValueError(msg)
    if host == "api.atlassian.com" and not parts.path.startswith("/ex/jira/"):
        msg = "the gateway's address ends in '/ex/jira/' and the cloud id"
        raise ValueError(msg)
    return address.strip().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Site = Annotated[str, AfterValidator(_site)]
Query = Annotated[str, Field(min_length=1, max_length=4000)]
Rank = Literal["critical", "high", "medium", "low"]


class JiraSettings(Settings):
    """A Jira: Cloud, Data Center, or Cloud behind Atlassian's gateway."""

    site: Site
    """`https://acme.atlassian.net`, a Data Center's address with its path, or the gateway
    `https://api.atlassian.com/ex/jira/<cloudId>`. Plain http only for loopback."""
    user: str | None = None
    """Cloud: the e-mail of the account whose API token it is. Data Center: leave it out."""
    token: Secret
    """Cloud: an API token. Data Center: a personal access token."""
    incidents: Query
    """JQL for the open incidents, such as `project = INC AND statusCategory != Done`."""
    scope: Query | None = None
    """JQL for every incident, open or closed, such as `project = INC`. Where it is given, those
    that were created or resolved in the week are collected as well."""
    severity: str = ""
    """Name or id of the field that tells the severity. Empty looks for one named Severity,
    Gravité or Impact, and where an incident has none of them takes its priority."""
    severities: dict[str, Rank] = Field(default_factory=dict)
    """Your own words for `critical`, `high`, `medium` and `low`; the usual ones are known."""
    drills: str | None = "drill"
    """The label that marks an exercise."""
    limit: int = Field(default=2000, ge=1, le=20_000)
    """How many incidents one search may bring."""
