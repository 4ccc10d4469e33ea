"""What the rules about pull requests have in common."""

from bulletin.model.facts import Life, PullRequest


def awaits(fact: PullRequest) -> bool:
    """Whether a pull request waits for people: open, out of draft, and not a bot's."""
    return fact.life is Life.OPEN and not fact.draft and not fact.by_bot
