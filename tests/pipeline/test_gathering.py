"""Gathering: every source is asked, and no failure of one is lost or stops another."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bulletin.collectors.jira import JiraCollector
from bulletin.collectors.sentry import SentryCollector
from bulletin.config import Plug
from bulletin.errors import SettingsError
from bulletin.model.edition import Item
from bulletin.model.facts import Life, Severity
from bulletin.model.harvest import Cause, Harvest, Missing, State
from bulletin.model.week import Window
from bulletin.pipeline.gathering import build, gather
from tests.builders import DAY, NOW, WEEK, edited, gap, harvest, incident, pull_request, window

SEVERE = incident(severity=Severity.HIGH)
LISTED = edited([harvest("jira", [SEVERE])]).items


class Told:
    """A collector that brings what it was given, and remembers what it was asked for."""

    def __init__(
        self, source: str, found: Harvest | Exception, again: Harvest | Exception | None = None
    ) -> None:
        self.source = source
        self.kinds = ("incident",)
        self.found = found
        self.again = again
        self.asked: list[Item] = []

    def collect(self, window: Window, as_of: datetime) -> Harvest:
        return self._give(self.found)

    def revisit(self, items: Sequence[Item]) -> Harvest:
        self.asked = list(items)
        assert self.again is not None
        return self._give(self.again)

    def check(self) -> list[None]:
        return []

    def _give(self, what: Harvest | Exception) -> Harvest:
        if isinstance(what, Exception):
            raise what
        return what


def one(collector: Told, as_of: datetime = NOW) -> Harvest:
    (made,) = gather([collector], window(), as_of, LISTED)
    return made


def test_what_the_search_did_not_return_is_looked_up() -> None:
    resolved = incident(life=Life.DONE)
    collector = Told("jira", harvest("jira"), harvest("jira", [resolved]))
    made = one(collector)
    assert [item.key for item in collector.asked] == [SEVERE.key]
    assert made.facts == (resolved,)
    assert made.coverage.requests == 2


def test_what_the_search_returned_is_not_asked_for_again() -> None:
    collector = Told("jira", harvest("jira", [SEVERE]), AssertionError("asked again"))
    assert one(collector).facts == (SEVERE,)


def test_what_was_unknown_for_longest_is_looked_up_first() -> None:
    """A collector that looks up only so many comes to all of them, week by week."""
    first, second, third, fourth = (replace(LISTED[0], handle=name) for name in "1234")
    dark = [replace(third, unknown_since=WEEK), replace(fourth, unknown_since=WEEK.shift(-1))]
    collector = Told("jira", harvest("jira"), harvest("jira"))
    gather([collector], window(), NOW, [first, second, *dark])
    assert [item.handle for item in collector.asked] == ["4", "3", "1", "2"]


def test_a_source_that_is_down_is_not_asked_again() -> None:
    dark = harvest("jira", gaps=(gap("jira"),), state=State.UNKNOWN)
    collector = Told("jira", dark, AssertionError("asked again"))
    assert one(collector) == dark


def test_a_collector_that_breaks_is_a_gap_and_stops_no_other(caplog) -> None:
    caplog.set_level(logging.CRITICAL)
    other = Told("github", harvest("github", [pull_request()]))
    broken = Told("jira", ZeroDivisionError("secret detail"))
    made = {h.source: h for h in gather([broken, other], window(), NOW, LISTED)}
    assert made["github"].facts
    assert made["jira"].coverage.state is State.UNKNOWN
    (found,) = made["jira"].gaps
    assert found.reason is Cause.BROKEN
    assert found.hides("incident")
    assert "secret" not in found.detail


def test_a_look_up_that_breaks_leaves_what_was_found_and_says_so(caplog) -> None:
    caplog.set_level(logging.CRITICAL)
    other = incident("INC-2")
    made = one(Told("jira", harvest("jira", [other]), KeyError("id")))
    assert made.facts == (other,)
    assert made.coverage.state is State.PARTIAL
    assert [g.reason for g in made.gaps] == [Cause.BROKEN]


def test_what_is_gone_travels_along() -> None:
    gone = Missing(key=SEVERE.key, why="deleted")
    made = one(Told("jira", harvest("jira"), harvest("jira", missing=(gone,))))
    assert made.missing == (gone,)


def test_asked_a_day_after_the_week_closed_it_is_told_to_be_stale() -> None:
    in_time = one(Told("jira", harvest("jira", [SEVERE])), NOW + timedelta(hours=23))
    late = one(Told("jira", harvest("jira", [SEVERE])), NOW + 3 * DAY)
    assert in_time.coverage.state is State.KNOWN
    assert late.coverage.state is State.STALE
    assert [g.reason for g in late.gaps] == [Cause.AFTERWARDS]


def test_what_rests_under_a_waiver_is_followed_too() -> None:
    edition = edited([harvest("jira", [SEVERE])])
    assert [item.key for item in edition.followed] == [SEVERE.key]


def test_every_missing_secret_is_told_at_once(monkeypatch) -> None:
    for name in ("JIRA_TOKEN", "SENTRY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    jira = JiraCollector.Settings(
        site="https://acme.atlassian.net", token={"env": "JIRA_TOKEN"}, incidents="project = INC"
    )
    sentry = SentryCollector.Settings(organization="acme", token={"env": "SENTRY_TOKEN"})
    with pytest.raises(SettingsError) as raised:
        build(
            [
                Plug(kind="jira", name="jira", settings=jira),
                Plug(kind="sentry", name="sentry", settings=sentry),
            ]
        )
    assert "JIRA_TOKEN" in raised.value.problem
    assert "SENTRY_TOKEN" in raised.value.problem


def test_no_source_at_all_is_told() -> None:
    with pytest.raises(SettingsError, match="no source"):
        build([])
