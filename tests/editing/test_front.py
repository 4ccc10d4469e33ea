"""What the desk says beside the items: headings, decisions, weather, picture, corrections."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.corrections import corrections
from bulletin.editing.headings import headings
from bulletin.editing.picture import DAYS, list_weeks, picture
from bulletin.editing.questions import ROOM, questions
from bulletin.editing.season import Season
from bulletin.editing.weather import services
from bulletin.model.edition import Figure, ItemState, Ledger, Section, Trend
from bulletin.model.facts import FactKey, Life, Severity
from bulletin.model.front import Sky
from bulletin.model.harvest import State
from bulletin.model.week import Window
from tests.builders import ZONE, closing, edited, harvest, policy
from tests.menagerie import FACTS, WEEK, coverage, everything, item, key

KNOWN = {"incident": State.KNOWN, "error": State.KNOWN, "pull_request": State.KNOWN}
INCIDENT, ERROR, _ = FACTS
NEW = datetime(2026, 11, 19, 9, tzinfo=UTC)


def figure(name="settled", value=50, state=State.KNOWN, **more):
    values = {"section": "ledger", "unit": "percent", "history": (40, value)} | more
    return Figure(name=name, value=value, state=state, **values)


def told(*items, figures=(), ledger=None, states=KNOWN, first=False):
    sections = [
        Section(
            name=kind,
            kind=kind,
            state=states.get(kind, State.UNKNOWN),
            keys=tuple(i.key for i in items if i.kind == kind and i.state.on_list),
            left_out=0,
        )
        for kind in KNOWN
    ]
    made = headings(
        items=items,
        sections=sections,
        figures=figures,
        ledger=ledger or Ledger(),
        states=states,
        first=first,
    )
    return {
        one.place: (one.title.pattern, one.so_what.pattern if one.so_what else None) for one in made
    }


def test_a_first_edition_says_nothing_of_last_week():
    assert "gone" not in told(first=True)
    assert "stayed" not in told(item("incident", "A", "t"), first=True)


@pytest.mark.parametrize(
    ("ledger", "pattern"),
    [
        ({"open_then": 3, "fixed": 1, "cleared": 1, "open_now": 1}, "heading.gone"),
        ({"open_then": 3, "dropped": 1, "open_now": 2}, "heading.gone.left"),
        ({"open_then": 3, "open_now": 3}, "heading.gone.none"),
        ({"new": 2, "open_now": 2}, "heading.gone.empty"),
    ],
)
def test_the_heading_over_what_left_says_how(ledger, pattern):
    assert told(ledger=Ledger(**ledger))["gone"][0] == pattern


def test_nothing_is_said_to_have_stayed_of_which_nobody_knows():
    dark = item("incident", "A", "t", ItemState.UNKNOWN)
    kept = Ledger(open_then=1, open_now=1)
    assert told(dark, ledger=kept)["gone"][0] == "heading.gone.unsure"
    assert told(item("incident", "A", "t"), ledger=kept)["gone"][0] == "heading.gone.none"


def test_a_reopened_incident_is_asked_about_as_one():
    again = item("incident", "A", "t", ItemState.PERSISTING)
    fires = item("error", "B", "t", ItemState.PERSISTING)
    asked = {one.asks.pattern for one in questions([again, fires], (), ())[0]}
    assert asked == {"question.persisting.incident", "question.persisting"}


@pytest.mark.parametrize(
    ("rate", "pattern"),
    [
        (figure(lower=30.0, upper=60.0), "so.settled.usual"),
        (figure(lower=0.0, upper=80.0), "so.settled.wide"),
        (figure(value=70, lower=30.0, upper=60.0), "so.settled.above"),
        (figure(value=20, lower=30.0, upper=60.0), "so.settled.below"),
        (figure(value=90, lower=0.0, upper=80.0), "so.settled.above"),
        (figure(), "so.settled.before"),
        (figure(history=(50,)), "so.settled.first"),
        (figure(state=State.PARTIAL), "so.settled.partial"),
        (figure(value=None, state=State.UNKNOWN), None),
    ],
)
def test_what_follows_from_the_share_that_was_settled(rate, pattern):
    ledger = Ledger(open_then=2, fixed=1, open_now=1)
    assert told(figures=(rate,), ledger=ledger)["gone"][1] == pattern


def test_what_nobody_could_look_up_is_not_said_to_be_still_here():
    here, dark = item("incident", "A", "t"), item("incident", "B", "u", ItemState.UNKNOWN)
    assert told(here)["stayed"][0] == "heading.stayed"
    assert told(here, dark)["stayed"][0] == "heading.stayed.some"
    assert told(dark)["stayed"][0] == "heading.stayed.dark"


def test_the_question_about_the_lead_comes_first():
    grave = item("incident", "A", "t", severity=Severity.CRITICAL)
    lead = item("incident", "B", "u", severity=Severity.HIGH)
    assert [one.key for one in questions([grave, lead], (), ())[0]] == [grave.key, lead.key]
    first, *_ = questions([grave, lead], (), (), lead.key)[0]
    assert first.key == lead.key


def test_a_number_that_nobody_minds_is_no_accusation():
    more = figure(name="incidents_resolved", value=70, lower=30.0, upper=60.0, higher_is="neither")
    assert told(figures=(more,))["figures"][1] == "so.figures.other"


def test_the_oldest_is_named_before_the_worse_once_it_is_old():
    worse = item("incident", "A", "t", trend=Trend.WORSE, weeks=2)
    old = item("incident", "B", "u", weeks=5)
    assert told(worse)["stayed"] == ("heading.stayed", "so.worse")
    assert told(worse, old)["stayed"] == ("heading.stayed", "so.oldest")


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({"owner": None, "state": ItemState.PERSISTING}, "so.unowned"),
        ({"state": ItemState.PERSISTING, "trend": Trend.WORSE}, "so.persisting"),
        ({"state": ItemState.REOPENED, "weeks": 5}, "so.reopened"),
        ({"trend": Trend.WORSE, "weeks": 5}, "so.worse"),
        ({"weeks": 3}, "so.old"),
        ({"state": ItemState.UNKNOWN}, "so.unknown"),
        ({"state": ItemState.NEW}, "so.all-new"),
        ({"trend": Trend.SAME}, "so.steady"),
    ],
)
def test_a_section_says_what_blocks_it_first(changes, pattern):
    assert told(item("error", "A", "t", **changes))["error"][1] == pattern


def test_a_section_that_was_not_read_concludes_nothing():
    dark = {"incident": State.UNKNOWN}
    here = item("incident", "A", "t", owner=None)
    assert told(here, states=dark)["incident"] == ("heading.dark", "so.dark")
    assert told(states=dark)["incident"] == ("heading.dark.empty", "so.dark")
    assert told(states={"incident": State.PARTIAL})["incident"] == ("heading.unsure.partial", None)
    assert told()["incident"] == ("heading.clear", None)


def test_an_empty_section_with_blind_rules_is_not_clear():
    blind = Section(name="x", kind="error", state=State.KNOWN, keys=(), left_out=0, blind=2)
    (one,) = headings(
        items=(), sections=[blind], figures=(), ledger=Ledger(), states=KNOWN, first=True
    )
    assert one.title.pattern == "heading.unsure.known"


@pytest.mark.parametrize(
    ("severities", "pattern"),
    [
        ((Severity.HIGH, Severity.LOW), "heading.incident.grave"),
        ((Severity.HIGH, Severity.CRITICAL), "heading.incident.all-grave"),
        ((Severity.MEDIUM,), "heading.incident"),
    ],
)
def test_incidents_are_counted_with_the_grave(severities, pattern):
    items = [item("incident", f"A{n}", "t", severity=s) for n, s in enumerate(severities)]
    assert told(*items)["incident"][0] == pattern


def test_numbers_are_news_only_outside_their_limits():
    usual = figure(value=50, lower=30.0, upper=60.0, higher_is="worse")
    high = replace(usual, name="incidents_open", value=70)
    assert told(figures=(usual,))["figures"] == ("heading.figures.usual", None)
    assert told(figures=(usual, high))["figures"] == ("heading.figures.signal", "so.figures")
    assert told(figures=(high, high))["figures"][1] == "so.figures.more"
    assert told(figures=(figure(),))["figures"] == ("title.figures", None)
    assert told(figures=(usual, figure(state=State.PARTIAL)))["figures"][1] == "so.figures.unsure"


def test_each_item_is_asked_about_once_and_the_gravest_first():
    grave = item("incident", "A", "t", severity=Severity.HIGH, owner=None, weeks=6)
    old = item("pull_request", "p#1", "u", weeks=5, owner=None)
    persists = item("error", "E", "v", ItemState.PERSISTING)
    asked, left_out = questions(
        [persists, old, grave], [coverage("sentry", ("error",), State.UNKNOWN)], [figure()]
    )
    assert [one.asks.pattern for one in asked] == [
        "question.grave-unowned",
        "question.dark",
        "question.persisting",
        "question.old",
    ]
    assert left_out == 0


def test_only_what_left_its_limits_for_the_worse_is_asked_about():
    worse = figure(value=70, lower=30.0, upper=60.0, higher_is="worse")
    better = replace(worse, higher_is="better")
    below = replace(better, value=10)
    assert [len(questions((), (), [one])[0]) for one in (worse, better, below)] == [1, 0, 1]


def test_questions_that_did_not_fit_are_counted():
    items = [item("incident", f"A{n}", "t", severity=Severity.HIGH) for n in range(ROOM + 3)]
    asked, left_out = questions(items, (), ())
    assert (len(asked), left_out) == (ROOM, 3)


def test_unknown_incidents_are_not_asked_to_be_closed():
    dark = item("incident", "A", "t", ItemState.UNKNOWN, severity=Severity.CRITICAL)
    assert questions([dark], (), ()) == ((), 0)


def skies(facts, items=(), states=KNOWN):
    return {one.name: one.sky for one in services(facts, items, states)}


def test_a_grave_error_on_the_list_is_a_storm_unless_nobody_knows_how_it_is():
    grave = item("error", "SHOP-7", "t", severity=Severity.HIGH)
    fact = replace(ERROR, key=grave.key, project="shop")
    assert skies([fact], [grave]) == {"shop": Sky.STORM}
    dark = replace(grave, state=ItemState.UNKNOWN)
    assert skies([fact], [dark]) == {"shop": Sky.CLOUD}


def test_the_sky_over_a_service():
    storm = replace(INCIDENT, services=("search", "checkout"), severity=Severity.HIGH)
    mild = replace(storm, severity=Severity.MEDIUM, services=("search",))
    error = replace(ERROR, project="shop")
    stays = item("error", "SHOP-1A", "t")
    moves = item("error", "SHOP-1A", "t", trend=Trend.WORSE)
    assert skies([storm]) == {"search": Sky.STORM, "checkout": Sky.STORM}
    assert skies([mild]) == {"search": Sky.RAIN}
    assert skies([replace(storm, drill=True)]) == {}
    assert skies([replace(storm, life=Life.DONE)])["search"] is Sky.SUN
    assert skies([error], [moves]) == {"shop": Sky.RAIN}
    assert skies([error], [stays]) == {"shop": Sky.CLOUD}
    assert skies([error]) == {"shop": Sky.SUN}


@pytest.mark.parametrize("state", [State.PARTIAL, State.STALE, State.UNKNOWN])
def test_the_sun_needs_every_source(state):
    assert skies([ERROR], states={**KNOWN, "incident": state}) == {"shop": Sky.FOG}
    assert skies([ERROR], states={**KNOWN, "pull_request": state}) == {"shop": Sky.SUN}


def test_one_service_has_one_name_however_it_is_spelled():
    facts = [replace(ERROR, project="Shop"), replace(INCIDENT, services=("shop", "SHOP"))]
    assert list(skies(facts)) == list(skies(reversed(facts))) == ["SHOP"]
    many = [
        replace(ERROR, key=key("error", f"S-{n}"), project=f"service-{n:02}") for n in range(15)
    ]
    assert len(services(many, (), KNOWN)) == 15


def week_of(days, back=0):
    """An edition's span, its one error and its coverage; the span starts and ends at 9:00."""
    end = NEW - timedelta(days=7 * back)
    error = replace(ERROR, daily=tuple(days), events=sum(days), project="shop")
    return Window(end - timedelta(days=7), end), (error,), (coverage("sentry", ("error",)),)


