"""Which dry remark stands where. The lines themselves are data; only the ban is code."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bulletin.editing.rules import BARE
from bulletin.model.edition import Edition, Item, ItemState, Ledger, Section
from bulletin.model.facts import Fact, FactKey, Incident, Life, Severity
from bulletin.model.front import Correction, Countdown, Remark, Service, Sky, Words
from bulletin.model.harvest import State
from bulletin.model.week import Week

WEARS_OFF = 12
"""Editions after which a line may be read again."""
OLD = 4
"""Weeks on the list from which an item is worth a remark."""
NOTABLE = 4
"""A list has grown or shrunk worth mentioning by one in so many of its items."""
BESIDE = 4
"""Remarks beside items that an edition prints at most: a joke told five times is a complaint."""
ADS = 2
"""Small ads that an edition prints at most."""
FAR, NEAR = 30, 7
"""Days to the event above which it is far, and above which it is near."""
FURNITURE = ("motto", "price", "colophon")
"""What every edition has in its fixed places."""
RULES = {
    "pull-request-conflicting": "conflicting-pull-request",
    "pull-request-red": "red-pull-request",
    "pull-request-changes-idle": "changes-idle-pull-request",
    "pull-request-unreviewed": "unreviewed-pull-request",
    "pull-request-stale": "stale-pull-request",
    "pull-request-big": "big-pull-request",
}
"""Rule → what there is to say beside its item, what is rarest first."""
WAITS = ("pull-request-stale", "pull-request-changes-idle", "pull-request-unreviewed")
"""Rules whose days a small ad may give: they all say how long something has waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A remark by id. `tone` is the mildest setting that lets it through."""

    id: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A place for a line: its situation and, if any, the item beside it and the line's words."""

    situation: str
    key: FactKey | None = None
    words: Words = field(default_factory=dict)


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

    def pick(
        self,
        situation: str,
        key: FactKey | None = None,
        *,
        words: Words | None = None,
        taken: Collection[str] = (),
    ) -> Remark | None:
        """Return a line that fits and is not `taken`, or None.

        The same week and key give the same line.
        """
        allowed = [
            line.id
            for line in self.lines.get(situation, ())
            if 0 < TONES.index(line.tone) <= TONES.index(self.tone)
            and line.id not in self.worn
            and line.id not in taken
        ]
        if not allowed:
            return None
        seed = sha256(f"{self.week}|{situation}|{key or ''}".encode()).digest()
        chosen = sorted(allowed)[int.from_bytes(seed[:8], "big") % len(allowed)]
        return Remark(situation=situation, line=chosen, key=key, words=words or {})


def worn(past: Iterable[Edition]) -> frozenset[str]:
    """Return the ids of the lines of the last editions, those of their headlines among them."""
    recent = list(past)[:WEARS_OFF]
    remarked = (remark.line for edition in recent for remark in edition.remarks)
    led = (edition.headline.line for edition in recent if edition.headline.line is not None)
    return frozenset((*remarked, *led))


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
    first: bool = False,
    waived: Sequence[Item] = (),
    sections: Sequence[Section] = (),
    services: Sequence[Service] = (),
    countdown: Countdown | None = None,
    corrections: Sequence[Correction] = (),
    folded: Collection[FactKey] = (),
) -> tuple[Remark, ...]:
    """Return the edition's remarks: none while customers are hurt, none beside a grave item.

    `services` are all that were named, whether or not the page has room for them. Nothing stands
    beside what is `folded`: it is told under an incident or an error.
    """
    if grave:
        return ()
    states = list(states)
    seen = is_over and _is_seen(items, states)
    standing = {
        "freeze": countdown is not None and _is_frozen(countdown),
        "credits": ledger.fixed + ledger.cleared > 0,
        "correction": _is_light(corrections, items),
        "waived": any(item.state is ItemState.WAIVED for item in waived),
        "clear-section": any(map(_is_clear, sections)),
    }
    mood = _mood(ledger, states, all_told=all_told, is_seen=seen, first=first)
    loose = (
        *FURNITURE,
        None if _is_sombre(items) else mood,
        _weather(services),
        _distance(countdown),
        *(situation for situation, applies in standing.items() if applies),
    )
    cues = [Cue(situation=situation) for situation in loose if situation is not None]
    picked: list[Remark] = []
    for cue in (*cues, *_beside([item for item in items if item.key not in folded])):
        taken = [remark.line for remark in picked]
        remark = voice.pick(cue.situation, cue.key, words=cue.words, taken=taken)
        picked += [remark] if remark is not None else []
    return tuple(picked)


