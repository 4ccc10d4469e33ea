"""One frozen edition: everything that the pages need, in no language."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bulletin.model.agenda import Agenda
from bulletin.model.delivery import Mode
from bulletin.model.facts import Fact, FactKey, Severity
from bulletin.model.fold import Fold
from bulletin.model.front import (
    Correction,
    Countdown,
    Heading,
    Headline,
    ListWeek,
    Picture,
    Question,
    Remark,
    Sentence,
    Service,
    Words,
)
from bulletin.model.harvest import Coverage, Gap, Masked, State
from bulletin.model.history import History
from bulletin.model.week import Week, Window

SCHEMA = 1
UNDEPLOYED = "undeployed"
"""Why something closed is not fixed yet: what fixes it is merged, and not out."""
VOIDED = "voided"
"""Why an item that a person let rest is back, or never rested: it got worse."""
WIDE = 60
"""Points between the limits of a share from which nothing is unusual."""


class ItemState(StrEnum):
    """What became of an item; the rules stand in `editing/ledger.py`."""

    NEW = "new"
    FIRST_SEEN = "first_seen"
    REOPENED = "reopened"
    CARRIED = "carried"
    UNKNOWN = "unknown"
    PERSISTING = "persisting"
    FIXED = "fixed"
    CLEARED = "cleared"
    DROPPED = "dropped"
    WAIVED = "waived"

    @property
    def on_list(self) -> bool:
        """Whether an item in this state stands on the list after this edition."""
        return self not in OFF_LIST


OFF_LIST = frozenset(
    {ItemState.FIXED, ItemState.CLEARED, ItemState.DROPPED, ItemState.WAIVED},
)


class Trend(StrEnum):
    """How an item that stayed compares with last week, by its rules' own measures."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule points at something. `rule` is the rule's id and the catalogue's key."""

    rule: str
    measure: int | None = None
    """The rule's own measure, higher is worse; None where there is nothing to measure."""
    unit: str | None = None
    """`days` (it grows by itself), `events` (it is noisy), `lines` or `steps`."""
    words: Words = field(default_factory=dict)
    since: Week | None = None
    """The week in which this rule first pointed at the item. The ledger fills in the rest."""
    severity: Severity | None = None
    setting: str | None = None
    """The rule with its settings, as it spoke."""
    at: datetime | None = None
    """When it was last looked at, in UTC."""
    hours: int | None = None
    """The hours that its events were counted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A person's word that an item may wait until a day."""

    key: FactKey
    until: date
    reason: str
    author: str
    at: datetime
    handle: str = ""
    """The source's own id of the subject that it was given to: a name may pass to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One subject that the bulletin points at, or pointed at last week."""

    key: FactKey
    kind: str
    handle: str
    title: str
    url: str
    owner: str | None
    severity: Severity
    state: ItemState
    trend: Trend | None
    since: Week
    """The week in which it was first pointed at."""
    weeks: int
    """Editions whose list held it, this one included while it stays."""
    reasons: tuple[Reason, ...]
    """Why it is on the list; for one that left, why it was. What a rule said and can no longer
    tell stays as it was."""
    formerly: tuple[FactKey, ...] = ()
    unknown_since: Week | None = None
    why: str | None = None
    """For `dropped`: declined, deleted, unreadable, moved_away, merged_into, rule_changed or drill.
    For `unknown`: the gap's reason, not_answered, not_asked, cannot_tell, closed_unverified or
    undeployed. For `carried` and `persisting`: undeployed, voided, or nothing."""
    unwaived: bool = False
    """Back on the list because its waiver ended this week."""
    waiver: Waiver | None = None
    voided: datetime | None = None
    """When the waiver was given that its getting worse has voided; no older one counts again."""

    @property
    def is_dark(self) -> bool:
        """Whether nothing is known of it; of a fix that is not out yet, that much is."""
        return self.state is ItemState.UNKNOWN and self.why != UNDEPLOYED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The list's arithmetic. It must add up, or there is no edition."""

    open_then: int = 0
    new: int = 0
    first_seen: int = 0
    reopened: int = 0
    unwaived: int = 0
    fixed: int = 0
    cleared: int = 0
    dropped: int = 0
    waived: int = 0
    open_now: int = 0

    def __post_init__(self) -> None:
        came = self.new + self.first_seen + self.reopened + self.unwaived
        left = self.fixed + self.cleared + self.dropped + self.waived
        if self.open_then + came - left != self.open_now:
            sum_ = f"{self.open_then} + {came} - {left} is not {self.open_now}"
            msg = f"the ledger does not add up: {sum_}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page: the items of one kind on the list, most pressing first."""

    name: str
    kind: str
    state: State
    keys: tuple[FactKey, ...]
    left_out: int
    """Items on the list that `keys` has no room for."""
    blind: int = 0
    """Open subjects that some rule could not judge, for want of a field."""
    folded: int = 0
    """Items of this kind on the list that are told under another, and in no `keys`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number about the week, with what is needed to read it honestly."""

    name: str
    section: str
    value: int | None
    """None is unknown. With `state` partial, at least so many."""
    unit: str
    """`count`, `percent` or `weeks`."""
    state: State
    history: tuple[int | None, ...]
    """Up to 12 weeks, oldest first, this week last; None is a week that is not known."""
    lower: float | None = None
    upper: float | None = None
    """Natural process limits (XmR), from at least 6 known earlier weeks."""
    higher_is: str = "worse"
    """`worse`, `better` or `neither`."""

    @property
    def before(self) -> int | None:
        """Last week's value, if it is known."""
        return self.history[-2] if len(self.history) > 1 else None

    @property
    def is_signal(self) -> bool:
        """Whether the value leaves the limits; inside them, up and down mean nothing."""
        if self.value is None or self.lower is None or self.upper is None:
            return False
        return self.state is State.KNOWN and not self.lower <= self.value <= self.upper

    @property
    def varies(self) -> bool:
        """Whether the limits of a share lie so far apart that "as usual" would say nothing."""
        if self.unit != "percent" or self.lower is None or self.upper is None:
            return False
        return self.upper - self.lower >= WIDE

    @property
    def is_worse(self) -> bool:
        """Whether the value leaves the limits on the side that nobody wants."""
        if not self.is_signal or self.value is None or self.upper is None:
            return False
        return self.higher_is == ("worse" if self.value > self.upper else "better")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of one week. Its identity is the SHA-256 of its stored bytes."""

    schema: int = SCHEMA
    week: Week
    revision: int
    mode: Mode = Mode.PREVIEW
    """How serious it is: the same facts as a draft and as the edition that is sent are two."""
    corrects: str | None
    """Digest of the revision of the same mode that this one replaces."""
    previous: str | None
    """Digest of the edition of the week before that it was judged against."""
    number: int
    """The running number of the week's edition, 1 for the first ever; 0 where it was filled in."""
    title: str
    zone: str
    tone: str
    window: Window
    """From the last week's cut-off to this one's."""
    span: Window
    """What it speaks of: from where the last edition stopped looking to where this one did."""
    as_of: datetime
    """The moment that it speaks from, in UTC: when the services were asked, or the week's end where
    they were `asked` afterwards."""
    asked: datetime | None = None
    """When the services were asked, in UTC, where the week was over for a day or more: its facts
    are taken back to `as_of`, as far as their own dates tell."""
    filled_in: bool = False
    """Whether it was made afterwards for its figures alone. Nobody was told, so it lists nothing,
    and no later edition is judged against it."""
    afterwards: tuple[Week, ...] = ()
    """Weeks of the figures' history that were told afterwards, oldest first, this one included."""
    bundle: str
    """Digest of the templates, catalogue and voice it was made with."""
    rules: tuple[str, ...]
    """Every rule that judged, with its settings, such as `pull-request-stale(days=7)`."""
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    masked: tuple[Masked, ...] = ()
    """What was taken out of this week's facts and gaps before they were filed."""
    ledger: Ledger
    items: tuple[Item, ...]
    waived: tuple[Item, ...]
    """Items that rest under a waiver, listed apart and off the list."""
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    headline: Headline
    remarks: tuple[Remark, ...]
    teams: tuple[str, ...] = ()
    """Every team that the settings name, in their order."""
    web: str | None = None
    """The address that the folder of editions is served at, without a slash at its end."""
    lead: tuple[Sentence, ...] = ()
    """What the headline leaves out, each sentence a fact or a count of facts."""
    headings: tuple[Heading, ...] = ()
    """What each part of the page has to say."""
    questions: tuple[Question, ...] = ()
    """Decisions for the meeting, the most pressing first."""
    questions_left_out: int = 0
    """Questions that there was no room for."""
    picture: Picture | None = None
    list_weeks: tuple[ListWeek, ...] = ()
    """The list of up to 12 weeks, oldest first, this week last."""
    services: tuple[Service, ...] = ()
    """Every service that was named, the worst sky first."""
    services_left_out: int = 0
    countdown: Countdown | None = None
    corrections: tuple[Correction, ...] = ()
    agenda: Agenda | None = None
    """What fits the meeting's slot; None in editions that were made before there were any."""
    folds: tuple[Fold, ...] = ()
    """What is told under another item of the list, since they name one another."""
    history: History | None = None
    """What the past editions teach; None in editions that were made before this was kept."""
    facts: tuple[Fact, ...]

    @property
    def followed(self) -> tuple[Item, ...]:
        """What the next edition must account for: the list, and what rests under a waiver."""
        resting = (item for item in self.waived if item.state is ItemState.WAIVED)
        return (*(item for item in self.items if item.state.on_list), *resting)

    @property
    def things(self) -> int:
        """How many things the list tells, with what is told under another not counted again."""
        return self.ledger.open_now - sum(section.folded for section in self.sections)

    @property
    def made(self) -> datetime:
        """When the services were asked, in UTC."""
        return self.asked or self.as_of

    def fact(self, key: FactKey) -> Fact | None:
        """Return the fact of this key, if this edition holds it."""
        return next((fact for fact in self.facts if fact.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An edition as it is stored: its canonical bytes and their SHA-256."""

    edition: Edition
    digest: str
    body: bytes
