"""Reads what GitHub answers. Every function raises `ChangedShape` for what is not as documented."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bulletin.collectors.pointing import find_names
from bulletin.model.facts import FactKey, Life, PullRequest
from bulletin.model.text import clean

KIND = "pull_request"
TITLE_LENGTH = 300
LABEL_LENGTH = 100
LIVES = {"OPEN": Life.OPEN, "MERGED": Life.DONE, "CLOSED": Life.DECLINED}
MERGEABLE = {"MERGEABLE": "mergeable", "CONFLICTING": "conflicting", "UNKNOWN": None}
OPINIONS = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes_requested"}
DECISIONS = OPINIONS | {"REVIEW_REQUIRED": "review_required"}
CHECKS = {
    "SUCCESS": "passing",
    "FAILURE": "failing",
    "ERROR": "failing",
    "PENDING": "pending",
    "EXPECTED": "pending",
}
TEAM = re.compile(r"@[A-Za-z0-9_.-]{1,100}/([A-Za-z0-9_.-]{1,100})")
REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
PLAIN = re.compile(r"[!-~]{1,500}")
"""Printable ASCII, of which addresses and node ids are made."""

Node = Mapping[str, Any]


class ChangedShape(ValueError):  # noqa: N818  (what the service did, not an error of ours)
    """An answer that is not in the form it is documented to have."""


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a pull request's last commit, and when it was committed, in UTC."""

    state: str | None
    since: datetime | None
    names: tuple[str, ...] = ()
    """Words of the commit's first line that look like a key."""


def parse_pull_request(node: Node, source: str, pages: str) -> PullRequest:
    """Read a pull request of the fragment `Facts`. `pages` is the address of the web pages."""
    repository = parse_name(get(node, "repository", dict))
    number = count(node, "number")
    subject = f"{repository}#{number}"
    author = get(node, "author", dict, optional=True)
    reviews = parse_reviews(node, author)
    return PullRequest(
        key=FactKey(source, KIND, subject),
        handle=parse_handle(node),
        title=clean(get(node, "title", str), TITLE_LENGTH) or subject,
        url=parse_url(node.get("url"), pages, f"{repository}/pull/{number}"),
        life=parse_word(node, "state", LIVES),
        repository=repository,
        branch_names=find_names(get(node, "headRefName", str, optional=True) or ""),
        by_bot=author is not None and author.get("__typename") == "Bot",
        labels=parse_labels(node),
        draft=get(node, "isDraft", bool),
        review=parse_review(node),
        mergeable=MERGEABLE.get(get(node, "mergeable", str)),
        additions=count(node, "additions"),
        deletions=count(node, "deletions"),
        files=count(node, "changedFiles"),
        reviews=len(reviews),
        created=moment(node, "createdAt"),
        ready=parse_latest(node.get("timelineItems"), "createdAt"),
        last_activity=moment(node, "updatedAt"),
        last_review=maybe_moment(reviews[-1], "submittedAt") if reviews else None,
        closed=maybe_moment(node, "closedAt"),
    )


def parse_reviews(node: Node, author: Node | None) -> list[Node]:
    """Read the last reviews by others: an author's own remarks are none."""
    reviews = entries(get(node, "reviews", dict, optional=True))
    if author is None:
        return reviews
    return [r for r in reviews if (r.get("author") or {}).get("login") != author.get("login")]


def parse_handle(node: Node) -> str:
    """Read a node id, which must come back from the archive as it was."""
    handle: str = get(node, "id", str)
    if not PLAIN.fullmatch(handle):
        raise ChangedShape("an id has characters that no such id has")
    return handle


def parse_name(repository: Node) -> str:
    """Read `owner/name`, which goes into keys and addresses."""
    name: str = get(repository, "nameWithOwner", str)
    if not REPOSITORY.fullmatch(name):
        raise ChangedShape("a repository's name has characters that no such name has")
    return name


def parse_url(said: Any, pages: str, path: str) -> str:
    """Return the address that was said if it lies under `pages`, else the one it should have."""
    if isinstance(said, str) and said.startswith(f"{pages}/") and PLAIN.fullmatch(said):
        return said
    return f"{pages}/{path}"