def edition_of(days, back):
    span, facts, covered = week_of(days, back)
    full = everything().edition
    return replace(full, week=WEEK.shift(-back), span=span, facts=facts, coverage=covered)


def test_days_that_two_editions_share_are_added_and_the_rest_is_a_hole():
    now = week_of((5, 10, 10, 10, 10, 10, 10, 3))
    drawn = picture(None, *now, [edition_of((1, 7, 7, 7, 7, 7, 7, 2), 1)])
    assert drawn.days[-8:] == (5 + 2, 10, 10, 10, 10, 10, 10, 3)
    assert drawn.days[-14:-8] == (7,) * 6
    assert drawn.days[:-14] == (None,) * 14
    assert len(drawn.days) == DAYS
    assert drawn.until == date(2026, 11, 19)
    assert drawn.so_far


def test_a_dark_week_is_a_hole_in_the_picture():
    now = week_of((5, 10, 10, 10, 10, 10, 10, 3))
    dark = edition_of((1, 7, 7, 7, 7, 7, 7, 2), 1)
    dark = replace(dark, coverage=(coverage("sentry", ("error",), State.PARTIAL),))
    earlier = edition_of((1, 7, 7, 7, 7, 7, 7, 2), 2)
    drawn = picture(None, *now, [dark, earlier]).days
    assert drawn[-8:] == (None, 10, 10, 10, 10, 10, 10, 3)
    assert drawn[-15:-8] == (None,) * 7
    assert drawn[-22:-15] == (None, *(7,) * 6)
    assert drawn[:-22] == (None,) * 6
    assert picture(None, now[0], now[1], dark.coverage, []) is None


