"""Which dry remark stands where. The lines themselves are data; only the ban is code."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bulletin.model.edition import Edition, Item, ItemState, Ledger
from bulletin.model.facts import Fact, FactKey, Incident, Life, Severity
from bulletin.model.front import Remark
from bulletin.model.harvest import State
from bulletin.model.week import Week

WEARS_OFF = 12
"""Editions after which a line may be read again."""
OLD = 4
"""Weeks on the list from which an item is worth a remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A remark by id. `tone` is the mildest setting that lets it through."""

    id: str
    tone: str


TONES = ("off", "dry", "merry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Picks lines for one edition."""

    lines: Mapping[str, Sequence[Line]]
    """Situation → its lines."""
    tone: str
    week: Week
    worn: Collection[str]
    """Ids of lines that readers still remember."""

    def pick(self, situation: str, key: FactKey | None = None) -> Remark | None:
        """Return a line that fits, or None. The same week and key give the same line."""
        allowed = [
            line.id
            for line in self.lines.get(situation, ())
            if 0 < TONES.index(line.tone) <= TONES.index(self.tone) and line.id not in self.worn
        ]
        if not allowed:
            return None
        seed = sha256(f"{self.week}|{situation}|{key or ''}".encode()).digest()
        chosen = sorted(allowed)[int.from_bytes(seed[:8], "big") % len(allowed)]
        return Remark(situation=situation, line=chosen, key=key)


def worn(past: Iterable[Edition]) -> frozenset[str]:
    """Return the ids of the lines of the last editions."""
    recent = list(past)[:WEARS_OFF]
    return frozenset(remark.line for edition in recent for remark in edition.remarks)


def is_grave(facts: Iterable[Fact], items: Iterable[Item]) -> bool:
    """Whether customers are being hurt right now, for all that is known.

    A critical incident is open and is no drill, or was when its source was last seen.
    """
    seen = any(
        isinstance(fact, Incident)
        and fact.life is Life.OPEN
        and not fact.drill
        and fact.severity is Severity.CRITICAL
        for fact in facts
    )
    unseen = any(
        item.state is ItemState.UNKNOWN
        and item.kind == "incident"
        and item.severity is Severity.CRITICAL
        for item in items
    )
    return seen or unseen


def remarks(
    voice: Voice,
    *,
    grave: bool,
    ledger: Ledger,
    items: Sequence[Item],
    states: Iterable[State],
    all_told: bool,
    is_over: bool,
) -> tuple[Remark, ...]:
    """Return the edition's remarks: none while customers are hurt, none beside a grave item."""
    if grave:
        return ()
    states = list(states)
    situations: list[tuple[str, FactKey | None]] = [("motto", None)]
    settled = ledger.fixed + ledger.cleared
    if State.UNKNOWN in states:
        situations.append(("source-dark", None))
    elif not ledger.open_now and all_told and all(state is State.KNOWN for state in states):
        situations.append(("all-quiet", None))
    if ledger.open_then and settled * 2 >= ledger.open_then:
        situations.append(("many-fixed", None))
    elif ledger.open_then and not settled and is_over and _is_seen(items, states):
        situations.append(("nothing-fixed", None))
    situations += _beside(items)
    picked = [voice.pick(situation, key) for situation, key in situations]
    return tuple(remark for remark in picked if remark is not None)


def _is_seen(items: Sequence[Item], states: Sequence[State]) -> bool:
    """Whether it is known what became of every item."""
    unknown = any(item.state is ItemState.UNKNOWN for item in items)
    return not unknown and all(state is State.KNOWN for state in states)


def _beside(items: Sequence[Item]) -> list[tuple[str, FactKey | None]]:
    """Return at most one item a situation, the oldest first."""
    light = [i for i in items if i.state.on_list and i.severity < Severity.HIGH]
    light = [i for i in light if i.kind == "pull_request" and i.state is not ItemState.UNKNOWN]
    found: dict[str, FactKey] = {}
    for item in sorted(light, key=lambda i: (-i.weeks, i.key)):
        rules = {reason.rule for reason in item.reasons}
        if item.weeks >= OLD:
            situation = "old-item"
        elif "pull-request-stale" in rules:
            situation = "stale-pull-request"
        elif "pull-request-big" in rules:
            situation = "big-pull-request"
        else:
            continue
        found.setdefault(situation, item.key)
    return [(situation, key) for situation, key in sorted(found.items())]