def parse_labels(node: Node) -> tuple[str, ...]:
    """Read the labels' names, sorted."""
    names = (clean(get(label, "name", str), LABEL_LENGTH) for label in entries(node.get("labels")))
    return tuple(sorted({name for name in names if name}))


def parse_review(node: Node) -> str | None:
    """Read the review decision; None is a word that we do not know.

    The decision is null where the repository requires no review: the last opinion counts there.
    """
    decision = get(node, "reviewDecision", str, optional=True)
    if decision is not None:
        return DECISIONS.get(decision)
    opinions = entries(node.get("opinions"))
    return OPINIONS.get(get(opinions[-1], "state", str)) if opinions else "none"


def parse_unknown_words(node: Node) -> frozenset[str]:
    """Return the parts of a pull request that are told in words which we do not know."""
    known: dict[str, tuple[str, Mapping[str, str | None]]] = {
        "review": ("reviewDecision", DECISIONS),
        "mergeable": ("mergeable", MERGEABLE),
    }
    return frozenset(
        part
        for part, (field, words) in known.items()
        if (node.get(field) or "") not in {*words, ""}
    )


def parse_checks(node: Node) -> Checks:
    """Read the checks of the last commit; a state that we do not know is None."""
    commits = entries(node.get("commits"))
    if not commits:
        return Checks("none", None)
    commit = get(commits[-1], "commit", dict)
    rollup = get(commit, "statusCheckRollup", dict, optional=True)
    state = "none" if rollup is None else CHECKS.get(get(rollup, "state", str))
    headline = get(commit, "messageHeadline", str, optional=True) or ""
    return Checks(state, moment(commit, "committedDate"), find_names(headline))


def parse_default_owner(node: Node) -> str | None:
    """Return the team that a repository's CODEOWNERS names for everything, if one does.

    GitHub reads the first of three places, and in it the last line whose pattern matches.
    """
    for place in ("hidden", "top", "docs"):
        blob = get(node, place, dict, optional=True)
        text = get(blob, "text", str, optional=True) if blob else None
        if text is not None:
            return _owner_of_all(text)
    return None


def _owner_of_all(text: str) -> str | None:
    owner = None
    for line in text.splitlines():
        pattern, *owners = line.partition("#")[0].split() or [""]
        if pattern == "*":
            teams = [match[1] for one in owners if (match := TEAM.fullmatch(one))]
            owner = teams[0] if teams else None
    return owner


def parse_latest(connection: Any, field: str) -> datetime | None:
    """Read the moment of the last node of a connection, if it has one."""
    nodes = entries(connection)
    return maybe_moment(nodes[-1], field) if nodes else None


def parse_word(node: Node, field: str, words: Mapping[str, Life]) -> Life:
    """Read a word that a fact cannot do without."""
    said = get(node, field, str)
    if said not in words:
        raise ChangedShape(f"'{field}' has a new word")
    return words[said]


def entries(connection: Any) -> list[Node]:
    """Return a connection's nodes that are not null."""
    if connection is None:
        return []
    if not isinstance(connection, dict):
        raise ChangedShape("a list of things is no object")
    nodes = get(connection, "nodes", list, optional=True) or []
    if not all(node is None or isinstance(node, dict) for node in nodes):
        raise ChangedShape("a list is no list of objects")
    return [node for node in nodes if node]


def get(node: Node, field: str, kind: type, *, optional: bool = False) -> Any:
    """Return a field of that very type."""
    value = node.get(field)
    if value is None and optional:
        return None
    if type(value) is not kind:
        raise ChangedShape(
            f"'{field}' is {type(value).__name__} where {kind.__name__} was expected"
        )
    return value


def count(node: Node, field: str) -> int:
    """Return a number of things."""
    value: int = get(node, field, int)
    if not 0 <= value < 2**53:
        raise ChangedShape(f"'{field}' is no number of things")
    return value


def moment(node: Node, field: str) -> datetime:
    """Return a moment in UTC."""
    text = get(node, field, str)
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ChangedShape(f"'{field}' is no moment with a time zone")


def maybe_moment(node: Node, field: str) -> datetime | None:
    """Return a moment in UTC, or None where there is none."""
    return None if node.get(field) is None else moment(node, field)