def test_the_peak_is_marked_only_outside_the_limits_of_the_days_before():
    past = [edition_of((1, 9, 11, 9, 11, 9, 11, 8), back) for back in (1, 2, 3)]
    calm = picture(None, *week_of((1, 10, 10, 12, 10, 10, 10, 3)), past)
    loud = picture(None, *week_of((1, 10, 10, 99, 10, 10, 10, 3)), past)
    assert calm.marked is None
    assert loud.days[loud.marked] == 99


def test_an_error_in_the_lead_has_its_own_picture():
    span, facts, covered = week_of((5, 10, 10, 10, 10, 10, 10, 3))
    other = replace(ERROR, key=key("error", "Z"), daily=(100,) * 8, events=800)
    both = (*facts, other)
    assert picture(ERROR.key, span, both, covered, []).days[-2] == 10
    assert picture(ERROR.key, span, both, covered, []).key == ERROR.key
    assert picture(None, span, both, covered, []).days[-2] == 110


def test_no_picture_of_errors_whose_days_are_not_known():
    span, facts, covered = week_of(())
    assert picture(None, span, (replace(facts[0], events=9),), covered, []) is None
    left_out = tuple(replace(one, left_out=3) for one in covered)
    assert picture(None, span, week_of((1,) * 8)[1], left_out, []) is None


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 14))
def test_the_lists_history_counts_every_item_once(weeks, gap):
    items = [item("error", f"E{n}", "t", weeks=w) for n, w in enumerate(weeks)]
    gone = item("error", "gone", "t", ItemState.FIXED)
    past = [replace(everything().edition, week=WEEK.shift(-gap), items=())]
    drawn = list_weeks(WEEK, [*items, gone], past)
    assert drawn[-1].total == len(items)
    assert len(drawn) == (gap + 1 if gap < 12 else 12)
    assert [one.week for one in drawn if one.ages is not None][-1] == WEEK
    assert all(one.ages is None for one in drawn[1:-1])


