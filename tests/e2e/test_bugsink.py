"""Editions of a real Bugsink: what its errors are in week after week."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bulletin import config, pipeline, registry
from bulletin.collectors.bugsink import BugsinkCollector
from bulletin.config import Secret
from bulletin.model.facts import Life
from bulletin.model.harvest import Cause, State
from bulletin.model.week import Week, Window
from bulletin.wire.http import Budget
from tests.collectors.bugsink_server import Issue
from tests.e2e.serving import free_port

pytestmark = pytest.mark.e2e
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def collector(bugsink, token=None, **settings):
    made = BugsinkCollector.Settings(site=bugsink.url, token=Secret(env="UNUSED"), **settings)
    return BugsinkCollector(made, "bugsink", token or bugsink.token, Budget())


class Journal:
    """The journal of one project, a draft a week, the last of them now."""

    def __init__(self, bugsink, folder, project, weeks):
        self._bugsink, self._project, self._weeks = bugsink, project, weeks
        self._began = now()
        self._path = folder / "bulletin.toml"

    def _settings(self, url):
        self._path.write_text(
            f'zone = "UTC"\nmeeting = "{self._began + HOUR:%A %H:%M}"\n'
            f'[[source]]\nkind = "bugsink"\nsite = "{url}"\nprojects = ["{self._project}"]\n'
            'token = { env = "BUGSINK_TOKEN" }\n'
            "[rules.error-new]\nevents = 3\n[rules.error-regressed]\nevents = 2\n"
        )
        return config.load(self._path, registry.kinds())

    def draft(self, url=None):
        """Put what fired since the last draft into its week, and draft that week."""
        self._weeks -= 1
        moment = self._began - timedelta(weeks=self._weeks)
        self._bugsink.age(self._project, self._began, self._began - moment + HOUR)
        week = Week.of(moment + HOUR, ZoneInfo("UTC"))
        settings = self._settings(url or self._bugsink.url)
        return pipeline.draft(settings, week=week, now=moment, render=False).filed.edition


def now():
    return datetime.now(UTC)  # noqa: TID251  (a real server has a real clock)


def states(edition):
    """Return each item's state by the kind of error in its title."""
    return {item.title.partition(":")[0]: str(item.state) for item in edition.items}


def test_a_bulletin_follows_what_becomes_of_errors(bugsink, tmp_path, monkeypatch):
    monkeypatch.setenv("BUGSINK_TOKEN", bugsink.token)
    journal = Journal(bugsink, tmp_path, "shop", weeks=4)
    for kind, level in (
        (KeyError, "fatal"), (ValueError, "error"), (RuntimeError, "error"),
        (TypeError, "warning"), (OSError, "error"),
    ):  # fmt: skip
        bugsink.fire("shop", kind, "at the till", 4, level=level, release="1.0", tags={"a": "b"})
    bugsink.fire("shop", LookupError, "too quiet to be listed", 2)

    first = journal.draft()
    listed = ("KeyError", "ValueError", "RuntimeError", "TypeError", "OSError")
    assert states(first) == dict.fromkeys(listed, "first_seen")
    assert {f.title.partition(":")[0]: f.events for f in first.facts}["LookupError"] == 2
    assert first.coverage[0].state is State.KNOWN
    assert not first.gaps

    bugsink.settle("shop", "ValueError", "resolve")
    bugsink.settle("shop", "RuntimeError", "resolve")
    bugsink.fire("shop", RuntimeError, "at the till", 4, release="1.1")
    bugsink.settle("shop", "TypeError", "delete")
    bugsink.settle("shop", "OSError", "mute")
    bugsink.fire("shop", KeyError, "at the till", 5, release="1.1")
    bugsink.fire("shop", ZeroDivisionError, "in the basket", 3, release="1.1")
    second = journal.draft()
    assert states(second) == {
        "KeyError": "carried",
        "ValueError": "fixed",
        "RuntimeError": "carried",
        "TypeError": "dropped",
        "OSError": "dropped",
        "ZeroDivisionError": "new",
    }
    whys = {item.title.partition(":")[0]: item.why for item in second.items if item.why}
    assert whys == {"TypeError": "deleted", "OSError": "declined"}
    events = {f.title.partition(":")[0]: (f.events, f.events_before) for f in second.facts}
    assert events["KeyError"] == (5, 4)
    assert events["ZeroDivisionError"] == (3, 0)
    assert events["ValueError"] == (0, 4)

    dark = journal.draft(url=f"http://127.0.0.1:{free_port()}")
    assert set(states(dark).values()) == {"unknown"}
    assert dark.ledger.fixed == dark.ledger.cleared == dark.ledger.dropped == 0
    assert [gap.reason for gap in dark.gaps] == [Cause.UNREACHABLE]

    bugsink.fire("shop", KeyError, "at the till", 3, release="1.2")
    bugsink.fire("shop", ValueError, "at the till", 2, release="1.2")
    fourth = journal.draft()
    assert states(fourth)["ValueError"] == "reopened"
    assert {r.rule for i in fourth.items if i.state == "reopened" for r in i.reasons} == {
        "error-regressed.bare"
    }


