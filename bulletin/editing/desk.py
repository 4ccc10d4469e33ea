"""The desk: this week's harvests and the editions before, judged, become one edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bulletin.editing.figures import SECTIONS, figures
from bulletin.editing.headline import headline
from bulletin.editing.knowledge import Knowledge, find
from bulletin.editing.ledger import LedgerKeeper
from bulletin.editing.owners import Territory, owned
from bulletin.editing.rules import Rule, Scene
from bulletin.editing.voice import Line, Voice, is_grave, remarks, worn
from bulletin.model.edition import Edition, Filed, Item, ItemState, Section, Waiver
from bulletin.model.facts import ErrorTrend, Fact, FactKey
from bulletin.model.harvest import Harvest, State
from bulletin.model.week import Week, Window

REMEMBERED = 12
"""Earlier editions that the desk looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the settings ask of the desk."""

    title: str
    zone: ZoneInfo
    tone: str
    room: int
    """Items that a section prints before it says how many it left out."""
    rules: tuple[Rule, ...]
    territories: tuple[Territory, ...] = ()
    waivers: Mapping[FactKey, Waiver]
    lines: Mapping[str, Sequence[Line]]
    """Situation → the remarks that the voice has for it."""
    bundle: str
    """Digest of the templates."""


def edit(
    *,
    week: Week,
    window: Window,
    as_of: datetime,
    harvests: Sequence[Harvest],
    past: Sequence[Filed],
    policy: Policy,
    revision: int = 1,
    corrects: str | None = None,
) -> Edition:
    """Judge the week. `past` is one edition a week, newest first, all before `week`.

    The same arguments give the same edition, in whatever order the harvests and their facts come.
    Raises ValueError if the ledger does not add up, which is a fault of ours.
    """
    harvests = sorted(harvests, key=lambda harvest: harvest.source)
    editions = [filed.edition for filed in past[:REMEMBERED]]
    before = editions[0] if editions else None
    facts = _facts(harvests, policy.territories)
    knowledge = _know(facts, harvests, editions, policy, Scene(window=window, as_of=as_of))
    kept = LedgerKeeper(
        week=week,
        today=as_of.astimezone(policy.zone).date(),
        as_of=as_of,
        knowledge=knowledge,
        past=editions,
        needs={rule.id: rule.needs for rule in policy.rules},
        waivers=policy.waivers,
    ).keep()
    states = _states(harvests)
    by_key = {fact.key: fact for fact in facts}
    grave = is_grave(facts)
    voice = Voice(lines=policy.lines, tone=policy.tone, week=week, worn=worn(editions))
    return Edition(
        week=week,
        revision=revision,
        corrects=corrects,
        previous=past[0].digest if past else None,
        number=before.number + 1 if before else 1,
        title=policy.title,
        zone=policy.zone.key,
        tone=policy.tone,
        window=window,
        as_of=as_of,
        bundle=policy.bundle,
        coverage=tuple(harvest.coverage for harvest in harvests),
        gaps=knowledge.gaps,
        ledger=kept.ledger,
        items=kept.items,
        waived=kept.waived,
        sections=_sections(states, kept.items, policy.room),
        figures=figures(
            week=week,
            window=window,
            facts=facts,
            coverage=[harvest.coverage for harvest in harvests],
            states=states,
            items=kept.items,
            ledger=kept.ledger,
            past=editions,
        ),
        headline=headline(
            items=kept.items,
            facts=by_key,
            ledger=kept.ledger,
            states=[harvest.coverage.state for harvest in harvests],
            as_of=as_of,
            first=before is None,
        ),
        remarks=remarks(
            voice, grave=grave, ledger=kept.ledger, items=kept.items, states=states.values()
        ),
        facts=facts,
    )


def _facts(harvests: Iterable[Harvest], territories: Sequence[Territory]) -> tuple[Fact, ...]:
    """Return every fact once, with its owner, by key.

    Two facts of one key come from a search and a second look: the one that was touched last is
    kept, and between equals the choice only has to be the same every time.
    """
    found = [owned(fact, territories) for harvest in harvests for fact in harvest.facts]
    return tuple(
        {fact.key: fact for fact in sorted(found, key=lambda fact: (fact.key, repr(fact)))}.values()
    )


def _know(
    facts: Sequence[Fact],
    harvests: Sequence[Harvest],
    editions: Sequence[Edition],
    policy: Policy,
    scene: Scene,
) -> Knowledge:
    """Let the rules judge the facts, with last week's list under this week's keys beside them."""
    moved = {move.old: move.new for harvest in harvests for move in harvest.moved}
    listed = [item for item in editions[0].items if item.state.on_list] if editions else []
    scene = Scene(
        window=scene.window,
        as_of=scene.as_of,
        listed={moved.get(item.key, item.key): item for item in listed},
        weekly=_weekly(editions),
    )
    return Knowledge.of(find(facts, policy.rules, scene), harvests)


def _weekly(editions: Sequence[Edition]) -> dict[FactKey, tuple[tuple[Week, int], ...]]:
    """Return the events of each error in the weeks in which its source was known, oldest first."""
    counts: dict[FactKey, list[tuple[Week, int]]] = {}
    for edition in reversed(editions):
        known = {c.source for c in edition.coverage if c.state is State.KNOWN}
        for fact in edition.facts:
            if (
                isinstance(fact, ErrorTrend)
                and fact.events is not None
                and fact.key.source in known
            ):
                counts.setdefault(fact.key, []).append((edition.week, fact.events))
    return {key: tuple(weeks) for key, weeks in counts.items()}


def _states(harvests: Sequence[Harvest]) -> dict[str, State]:
    """Return how much of each kind of fact is known: as much as its least known source."""
    order = (State.KNOWN, State.STALE, State.PARTIAL, State.UNKNOWN)
    states: dict[str, State] = {}
    for kind in SECTIONS:
        of_kind = [h.coverage.state for h in harvests if kind in h.coverage.kinds]
        if not of_kind:
            continue
        worst = max(of_kind, key=order.index)
        mixed = worst is State.UNKNOWN and any(state is not worst for state in of_kind)
        states[kind] = State.PARTIAL if mixed else worst
    return states


def _sections(states: Mapping[str, State], items: Sequence[Item], room: int) -> tuple[Section, ...]:
    sections: list[Section] = []
    for kind, name in SECTIONS.items():
        pressing = sorted((i for i in items if i.kind == kind and i.state.on_list), key=_pressing)
        if kind not in states and not pressing:
            continue
        keys = tuple(item.key for item in pressing)
        sections.append(
            Section(
                name=name,
                kind=kind,
                state=states.get(kind, State.UNKNOWN),
                keys=keys[:room],
                left_out=len(keys[room:]),
            )
        )
    return tuple(sections)


ORDER = (
    ItemState.REOPENED,
    ItemState.PERSISTING,
    ItemState.NEW,
    ItemState.FIRST_SEEN,
    ItemState.CARRIED,
    ItemState.UNKNOWN,
)


def _pressing(item: Item) -> tuple[int, int, int, FactKey]:
    """Order items: the gravest, then the longest on the list, then what moved, then by key."""
    return (-item.severity, -item.weeks, ORDER.index(item.state), item.key)
