"""The benchmarks run, and tell too much from enough. What they count here is the same anywhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import collection, counts, table
from benchmarks.company import Asked, Size

ROOT = Path(__file__).parents[1]


def test_the_counting_half_of_the_benchmarks_finds_nothing_too_much():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = [line.split()[-1] for line in done.stdout.splitlines() if line.endswith(" ok")]
    assert len(verdicts) == 11


def test_a_law_that_a_source_breaks_is_told(monkeypatch):
    monkeypatch.setitem(counts.LAWS, "jira", ("incidents", 100, 1, 3))
    rows = list(counts.rows([Size(1, 1, 1, 1)]))
    assert [row.verdict for row in rows] == ["ok", "TOO MUCH", "ok"]


def test_facts_that_were_not_brought_are_no_measurement(monkeypatch):
    monkeypatch.setattr(counts, "ask", lambda _: ({"github": 1, "jira": 0, "sentry": 0}, []))
    with pytest.raises(AssertionError, match="github brought 1 of 2"):
        list(counts.rows([Size(2, 1, 0, 0)]))


def test_what_could_have_been_asked_meanwhile_is_not_in_the_chain():
    paths = ("serverInfo", "myself", "field", "search/jql", "changelog/bulkfetch", "search/jql")
    log = [Asked("jira", f"/rest/api/3/{path}", 0.1) for path in (*paths, "changelog/bulkfetch")]
    log += [Asked("github", "/graphql", 0.1) for _ in range(3)]
    assert len(collection.chain(log, "jira")) == 5
    assert len(collection.chain(log, "github")) == 3


def test_a_table_says_what_was_too_much():
    rows = [table.at_most("a", 1.5, 1.0, " s"), table.at_most("b", 1, 1), table.Row("c", "7")]
    said = table.show(rows).splitlines()
    assert said[1].split() == ["a", "1.50", "s", "1", "s", "TOO", "MUCH"]
    assert said[2].split() == ["b", "1", "1", "ok"]
    assert said[3].split() == ["c", "7"]
