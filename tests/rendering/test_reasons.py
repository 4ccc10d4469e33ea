"""Why an item is on the list, in sentences: a number once, and what is new said to be."""

from dataclasses import replace

from bulletin.model.edition import Reason, Trend
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import reasons, words_for
from bulletin.rendering.escape import Plain
from tests.menagerie import WEEK, everything, item

WORDS = words_for(everything(), Bundle.read(), "en", Plain)
OLD = Reason(rule="incident-old", words={"days": 22}, since=WEEK.shift(-1))
SILENT = Reason(rule="incident-silent", words={"days": 22}, since=WEEK)


def said(*why, trend=None, events=None):
    held = replace(item("incident", "A", "t"), reasons=why, trend=trend)
    return list(reasons(held, WEEK, WORDS, events))


def test_a_number_of_days_is_said_once():
    assert said(OLD, SILENT) == ["Opened 22 days ago.", "Not a word on it since."]
    other = replace(SILENT, words={"days": 9})
    assert said(OLD, other)[1] == "Not a word on it for 9 days."


def test_a_rule_that_joined_is_said_to_where_the_item_got_worse():
    assert said(OLD, SILENT, trend=Trend.WORSE)[1] == "Now also: Not a word on it since."
    assert said(replace(OLD, since=WEEK), SILENT, trend=Trend.WORSE)[1] == "Not a word on it since."


def test_the_number_that_is_printed_beside_is_not_said_again():
    new = Reason(rule="error-new", words={"events": 90, "users": 3}, since=WEEK)
    assert said(new) == ["New this week: 90 events, 3 users."]
    assert said(new, events=90) == ["New this week: 3 users."]
    assert said(new, events=91) == ["New this week: 90 events, 3 users."]


def test_a_week_that_we_printed_otherwise_is_said_to_be_recounted():
    words = {"events": 900, "before": 240, "limit": 410, "printed": 236}
    rising = Reason(rule="error-rising", words=words, since=WEEK)
    (sentence,) = said(rising)
    assert sentence.startswith("900 events this week, 240 the week before, recounted by its source")
    assert said(rising, events=900)[0].startswith("It was 240 the week before, recounted")


def test_a_moment_in_a_sentence_is_told_in_the_zone():
    assert WORDS("lead.opened.week", opened=1_795_000_000, status="open") == (
        "Opened on Wednesday 12:06, it stands at “open”."
    )
    assert (
        WORDS("lead.silent", updated=1_795_000_000) == "The last word on it is from Nov 18, 2026."
    )
