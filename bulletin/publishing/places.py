"""What wikis share: how a page is called, where it stands, and what is brought beside it."""

import re
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Annotated, Protocol

from pydantic import AfterValidator

from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Delivery, Mode, Parcel
from bulletin.publishing import Issue
from bulletin.publishing.answers import moved

FIELDS = (["week", "", None], ["title", "", None])
"""What a name may be made of, as `Formatter` parses it: a name, no format and no conversion."""


def _pattern(value: str) -> str:
    try:
        fields = [field for _, *field in Formatter().parse(value) if field[0] is not None]
    except ValueError:
        fields = []
    # Neither format specs nor conversions nor attributes: they could leave no week in the name.
    if fields.count(FIELDS[0]) != 1 or any(one not in FIELDS for one in fields):
        msg = "write a name with {week} once in it, and {title} if you like: each week has its page"
        raise ValueError(msg)
    return value


def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,60}", name) or names.count(name) > 1:
            msg = f"'{name[:60]}' is no file of an edition; write it as in [\"deck.pdf\"]"
            raise ValueError(msg)
    return names


def _apart(value: str) -> str:
    # Only a word keeps it apart: a wiki drops blanks, and takes ":" for nothing.
    if not re.match(r"[A-Za-z0-9]", value):
        msg = "write the beginning of the names that rehearsals have, starting with a letter"
        raise ValueError(msg)
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A page's name with `{week}`, and `{title}` if wanted."""
Apart = Annotated[str, AfterValidator(_apart)]
"""What keeps the pages of rehearsals apart from the others."""
Attached = Annotated[tuple[str, ...], AfterValidator(_plain)]
"""Names of artifacts that are brought beside the page."""


class Place(Protocol):
    """The settings of a wiki, which say what a page is called and where it stands."""

    def name(self, mode: Mode, title: str, week: str) -> str | None:
        """Return what an edition's page is called; None where the mode has no place here.

        Raises `BulletinError` for a name that no page of the wiki can have.
        """
        ...

    def target(self, mode: Mode, name: str, /) -> str:
        """Return where a page stands, as no page of another wiki does."""
        ...


def pages(place: Place, title: str) -> Sequence[str]:
    """Return what an edition's page is called in each mode that has a place here.

    Raises `BulletinError` as `Place.name` does.
    """
    every = (place.name(mode, title, "2026-W01") for mode in Mode)
    return [page for page in every if page is not None]


def by_mode(mode: Mode, live: str, rehearsal: str | None) -> str | None:
    """Return what a mode has of its own; None where it goes nowhere, as previews never do."""
    return {Mode.LIVE: live, Mode.REHEARSAL: rehearsal}.get(mode)


def packed(place: Place, issue: Issue, body: Callable[[str], bytes]) -> Sequence[Parcel]:
    """Return the page of the edition's mode, its body made of its name; nothing where the mode has
    no place. Raises `BulletinError` as `body` does, and for a name that no page can have.
    """
    edition = issue.filed.edition
    page = place.name(edition.mode, edition.title, str(edition.week))
    if page is None:
        return ()
    return (Parcel(target=place.target(edition.mode, page), title=page, body=body(page)),)


def page_of(place: Place, delivery: Delivery, issue: Issue) -> str:
    """Return the name of the page that a delivery goes to.

    Raises `BulletinError` where the settings let this mode reach another one by now, or none.
    """
    edition, mode = issue.filed.edition, delivery.mode
    page = place.name(mode, edition.title, delivery.week)
    is_there = page is not None and place.target(mode, page) == delivery.parcel.target
    if page is None or not is_there or edition.mode is not mode:
        raise moved(delivery, "page")
    return page


def named(issue: Issue, name: str) -> Artifact:
    """Return the artifact of this name. Raises `BulletinError` where it could not be made."""
    artifact = issue.artifact(name)
    if artifact is None:
        made = ", ".join(one.name for one in issue.artifacts)
        raise BulletinError(
            f"{issue.filed.edition.week} has no {name}, so nothing was brought",
            f"Look at the log for why it could not be made; there is: {made}.",
        )
    return artifact


def attached(issue: Issue, names: Sequence[str]) -> tuple[Artifact, ...]:
    """Return what is brought beside the page. Raises as `named` does."""
    return tuple(named(issue, name) for name in names)


def linked(issue: Issue, page: str, link: Callable[[str], str]) -> Sequence[Artifact]:
    """Return what a frozen page links to, whatever the settings would attach by now."""
    return [one for one in issue.artifacts if link(one.name) in page]


def summary(issue: Issue) -> str:
    """Say in a page's history what was written, in no language."""
    edition = issue.filed.edition
    return f"{edition.week} · {edition.revision} · {edition.mode} · {issue.filed.digest[:12]}"
