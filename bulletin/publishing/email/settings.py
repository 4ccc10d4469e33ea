"""The table `[[publish]]` with `kind = "email"`."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bulletin.config import NearPath, Secret
from bulletin.config import Settings as Table
from bulletin.model.delivery import Mode
from bulletin.model.text import clean
from bulletin.near import near
from bulletin.publishing.email.addresses import Domain, Mailbox, Pattern, allowed, unique
from bulletin.wire.address import LOOPBACK, secure

PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _token_url(value: str) -> str:
    if secure(value) is None or "#" in value:
        msg = "write the address where tokens are given: https, without a password"
        raise ValueError(msg)
    return value


def _host(value: str) -> str:
    # One colon would be a port's; an address of IPv6 has more.
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", value) or value.count(":") == 1:
        msg = "write the mail server's name alone, as in 'smtp.acme.example'"
        raise ValueError(msg)
    return value


def _user(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        msg = "write it in plain ASCII"
        raise ValueError(msg)
    return value


def _program(value: Path) -> Path:
    if not value.is_absolute():
        msg = "write where the program is, as in '/usr/sbin/sendmail'"
        raise ValueError(msg)
    return value


class OAuth(Table):
    """Instead of a password: a bearer token, ready (`token`) or fetched by client credentials."""

    token: Secret | None = None
    """A ready token; whoever writes it keeps it fresh."""
    token_url: Annotated[str, AfterValidator(_token_url)] | None = None
    """Where tokens are given."""
    client_id: str | None = None
    """The application that asks for one."""
    client_secret: Secret | None = None
    """The application's secret."""
    scope: str | None = None
    """What the token is for, as its giver writes it."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        asked = (self.token_url, self.client_id, self.client_secret)
        fetched = None not in asked and self.token is None
        ready = self.token is not None and not any((*asked, self.scope))
        if not (fetched or ready):
            msg = "write either token, or token_url, client_id and client_secret"
            raise ValueError(msg)
        return self


class EmailSettings(Table):
    """Who writes to whom, and over which mail server."""

    sender: Mailbox = Field(alias="from")
    """The address that it comes from."""
    to: tuple[Mailbox, ...] = ()
    """Who gets live editions."""
    teams: dict[str, tuple[Mailbox, ...]] = Field(default_factory=dict)
    """Who gets a letter of their team's own with each live edition, by the team's name."""
    rehearsal: tuple[Mailbox, ...] = ()
    """Who gets rehearsals, and nobody else does."""
    preview: tuple[Mailbox, ...] = ()
    """Who gets previews: the editors."""
    allow: tuple[Pattern, ...] = ()
    """Where mail may go at all, such as `["*@acme.example"]`; the domain of `from` unless set."""
    reply_to: Mailbox | None = None
    """Where answers go, if not to `from`."""
    list_id: Domain | None = None
    """What filters know it by (`List-Id`); `bulletin.` and the domain of `from` unless set."""
    host: Annotated[str, AfterValidator(_host)] | None = None
    """The mail server."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Its port; 587 for `starttls`, 465 for `tls` and 25 for `none` unless set."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is secured; `none` is for a server on this machine alone."""
    user: Annotated[str, AfterValidator(_user)] | None = Field(default=None, min_length=1)
    """Whom to log in as; without it, nobody logs in."""
    password: Secret | None = None
    """The password of `user`."""
    oauth: OAuth | None = None
    """A bearer token instead of a password (`XOAUTH2`)."""
    ca: NearPath | None = None
    """A file of authorities (PEM) that are trusted instead of the system's."""
    sendmail: Annotated[Path, AfterValidator(_program)] | None = None
    """The program of a mail server on this machine, instead of `host`."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [*self._wrong_way(), *self._wrong_login(), *self._wrong_people()]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _wrong_way(self) -> list[str]:
        if (self.host is None) == (self.sendmail is None):
            return ['write either host, or sendmail = "/usr/sbin/sendmail"']
        if self.sendmail is not None:
            theirs = {"port", "security", "user", "password", "oauth", "ca"}
            given = sorted(theirs & self.model_fields_set)
            return [f"{name} belongs to a host, and sendmail has none" for name in given]
        if self.security == "none" and self.host not in LOOPBACK:
            return ['security = "none" is for a server on this machine; write "starttls" or "tls"']
        return []

    def _wrong_login(self) -> list[str]:
        if self.sendmail is not None:
            return []
        if self.password is not None and self.oauth is not None:
            return ["write either password or oauth"]
        if (self.user is None) != (self.password is None and self.oauth is None):
            return ["user and password (or oauth) go together"]
        return []

    def _wrong_people(self) -> list[str]:
        if not self.everybody:
            return ["nobody gets it; name addresses in to, teams, rehearsal or preview"]
        outside = [one for one in self.everybody if not allowed(one, self.allowed)]
        told = ", ".join(outside)
        lets = ", ".join(self.allowed)
        return [f"{told}: no mail may go there; allow lets it go to {lets}"] if outside else []

    @property
    def allowed(self) -> tuple[str, ...]:
        """Where mail may go at all."""
        return self.allow or (f"*@{self.domain}",)

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.sender.rpartition("@")[2]

    @property
    def everybody(self) -> tuple[str, ...]:
        """Every address of every mode."""
        return unique(one for mode in Mode for one in self.recipients(mode))

    def misfits(self, teams: Collection[str]) -> list[str]:
        """Say which teams the file does not name elsewhere: nothing could be theirs."""
        unknown = [team for team in self.teams if team not in teams]
        hint = "add the table [teams.<name>]"
        return [
            f"teams.{clean(team, 60)}: there is no such team{near(team, teams) or f'; {hint}'}"
            for team in unknown
        ]

    def team_of(self, recipient: str, mode: Mode) -> str | None:
        """Return whose letter a recipient gets; None for the whole journal.

        That is for whoever stands in `to`, or in more than one team.
        """
        whole = unique(self.to) if mode is Mode.LIVE else self.recipients(mode)
        theirs = [team for team, people in self.teams.items() if recipient in unique(people)]
        return theirs[0] if recipient not in whole and len(theirs) == 1 else None

    def recipients(self, mode: Mode) -> tuple[str, ...]:
        """Return who gets an edition of this mode, each once."""
        match mode:
            case Mode.LIVE:
                return unique([*self.to, *(one for team in self.teams.values() for one in team)])
            case Mode.REHEARSAL:
                return unique(self.rehearsal)
            case Mode.PREVIEW:
                return unique(self.preview)
