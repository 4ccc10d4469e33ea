"""What the settings of wikis share: how a page is called, and what is brought beside it."""

import re
from collections.abc import Sequence
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator

from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact
from bulletin.publishing import Issue

FIELDS = frozenset({"title", "week"})


def _pattern(value: str) -> str:
    try:
        asked = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
    except ValueError:
        asked = {""}
    if not asked <= FIELDS or "week" not in asked:
        msg = "write a name with {week} in it, and {title} if you like: each week has its page"
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


def summary(issue: Issue) -> str:
    """Say in a page's history what was written, in no language."""
    edition = issue.filed.edition
    return f"{edition.week} · {edition.revision} · {edition.mode} · {issue.filed.digest[:12]}"
