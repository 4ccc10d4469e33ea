"""The lead's own text: only facts, and counts of facts, that the headline leaves out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.editing.lead import ROOM, lead
from bulletin.editing.rules import Scene
from bulletin.model.edition import ItemState
from bulletin.model.facts import Severity
from bulletin.model.front import Headline
from bulletin.model.harvest import State
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Plain
from tests.builders import NOW, WEEK, edited, error, filed, harvest, incident, window
from tests.menagerie import everything, item, key

DAY = timedelta(days=1)
BUNDLE = Bundle.read()
INC = key("incident", "INC-1")
ERR = key("error", "SHOP-1")
ROUTINE = (9, 11, 10, 12, 9, 10, 11) * 3


def told(*items, fact=None, states=(State.KNOWN,), picture=None, about=None, printed=None):
    """Return the patterns of the lead, each with its words."""
    facts = {fact.key: fact} if fact else {}
    top = Headline(pattern="headline.list", words={}, key=about or (fact.key if fact else None))
    scene = Scene(week=WEEK, span=window(), as_of=NOW, printed=printed or {})
    made = lead(headline=top, facts=facts, items=items, states=states, picture=picture, scene=scene)
    return {one.pattern: one.words for one in made}


def listed(fact, **more):
    return replace(item(fact.type, fact.key.subject, fact.title), key=fact.key, **more)


def test_an_incident_says_since_when_how_it_stands_and_whose_it_is():
    fact = incident(
        opened=NOW - 30 * DAY, updated=NOW - 5 * DAY, status="In review", services=("cart",)
    )
    said = told(listed(fact, owner="payments"), fact=fact)
    assert said["lead.opened"]["status"] == "In review"
    assert said["lead.service"] == {"service": "cart"}
    assert said["lead.silent"]["updated"] == int((NOW - 5 * DAY).timestamp())
    assert said["lead.owner"] == {"team": "payments"}
    assert "lead.unowned" not in said


def test_an_incident_that_was_closed_in_between_says_when_it_was_opened_and_reopened():
    fact = incident(opened=NOW - 30 * DAY, reopened=NOW - 2 * DAY)
    said = told(listed(fact), fact=fact)
    assert "lead.opened" not in said
    assert said["lead.reopened"] == {
        "opened": int(fact.opened.timestamp()),
        "reopened": int(fact.reopened.timestamp()),
        "status": "Open",
    }


def test_a_recent_incident_is_told_by_the_day_of_the_week_and_silence_needs_two_days():
    fact = incident(opened=NOW - 2 * DAY, updated=NOW - DAY)
    said = told(listed(fact, owner=None), fact=fact)
    assert "lead.opened.week" in said
    assert "lead.silent" not in said
    assert "lead.unowned" in said


@pytest.mark.parametrize(
    ("services", "pattern", "words"),
    [
        (("a", "b"), "lead.services.two", {"service": "a", "other": "b"}),
        (("a", "b", "c", "d"), "lead.services.more", {"service": "a", "other": "b", "n": 2}),
    ],
)
def test_no_service_goes_uncounted(services, pattern, words):
    fact = incident(services=services)
    assert told(listed(fact), fact=fact)[pattern] == words


def test_an_error_is_compared_only_with_a_week_that_is_known():
    fact = error(events=90, events_before=30, users=7, first_seen=NOW - 40 * DAY, release="2.1")
    said = told(listed(fact), fact=fact)
    assert said["lead.events"] == {"events": 90, "before": 30}
    assert said["lead.users"] == {"n": 7}
    assert said["lead.release"] == {"release": "2.1"}
    bare = replace(fact, events_before=None, users=None, first_seen=None, release=None)
    assert set(told(listed(bare), fact=bare)) == {"lead.owner"}


def test_a_week_that_the_source_counts_otherwise_than_we_printed_is_said_to_be_recounted():
    fact = error(events=90, events_before=30)
    assert "lead.events" in told(listed(fact), fact=fact, printed={fact.key: 30})
    said = told(listed(fact), fact=fact, printed={fact.key: 44})
    assert said["lead.events.recounted"] == {"events": 90, "before": 30}
    assert "lead.events" not in said


def test_the_others_on_the_list_are_told_and_the_lead_is_not_counted_among_them():
    fact = incident()
    others = (
        item("error", "A", "a", severity=Severity.HIGH),
        item("error", "B", "b", severity=Severity.LOW, weeks=7),
        item("error", "C", "c", severity=Severity.LOW, state=ItemState.REOPENED),
        item("error", "D", "d", severity=Severity.CRITICAL, state=ItemState.FIXED),
    )
    said = told(listed(fact, severity=Severity.CRITICAL, weeks=9), *others, fact=fact)
    assert said["lead.grave.more"] == {"n": 1}
    assert said["lead.back"] == {"n": 1}
    assert said["lead.oldest"] == {"title": "b", "weeks": 7}
    assert told(*others)["lead.grave"] == {"n": 1}


def test_a_source_that_is_not_known_lets_nobody_say_how_much_was_read():
    fact = incident()
    assert told(fact=fact, about=ERR)["lead.read"] == {"n": 1, "sources": 1}
    assert not told(fact=fact, about=ERR, states=(State.KNOWN, State.PARTIAL))


def test_where_nothing_is_known_only_that_is_said():
    here = item("error", "A", "a", severity=Severity.CRITICAL, weeks=9)
    dark = replace(here, state=ItemState.UNKNOWN, why="not_answered")
    assert told(dark, dark, here, states=(State.UNKNOWN,)) == {"lead.dark": {"n": 2}}
    assert told(states=(State.UNKNOWN,)) == {}


def test_the_day_that_stands_out_is_the_one_in_the_picture():
    picture = replace(
        everything().edition.picture, key=None, days=(*ROUTINE, 9, 10, 500, 11, 9, 8, 4), marked=23
    )
    said = told(picture=picture)["lead.marked"]
    assert said["events"] == 500
    day = datetime.fromtimestamp(said["day"], UTC).date()
    assert day == picture.until - 4 * DAY
    assert said["upper"] < 20
    assert "lead.marked" not in told(picture=replace(picture, key=ERR))
    assert "lead.marked" not in told(picture=replace(picture, marked=None))


def test_the_desk_writes_it_and_both_languages_have_its_words():
    grave = incident(severity=Severity.HIGH, services=("cart", "search", "mail"))
    edition = filed(edited([harvest("jira", [grave])]))
    assert edition.edition.lead
    for language in BUNDLE.languages:
        words = words_for(edition, BUNDLE, language, Plain)
        for one in edition.edition.lead:
            assert "{" not in words(one.pattern, **one.words)


@given(st.lists(st.sampled_from(list(ItemState)), max_size=20), st.sampled_from(list(State)))
def test_it_fits_the_front_page_and_never_leads_with_what_is_gone(states, known):
    items = [item("incident", f"I-{n}", f"t{n}", state=one) for n, one in enumerate(states)]
    made = lead(
        headline=Headline(pattern="headline.list", words={}, key=INC),
        facts={},
        items=items,
        states=[known],
        picture=None,
        scene=Scene(week=WEEK, span=window(), as_of=NOW),
    )
    assert len(made) <= ROOM
    gone = {one.title for one in items if not one.state.on_list}
    assert not gone & {one.words.get("title") for one in made}
