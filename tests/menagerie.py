"""One edition with one of everything, a quiet one and a dreadful one, for every renderer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bulletin.archive.codec import file
from bulletin.editing.agenda import agenda
from bulletin.editing.headings import headings
from bulletin.editing.questions import questions
from bulletin.editing.weather import services
from bulletin.model.agenda import Agenda
from bulletin.model.delivery import Mode
from bulletin.model.edition import (
    Edition,
    Figure,
    Filed,
    Item,
    ItemState,
    Ledger,
    Reason,
    Section,
    Trend,
    Waiver,
)
from bulletin.model.facts import ErrorTrend, FactKey, Incident, Life, PullRequest, Severity
from bulletin.model.fold import Fold, Part
from bulletin.model.front import (
    Correction,
    Countdown,
    Headline,
    ListWeek,
    Picture,
    Question,
    Remark,
    Sentence,
)
from bulletin.model.harvest import Cause, Coverage, Gap, Masked, State
from bulletin.model.week import Week, Window

WEEK = Week(2026, 47)
END = datetime(2026, 11, 19, 9, tzinfo=UTC)
AS_OF = END + timedelta(minutes=2)
KINDS = ("incident", "error", "pull_request")

TEAMS = ("checkout", "payments", "platform", "search", "seller-tools", "A team with a long name")

HOSTILE = (
    "<script>alert(1)</script> & <img src=//evil.example/x.png onerror=alert(1)>",
    "[click](javascript:alert(1)) | ![x](http://evil.example/b.gif) | **bold** `code`",
    "@everyone see #1, acme/shop#2, GH-3 and https://evil.example/ or www.evil.example :tada:",
    "line one\r\nBcc: everyone@example.org\n\n# heading\n- list\x00\x1b[31m",
    "=?utf-8?q?=0ABcc=3A_evil=40evil.example?= \u202egnp.exe\u202c \u200bhidden",
    "z" + "\u0300\u0301\u0302" * 4 + "algo \U0001f469\u200d\U0001f680 支払い فاتورة 結帳",
    "{{ 7 * 7 }} {% include '/etc/passwd' %} {title} {0} %s ${x}",
    "x" * 400,
)


def key(kind, subject):
    source = {"incident": "jira", "error": "sentry", "pull_request": "github"}[kind]
    return FactKey(source, kind, subject)


def item(kind, subject, title, state=ItemState.CARRIED, **more):
    weeks = more.pop("weeks", 1)
    values = {
        "key": key(kind, subject),
        "kind": kind,
        "handle": subject,
        "title": title,
        "url": f"https://services.example/{kind}/{subject.replace('#', '/')}",
        "owner": "search",
        "severity": Severity.MEDIUM,
        "state": state,
        "trend": None,
        "since": WEEK.shift(1 - weeks),
        "weeks": weeks,
        "reasons": (Reason(rule="incident-old", measure=9, unit="days", words={"days": 9}),),
    }
    return Item(**(values | more))


def reason(rule, **words):
    return Reason(rule=rule, words=words)


def coverage(source, kinds, state=State.KNOWN, seen=12, expected=12, unit="incidents"):  # noqa: PLR0917  (a row of a table)
    return Coverage(
        source=source,
        kinds=kinds,
        state=state,
        seen=seen,
        expected=expected,
        unit=unit,
        as_of=AS_OF,
        requests=7,
    )


WAIVER = Waiver(
    key=key("pull_request", "acme/shop#77"),
    until=date(2027, 1, 15),
    reason="after the freeze",
    author="the editor",
    at=AS_OF - timedelta(days=3),
)

ITEMS = (
    item(
        "incident",
        "INC-42",
        "The catalogue file emptied the search index",
        ItemState.NEW,
        severity=Severity.CRITICAL,
        reasons=(reason("incident-severe", severity="critical", days=3),),
    ),
    item(
        "incident",
        "INC-17",
        "Payments time out at the bank’s end",
        weeks=5,
        trend=Trend.WORSE,
        severity=Severity.HIGH,
        owner="payments",
        reasons=(reason("incident-old", days=31), reason("incident-silent", days=12)),
    ),
    item(
        "incident",
        "INC-30",
        "Stock counted twice after [redacted: Stripe key] leaked to [redacted: email]",
        ItemState.REOPENED,
        weeks=3,
        owner=None,
        reasons=(reason("incident-reopened", days=2), reason("incident-unowned", days=2)),
    ),
    item(
        "error",
        "SHOP-1A",
        "TimeoutError: search did not answer",
        ItemState.FIRST_SEEN,
        reasons=(reason("error-new", events=1204, users=87),),
    ),
    item(
        "error",
        "SHOP-2B",
        "KeyError: 'carrier'",
        ItemState.PERSISTING,
        weeks=2,
        trend=Trend.BETTER,
        reasons=(reason("error-firing-after-close", events=61, days=6),),
    ),
    item(
        "error",
        "SHOP-3C",
        HOSTILE[0],
        ItemState.UNKNOWN,
        weeks=4,
        why="rate_limited",
        unknown_since=WEEK.shift(-1),
        owner=HOSTILE[1],
        reasons=(reason("error-rising", events=900, before=240, limit=410),),
    ),
    item(
        "pull_request",
        "acme/shop#123",
        "Retry with jitter",
        weeks=2,
        trend=Trend.SAME,
        formerly=(key("pull_request", "acme/store#123"),),
        reasons=(reason("pull-request-stale", days=15), reason("pull-request-red", days=4)),
    ),
    item(
        "pull_request",
        "acme/shop#124",
        HOSTILE[2],
        ItemState.NEW,
        severity=Severity.LOW,
        url="javascript:alert(1)",
        reasons=(reason("pull-request-labelled", label="<b>hold</b> | @team"),),
    ),
    item(
        "pull_request",
        "acme/shop#125",
        HOSTILE[3],
        ItemState.CARRIED,
        weeks=1,
        unwaived=True,
        reasons=(reason("pull-request-big", lines=4100, files=61),),
    ),
    item("incident", "INC-11", "Certificates of the staging bridge", ItemState.FIXED, weeks=2),
    item("error", "SHOP-9Z", "TypeError: price is not a number", ItemState.FIXED),
    item("pull_request", "acme/shop#99", "Bump the HTTP client", ItemState.CLEARED, weeks=2),
    item("pull_request", "acme/shop#98", HOSTILE[4], ItemState.DROPPED, why="declined"),
    item("incident", "INC-12", HOSTILE[5], ItemState.DROPPED, why="unreadable", owner=None),
    item(
        "pull_request",
        "acme/shop#77",
        "Rewrite of the cart, take 3",
        ItemState.WAIVED,
        weeks=6,
        waiver=WAIVER,
    ),
)

GAPS = (
    Gap(
        source="sentry",
        kinds=("error",),
        reason=Cause.RATE_LIMITED,
        detail="429 Too Many Requests after 38 of 40 projects",
        hint="Ask for a higher limit, or name fewer projects.",
        seen=38,
        expected=40,
    ),
    Gap(
        source="github",
        kinds=("pull_request",),
        parts=("checks", "mergeable"),
        reason=Cause.FORBIDDEN,
        detail="Resource not accessible by <b>token</b> | @all",
        hint="Give the token the permission to read checks.",
    ),
)

FIGURES = (
    Figure(
        name="incidents_open",
        section="incident",
        value=3,
        unit="count",
        state=State.KNOWN,
        history=(4, 3, 5, 4, 4, 3, 3),
        lower=1.0,
        upper=6.2,
    ),
    Figure(
        name="incidents_opened",
        section="incident",
        value=9,
        unit="count",
        state=State.KNOWN,
        history=(1, 2, 1, 3, 2, 2, 9),
        lower=0.0,
        upper=4.1,
    ),
    Figure(
        name="incidents_resolved",
        section="incident",
        value=2,
        unit="count",
        state=State.KNOWN,
        history=(1, 2),
        higher_is="better",
    ),
    Figure(
        name="errors_events",
        section="error",
        value=48210,
        unit="count",
        state=State.PARTIAL,
        history=(40100, 39800, None, 41100, 40900, 48210),
    ),
    Figure(
        name="errors_new",
        section="error",
        value=None,
        unit="count",
        state=State.UNKNOWN,
        history=(3, None),
    ),
    Figure(
        name="pull_requests_open",
        section="pull_request",
        value=41,
        unit="count",
        state=State.KNOWN,
        history=(41,),
        higher_is="neither",
    ),
    Figure(
        name="settled",
        section="ledger",
        value=45,
        unit="percent",
        state=State.KNOWN,
        history=(60, 52, 45),
        higher_is="better",
    ),
)

MASKED = tuple(
    Masked(
        source="jira",
        key=key("incident", "INC-30"),
        part="title",
        what=what,
        personal=personal,
        count=1,
    )
    for what, personal in (("Stripe key", False), ("email", True))
)

FACTS = (
    Incident(
        key=key("incident", "INC-42"),
        handle="10042",
        title="The catalogue file emptied the search index",
        url="https://services.example/incident/INC-42",
        life=Life.OPEN,
        project="INC",
        severity=Severity.CRITICAL,
        status="Investigating",
        opened=END - timedelta(days=3),
    ),
    ErrorTrend(
        key=key("error", "SHOP-1A"),
        handle="4000001",
        title="TimeoutError: search did not answer",
        url="https://services.example/error/SHOP-1A",
        life=Life.OPEN,
        project="shop",
        level="error",
        events=1204,
        daily=(10, 20, 30, 400, 600, 100, 44),
    ),
    PullRequest(
        key=key("pull_request", "acme/shop#123"),
        handle="PR_123",
        title="Retry with jitter",
        url="https://services.example/pull_request/acme/shop/123",
        life=Life.OPEN,
        repository="acme/shop",
        created=END - timedelta(days=20),
        last_activity=END - timedelta(days=15),
    ),
)


def section(kind, items, state=State.KNOWN, left_out=0):
    keys = tuple(i.key for i in items if i.kind == kind and i.state.on_list)
    return Section(name=f"{kind}s", kind=kind, state=state, keys=keys, left_out=left_out)


PICTURE = Picture(
    key=None,
    title="",
    days=(None,) * 5 + tuple(900 + 37 * (n % 7) for n in range(21)) + (4100, 310),
    until=END.date(),
    so_far=True,
    marked=26,
)
LEAD = (
    Sentence(pattern="lead.opened", words={"opened": 1_792_300_000, "status": "In progress"}),
    Sentence(pattern="lead.services.two", words={"service": "catalogue", "other": "search"}),
    Sentence(pattern="lead.owner", words={"team": "search"}),
    Sentence(pattern="lead.grave.more", words={"n": 2}),
)
LIST_WEEKS = tuple(
    ListWeek(week=WEEK.shift(-back), ages=None if back == 4 else (4, back % 3, 2, 9 - back))
    for back in range(7, -1, -1)
)
COUNTDOWN = Countdown(event="Black Friday", days=8, freeze_days=1, total=87)


def planned(edition: Edition, asked: tuple[Question, ...] | None = None) -> Agenda:
    """Fit an edition into a meeting."""
    return agenda(
        week=edition.week,
        minutes=45,
        items=edition.items,
        facts=edition.facts,
        figures=edition.figures,
        questions=edition.questions if asked is None else asked,
        teams=TEAMS,
        past=(),
        seed=f"{edition.week} {edition.previous}",
    )


def judged(edition: Edition) -> Filed:
    """File an edition with what the desk has to say of its items."""
    states = {section.kind: section.state for section in edition.sections}
    asked, unasked = questions(
        edition.items, edition.coverage, edition.figures, edition.headline.key
    )
    return file(
        replace(
            edition,
            headings=headings(
                items=edition.items,
                sections=edition.sections,
                figures=edition.figures,
                ledger=edition.ledger,
                states=states,
                first=edition.previous is None,
            ),
            questions=asked,
            questions_left_out=unasked,
            services=services(edition.facts, edition.items, states),
            agenda=planned(edition, asked),
        )
    )


def everything() -> Filed:
    """All ten states, all three kinds, gaps, hostile titles; every section state but stale."""
    return judged(
        Edition(
            week=WEEK,
            revision=2,
            corrects="c" * 64,
            previous="a" * 64,
            number=47,
            title="The Black Friday Journal",
            zone="Europe/Paris",
            tone="dry",
            mode=Mode.LIVE,
            window=Window(END - timedelta(hours=168), END),
            span=Window(END - timedelta(hours=168), END),
            as_of=AS_OF,
            bundle="b" * 64,
            rules=("incident-old(days=14)", "pull-request-stale(days=7)"),
            coverage=(
                coverage("jira", ("incident",), seen=412, expected=412),
                coverage("sentry", ("error",), State.PARTIAL, 38, 40, "projects"),
                coverage("github", ("pull_request",), seen=41, expected=None, unit="pull_requests"),
                coverage("github-old", ("pull_request",), State.UNKNOWN, 0, None, "repositories"),
            ),
            gaps=GAPS,
            masked=MASKED,
            ledger=Ledger(
                open_then=10,
                new=2,
                first_seen=1,
                reopened=1,
                unwaived=1,
                fixed=2,
                cleared=1,
                dropped=2,
                waived=1,
                open_now=9,
            ),
            items=ITEMS,
            waived=(ITEMS[-1],),
            sections=(
                section("incident", ITEMS),
                section("error", ITEMS, State.PARTIAL, left_out=3),
                section("pull_request", ITEMS, State.UNKNOWN),
            ),
            figures=FIGURES,
            headline=Headline(
                pattern="headline.grave-incident",
                words={"title": "The catalogue file emptied the search index", "days": 3},
                key=key("incident", "INC-42"),
            ),
            lead=LEAD,
            remarks=(
                Remark(situation="motto", line="motto-thursday"),
                Remark(situation="source-dark", line="dark-correspondent"),
                Remark(
                    situation="stale-pull-request",
                    line="stale-moss",
                    key=key("pull_request", "acme/shop#123"),
                ),
            ),
            web="https://journal.acme.example",
            picture=PICTURE,
            list_weeks=LIST_WEEKS,
            countdown=COUNTDOWN,
            corrections=(
                Correction(key=key("incident", "INC-30"), week=WEEK.shift(-3), state="fixed"),
            ),
            facts=FACTS,
        )
    )


def quiet() -> Filed:
    """Everything known, and nothing to point at."""
    full = everything().edition
    return judged(
        replace(
            full,
            revision=1,
            corrects=None,
            coverage=tuple(replace(c, state=State.KNOWN, expected=None) for c in full.coverage),
            gaps=(),
            masked=(),
            ledger=Ledger(open_then=2, fixed=2),
            items=tuple(i for i in ITEMS if i.state is ItemState.FIXED),
            waived=(),
            sections=tuple(
                Section(name=kind, kind=kind, state=State.KNOWN, keys=(), left_out=0)
                for kind in KINDS
            ),
            figures=FIGURES[:2],
            headline=Headline(pattern="headline.quiet", words={}),
            corrections=(),
            countdown=None,
            remarks=(Remark(situation="all-quiet", line="quiet-suspicious"),),
            facts=(),
        )
    )


def first() -> Filed:
    """The first edition ever, as a proof: no past, nothing that left, and a dark source."""
    full = everything().edition
    return judged(
        replace(
            full,
            mode=Mode.PREVIEW,
            revision=1,
            corrects=None,
            previous=None,
            number=1,
            coverage=(coverage("jira", ("incident",), State.UNKNOWN, 0, None),),
            gaps=(
                Gap(
                    source="jira",
                    reason=Cause.REFUSED,
                    detail="401 Unauthorized",
                    hint="Make a new token.",
                ),
            ),
            ledger=Ledger(),
            items=(),
            waived=(),
            sections=(
                Section(
                    name="incidents", kind="incident", state=State.UNKNOWN, keys=(), left_out=0
                ),
            ),
            figures=(),
            headline=Headline(pattern="headline.dark", words={"n": 1}),
            picture=None,
            list_weeks=(),
            corrections=(),
            countdown=None,
            remarks=(),
            facts=(),
        )
    )


def dreadful() -> Filed:
    """Every row full, every title hostile or endless, every source in trouble."""
    items = tuple(
        item(
            kind,
            f"{kind}/{n}#{n}",
            HOSTILE[n % len(HOSTILE)],
            ItemState.CARRIED,
            weeks=1 + n % 9,
            trend=Trend.WORSE,
            owner=None if n % 3 == 0 else HOSTILE[(n + 1) % len(HOSTILE)],
            severity=Severity(1 + n % 4),
            reasons=(
                reason("pull-request-labelled", label=HOSTILE[n % len(HOSTILE)]),
                reason("pull-request-stale", days=100 + n),
            ),
        )
        for kind in KINDS
        for n in range(20)
    )
    left = tuple(
        item(
            "incident",
            f"GONE-{n}",
            HOSTILE[n % len(HOSTILE)],
            ItemState.DROPPED,
            why="deleted",
            weeks=9,
        )
        for n in range(20)
    )
    resting = tuple(
        replace(i, state=ItemState.WAIVED, waiver=replace(WAIVER, reason=HOSTILE[n]))
        for n, i in enumerate(left[:8])
    )
    full = everything().edition
    states = (State.PARTIAL, State.STALE, State.UNKNOWN)
    return judged(
        replace(
            full,
            title="The Quarterly Gazette of Unfortunate Circumstances & Events!",
            coverage=tuple(
                coverage(f"source-{n}", KINDS, states[n % 3], n, 1000 + n, "projects")
                for n in range(9)
            ),
            gaps=tuple(
                Gap(
                    source=f"source-{n % 9}",
                    reason=cause,
                    detail=HOSTILE[n % len(HOSTILE)][:200],
                    hint="Look at the service’s own status page, then run it again. " * 2,
                )
                for n, cause in enumerate(Cause)
            ),
            ledger=Ledger(open_then=1080, dropped=20, open_now=1060),
            items=(*items, *left),
            waived=resting,
            sections=tuple(
                section(kind, items, state, left_out=1000 if kind == "error" else 0)
                for kind, state in zip(KINDS, states, strict=True)
            ),
            figures=FIGURES,
            headline=Headline(
                pattern="headline.firing-after-close",
                words={"title": HOSTILE[0] + HOSTILE[7], "events": 1_234_567},
            ),
            corrections=(),
        )
    )


EVIDENCE = tuple(
    PullRequest(
        key=key("pull_request", f"acme/{n}#{n}"),
        handle=f"PR_evidence_{n}",
        title=HOSTILE[n % len(HOSTILE)],
        url="javascript:alert(1)" if n % 2 else f"https://services.example/evidence/{n}",
        life=tuple(Life)[n % 3],
        repository="acme/shop",
        created=END - timedelta(days=2),
        last_activity=END - timedelta(days=1),
    )
    for n in range(24)
)


def folded() -> Filed:
    """A rehearsal: one incident over an error, every pull request, more evidence than fits."""
    full = everything().edition
    head = key("incident", "INC-17")
    listed = [item for item in full.items if item.state.on_list]
    told = [key("error", "SHOP-1A"), *(i.key for i in listed if i.kind == "pull_request")]
    named = Sentence(pattern="fold.branch", words={"name": "INC-17"})
    strange = Sentence(pattern="fold.also", words={"name": HOSTILE[0]})
    parts = [Part(key=one, because=(named, strange)) for one in told]
    parts += [Part(key=fact.key, because=(named,)) for fact in EVIDENCE]
    said = (Sentence(pattern="fold.merged.incident", words={"n": 2}),)
    sections = tuple(
        replace(
            one,
            keys=tuple(k for k in one.keys if k not in told),
            folded=sum(k in told for k in one.keys),
        )
        for one in full.sections
    )
    return judged(
        replace(
            full,
            mode=Mode.REHEARSAL,
            folds=(Fold(head=head, parts=tuple(parts), said=said),),
            sections=sections,
            facts=(*full.facts, *EVIDENCE),
        )
    )


EDITIONS = {
    "everything": everything,
    "quiet": quiet,
    "first": first,
    "dreadful": dreadful,
    "folded": folded,
}
