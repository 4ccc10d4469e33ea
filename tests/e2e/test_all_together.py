"""Two editions in a row from three servers that nobody here wrote: jira820, emulate and Bugsink.

emulate and Bugsink date by the real clock. The first edition closes five days from now, so that
what is done now lies in its week; what Bugsink is told after it is put a week later.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.newsroom import BUGSINK, GITHUB, JIRA, Newsroom, states

pytestmark = pytest.mark.e2e

DAY, WEEK = timedelta(days=1), timedelta(days=7)
INCIDENTS = """
incidents = 'project = INC AND type = Incident AND statusCategory != Done'
scope = 'project = INC AND type = Incident'
"""
RULES = """
[rules.error-new]
events = 3
"""


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  (real servers have a real clock)


@pytest.fixture
def closes():
    """Return when the first edition closes."""
    return (now() + 5 * DAY).replace(second=0, microsecond=0)


@pytest.fixture
def sources(jira_empty, service, bugsink, monkeypatch):
    """The sources of the edition; one more server is one more line."""
    monkeypatch.setenv("E2E_TOKEN", "ada")
    monkeypatch.setenv("E2E_BUGSINK_TOKEN", bugsink.token)
    return (
        JIRA.format(url=jira_empty, more=INCIDENTS),
        GITHUB.format(url=service.url, more='organization = "acme"'),
        BUGSINK.format(url=bugsink.url, more='projects = ["together"]'),
    )


@pytest.fixture
def newsroom(sources, closes, tmp_path):
    meeting = f"{closes.astimezone(ZoneInfo('Europe/Paris')):%A %H:%M}"
    return Newsroom(tmp_path, *sources, RULES, meeting=meeting)


def test_two_editions_say_what_became_of_what_the_first_pointed_at(
    tickets, repository, bugsink, newsroom, closes
):
    tickets.day(f"{closes - 20 * DAY:%Y-%m-%d}")
    solved, left = (tickets.open(f"Incident {n}") for n in range(2))
    merged, waiting = (repository.open(f"Change {n}") for n in range(2))
    for kind in (KeyError, ValueError):
        bugsink.fire("together", kind, "at the till", 4, level="error", release="1.0")
    began = now()
    first = newsroom.edition(closes)
    assert len(first.items) == 6
    assert {*states(first).values()} == {"first_seen"}

    tickets.day(f"{closes + 2 * DAY:%Y-%m-%d}")
    tickets.move(solved, "Done")
    repository.ask("PUT", f"pulls/{merged}/merge")
    bugsink.settle("together", "ValueError", "resolve")
    bugsink.fire("together", KeyError, "at the till", 5, level="error", release="1.0")
    bugsink.age("together", began, -WEEK)
    printed = newsroom.draft(closes + WEEK, render=True)
    second = printed.filed.edition
    errors = {item.title.partition(":")[0]: item for item in second.items if item.kind == "error"}
    assert (errors["ValueError"].state, errors["KeyError"].state) == ("fixed", "carried")
    assert {k: v for k, v in states(second).items() if not k.startswith("TOGETHER")} == {
        solved: "fixed",
        left: "carried",
        f"acme/shop#{merged}": "fixed",
        f"acme/shop#{waiting}": "carried",
    }
    ledger = second.ledger
    assert (ledger.open_then, ledger.fixed, ledger.open_now) == (6, 3, 3)
    assert [(edition.gaps, len(edition.coverage)) for edition in (first, second)] == [((), 3)] * 2
    assert printed.exit_code == 0
    assert "KeyError" in (printed.folder / "index.html").read_text(encoding="utf-8")
