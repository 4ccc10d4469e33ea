"""Hypothesis strategies for the model: `editions()` and its parts, all of them consistent."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from bulletin.model.edition import (
    Edition,
    Figure,
    Item,
    ItemState,
    Ledger,
    Reason,
    Section,
    Trend,
    Waiver,
)
from bulletin.model.facts import (
    Decision,
    ErrorTrend,
    FactKey,
    Incident,
    Life,
    PullRequest,
    Severity,
)
from bulletin.model.front import Headline, Remark
from bulletin.model.harvest import Cause, Coverage, Gap, Masked, State
from bulletin.model.history import Cohort, History, RuleRecord, Tally, TeamRecord
from bulletin.model.week import Week, Window

KINDS = ("incident", "error", "pull_request", "decision")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
words = st.dictionaries(st.sampled_from(["count", "team", "title"]), texts | st.integers())
names = st.from_regex(r"[a-z][a-z_-]{0,8}", fullmatch=True)
revisions = st.integers(1, 5)
counts = st.integers(0, 5000)
weeks = st.builds(Week, st.integers(2024, 2030), st.integers(1, 52))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (hypothesis wants naive bounds)
days = st.dates(date(2024, 1, 1), date(2030, 1, 1))
digests = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
keys = st.builds(FactKey, names, st.sampled_from(KINDS), texts.filter(bool))
floats = st.floats(allow_nan=False, allow_infinity=False)


def maybe(values):
    """Let the value be unknown at times."""
    return st.none() | values


def tuples(values, most=3):
    return st.lists(values, max_size=most).map(tuple)


windows = st.builds(
    lambda start, hours: Window(start, start + timedelta(hours=hours)),
    moments,
    st.sampled_from([167, 168, 169]),
)
reasons = st.builds(
    Reason,
    rule=names,
    measure=maybe(st.integers()),
    unit=maybe(st.sampled_from(["days", "events", "lines", "steps"])),
    words=words,
    since=maybe(weeks),
    severity=maybe(st.sampled_from(Severity)),
    setting=maybe(names),
    at=maybe(moments),
    hours=maybe(counts),
)
waivers = st.builds(Waiver, key=keys, until=days, reason=texts, author=texts, at=moments)
headlines = st.builds(Headline, pattern=names, words=words, key=maybe(keys), line=maybe(names))
remarks = st.builds(Remark, situation=names, line=names, key=maybe(keys), words=words)
gaps = st.builds(
    Gap,
    source=names,
    kinds=tuples(st.sampled_from(KINDS)),
    parts=tuples(names),
    reason=st.sampled_from(Cause),
    detail=texts,
    hint=texts,
    seen=maybe(counts),
    expected=maybe(counts),
)
coverages = st.builds(
    Coverage,
    source=names,
    kinds=tuples(st.sampled_from(KINDS)),
    state=st.sampled_from(State),
    seen=counts,
    expected=maybe(counts),
    unit=names,
    as_of=moments,
    requests=counts,
    left_out=counts,
)
masked = st.builds(
    Masked,
    source=names,
    key=maybe(keys),
    part=names,
    what=names,
    personal=st.booleans(),
    count=counts,
)
figures = st.builds(
    Figure,
    name=names,
    section=names,
    value=maybe(counts),
    unit=st.sampled_from(["count", "percent", "weeks"]),
    state=st.sampled_from(State),
    history=tuples(maybe(counts), 12),
    lower=maybe(floats),
    upper=maybe(floats),
    higher_is=st.sampled_from(["worse", "better", "neither"]),
)
FATES = ("fixed", "cleared", "dropped", "waived", "open", "unknown")
tallies = st.fixed_dictionaries({name: st.integers(0, 9) for name in FATES}).map(
    lambda ends: Tally(joined=sum(ends.values()), **ends)
)
histories = st.builds(
    History,
    before=tallies,
    cohorts=tuples(
        st.builds(
            Cohort,
            week=weeks,
            tally=maybe(tallies),
            soon=maybe(counts),
            is_whole=st.booleans(),
        )
    ),
    rules=tuples(
        st.builds(
            RuleRecord,
            rule=names,
            setting=texts,
            tally=tallies,
            weeks=maybe(counts),
            knobs=tuples(names),
            retune=st.booleans(),
        )
    ),
    teams=tuples(
        st.builds(
            TeamRecord,
            team=maybe(texts),
            tally=tallies,
            due=counts,
            soon=counts,
            oldest=maybe(keys),
            weeks=maybe(counts),
        )
    ),
    oldest=maybe(keys),
    due=counts,
    soon=counts,
    late=maybe(counts),
)
incidents = st.builds(
    Incident,
    key=keys,
    handle=texts,
    title=texts,
    url=texts,
    life=st.sampled_from(Life),
    owner=maybe(names),
    assigned=maybe(st.booleans()),
    project=names,
    severity=maybe(st.sampled_from(Severity)),
    status=texts,
    opened=moments,
    resolved=maybe(moments),
    reopened=maybe(moments),
    services=tuples(names),
    links=tuples(texts),
    drill=st.booleans(),
)
errors = st.builds(
    ErrorTrend,
    key=keys,
    handle=texts,
    title=texts,
    url=texts,
    life=st.sampled_from(Life),
    project=names,
    level=st.sampled_from(["fatal", "error", "warning"]),
    last_seen=maybe(moments),
    events=maybe(counts),
    daily=tuples(counts, 14),
)
pull_requests = st.builds(
    PullRequest,
    key=keys,
    handle=texts,
    title=texts,
    url=texts,
    life=st.sampled_from(Life),
    repository=texts,
    labels=tuples(texts),
    draft=st.booleans(),
    review=maybe(st.sampled_from(["approved", "changes_requested", "review_required", "none"])),
    additions=counts,
    created=moments,
    last_activity=moments,
)
decisions = st.builds(
    Decision,
    key=keys,
    handle=texts,
    title=texts,
    url=texts,
    life=st.sampled_from(Life),
    owner=maybe(names),
    due=weeks,
    decided=moments,
    closed=maybe(moments),
    about=maybe(keys),
)
facts = incidents | errors | pull_requests | decisions


def items(states=tuple(ItemState)):
    return st.builds(
        Item,
        key=keys,
        kind=st.sampled_from(KINDS),
        handle=texts,
        title=texts,
        url=texts,
        owner=maybe(names),
        severity=st.sampled_from(Severity),
        state=st.sampled_from(states),
        trend=maybe(st.sampled_from(Trend)),
        since=weeks,
        weeks=st.integers(1, 60),
        reasons=tuples(reasons),
        formerly=tuples(keys, 1),
        unknown_since=maybe(weeks),
        why=maybe(names),
        unwaived=st.booleans(),
        waiver=maybe(waivers),
    )


def ledger_of(listed: tuple[Item, ...]) -> Ledger:
    """Return the arithmetic that these items stand for; a return is counted once."""
    came = {"new": 0, "first_seen": 0, "reopened": 0, "unwaived": 0}
    left = {"fixed": 0, "cleared": 0, "dropped": 0, "waived": 0}
    for item in listed:
        if item.state.value in left:
            left[item.state.value] += 1
        elif item.state.value in came:
            came[item.state.value] += 1
        elif item.unwaived:
            came["unwaived"] += 1
    open_now = sum(item.state.on_list for item in listed)
    open_then = open_now - sum(came.values()) + sum(left.values())
    return Ledger(open_then=open_then, **came, **left, open_now=open_now)


def sections_of(listed: tuple[Item, ...]) -> tuple[Section, ...]:
    """Return a section for each kind, with room for two."""
    held = {
        kind: [item.key for item in listed if item.kind == kind and item.state.on_list]
        for kind in KINDS
    }
    return tuple(
        Section(
            name=kind + "s",
            kind=kind,
            state=State.KNOWN,
            keys=tuple(held[kind][:2]),
            left_out=len(held[kind][2:]),
        )
        for kind in KINDS
    )


@st.composite
def editions(draw, week=weeks, revision=revisions, title=texts):
    """Draw an edition whose ledger and sections follow from its items."""
    listed = draw(tuples(items()))
    window = draw(windows)
    return Edition(
        week=draw(week),
        revision=draw(revision),
        corrects=draw(maybe(digests)),
        previous=draw(maybe(digests)),
        number=draw(st.integers(1, 500)),
        title=draw(title),
        zone="Europe/Paris",
        tone=draw(st.sampled_from(["off", "dry", "merry"])),
        window=window,
        span=window,
        as_of=window.end,
        bundle=draw(digests),
        rules=draw(tuples(names)),
        coverage=draw(tuples(coverages)),
        gaps=draw(tuples(gaps)),
        masked=draw(tuples(masked, 2)),
        ledger=ledger_of(listed),
        items=listed,
        waived=draw(tuples(items((ItemState.WAIVED,)), 1)),
        sections=sections_of(listed),
        figures=draw(tuples(figures, 2)),
        history=draw(maybe(histories)),
        headline=draw(headlines),
        remarks=draw(tuples(remarks, 2)),
        facts=draw(tuples(facts)),
    )
