"""The desk: this week's harvests and the editions before, judged, become one edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bulletin.editing.agenda import agenda
from bulletin.editing.corrections import corrections
from bulletin.editing.figures import WEEKS, figures
from bulletin.editing.folding import fold, folded, gravity, once
from bulletin.editing.headings import headings
from bulletin.editing.headline import headline
from bulletin.editing.history import history
from bulletin.editing.knowledge import Knowledge, Names, find
from bulletin.editing.lead import lead
from bulletin.editing.ledger import LedgerKeeper
from bulletin.editing.lesson import lesson
from bulletin.editing.list_figures import list_figures
from bulletin.editing.looking_back import EARLY, scene_of
from bulletin.editing.owners import Territory, owned
from bulletin.editing.picture import list_weeks, picture
from bulletin.editing.questions import questions
from bulletin.editing.rules import WEEK_HOURS, Judge, Rule, judge, signature
from bulletin.editing.season import Season
from bulletin.editing.sections import sections_of, states_of
from bulletin.editing.voice import Line, Voice, is_grave, remarks, worn
from bulletin.editing.weather import services
from bulletin.model.edition import Edition, Filed, Item, Waiver
from bulletin.model.facts import Fact, FactKey, Severity
from bulletin.model.front import Headline
from bulletin.model.harvest import Harvest, Masked
from bulletin.model.week import Week, Window
from bulletin.model.word import MEETING

NAMED = 40
"""Services that an edition names."""
REMEMBERED = 12
"""Earlier editions that the desk looks at."""
ONE_WEEK = timedelta(days=7)
SLACK = 6
"""Hours by which a span may differ from a week and still be compared with other weeks."""


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
    assigned: Mapping[FactKey, str] = field(default_factory=dict)
    """Items that a person gave to a team."""
    folds: bool = True
    """Whether what names one another is told once."""
    apart: frozenset[FactKey] = frozenset()
    """What a person wants told alone."""
    lines: Mapping[str, Sequence[Line]]
    """Situation → the remarks that the voice has for it."""
    bundle: str
    """Digest of the templates."""
    web: str | None = None
    """Where the editions can be read."""
    season: Season | None = None
    minutes: int = 45
    """Of the meeting."""


def edit(
    *,
    week: Week,
    window: Window,
    as_of: datetime,
    harvests: Sequence[Harvest],
    past: Sequence[Filed],
    policy: Policy,
    asked: datetime | None = None,
    filled_in: bool = False,
    revision: int = 1,
    corrects: str | None = None,
    judge: Judge = judge,
) -> Edition:
    """Judge the week. `past` is one edition a week, newest first, all before `week`.

    `asked` says that the services were asked afterwards, and the facts taken back to `as_of`. Such
    an edition makes no jokes. One that is `filled_in` was never printed: it counts, but it lists
    nothing, and what comes after it is the first edition that anybody reads.

    The same arguments give the same edition, in whatever order the harvests and their facts come.
    Raises ValueError if the ledger does not add up, which is a fault of ours.
    """
    harvests = sorted(harvests, key=lambda harvest: harvest.source)
    editions = [filed.edition for filed in past[:REMEMBERED]]
    told = [] if filled_in else [edition for edition in editions if not edition.filled_in]
    today = as_of.astimezone(policy.zone).date()
    before = told[0] if told else None
    span = span_of(week, window, as_of, editions[0] if editions else None)
    rules = () if filled_in else policy.rules
    facts = _facts(harvests, policy.territories, policy.assigned)
    names = Names.of(harvests, facts)
    gone = {one.key for harvest in harvests for one in harvest.missing}
    scene = scene_of(week, span, as_of, facts, editions, names, gone)
    findings = find(facts, rules, scene, judge)
    knowledge = Knowledge.of(findings, harvests, names)
    kept = LedgerKeeper(
        week=week,
        today=today,
        as_of=as_of,
        hours=round(span.hours),
        knowledge=knowledge,
        past=told,
        rules={rule.id: rule for rule in rules},
        waivers=policy.waivers,
        assigned=policy.assigned,
    ).keep()
    states = states_of(harvests)
    folds = fold(facts, kept.items, policy.apart) if policy.folds else ()
    sections = sections_of(states, kept.items, findings.values(), folds, policy.room)
    all_told = not knowledge.gaps and not any(section.blind for section in sections)
    tone = "off" if asked else policy.tone
    voice = Voice(lines=policy.lines, tone=tone, week=week, worn=worn(editions))
    grave = is_grave(facts, kept.items)
    coverage = tuple(harvest.coverage for harvest in harvests)
    is_over = as_of >= window.end - EARLY
    on_time = before is not None and abs((asked or as_of) - before.made - ONE_WEEK) <= EARLY
    counted = figures(
        week=week,
        span=span,
        is_over=is_over,
        is_week=abs(span.hours - WEEK_HOURS) <= SLACK,
        on_time=on_time,
        facts=facts,
        coverage=coverage,
        gaps=knowledge.gaps,
        states=states,
        items=kept.items,
        ledger=kept.ledger,
        past=editions,
        told=told,
    )
    of_the_list = list_figures(week, kept.items, states, told, on_time=on_time and is_over)
    known = {fact.key: fact for fact in facts}
    asked_of = [one.state for one in coverage if one.source != MEETING]
    top = headline(
        items=kept.items,
        facts=known,
        ledger=kept.ledger,
        states=asked_of,
        as_of=as_of,
        first=before is None,
        all_told=all_told,
        voice=None if grave else voice,
    )
    weather = services(facts, kept.items, states)
    dated = window.end.astimezone(policy.zone).date()
    countdown = policy.season.countdown(dated) if policy.season else None
    corrected = corrections(kept.items, told)
    pictured = picture(top.key, span, facts, coverage, editions, gaps=knowledge.gaps)
    each = once(kept.items, folds, top.key)
    graver = gravity(folds, kept.items)
    to_ask, unasked = questions(each, coverage, (*counted, *of_the_list), top.key)
    edition = Edition(
        week=week,
        revision=revision,
        corrects=corrects,
        previous=next((one.digest for one in past if one.edition is before), None),
        number=before.number + 1 if before else 1,
        title=policy.title,
        zone=policy.zone.key,
        tone=tone,
        window=window,
        span=span,
        as_of=as_of,
        asked=asked,
        afterwards=_afterwards(week, editions, told_late=asked is not None),
        bundle=policy.bundle,
        rules=tuple(sorted(signature(rule) for rule in rules)),
        coverage=coverage,
        gaps=knowledge.gaps,
        masked=_masked(harvests),
        ledger=kept.ledger,
        items=kept.items,
        waived=kept.waived,
        sections=sections,
        figures=(*counted, *of_the_list),
        headline=top,
        remarks=remarks(
            voice,
            grave=grave,
            ledger=kept.ledger,
            items=kept.items,
            states=states.values(),
            all_told=all_told,
            is_over=is_over,
            first=before is None,
            waived=kept.waived,
            sections=sections,
            services=weather,
            countdown=countdown,
            corrections=corrected,
            folded=folded(folds),
        ),
        teams=tuple(territory.team for territory in policy.territories),
        web=policy.web,
        headings=headings(
            items=kept.items,
            sections=sections,
            figures=counted,
            ledger=kept.ledger,
            states=states,
            first=before is None,
            late=asked is not None,
        ),
        questions=to_ask,
        questions_left_out=unasked,
        lead=lead(
            headline=top,
            facts=known,
            items=_weighed(each, graver),
            states=asked_of,
            picture=pictured,
            scene=scene,
        ),
        picture=pictured,
        list_weeks=list_weeks(week, kept.items, told),
        services=weather[:NAMED],
        services_left_out=len(weather[NAMED:]),
        countdown=countdown,
        corrections=corrected,
        agenda=agenda(
            week=week,
            minutes=policy.minutes,
            items=_weighed(once(kept.items, folds), graver),
            facts=facts,
            figures=counted,
            questions=to_ask,
            teams=[territory.team for territory in policy.territories],
            past=told,
            seed=f"{week} {past[0].digest[:12]}" if past else str(week),
        ),
        folds=folds,
        facts=facts,
    )
    if filled_in:
        return _counted_alone(edition)
    learnt = history((edition, *told), policy.rules)
    taught = lesson(learnt)
    said = edition.headings if taught is None else (*edition.headings, taught)
    return replace(edition, history=learnt, headings=said)


def _weighed(items: Iterable[Item], graver: Mapping[FactKey, Severity]) -> tuple[Item, ...]:
    """Return the items, each as grave as the gravest that is told under it."""
    return tuple(replace(i, severity=graver.get(i.key, i.severity)) for i in items)


def _counted_alone(edition: Edition) -> Edition:
    """Return an edition that nobody was told of: it has figures, and nothing to say to anybody."""
    return replace(
        edition,
        filled_in=True,
        number=0,
        headline=Headline(pattern="headline.filled-in", words={}),
        headings=(),
        questions=(),
        questions_left_out=0,
        agenda=None,
    )


def span_of(week: Week, window: Window, as_of: datetime, before: Edition | None) -> Window:
    """Return what an edition speaks of: from where the last one stopped looking to `as_of`.

    An edition that was made before its week closed leaves the rest of that week to the next one:
    nothing lies between two editions of consecutive weeks, and nothing is in both.
    """
    end = min(window.end, as_of)
    follows = before is not None and before.week == week.shift(-1) and before.span.end < end
    return Window(before.span.end if before is not None and follows else window.start, end)


def _facts(
    harvests: Iterable[Harvest], territories: Sequence[Territory], assigned: Mapping[FactKey, str]
) -> tuple[Fact, ...]:
    """Return every fact once, with its owner, by key.

    Two facts of one key come from a search and a second look at about the same time: which one is
    kept only has to be the same every time.
    """
    facts: dict[FactKey, Fact] = {}
    for brought in (fact for harvest in harvests for fact in harvest.facts):
        fact = owned(brought, territories, assigned)
        other = facts.get(fact.key)
        if other is None or repr(other) < repr(fact):
            facts[fact.key] = fact
    return tuple(facts[key] for key in sorted(facts))


def _afterwards(week: Week, past: Iterable[Edition], *, told_late: bool) -> tuple[Week, ...]:
    """Return the weeks of a figure's history that were told afterwards, oldest first."""
    late = [edition.week for edition in past if edition.asked is not None]
    recent = [one for one in late if week.weeks_since(one) < WEEKS]
    return (*sorted(recent), *([week] if told_late else []))


def _masked(harvests: Iterable[Harvest]) -> tuple[Masked, ...]:
    """Return every note of what was masked once, by where it stood."""
    notes = {note for harvest in harvests for note in harvest.masked}
    return tuple(sorted(notes, key=lambda n: (n.source, str(n.key or ""), n.part, n.what, n.count)))
