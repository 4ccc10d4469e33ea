"""What one piece of work brings home: facts, and what stands in for those that are not there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bulletin.collectors.github.parse import (
    KIND,
    ChangedShape,
    Node,
    get,
    parse_pull_request,
    parse_unknown_words,
)
from bulletin.collectors.github.wire import changed_shape
from bulletin.model.facts import FactKey, PullRequest
from bulletin.model.harvest import Gap, Missing, Moved
from bulletin.wire.clocks import refuse_future
from bulletin.wire.refused import Refused

KINDS = (KIND,)


@dataclass(slots=True)
class Haul:
    """What one piece of work brings home, while it goes on."""

    source: str
    as_of: datetime
    facts: dict[FactKey, PullRequest] = field(default_factory=dict)
    repositories: dict[str, str] = field(default_factory=dict)
    """Node id of each repository by its name."""
    gaps: list[Gap] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def refuse(
        self,
        refused: Refused,
        *,
        parts: tuple[str, ...] = (),
        seen: int | None = None,
        expected: int | None = None,
    ) -> None:
        """File what the service did not give."""
        self.gaps.append(refused.gap(self.source, KINDS, parts=parts, seen=seen, expected=expected))

    def read(self, nodes: Iterable[Node], pages: str) -> None:
        """Parse pull requests; those that cannot be read are one gap."""
        broken: list[str] = []
        words: dict[str, int] = {}
        total = 0
        for node in nodes:
            total += 1
            try:
                self.keep(node, pages)
            except ChangedShape as shape:
                broken.append(str(shape))
                continue
            for part in parse_unknown_words(node):
                words[part] = words.get(part, 0) + 1
        if broken:
            seen = total - len(broken)
            self.refuse(changed_shape(broken[0]), seen=seen, expected=total)
        for part, strange in sorted(words.items()):
            new = changed_shape(f"a new word for '{part}'")
            self.refuse(new, parts=(part,), seen=total - strange, expected=total)

    def keep(self, node: Node, pages: str) -> PullRequest:
        """Parse one pull request. Raises `ChangedShape`."""
        fact = parse_pull_request(node, self.source, pages)
        if fact.key in self.facts:
            raise ChangedShape("two pull requests of the same number in one repository")
        try:
            refuse_future(fact, self.as_of)
        except ValueError as future:
            raise ChangedShape(str(future)) from None
        self.repositories[fact.repository] = get(get(node, "repository", dict), "id", str)
        self.facts[fact.key] = fact
        return fact
