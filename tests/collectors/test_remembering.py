"""What services remember of past weeks, and how they are asked: each against its sandbox."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from werkzeug import Response

from bulletin.collectors import Remembers
from bulletin.collectors.bugsink import BugsinkCollector
from bulletin.collectors.github import GithubCollector
from bulletin.collectors.glitchtip import GlitchtipCollector
from bulletin.collectors.jira import JiraCollector
from bulletin.collectors.jira.past import parse_turns
from bulletin.collectors.jira.reading import Change as Entry
from bulletin.collectors.sentry.collector import SentryCollector
from bulletin.model.facts import Life, Turn
from bulletin.model.harvest import Cause, State
from bulletin.model.week import Window
from bulletin.sandbox.world import World
from tests.collectors import github_company, jira_sandbox
from tests.collectors import test_sentry as sentry_stage
from tests.collectors.github_company import github, happened
from tests.collectors.jira_sandbox import CENTER, CLOUD, DAY, NOW, serve
from tests.collectors.test_sentry import END, change, sentry

__all__ = ["sentry"]  # a fixture

both = pytest.mark.parametrize("answer", [CLOUD, CENTER], ids=["cloud", "data_center"])


def weeks(end, count):
    """Return so many windows of a week, the last of which ended a week before `end`."""
    starts = [end - 7 * back * DAY for back in range(count + 1, 0, -1)]
    return [Window(start, stop) for start, stop in pairwise(starts)]


def subjects(harvest):
    return sorted(fact.key.subject.rpartition("#")[2] for fact in harvest.facts)


def test_who_remembers_better_than_by_being_asked_week_by_week():
    remembering = {JiraCollector, GithubCollector, SentryCollector}
    for one in (*remembering, GlitchtipCollector, BugsinkCollector):
        assert issubclass(one, Remembers) is (one in remembering)


class TestJira:
    WORLD = World(
        incidents=(
            jira_sandbox.story(1, age=60),
            jira_sandbox.story(2, (20, "status", "Done"), age=40),
            jira_sandbox.story(3, (12, "status", "Done"), (3, "status", "Open"), age=30),
            jira_sandbox.story(5, (2, "status", "Won't do"), age=10),
            jira_sandbox.story(6, age=1),
        )
    )

    def remember(self, monkeypatch, world=WORLD, answer=CLOUD, count=2, **more):
        more = {"scope": "project = INC"} | more
        with serve(world, answer) as service:
            made = jira_sandbox.collector(service, monkeypatch, answer is CLOUD, **more)
            return [*made.remember(weeks(NOW, count), NOW)], service.seen

    @both
    def test_what_was_there_is_told_closed_since_or_not(self, answer, monkeypatch):
        before, last = self.remember(monkeypatch, answer=answer)[0]
        assert subjects(before) == ["INC-1", "INC-2", "INC-3"]
        assert subjects(last) == ["INC-1", "INC-3", "INC-5"]
        assert before.coverage.closed_too

    @both
    def test_every_turn_of_an_incident_is_told(self, answer, monkeypatch):
        _, last = self.remember(monkeypatch, answer=answer)[0]
        told = {fact.key.subject: fact.turns for fact in last.facts}
        closed, back = Turn(NOW - 12 * DAY, Life.DONE), Turn(NOW - 3 * DAY, Life.OPEN)
        assert told == {
            "INC-1": (),
            "INC-3": (closed, back),
            "INC-5": (Turn(NOW - 2 * DAY, Life.DECLINED),),
        }

    @both
    def test_a_number_that_is_missing_puts_the_week_in_doubt(self, answer, monkeypatch):
        before, last = self.remember(monkeypatch, answer=answer)[0]
        for harvest in (before, last):
            (gap,) = harvest.gaps
            assert (gap.reason, gap.parts) == (Cause.AFTERWARDS, ())
            assert "INC-4" in gap.detail
            assert harvest.coverage.state is State.PARTIAL

    def test_a_number_that_another_kind_of_ticket_has_does_not(self, monkeypatch):
        task = replace(jira_sandbox.story(4, age=20), kind="Task")
        world = replace(self.WORLD, tasks=(task,))
        harvests, _ = self.remember(monkeypatch, world, scope="project = INC AND type = Incident")
        assert [harvest.gaps for harvest in harvests] == [(), ()]
        assert {harvest.coverage.state for harvest in harvests} == {State.KNOWN}

    def test_twelve_weeks_cost_as_much_as_one(self, monkeypatch):
        harvests, seen = self.remember(monkeypatch, count=12)
        assert len(harvests) == 12
        assert len(seen) == sum(one.coverage.requests for one in harvests) <= 6

    def test_without_a_scope_it_says_what_it_cannot_ask_for(self, monkeypatch):
        harvests, _ = self.remember(monkeypatch, scope=None)
        for harvest in harvests:
            assert any("`scope`" in gap.detail for gap in harvest.gaps)
            assert harvest.coverage.state is State.PARTIAL
            assert not harvest.coverage.closed_too

    def test_a_jira_that_does_not_let_us_in_is_dark_in_every_week(self, monkeypatch):
        harvests, _ = self.remember(monkeypatch, secret="wrong")
        assert {harvest.coverage.state for harvest in harvests} == {State.UNKNOWN}


def moved(days, field, after, word):
    return Entry(at=NOW - days * DAY, field=field, before="1", after=after, word=word)


@pytest.mark.parametrize(
    ("changes", "life", "turns"),
    [
        (None, Life.OPEN, None),
        ((), Life.OPEN, ()),
        ((), Life.DONE, None),
        ((moved(3, "status", "9", "Elsewhere"),), Life.OPEN, None),
        ((moved(3, "status", "3", "Done"),), Life.DONE, (Turn(NOW - 3 * DAY, Life.DONE),)),
        (
            (moved(3, "status", "3", "Done"), moved(3, "resolution", "7", "Duplicate")),
            Life.DECLINED,
            (Turn(NOW - 3 * DAY, Life.DECLINED),),
        ),
        (
            (moved(3, "resolution", "7", "Duplicate"), moved(2, "status", "3", "Done")),
            Life.DECLINED,
            (Turn(NOW - 3 * DAY, Life.DECLINED),),
        ),
    ],
)
def test_a_history_that_does_not_fit_today_is_not_believed(changes, life, turns):
    assert parse_turns(changes, {"1": False, "3": True}, life) == turns


class TestGithub:
    STORIES = (
        github_company.story(number=1),
        github_company.story(number=2, changes=(happened("merge", 3),)),
        github_company.story(number=3, changes=(happened("close", 10),)),
        github_company.story(number=4, changes=(happened("merge", 16),)),
        github_company.story(number=5, created=github_company.NOW - DAY),
    )

    def remember(self, monkeypatch, count=2, **more):
        with github(World(pull_requests=self.STORIES)) as service:
            made = github_company.collector(service, monkeypatch, **more)
            return [*made.remember(weeks(github_company.NOW, count), github_company.NOW)], service

    def test_what_was_there_is_told_closed_since_or_not(self, monkeypatch):
        (before, last), _ = self.remember(monkeypatch)
        assert subjects(before) == ["1", "2", "3", "4"]
        assert subjects(last) == ["1", "2", "3"]
        assert last.coverage.state is State.KNOWN

    def test_checks_are_not_asked_for_and_told_to_be_unknown(self, monkeypatch):
        (_, last), service = self.remember(monkeypatch)
        assert [(gap.parts, gap.reason) for gap in last.gaps] == [(("checks",), Cause.AFTERWARDS)]
        assert not any(b"statusCheckRollup" in one.body for one in service.seen)

    def test_twelve_weeks_cost_as_much_as_one(self, monkeypatch):
        harvests, service = self.remember(monkeypatch, count=12)
        assert len(service.seen) == sum(one.coverage.requests for one in harvests) <= 5


class TestSentry:
    def remember(self, service, count=2, **settings):
        made = sentry_stage.collector(service, **settings)
        return [*made.remember(weeks(END, count), END)]

    def test_events_are_those_of_each_week_whatever_became_of_the_error(self, sentry):
        open_ = sentry_stage.story("1A")
        resolved = sentry_stage.story("2B", changes=(change("resolve", 14),))
        ignored = sentry_stage.story("3C", changes=(change("ignore", 14),))
        service = sentry(open_, resolved, ignored)
        for harvest, window in zip(self.remember(service), weeks(END, 2), strict=True):
            found = {fact.key.subject: fact.events for fact in harvest.facts}
            assert found == {
                one.short_id: one.events(window.start, window.end)
                for one in (open_, resolved, ignored)
            }

    def test_since_when_one_is_ignored_is_asked_for_once(self, sentry):
        ignored = sentry_stage.story("3C", changes=(change("ignore", 14),))
        service = sentry(ignored)
        harvests = self.remember(service)
        told = [fact.resolved for harvest in harvests for fact in harvest.facts]
        assert told == [ignored.changes[0].at] * 2
        assert sum(one.path.endswith(f"/{ignored.number}/") for one in service.seen) == 1

    def test_older_than_it_keeps_is_unknown_and_never_asked(self, sentry):
        service = sentry(sentry_stage.story("1A"))
        harvests = self.remember(service, count=5, retention=30)
        states = [harvest.coverage.state for harvest in harvests]
        assert states == [State.UNKNOWN] * 2 + [State.KNOWN] * 3
        assert all("kept for 30" in gap.detail for one in harvests[:2] for gap in one.gaps)

    def test_a_week_without_a_single_error_is_not_believed(self, sentry):
        service = sentry(sentry_stage.story("1A", first_seen=END - DAY))
        for harvest in self.remember(service):
            assert harvest.coverage.state is State.UNKNOWN
            assert "`retention`" in harvest.gaps[0].hint

    def test_a_sentry_that_does_not_let_us_in_is_asked_once(self, sentry):
        service = sentry(sentry_stage.story("1A"))
        harvests = self.remember(service, count=12, token="wrong")
        assert {harvest.coverage.state for harvest in harvests} == {State.UNKNOWN}
        assert len(service.seen) == 1

    def test_a_week_whose_search_fails_leaves_the_others_whole(self, sentry):
        first = f"{weeks(END, 2)[0].start:%Y-%m-%d}"

        def fault(request, _):
            is_first = (request.args.get("start") or "").startswith(first)
            return Response(json.dumps({"detail": "no"}), 404) if is_first else None

        service = sentry(sentry_stage.story("1A"), fault=fault)
        before, last = self.remember(service)
        assert before.coverage.state is State.UNKNOWN
        assert last.coverage.state is State.KNOWN
        assert last.gaps == ()


def test_what_the_sandbox_s_sentry_no_longer_keeps_it_does_not_count(sentry):
    """As Sentry does: the window is cut off at what is kept, without a word."""
    old = sentry_stage.story("1A", first_seen=END - 200 * DAY)
    service = sentry(old)
    made = sentry_stage.collector(service, retention=365)
    past = Window(END - 100 * DAY, END - 93 * DAY)
    (harvest,) = made.remember([past], END)
    assert harvest.facts == ()
    half = Window(END - 93 * DAY, END - 86 * DAY)
    (harvest,) = made.remember([half], END)
    assert harvest.facts[0].events == old.events(END - 90 * DAY, half.end)
