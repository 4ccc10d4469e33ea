"""Answers in GitHub's shapes: dictionaries for graphql-core, which calls what can be called."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from bulletin.sandbox.github.stage import Stage, Subject, refuse
from bulletin.sandbox.world import digest

MOST_RECORDS = 100

Shape = dict[str, Any]


def parse_size(field: str, first: int | None, last: int | None) -> int:
    """Return how many records were asked for. Raises GraphQLError where that is not allowed."""
    size = first if first is not None else last
    if size is None:
        message = f"You must provide a `first` or `last` value to properly paginate `{field}`."
        raise refuse("MISSING_PAGINATION_BOUNDARIES", message)
    if not 0 <= size <= MOST_RECORDS:
        message = f"Requesting {size} records on `{field}` exceeds the limit of 100 records."
        raise refuse("EXCESSIVE_PAGINATION", message)
    return size


def iso(moment: datetime | None) -> str | None:
    """Write a moment as GitHub does, in UTC to the second."""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def repository_id(last_name: str) -> str:
    """Return the node id of the repository that has this name at the end of the story."""
    return f"R_{digest(last_name)[:16]}"


def _pages(field: str, everything: Sequence[Shape]) -> Callable[..., Shape]:
    def connection(
        _: Any,
        first: int | None = None,
        last: int | None = None,
        states: Sequence[str] | None = None,
        itemTypes: Sequence[str] | None = None,  # noqa: N803, ARG001  (GitHub's spelling; there is one type)
    ) -> Shape:
        size = parse_size(field, first, last)
        kept = [one for one in everything if states is None or one["state"] in states]
        start = 0 if first is not None else max(0, len(kept) - size)
        return {"totalCount": len(kept), "nodes": kept[start : start + size]}

    return connection


def shape_repository(stage: Stage, last_name: str) -> Shape:
    """Return a `Repository`, its name being that of the day."""
    name = stage.world.name_of(last_name, stage.moment)
    owners = stage.world.codeowners.get(last_name)

    def git_object(_: Any, expression: str | None = None) -> Shape | None:
        if owners is None or expression != "HEAD:.github/CODEOWNERS":
            return None
        node = f"B_{digest(last_name, owners)[:16]}"
        return {"__typename": "Blob", "id": node, "text": owners, "isTruncated": False}

    return {
        "__typename": "Repository",
        "id": repository_id(last_name),
        "nameWithOwner": name,
        "isArchived": False,
        "url": f"{stage.web}/{name}",
        "object": git_object,
    }


def shape_pull_request(stage: Stage, subject: Subject) -> Shape:
    """Return a `PullRequest`."""
    story, state = subject.story, subject.state
    commit = _shape_commit(subject)
    ready = {"__typename": "ReadyForReviewEvent", "id": f"E_{story.node}"}
    events = [{**ready, "createdAt": iso(state.ready)}] if state.ready else []
    reviews = [
        {"state": r.state, "submittedAt": iso(r.at), "author": _shape_actor(r.author, bot=False)}
        for r in state.reviews
    ]
    conflict = "CONFLICTING" if state.conflicting else "MERGEABLE"
    return {
        "__typename": "PullRequest",
        "id": story.node,
        "number": story.number,
        "title": story.title,
        "headRefName": story.branch or f"change-{story.number}",
        "url": f"{stage.web}/{subject.repository}/pull/{story.number}",
        "state": state.state,
        "isDraft": state.draft,
        "createdAt": iso(story.created),
        "updatedAt": iso(state.updated),
        "closedAt": iso(state.closed),
        "mergedAt": iso(state.closed) if state.state == "MERGED" else None,
        "additions": story.additions,
        "deletions": story.deletions,
        "changedFiles": story.files,
        "mergeable": conflict if state.state == "OPEN" else "UNKNOWN",
        "reviewDecision": state.decision,
        "author": _shape_actor(story.author, bot=story.bot),
        "repository": shape_repository(stage, story.repository),
        "labels": _pages("labels", [{"name": label} for label in state.labels]),
        "reviews": _pages("reviews", reviews),
        "commits": _pages("commits", [{"commit": commit}]),
        "statusCheckRollup": commit["statusCheckRollup"],
        "timelineItems": _pages("timelineItems", events),
    }


def _shape_commit(subject: Subject) -> Shape:
    state = subject.state
    return {
        "__typename": "Commit",
        "id": f"C_{digest(subject.story.node, state.pushed.isoformat())[:16]}",
        "committedDate": iso(state.pushed),
        "messageHeadline": subject.story.title,
        "statusCheckRollup": {"state": state.checks} if state.checks else None,
    }


def _shape_actor(login: str, *, bot: bool) -> Shape:
    kind = "Bot" if bot else "User"
    return {"__typename": kind, "id": f"A_{digest(login)[:16]}", "login": login}