def test_a_loud_error_is_counted_through_the_pages_of_the_server(bugsink):
    """The oracle walks along the server's own links; the collector leaps by number."""
    bugsink.fire("loud", MemoryError, "again", 280)
    issue = bugsink.issues("loud")["MemoryError"]
    events = bugsink.events(issue["id"])
    assert issue.keys() == Issue(1, events=(now(),)).row.keys(), "what the small one tells of it"
    total = len(events)
    assert [event["digest_order"] for event in events] == list(range(total, 0, -1))
    end = now()
    asked = 0
    for number in (1, 30, 31, 280):
        start = datetime.fromisoformat(events[-number]["ingested_at"])
        one = collector(bugsink, projects=("loud",))
        (fact,) = one.collect(Window(start, end), end).facts
        taken = [datetime.fromisoformat(event["ingested_at"]) for event in events]
        assert fact.events == sum(start <= at < end for at in taken)
        assert fact.events_before == sum(start - (end - start) <= at < start for at in taken)
        asked = max(asked, one._budget.requests)
    assert asked == 4, "projects, issues, and the two pages that there are"


def test_what_was_resolved_in_a_release_is_not_said_to_be_silent(bugsink):
    """Bugsink lets such an error fire on from older releases: when it was resolved is unknown."""
    bugsink.fire("search-engine", BufferError, "full", 2, release="2.0")
    bugsink.settle("search-engine", "BufferError", "resolve-next")
    bugsink.fire("search-engine", BufferError, "full", 2, release="2.0")
    end = now()
    harvest = collector(bugsink, projects=("search-engine",)).collect(Window(end - DAY, end), end)
    (fact,) = harvest.facts
    assert (fact.life, fact.events, fact.resolved) == (Life.DONE, 4, None)


def test_what_the_server_keeps_lies_in_a_folder_of_its_own(bugsink):
    """In the one that it would take, it may not write what another user's server has made."""
    bugsink.fire("loud", MemoryError, "again", 1)
    assert (bugsink.folder / "ingestion").is_dir()


def test_check_tells_a_good_token_from_a_bad_one(bugsink):
    bugsink.fire("loud", MemoryError, "again", 1)
    checks = {check.what: check for check in collector(bugsink, projects=("loud",)).check()}
    assert [*checks] == ["address", "credentials", "projects", "issues", "events"]
    assert all(check.ok for check in checks.values())
    *_, refused = collector(bugsink, token="0" * 40).check()
    assert (refused.what, refused.ok) == ("credentials", False)
    lost = {check.what: check for check in collector(bugsink, projects=("nowhere",)).check()}
    assert not lost["projects"].ok
    assert "nowhere" in lost["projects"].detail
