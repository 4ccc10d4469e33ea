"""What a `[[source]]` of kind `pagerduty` may say."""

from typing import Annotated, Literal

from pydantic import Field

from bulletin import config
from bulletin.wire.address import Address

Name = Annotated[str, Field(min_length=1, max_length=100)]
Rank = Literal["critical", "high", "medium", "low"]


class PagerdutySettings(config.Settings):
    """One PagerDuty account."""

    site: Address = "https://api.pagerduty.com"
    """Address of the API: this one, or `https://api.eu.pagerduty.com`."""
    token: config.Secret
    """A REST API key; a read-only one is enough."""
    services: tuple[Name, ...] = ()
    """Ids of the services to look at, such as `PIJ90N7`; empty means all of them."""
    teams: tuple[Name, ...] = ()
    """Ids of the teams to look at; with `services`, only what is both is looked at."""
    priorities: dict[str, Rank] = Field(default_factory=dict)
    """Your own names of priorities; P1 to P5 are known."""
    urgencies: dict[Literal["high", "low"], Rank] = Field(default_factory=dict)
    """How grave an urgency is, where no priority tells; `high` and `low` unless set."""
    drills: str | None = "drill"
    """The word in a title that marks an exercise."""