def test_what_came_back_is_a_correction_of_the_last_word_on_it():
    back = item("incident", "A", "t", ItemState.REOPENED, formerly=(key("incident", "OLD"),))
    full = everything().edition

    def edition(ago, subject, state):
        return replace(full, week=WEEK.shift(-ago), items=(item("incident", subject, "t", state),))

    past = [
        edition(1, "B", ItemState.FIXED),
        edition(2, "OLD", ItemState.CLEARED),
        edition(3, "A", ItemState.FIXED),
    ]
    (one,) = corrections([back, item("incident", "B", "t")], past)
    assert (one.key, one.week, one.state) == (back.key, WEEK.shift(-2), "cleared")
    assert corrections([back], past[:1]) == ()


@pytest.mark.parametrize(
    ("today", "days", "freeze"),
    [
        (date(2026, 11, 1), 26, 19),
        (date(2026, 11, 20), 7, 0),
        (date(2026, 11, 27), 0, -7),
        (date(2027, 1, 15), -49, -56),
    ],
)
def test_the_countdown(today, days, freeze):
    season = Season(
        event="Black Friday",
        day=date(2026, 11, 27),
        starts=date(2026, 9, 1),
        freeze_from=date(2026, 11, 20),
        freeze_to=date(2027, 1, 15),
    )
    counted = season.countdown(today)
    assert (counted.days, counted.freeze_days, counted.total) == (days, freeze, 87)


@pytest.mark.parametrize("asked", [-3, 0, 2])
def test_days_are_counted_from_the_date_that_the_edition_bears(asked):
    """A draft three days early, or a run two days late, bears the date of the week's closing."""
    season = Season(event="Black Friday", day=date(2026, 11, 27), freeze_from=date(2026, 11, 20))
    made = edited(
        [harvest("jira")], policy=policy(season=season), as_of=closing(WEEK) + timedelta(days=asked)
    )
    dated = made.window.end.astimezone(ZONE).date()
    assert made.countdown.days == (date(2026, 11, 27) - dated).days
    assert made.countdown.freeze_days == (date(2026, 11, 20) - dated).days


def test_a_season_ends():
    season = Season(event="Sales", day=date(2027, 1, 6))
    assert season.countdown(date(2027, 1, 6)).freeze_days is None
    assert season.countdown(date(2027, 1, 7)) is None
    frozen = replace(season, freeze_from=date(2027, 1, 1), freeze_to=date(2027, 1, 10))
    assert frozen.countdown(date(2027, 1, 10)).days == -4
    assert frozen.countdown(date(2027, 1, 11)) is None


def test_a_key_of_a_question_names_an_item_of_the_edition():
    edition = everything().edition
    keys = {one.key for one in (*edition.items, *edition.waived)}
    assert {q.key for q in edition.questions if q.key} <= keys
    assert all(isinstance(k, FactKey) for k in keys)
