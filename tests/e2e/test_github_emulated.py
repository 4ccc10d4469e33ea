"""Editions about pull requests that live in emulate, a GitHub that nobody here wrote.

emulate dates everything with the real clock, so it is the desk's clock that goes ahead of it: the
first edition closes two weeks from now. What emulate passes over in a search (owners, dates) it
cannot prove: the queries themselves are looked at instead.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bulletin.model.harvest import Cause
from tests.e2e.github_glue import glue
from tests.e2e.newsroom import GITHUB, Newsroom, items, states

pytestmark = pytest.mark.e2e

RULES = """
[rules.pull-request-stale]
days = 3650
"""
WEEK = timedelta(days=7)
PARIS = ZoneInfo("Europe/Paris")


def next_cutoff() -> datetime:
    """Return a cut-off of the newsroom's that is two to three weeks from now."""
    soon = datetime.fromtimestamp(time.time(), PARIS) + 2 * WEEK
    thursday = soon + timedelta(days=(3 - soon.weekday()) % 7)
    return thursday.replace(hour=10, minute=0, second=0, microsecond=0).astimezone(UTC)


@pytest.fixture
def newsroom(service, tmp_path, monkeypatch):
    monkeypatch.setenv("E2E_TOKEN", "ada")
    source = GITHUB.format(url=service.url, more='organization = "acme"')
    return Newsroom(tmp_path, source, RULES)


def test_what_became_of_pull_requests_on_a_server_that_is_not_ours(repository, newsroom):
    merged, reviewed, refused, waiting = (
        repository.open(f"Pull request {n}") for n in ("one", "two", "three", "four")
    )
    repository.checked(waiting, "failure")
    first = newsroom.edition(cutoff := next_cutoff())
    assert states(first) == {f"acme/shop#{n}": "first_seen" for n in range(1, 5)}
    red = [reason.rule for reason in items(first)[f"acme/shop#{waiting}"].reasons]
    assert sorted(red) == ["pull-request-red", "pull-request-unreviewed"]

    repository.ask("PUT", f"pulls/{merged}/merge")
    repository.ask("POST", f"pulls/{reviewed}/reviews", who="ben", event="APPROVE", body="Good.")
    repository.ask("PATCH", f"pulls/{refused}", state="closed")
    repository.checked(waiting, "success")
    new = repository.open("Pull request five")
    second = newsroom.edition(cutoff + WEEK)
    assert states(second) == {
        f"acme/shop#{merged}": "fixed",
        f"acme/shop#{reviewed}": "cleared",
        f"acme/shop#{refused}": "dropped",
        f"acme/shop#{waiting}": "carried",
        f"acme/shop#{new}": "new",
    }
    assert (second.ledger.open_then, second.ledger.open_now) == (4, 2)
    (still,) = items(second)[f"acme/shop#{waiting}"].reasons
    assert still.rule == "pull-request-unreviewed"

    repository.ask("PATCH", f"pulls/{refused}", state="open")
    third = newsroom.edition(cutoff + 2 * WEEK)
    assert states(third) == {
        f"acme/shop#{refused}": "reopened",
        f"acme/shop#{waiting}": "carried",
        f"acme/shop#{new}": "carried",
    }
    assert [edition.gaps for edition in (first, second, third)] == [(), (), ()]


def test_ones_own_remarks_are_no_review(repository, newsroom):
    """The control of the test above: what clears an item is that somebody else looked."""
    number = repository.open("Pull request one")
    cutoff = next_cutoff()
    newsroom.edition(cutoff)
    repository.ask("POST", f"pulls/{number}/reviews", who="ada", event="COMMENT", body="Well.")
    assert states(newsroom.edition(cutoff + WEEK)) == {f"acme/shop#{number}": "carried"}


def test_a_renamed_repository_keeps_its_items(repository, newsroom):
    stays, leaves = repository.open("Pull request one"), repository.open("Pull request two")
    cutoff = next_cutoff()
    newsroom.edition(cutoff)
    repository.ask("PATCH", "", name="store")
    repository.name = "acme/store"
    repository.ask("PUT", f"pulls/{leaves}/merge")
    second = newsroom.edition(cutoff + WEEK)
    assert states(second) == {f"acme/store#{stays}": "carried", f"acme/store#{leaves}": "fixed"}
    assert {str(key) for item in second.items for key in item.formerly} == {
        f"github:pull_request:acme/shop#{number}" for number in (stays, leaves)
    }


def test_pages_are_turned_until_all_is_there(repository, newsroom, service):
    for number in range(55):
        repository.open(f"Pull request {number}")
    edition = newsroom.edition(next_cutoff())
    (coverage,) = edition.coverage
    assert (coverage.seen, coverage.expected, len(edition.items)) == (55, 55, 55)
    searches = [json.loads(seen.body)["variables"] for seen in service.seen if b"$q" in seen.body]
    assert len(searches) > 1
    for variables in searches:
        assert {"org:acme", "is:pr", "is:open", "archived:false"} <= {*variables["q"].split()}


def test_codeowners_on_the_default_branch_name_the_owner(repository, newsroom):
    repository.open("Pull request one")
    owners = {"message": "Owners", "content": "KiBAYWNtZS9jaGVja291dAo=", "branch": "main"}
    repository.ask("PUT", "contents/CODEOWNERS", **owners)
    (item,) = newsroom.edition(next_cutoff()).items
    assert item.owner == "checkout"


def test_check_finds_everything_readable(repository, newsroom):
    repository.open("Pull request one")
    lines = newsroom.run("check", "--json").output.splitlines()
    told = {line["what"]: line for line in map(json.loads, lines) if line["where"] == "github"}
    assert [what for what, line in told.items() if not line["ok"]] == []
    assert {"credentials", "organization acme", "checks", "CODEOWNERS"} <= {*told}
    assert told["pull requests"]["detail"] == "1 open"


def test_without_a_token_nothing_is_known(github_emulated, service, newsroom):
    """emulate takes every token there is, so the header is lost on the way to it."""

    def stripped(request, world, moment):
        request.headers = {}
        return glue(github_emulated)(request, world, moment)

    service.answer = stripped
    edition = newsroom.edition(next_cutoff())
    (gap,) = edition.gaps
    assert (gap.reason, edition.items) == (Cause.REFUSED, ())
    assert "FAIL github     credentials: " in newsroom.run("check").output


def test_a_github_without_graphql_is_told_in_words(github_emulated, tmp_path, monkeypatch):
    """emulate itself, without the glue: nothing is known, nothing breaks, and it says why."""
    monkeypatch.setenv("E2E_TOKEN", "ada")
    newsroom = Newsroom(tmp_path, GITHUB.format(url=github_emulated, more='organization = "acme"'))
    checked = newsroom.run("check").output
    assert "localhost answered 404: there is no GraphQL at this address" in checked
    printed = newsroom.draft(next_cutoff())
    (gap,) = printed.filed.edition.gaps
    assert (printed.exit_code, gap.reason, gap.kinds) == (3, Cause.NOT_FOUND, ("pull_request",))
    assert "`api`" in gap.hint
    assert printed.filed.edition.coverage[0].expected is None
