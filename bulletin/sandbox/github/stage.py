"""The company at one moment, as GitHub would see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from graphql import GraphQLError

from bulletin.sandbox.world import PullRequestState, PullRequestStory, World


@dataclass(frozen=True, slots=True)
class Subject:
    """A pull request as it stands: its story, its state, and its repository's name of the day."""

    story: PullRequestStory
    state: PullRequestState
    repository: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The company at one moment, under one address."""

    world: World
    moment: datetime
    web: str

    def subjects(self) -> Iterator[Subject]:
        """Every pull request that was opened by now."""
        for story in self.world.pull_requests:
            state = story.at(self.moment)
            if state is not None:
                yield Subject(story, state, self.world.name_of(story.repository, self.moment))

    def repositories(self) -> dict[str, str]:
        """Every repository: its name of the day by its last name."""
        names = {story.repository for story in self.world.pull_requests}
        names |= set(self.world.codeowners)
        return {name: self.world.name_of(name, self.moment) for name in sorted(names)}


def refuse(kind: str, message: str) -> GraphQLError:
    """Return an error with GitHub's word for its kind."""
    return GraphQLError(message, extensions={"type": kind})