def _mood(
    ledger: Ledger, states: Sequence[State], *, all_told: bool, is_seen: bool, first: bool
) -> str | None:
    """Return what there is to say about the week as a whole: the first that applies."""
    settled = ledger.fixed + ledger.cleared
    then, now = ledger.open_then, ledger.open_now
    known = all(state is State.KNOWN for state in states)
    moods = {
        "source-dark": State.UNKNOWN in states,
        "all-quiet": not now and all_told and known,
        "many-fixed": then > 0 and settled * 2 >= then,
        "nothing-fixed": then > 0 and not settled and is_seen,
        "list-shrank": (then - now) * NOTABLE >= then > now,
        "list-grew": (now - then) * NOTABLE >= then and now > then and not first,
        "some-fixed": settled > 0,
        "first-edition": first,
    }
    return next((mood for mood, applies in moods.items() if applies), None)


def _is_sombre(items: Iterable[Item]) -> bool:
    """Whether a grave incident leads the page, under which no remark on the week may stand."""
    return any(
        item.kind == "incident" and item.state.on_list and item.severity >= Severity.HIGH
        for item in items
    )


def _is_seen(items: Sequence[Item], states: Sequence[State]) -> bool:
    """Whether it is known what became of every item."""
    unknown = any(item.is_dark for item in items)
    return not unknown and all(state is State.KNOWN for state in states)


def _is_light(corrections: Sequence[Correction], items: Sequence[Item]) -> bool:
    """Whether there are corrections, and none is about an incident, an error or a grave thing."""
    back = {one.key for one in corrections}
    about = [item for item in items if item.key in back]
    light = (i.kind == "pull_request" and i.severity < Severity.HIGH for i in about)
    return bool(about) and all(light)


def _is_clear(section: Section) -> bool:
    """Whether a section was fully read and judged, and has nothing in it."""
    listed = section.keys or section.left_out or section.folded
    nothing = not listed and not section.blind
    return nothing and section.state is State.KNOWN


def _weather(services: Sequence[Service]) -> str | None:
    """Return what the outlook is; a storm is no laughing matter, and no service is no weather."""
    skies = {service.sky for service in services}
    if not skies or Sky.STORM in skies:
        return None
    if Sky.RAIN in skies:
        return "weather-mixed"
    return "weather-fog" if Sky.FOG in skies else "weather-fair"


def _distance(countdown: Countdown | None) -> str | None:
    """Return how near the event is; None once it is over."""
    if countdown is None or countdown.days < 0:
        return None
    if countdown.days > FAR:
        return "countdown-far"
    return "countdown-near" if countdown.days > NEAR else "countdown-week"


def _is_frozen(countdown: Countdown) -> bool:
    return countdown.freeze_days is not None and countdown.freeze_days <= 0


def _beside(items: Sequence[Item]) -> list[Cue]:
    """Return one cue a situation and an item, the oldest items first, and then the small ads."""
    light = [i for i in items if i.state.on_list and i.severity < Severity.HIGH]
    light = [i for i in light if i.kind == "pull_request" and i.state is not ItemState.UNKNOWN]
    beside: dict[str, Cue] = {}
    ads: list[Cue] = []
    for item in sorted(light, key=lambda i: (-i.weeks, i.key)):
        situation = next((one for one in _situations(item) if one not in beside), None)
        days = _days_waited(item)
        if situation is not None and len(beside) < BESIDE:
            beside[situation] = Cue(situation=situation, key=item.key)
        elif days is not None and len(ads) < ADS:
            ads.append(Cue(situation="small-ad", key=item.key, words={"days": days}))
    return [*sorted(beside.values(), key=lambda cue: cue.situation), *ads]


def _situations(item: Item) -> Iterable[str]:
    """Return what there is to say beside an item, what is rarest first."""
    if item.state is ItemState.REOPENED:
        yield "reopened-item"
    if item.weeks >= OLD:
        yield "old-item"
    rules = {reason.rule.removesuffix(BARE) for reason in item.reasons}
    yield from (situation for rule, situation in RULES.items() if rule in rules)


def _days_waited(item: Item) -> int | None:
    """Return the days that an item has waited, as its rules say it."""
    days = {reason.rule: reason.words.get("days") for reason in item.reasons}
    return next((n for rule in WAITS if isinstance(n := days.get(rule), int)), None)
