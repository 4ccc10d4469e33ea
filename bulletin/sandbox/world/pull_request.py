"""The life of a pull request."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bulletin.sandbox.world.change import Change, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review as it was given: APPROVED, CHANGES_REQUESTED or COMMENTED."""

    at: datetime
    author: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestState:
    """A pull request at one moment."""

    state: str = "OPEN"
    """OPEN, MERGED or CLOSED."""
    draft: bool
    ready: datetime | None = None
    labels: tuple[str, ...]
    reviews: tuple[Review, ...] = ()
    checks: str | None = None
    """SUCCESS, FAILURE, PENDING, or None where nothing ever ran."""
    pushed: datetime
    """When the head commit was pushed."""
    updated: datetime
    closed: datetime | None = None
    conflicting: bool = False

    @property
    def decision(self) -> str:
        """APPROVED, CHANGES_REQUESTED or REVIEW_REQUIRED, by each reviewer's last opinion."""
        last: dict[str, str] = {}
        for review in self.reviews:
            if review.state != "COMMENTED":
                last[review.author] = review.state
        if "CHANGES_REQUESTED" in last.values():
            return "CHANGES_REQUESTED"
        return "APPROVED" if last else "REVIEW_REQUIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestStory:
    """A pull request's life. `repository` is its name now; `World.name_of` tells the one then."""

    repository: str
    number: int
    title: str
    author: str
    branch: str = ""
    """The branch that it comes from; a dull name unless it matters."""
    bot: bool = False
    created: datetime
    draft: bool = False
    labels: tuple[str, ...] = ()
    additions: int = 40
    deletions: int = 12
    files: int = 3
    changes: tuple[Change, ...] = ()

    @property
    def node(self) -> str:
        """The immutable node id."""
        return f"PR_{digest(self.repository, str(self.number))[:16]}"

    def at(self, moment: datetime) -> PullRequestState | None:
        """Return its state, or None before it was opened."""
        if moment < self.created:
            return None
        state = PullRequestState(
            draft=self.draft, labels=self.labels, pushed=self.created, updated=self.created
        )
        for change in self.changes:
            if change.at <= moment:
                state = _apply(state, change)
        return state


def _apply(state: PullRequestState, change: Change) -> PullRequestState:
    new: dict[str, Any] = {"updated": change.at}
    match change.what:
        case "push":
            new |= {"pushed": change.at, "checks": "PENDING"}
        case "checks":
            new |= {"checks": change.value, "updated": state.updated}
        case "approve" | "request_changes" | "comment":
            verdict = {"approve": "APPROVED", "request_changes": "CHANGES_REQUESTED"}
            review = Review(
                at=change.at,
                author=change.value,
                state=verdict.get(change.what, "COMMENTED"),
            )
            new["reviews"] = (*state.reviews, review)
        case "label":
            new["labels"] = tuple(sorted({*state.labels, change.value}))
        case "unlabel":
            new["labels"] = tuple(label for label in state.labels if label != change.value)
        case "ready":
            new |= {"draft": False, "ready": change.at}
        case "conflict":
            new |= {"conflicting": change.value != "no", "updated": state.updated}
        case "merge":
            new |= {"state": "MERGED", "closed": change.at}
        case "close":
            new |= {"state": "CLOSED", "closed": change.at}
        case "reopen":
            new |= {"state": "OPEN", "closed": None}
        case _:
            msg = f"a pull request has no '{change.what}'"
            raise ValueError(msg)
    return replace(state, **new)
