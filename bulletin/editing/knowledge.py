"""What this week's harvests say, taken together and judged by the rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bulletin.editing.rules import Blind, Broken, Flag, Judge, Rule, Scene
from bulletin.model.edition import Item
from bulletin.model.facts import Fact, FactKey, Incident, Life, PullRequest, Severity
from bulletin.model.harvest import Cause, Gap, Harvest

DESK = "desk"
"""The source of the gaps that the desk itself leaves; no source in the settings is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the rules found about one subject this week."""

    fact: Fact
    flags: tuple[Flag, ...] = ()
    blind: frozenset[str] = frozenset()
    """Ids of the rules that could not tell."""
    broken: tuple[tuple[str, str], ...] = ()
    """Ids of the rules that broke, each with the kind of error."""

    @property
    def severity(self) -> Severity:
        """The gravest of its flags."""
        return max(flag.severity for flag in self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What this week's harvests say, taken together."""

    findings: Mapping[FactKey, Finding]
    names: "Names"
    missing: Mapping[FactKey, str]
    gaps: tuple[Gap, ...]
    asked: frozenset[tuple[str, str]]
    """Source and kind of everything that was asked for."""

    @classmethod
    def of(
        cls,
        findings: Mapping[FactKey, Finding],
        harvests: Iterable[Harvest],
        names: "Names",
    ) -> "Knowledge":
        """Take the harvests together; what they found is judged already."""
        harvests = tuple(harvests)
        gaps = [*(gap for harvest in harvests for gap in harvest.gaps), *_broken(findings)]
        return cls(
            findings=findings,
            names=names,
            missing={gone.key: gone.why for harvest in harvests for gone in harvest.missing},
            gaps=tuple(sorted(dict.fromkeys(gaps), key=repr)),
            asked=frozenset((h.source, kind) for h in harvests for kind in h.coverage.kinds),
        )

    def finding(self, item: Item) -> Finding | None:
        """Return what was found about an item; a stranger who has its old name is not it."""
        found = self.findings.get(item.key)
        return found if found is not None and is_same(found.fact.handle, item.handle) else None

    def darkness(self, key: FactKey) -> str:
        """Return why nothing is known of this key: a gap's reason, or that nobody answered."""
        for gap in self.gaps:
            if gap.source == key.source and gap.hides(key.kind):
                return gap.reason
        return "not_answered" if (key.source, key.kind) in self.asked else "not_asked"


def is_same(handle: str, other: str) -> bool:
    """Whether two handles name one subject; a source that gives none is taken at its key."""
    return handle == other or not handle or not other


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What each subject is called this week: by its own id, else as the sources told."""

    by_handle: Mapping[tuple[str, str, str], FactKey]
    by_key: Mapping[FactKey, str]
    """Key → the own id of whoever has that name now."""
    told: Mapping[FactKey, FactKey]

    @classmethod
    def of(cls, harvests: Iterable[Harvest], facts: Iterable[Fact]) -> "Names":
        """Take the names from this week's facts."""
        facts = tuple(facts)
        return cls(
            by_handle={(f.key.source, f.key.kind, f.handle): f.key for f in facts if f.handle},
            by_key={fact.key: fact.handle for fact in facts},
            told={move.old: move.new for harvest in harvests for move in harvest.moved},
        )

    def now(self, key: FactKey, handle: str) -> FactKey:
        """Return the key of a subject that was called `key`, wherever its own id shows it."""
        return self.by_handle.get((key.source, key.kind, handle), key)

    def followed(self, item: Item) -> Item:
        """Return an item of last week under its name of today, and the name that it had."""
        key, handle = self.now(item.key, item.handle), item.handle
        if key == item.key and item.key in self.told:
            # Merged into another, it has the other's name and id.
            key = self.told[item.key]
            handle = self.by_key.get(key, handle)
        if key == item.key:
            return item
        return replace(item, key=key, handle=handle, formerly=(*item.formerly, item.key))

    def is_taken(self, key: FactKey, handle: str) -> bool:
        """Whether another subject has this name now."""
        return not is_same(self.by_key.get(key, ""), handle)


def find(
    facts: Iterable[Fact], rules: Sequence[Rule], scene: Scene, judge: Judge
) -> dict[FactKey, Finding]:
    """Let every rule judge every fact of its kind. A drill is known, but never pointed at."""
    of_kind: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        of_kind.setdefault(rule.kind, []).append(rule)
    return {fact.key: _find(fact, of_kind.get(fact.type, ()), scene, judge) for fact in facts}


def _find(fact: Fact, rules: Sequence[Rule], scene: Scene, judge: Judge) -> Finding:
    """`rules` are those for its kind, by id."""
    if isinstance(fact, Incident) and fact.drill:
        return Finding(fact=fact)
    if _is_vague(fact):
        return Finding(fact=fact, blind=frozenset(rule.id for rule in rules))
    verdicts = [(rule.id, judge(rule, fact, scene)) for rule in rules]
    return Finding(
        fact=fact,
        flags=tuple(v for _, v in verdicts if isinstance(v, Flag)),
        blind=frozenset(name for name, v in verdicts if isinstance(v, Blind | Broken)),
        broken=tuple((name, v.error) for name, v in verdicts if isinstance(v, Broken)),
    )


def _is_vague(fact: Fact) -> bool:
    """Whether a look back has left too little of a fact for any rule: not even whether it was open,
    or nothing of a pull request but that.
    """
    moved_since = isinstance(fact, PullRequest) and fact.last_activity is None
    return fact.life is Life.UNKNOWN or (moved_since and fact.life is Life.OPEN)


def _broken(findings: Mapping[FactKey, Finding]) -> Iterable[Gap]:
    """Return a gap for every rule that broke: what it would have said is not known."""
    told = {(f.fact.type, *one) for f in findings.values() for one in f.broken}
    for kind, rule, error in sorted(told):
        yield Gap(
            source=DESK,
            kinds=(kind,),
            parts=(rule,),
            reason=Cause.BROKEN,
            detail=f"the rule {rule} broke ({error})",
            hint="Send the traceback from the log to whoever looks after bulletin.",
        )
