"""The command line: what a person types, what a person gets wrong, and what they read then."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bulletin import config, registry
from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.cli import main
from bulletin.demo import CLOSES, LAST, ZONE
from bulletin.model.week import Week
from bulletin.notes import END
from bulletin.pipeline import current_week, gathering
from bulletin.rendering.html import HtmlRenderer
from bulletin.sandbox.company import Company, open_company
from bulletin.sandbox.world import load
from tests.masking.planted import SECRETS

TOKEN = "BULLETIN_DEMO_TOKEN"


@pytest.fixture(scope="module")
def company():
    """Return the demo company, open at the cut-off of its last week."""
    with open_company(load(), LAST.closes(ZONE, CLOSES)) as opened:
        yield opened


@pytest.fixture
def desk(company: Company, tmp_path: Path, monkeypatch) -> Path:
    """Return a folder with settings that work, and the secret they name.

    PDFs take seconds and are printed by the demo's tests: here they are left out.
    """
    for name in ("deck", "paper"):
        monkeypatch.delitem(registry.RENDERERS, name)
    monkeypatch.setenv(TOKEN, company.environment[TOKEN])
    monkeypatch.chdir(tmp_path)
    settings = company.settings("The Journal", "en").replace("demo.db", "journal.db")
    (tmp_path / "bulletin.toml").write_text(settings.replace('output = "."', 'output = "out"'))
    return tmp_path


def bulletin(*words: str):
    return CliRunner().invoke(main, words)


def change(desk: Path, old: str, new: str) -> None:
    path = desk / "bulletin.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(result, code: int) -> list[str]:
    """Hold the result to its exit code and to two lines on stderr; return them."""
    assert result.exit_code == code, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 2, result.stderr
    assert lines[0].startswith("bulletin: ")
    assert "Traceback" not in result.output
    return lines


WEEK = ("draft", "--week", str(LAST))


def test_a_draft_is_printed_filed_and_laid_out(desk):
    result = bulletin(*WEEK, "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == summary["exit_code"]
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    assert edition["digest"] == summary["digest"]
    assert {item["state"] for item in edition["items"]} == {"first_seen"}
    assert bulletin("verify", str(LAST)).exit_code == 0
    assert (desk / "out" / "index.html").is_file()


def test_a_draft_made_long_after_the_week_says_so_and_ends_with_3(desk):
    result = bulletin(*WEEK, "--json")
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    assert result.exit_code == 3
    assert {gap["reason"] for gap in edition["gaps"]} == {"afterwards"}
    assert {coverage["state"] for coverage in edition["coverage"]} == {"stale"}


def test_a_second_draft_is_a_correction_of_the_first(desk):
    first = json.loads(bulletin("draft", "--json").stdout)
    time.sleep(1.1)
    second = json.loads(bulletin("draft", "--json").stdout)
    assert (first["revision"], second["revision"]) == (1, 2)
    shown = json.loads(bulletin("show", "--json").stdout)
    assert shown["corrects"] == first["digest"]


def test_a_secret_in_a_title_is_told_to_whoever_can_revoke_it(desk, monkeypatch):
    secret = dict(SECRETS)["GitHub token"]
    world = load()
    stories = [replace(one, title=f"{secret} {one.title}") for one in world.pull_requests[:1]]
    planted = replace(world, pull_requests=(*stories, *world.pull_requests[1:]))
    with open_company(planted, LAST.closes(ZONE, CLOSES)) as company:
        settings = company.settings("The Journal", "en").replace("demo.db", "journal.db")
        (desk / "bulletin.toml").write_text(settings)
        result = bulletin(*WEEK)
        summary = json.loads(bulletin(*WEEK, "--json").stdout)
    story = stories[0]
    assert (
        f"github:pull_request:{story.repository}#{story.number}: its title holds a secret"
        " (GitHub token)\n  Revoke it"
    ) in result.stderr
    assert secret not in result.output + result.stderr
    assert summary["masked"] == 1


def test_what_could_not_be_learnt_is_said_on_stderr_with_what_to_do(desk, monkeypatch):
    monkeypatch.setenv(TOKEN, "wrong")
    lines = bulletin("--quiet", "draft").stderr.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("github: ")
    assert all(line.startswith("  ") for line in lines[1::2])


def test_a_source_that_went_dark_does_not_wipe_out_the_edition_on_file(desk, monkeypatch):
    good = json.loads(bulletin("draft", "--json").stdout)
    before = (Path(good["folder"]) / "edition.json").read_bytes()
    monkeypatch.setenv(TOKEN, "wrong")
    lines = told(bulletin("draft"), 1)
    assert "github, jira, sentry" in lines[0]
    assert (Path(good["folder"]) / "edition.json").read_bytes() == before


def test_a_week_that_a_later_one_was_judged_against_is_closed(desk):
    assert bulletin("draft").exit_code == 0
    assert "can no longer be changed" in told(bulletin(*WEEK), 2)[0]


@pytest.mark.parametrize("week", ["1999-W01", "2026-W20"])
def test_a_week_long_past_is_refused(desk, week):
    told(bulletin("draft", "--week", week), 2)


@pytest.fixture
def today(monkeypatch):
    """Let it be the last week's cut-off, as it is for the demo's services."""
    now = LAST.closes(ZONE, CLOSES)

    class Then(datetime):
        @classmethod
        def now(cls, *_):
            return now

    monkeypatch.setattr("bulletin.pipeline.clock.datetime", Then)


def test_weeks_are_filled_in_before_a_first_edition(desk, today):
    result = bulletin("draft", "--past", "7")
    assert result.exit_code == 0, result.output
    assert "Filled in afterwards: 2026-W40 to 2026-W46, 7 in all." in result.stdout
    assert "jira, 7 of 7 weeks filled in, such as: " in result.stderr
    assert "7 weeks were filled in afterwards" in bulletin("show").stdout
    lines = bulletin("list").stdout.splitlines()
    assert [("filled in" in line, line[:8]) for line in lines[:2]] == [
        (False, "2026-W47"),
        (True, "2026-W46"),
    ]
    assert "no list" in bulletin("ledger", "2026-W44").stdout
    shown = bulletin("show", "2026-W44").stdout
    assert "A week from memory" in shown
    assert "Filled in afterwards" in shown
    assert bulletin("verify", str(LAST)).exit_code == 0
    assert sorted(path.name for path in (desk / "out").iterdir() if path.is_dir()) == [str(LAST)]


def test_what_was_filled_in_is_told_to_programs(desk, today):
    summary = json.loads(bulletin("draft", "--past", "1", "--json").stdout)
    assert summary["filled_in"] == ["2026-W46"]
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    assert edition["afterwards"] == ["2026-W46"]
    assert (edition["number"], edition["previous"], edition["asked"]) == (1, None, None)


@pytest.mark.parametrize("words", [("--past", "0"), ("--past", "13"), ("--past", "some")])
def test_a_number_of_weeks_that_cannot_be_filled_in(desk, words):
    assert bulletin("draft", *words).exit_code == 2
    assert bulletin("draft", "--past", "2", "--week", str(LAST)).exit_code == 2


def test_nothing_is_filled_in_where_something_is_on_file(desk, today):
    assert bulletin("draft").exit_code == 0
    assert "editions on file" in told(bulletin("draft", "--past", "3"), 2)[0]


def test_a_week_that_is_drafted_late_says_what_cannot_be_known(desk):
    result = bulletin(*WEEK)
    assert result.exit_code == 3
    assert "how it stood then is not known of " in result.stderr
    assert "substatus" in result.stderr
    assert "Made afterwards" in result.stdout


def test_no_color_is_obeyed(desk):
    result = CliRunner().invoke(main, ["draft", "--week", "2099-W10"], color=True)
    assert "\x1b[" in result.stderr
    plain = CliRunner(env={"NO_COLOR": "1"}).invoke(
        main, ["draft", "--week", "2099-W10"], color=True
    )
    assert "\x1b[" not in plain.stderr


def test_check_changes_nothing(desk):
    before = sorted(path.name for path in desk.iterdir())
    bulletin("check")
    assert sorted(path.name for path in desk.iterdir()) == before


def test_in_cron_a_quiet_draft_says_nothing(desk):
    result = bulletin("--quiet", "draft")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_check_says_ok_line_by_line(desk):
    result = bulletin("check", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0, result.output
    assert {line["where"] for line in lines} == {
        "archive", "output", "pages", "github", "jira", "sentry"
    }  # fmt: skip
    assert all(line["ok"] for line in lines)


def test_check_says_what_to_do_about_each_thing_that_is_wrong(desk, monkeypatch):
    monkeypatch.setenv(TOKEN, "wrong")
    result = bulletin("check")
    assert result.exit_code == 1
    assert result.stdout.count("FAIL") == 3
    assert "Traceback" not in result.output


def test_check_tries_every_channel(desk):
    """Nobody listens where the mail server should be; the folder of files can be written to."""
    with (desk / "bulletin.toml").open("a") as file:
        file.write(
            '[[publish]]\nkind = "email"\nfrom = "j@acme.example"\nto = ["a@acme.example"]\n'
            'host = "localhost"\nport = 1\nsecurity = "none"\n[[publish]]\nkind = "files"\n'
        )
    result = bulletin("check", "--json")
    lines = {line["where"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1
    assert lines["files"]["ok"]
    assert "localhost:1 could not be reached" in lines["email"]["detail"]
    assert lines["email"]["hint"].startswith("Check host, port and security")


def test_init_writes_settings_that_load_and_never_over_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bulletin("init").exit_code == 0
    written = (tmp_path / "bulletin.toml").read_text()
    assert "no archive" in told(bulletin("list"), 1)[0]
    told(bulletin("init"), 1)
    assert (tmp_path / "bulletin.toml").read_text() == written
    assert bulletin("init", "--force").exit_code == 0


# What people get wrong.


def test_no_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = told(bulletin("draft"), 2)
    assert "bulletin init" in lines[1]


def test_broken_toml(desk):
    (desk / "bulletin.toml").write_text('title = "The\n')
    assert "line 1" in told(bulletin("draft"), 2)[0]


def test_settings_that_are_a_folder(desk):
    told(bulletin("--config", str(desk), "draft"), 2)


def test_several_mistakes_are_told_at_once(desk):
    change(desk, 'zone = "Europe/Paris"', 'zone = "Europe/Pariss"\nlanugage = "fr"')
    change(desk, "organization", "organisation")
    result = bulletin("draft")
    assert result.exit_code == 2
    assert "did you mean 'language'" in result.stderr
    assert "did you mean 'organization'" in result.stderr
    assert "Pariss" in result.stderr


def test_a_secret_written_into_the_settings_is_refused_and_not_repeated(desk):
    change(desk, '{ env = "BULLETIN_DEMO_TOKEN" }', '"ghp_012345678901234567890123456789abcdef"')
    result = bulletin("draft")
    assert result.exit_code == 2
    assert "ghp_" not in result.output


def test_a_missing_secret(desk, monkeypatch):
    monkeypatch.delenv(TOKEN)
    result = bulletin("draft")
    assert result.exit_code == 2
    assert result.stderr.count(TOKEN) >= 3


@pytest.mark.parametrize("week", ["W47", "2026-W60", "next", "2026-47"])
def test_a_week_that_is_none(desk, week):
    result = bulletin("draft", "--week", week)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_week_that_has_not_begun(desk):
    told(bulletin("draft", "--week", "2099-W10"), 2)


def test_a_wrong_token_is_a_gap_in_every_section_and_never_a_zero(desk, monkeypatch):
    monkeypatch.setenv(TOKEN, "wrong-token-of-mine")
    result = bulletin(*WEEK)
    assert result.exit_code == 3
    folder = desk / "out" / str(LAST)
    edition = json.loads((folder / "edition.json").read_text())
    assert {c["state"] for c in edition["coverage"]} == {"unknown"}
    assert {g["reason"] for g in edition["gaps"]} == {"refused"}
    assert {f["value"] for f in edition["figures"]} == {None}
    for name in ("index.html", "email.txt", "bulletin.md"):
        assert "all clear" not in (folder / name).read_text().lower()
    written = b"".join(path.read_bytes() for path in desk.rglob("*") if path.is_file())
    assert b"wrong-token-of-mine" not in written
    assert "wrong-token-of-mine" not in result.output


@pytest.mark.parametrize("kind", ["github", "jira", "sentry"])
def test_a_host_that_is_not_there_stops_no_other_source(desk, company, kind, monkeypatch):
    monkeypatch.setattr("bulletin.wire.http.ATTEMPTS", 1)
    url = company.services[kind].url
    change(desk, f'"{url}"', '"http://localhost:9"')
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert bulletin(*WEEK).exit_code == 3
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    states = {c["source"]: c["state"] for c in edition["coverage"]}
    assert states.pop(kind) == "unknown"
    assert "unknown" not in states.values()


def test_jql_that_the_server_refuses(desk):
    change(desk, "project = INC AND type = Incident AND statusCategory", "projekt = INC AND status")
    assert bulletin(*WEEK).exit_code == 3
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    (gap,) = [g for g in edition["gaps"] if g["reason"] == "bad_query"]
    assert "projekt" in gap["detail"]
    assert "incidents" in gap["hint"]


def test_an_organization_that_does_not_exist(desk):
    change(desk, 'organization = "recircle"', 'organization = "recircel"')
    assert bulletin(*WEEK).exit_code == 3
    edition = json.loads((desk / "out" / str(LAST) / "edition.json").read_text())
    reasons = {g["source"]: g["reason"] for g in edition["gaps"] if g["reason"] != "afterwards"}
    assert reasons == {"github": "not_found", "sentry": "not_found"}


def test_an_output_that_cannot_be_written_to_files_nothing(desk):
    (desk / "out").write_text("a file stands here")
    told(bulletin(*WEEK), 1)
    assert (desk / "out").read_text() == "a file stands here"
    assert not (desk / "journal.db").exists()


def test_an_archive_from_a_newer_version_is_left_alone(desk):
    assert bulletin(*WEEK).exit_code == 3
    with sqlite3.connect(desk / "journal.db") as connection:
        connection.execute("update bulletin_revision set version_num = '9999_from_the_future'")
    connection.close()
    before = (desk / "journal.db").read_bytes()
    assert "newer version" in told(bulletin(*WEEK), 1)[0]
    told(bulletin("list"), 1)
    assert (desk / "journal.db").read_bytes() == before


@pytest.mark.parametrize("body", [b"this is no database at all" * 400, b"SQLite format 3\0" * 60])
def test_an_archive_that_is_none_is_left_alone(desk, body):
    (desk / "journal.db").write_bytes(body)
    told(bulletin(*WEEK), 1)
    told(bulletin("list"), 1)
    assert (desk / "journal.db").read_bytes() == body


def test_reading_before_the_first_edition(desk):
    for words in (("show",), ("ledger",), ("verify", str(LAST)), ("list",)):
        told(bulletin(*words), 1)


def test_a_week_that_is_not_on_file(desk):
    assert bulletin(*WEEK).exit_code == 3
    assert str(LAST) in told(bulletin("show", "2026-W01"), 1)[1]


def test_while_another_run_is_at_it(desk):
    with run_lock(f"sqlite:///{desk / 'journal.db'}"):
        told(bulletin(*WEEK), 75)


def test_a_page_that_is_no_longer_what_it_was_is_told_by_verify(desk, monkeypatch):
    assert bulletin(*WEEK).exit_code == 3
    assert bulletin("verify", str(LAST)).exit_code == 0
    render = HtmlRenderer.render

    def otherwise(*given):
        (page,) = render(*given)
        return (replace(page, body=page.body + b" "),)

    monkeypatch.setattr(HtmlRenderer, "render", otherwise)
    result = bulletin("verify", str(LAST))
    assert "1 of 7 pages" in told(result, 1)[0]
    assert "DIFFERENT  index.html" in result.stdout
    assert result.stdout.count("same ") == 6


def test_a_collector_that_breaks_is_told_and_the_log_has_its_traceback(desk, monkeypatch):
    def burst(*_):
        msg = f"token {os.environ[TOKEN]}"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("bulletin.collectors.jira.JiraCollector.remember", burst)
    result = bulletin(*WEEK)
    assert result.exit_code == 3
    assert "ZeroDivisionError" in result.stderr
    assert "[secret]" in result.stderr
    assert f"token {os.environ[TOKEN]}" not in result.output


def test_an_interrupted_draft_leaves_no_half_edition(desk):
    """Ctrl-C while the services are asked: nothing filed, and the lock is free again."""
    script = (
        "import time, bulletin.pipeline.drafting as d\n"
        "gather = d.gather\n"
        "def slow(*a):\n"
        "    open('asking', 'w').close(); time.sleep(30); return gather(*a)\n"
        "d.gather = slow\n"
        "from bulletin.cli import main; main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *WEEK], stderr=subprocess.PIPE, cwd=desk, text=True
    )
    while not (desk / "asking").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert not (desk / "out" / str(LAST)).exists()
    told(bulletin("show"), 1)
    assert bulletin(*WEEK).exit_code == 3


def test_grace_keeps_a_week_current_for_a_day(desk):
    settings = config.load(desk / "bulletin.toml")
    closes = LAST.closes(ZONE, CLOSES)
    assert current_week(settings, closes - gathering.GRACE) == LAST
    assert current_week(settings, closes + gathering.GRACE) == LAST
    later = closes + 1.01 * gathering.GRACE
    assert current_week(settings, later) == LAST.shift(1)


def test_common_options_may_stand_on_either_side_of_the_command(desk, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "journal.toml"
    elsewhere.write_text((desk / "bulletin.toml").read_text())
    (desk / "bulletin.toml").unlink()
    before = bulletin("--config", str(elsewhere), "--quiet", "draft")
    behind = bulletin("draft", "--config", str(elsewhere), "--quiet")
    assert (before.exit_code, before.output) == (0, "")
    assert (behind.exit_code, behind.output) == (0, "")
    assert bulletin("list", "--config", str(elsewhere)).exit_code == 0


def grave(desk) -> str:
    """Draft, and return the key of an incident on the list."""
    assert bulletin("draft").exit_code in {0, 3}
    rows = [json.loads(line) for line in bulletin("ledger", "--json").stdout.splitlines()]
    return next(row["key"] for row in rows if ":incident:" in row["key"])


def in_days(days: int) -> str:
    today = datetime.now(ZONE).date()  # noqa: TID251  (the commands have a clock)
    return (today + timedelta(days=days)).isoformat()


def test_a_waived_item_rests_in_the_next_edition_and_its_life_tells_who_and_why(desk):
    key = grave(desk)
    name, until = key.rsplit(":", 1)[1], in_days(20)
    said = bulletin("waive", name, "--until", until, "--reason", "after the sale", "--by", "Ada")
    assert (said.exit_code, said.stdout) == (
        0, f"{key} rests until {until}, from the next edition on: after the sale\n",
    )  # fmt: skip
    time.sleep(1.1)
    bulletin("draft")
    edition = json.loads(bulletin("show", "--json").stdout)
    (resting,) = edition["waived"]
    assert (resting["key"], resting["waiver"]["author"]) == (key, "Ada")
    assert edition["ledger"]["open_now"] == edition["ledger"]["first_seen"]
    told_of = bulletin("ledger", "--explain", name).stdout.splitlines()
    assert told_of[0].startswith(key)
    assert any(line.endswith(f"Ada: waived until {until}: after the sale") for line in told_of)
    assert any("resting" in line for line in told_of)
    assert told_of[-1].endswith(f"off the list; 1 week in all, first in {edition['week']}")


def test_a_waiver_that_was_withdrawn_stands_no_longer(desk):
    key = grave(desk)
    assert bulletin("waive", key, "--until", in_days(3), "--reason", "soon").exit_code == 0
    assert bulletin("waive", key, "--withdraw").exit_code == 0
    time.sleep(1.1)
    bulletin("draft")
    assert json.loads(bulletin("show", "--json").stdout)["waived"] == []
    told(bulletin("waive", key, "--withdraw"), 2)


@pytest.mark.parametrize(
    ("days", "reason", "said"),
    [
        (-1, "because", "is past"),
        (61, "because", "is too far: a waiver reaches 60 days at most"),
        (5, "  ", "a waiver needs a reason"),
    ],
)
def test_a_waiver_without_a_near_day_or_a_reason_is_refused(desk, days, reason, said):
    key = grave(desk)
    lines = told(bulletin("waive", key, "--until", in_days(days), "--reason", reason), 2)
    assert said in lines[0]


def test_what_is_not_on_the_list_cannot_be_waived_and_the_near_is_named(desk):
    key = grave(desk)
    lines = told(bulletin("waive", f"{key}9", "--until", in_days(5), "--reason", "no"), 2)
    assert f"did you mean '{key}'?" in lines[0]
    assert bulletin("waive", key).exit_code == 2
    assert bulletin("waive", key, "--withdraw", "--reason", "x").exit_code == 2


def test_an_item_is_a_teams_when_somebody_says_so(desk):
    key = grave(desk)
    team = max(tomllib.loads((desk / "bulletin.toml").read_text())["teams"])
    assert bulletin("assign", key, team, "--quiet").stdout == ""
    time.sleep(1.1)
    bulletin("draft")
    rows = [json.loads(line) for line in bulletin("ledger", "--json").stdout.splitlines()]
    assert next(row["owner"] for row in rows if row["key"] == key) == team
    assert f"did you mean '{team}'?" in told(bulletin("assign", key, f"{team}s"), 2)[0]


def test_a_life_that_no_edition_knows(desk):
    grave(desk)
    assert "no edition knows 'INC-0'" in told(bulletin("ledger", "--explain", "INC-0"), 1)[0]
    assert bulletin("ledger", str(LAST), "--explain", "INC-0").exit_code == 2


def words_on_file(desk):
    with Archive.open(f"sqlite:///{desk}/journal.db") as archive:
        return archive.words()


def test_a_decision_is_filed_with_its_team_its_week_and_what_it_is_about(desk):
    key = grave(desk)
    week = bulletin("list", "--json").stdout.splitlines()[0]
    week = Week.parse(json.loads(week)["week"])
    team = min(tomllib.loads((desk / "bulletin.toml").read_text())["teams"])
    due = str(week.shift(2))
    said = bulletin(
        "note", str(week), "Put a breaker in", "--owner", team, "--due", due, "--about", key,
    )  # fmt: skip
    assert (said.exit_code, said.stdout) == (0, f"{week}-1  due {due}  {team}  Put a breaker in\n")
    (word,) = words_on_file(desk)
    assert (str(word.about), word.owner, word.due) == (key, team, Week.parse(due))
    lines = told(bulletin("note", str(week), "Mend it", "--owner", f"{team}s"), 2)
    assert f"did you mean '{team}'?" in lines[0]
    assert len(words_on_file(desk)) == 1


def test_notes_come_from_a_file_or_a_pipe_and_nothing_is_filed_with_a_mistake_in_them(desk):
    key = grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    notes = desk / "notes.md"
    notes.write_text(
        f"- Mend it\n- waive {key} until {in_days(400)}: later\n- assign {key} nobody\n"
    )
    said = bulletin("note", week, "--file", "notes.md")
    assert said.exit_code == 2
    lines = said.stderr.splitlines()
    assert lines[0] == "bulletin: nothing was filed, for 2 mistakes:"
    assert [line[:10] for line in lines[1:3]] == ["  line 2: ", "  line 3: "]
    assert not words_on_file(desk)
    notes.write_text("- Mend it\n- Break it\n")
    assert bulletin("note", week, "--file", "notes.md").stdout.splitlines() == [
        f"{week}-1  due {Week.parse(week).shift(1)}  no team yet  Mend it",
        f"{week}-2  due {Week.parse(week).shift(1)}  no team yet  Break it",
    ]
    piped = CliRunner().invoke(main, ["note", week, "--file", "-"], input="- Mend it\n- Third\n")
    assert piped.stdout.startswith(f"{week}-3  ")
    again = CliRunner().invoke(main, ["note", week], input="- Third\n")
    assert again.stdout == "Nothing new: all of it is on file.\n"


def test_an_editor_opens_with_the_questions_of_the_week(desk, monkeypatch):
    grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    opened = []

    def edit(text, **_):
        opened.append(text)
        return f"{text}\n- Mend it\n"

    monkeypatch.setattr("bulletin.cli.words.click.edit", edit)
    monkeypatch.setattr("bulletin.cli.words._is_piped", lambda: False)
    assert bulletin("note", week).stdout.startswith(f"{week}-1  ")
    assert f"# Decided in the meeting of {week}" in opened[0]
    assert "\n> “" in opened[0], "asked, and no list item of the notes"
    monkeypatch.setattr("bulletin.cli.words.click.edit", lambda *_, **__: None)
    assert "nothing was written" in told(bulletin("note", week), 1)[0]


def test_a_note_is_one_decision_or_a_file(desk):
    grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    (desk / "notes.md").write_text("- x\n")
    assert bulletin("note", week, "x", "--file", "notes.md").exit_code == 2
    assert bulletin("note", week, "--file", "notes.md", "--owner", "search").exit_code == 2
    assert "there is no edition of 2020-W01" in told(bulletin("note", "2020-W01", "x"), 2)[0]
    assert bulletin("close", "2026-W47-1").exit_code == 2
    assert "is not on the list" in told(bulletin("close", "2026-W47-1", "--done", "x"), 2)[0]


def test_a_page_is_drafted_again_with_the_notes_that_people_wrote_in_it(desk):
    grave(desk)
    (page,) = (desk / "out").glob("*/bulletin.md")
    text = page.read_text()
    assert END in text
    page.write_text(text.replace(END, f"- Mend it (nobody-knows)\n{END}"))
    time.sleep(1.1)
    assert bulletin("draft").exit_code in {0, 3}
    assert "- Mend it (nobody-knows)\n" in page.read_text()
    assert [word.text for word in words_on_file(desk)] == ["Mend it (nobody-knows)"]
    page.write_text(page.read_text().replace(END, ""))
    time.sleep(1.1)
    again = bulletin("draft")
    assert again.exit_code == 4
    assert "markers around the notes" in again.stderr
    assert "- Mend it (nobody-knows)\n" in page.read_text()


def folds(desk) -> dict[str, list[str]]:
    """Draft, and return the head of each fold with the keys of its parts."""
    assert bulletin("draft").exit_code in {0, 3}
    made = json.loads(bulletin("show", "--json").stdout)
    return {one["head"]: [part["key"] for part in one["parts"]] for one in made["folds"]}


NAME = "recircle/refurb-grading#64"
PART = f"github:pull_request:{NAME}"


def test_what_is_unfolded_stands_alone_until_that_is_withdrawn(desk):
    told_under = folds(desk)
    assert PART in told_under["jira:incident:INC-394"]
    ledger = bulletin("ledger").stdout
    assert "Grade in the warehouse's time zone [under jira:incident:INC-394]" in ledger
    assert "told as " in ledger
    said = bulletin("unfold", "Recircle/refurb-grading#64", "--by", "Ada")
    assert said.output == f"{PART} stands alone, from the next edition on.\n"
    assert PART not in folds(desk).get("jira:incident:INC-394", [])
    life = bulletin("ledger", "--explain", NAME).stdout
    assert "Ada: unfolded" in life
    assert bulletin("unfold", NAME, "--withdraw").exit_code == 0
    assert PART in folds(desk)["jira:incident:INC-394"]
    life = bulletin("ledger", "--explain", NAME).stdout
    assert "told under jira:incident:INC-394: names INC-394 in its branch" in life
    head = bulletin("ledger", "--explain", "INC-394").stdout
    assert f"told here: {PART} (names INC-394 in its branch)" in head


def test_what_is_told_under_nothing_cannot_be_unfolded(desk):
    folds(desk)
    lines = told(bulletin("unfold", "INC-394"), 2)
    assert "'INC-394' is told under nothing" in lines[0]
    assert PART in lines[1]
    lines = told(bulletin("unfold", NAME, "--withdraw"), 2)
    assert "was not unfolded" in lines[0]


def test_the_settings_switch_folding_off(desk):
    change(desk, 'tone = "dry"', 'tone = "dry"\nfold = false')
    assert folds(desk) == {}


def test_a_typed_note_is_read_like_a_line_of_the_notes(desk):
    key = grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    team = min(tomllib.loads((desk / "bulletin.toml").read_text())["teams"])
    due = Week.parse(week).shift(3)
    said = bulletin("note", week, f"Mend it ({team}, W{due.number:02})")
    assert said.stdout == f"{week}-1  due {due}  {team}  Mend it\n"
    assert bulletin("note", week, f"assign {key} {team}").stdout.startswith(f"{key} is with {team}")
    assert (
        "belong to a decision" in bulletin("note", week, f"assign {key} x", "--owner", team).stderr
    )
    assert bulletin("note", week, "Mend it").stdout == "Nothing new: all of it is on file.\n"
    assert len(words_on_file(desk)) == 2
    assert "is no word for an item" in told(bulletin("note", week, f"asign {key} {team}"), 2)[0]
    assert "is 300 letters long" in told(bulletin("note", week, "x" * 300), 2)[0]


@pytest.mark.parametrize("notes", ["", "We talked, and decided nothing.\n"])
def test_notes_without_a_list_item_file_nothing_and_say_so(desk, notes):
    grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    (desk / "notes.md").write_text(notes)
    assert "hold no list item" in told(bulletin("note", week, "--file", "notes.md"), 2)[0]


def test_what_was_decided_today_can_be_closed_and_explained_today(desk):
    grave(desk)
    week = json.loads(bulletin("list", "--json").stdout.splitlines()[0])["week"]
    bulletin("note", week, "Mend it", "--by", "Ada")
    assert "from the edition after its meeting on" in told(
        bulletin("waive", f"{week}-1", "--until", in_days(5), "--reason", "x"), 2
    )[1]  # fmt: skip
    assert "not closed without a word" in told(bulletin("close", f"{week}-1", "--done", " "), 2)[0]
    assert bulletin("close", f"{week}-1", "--done", "deployed", "--by", "Ben").exit_code == 0
    said = bulletin("ledger", "--explain", f"{week}-1").stdout.splitlines()
    assert said[0] == f"meeting:decision:{week}-1  Mend it"
    assert "Ada: decided: Mend it" in said[1]
    assert "Ben: done: deployed" in said[2]
    assert said[3] == "on no list yet: the next edition judges it"


def test_check_tries_every_entry_of_the_ledger_file_and_files_none(desk):
    path = desk / "bulletin.toml"
    path.write_text('ledger = "ledger.toml"\n' + path.read_text())
    team = min(tomllib.loads(path.read_text())["teams"])
    entry = '[[assign]]\nkey = "{}"\nteam = "{}"\n'
    (desk / "ledger.toml").write_text(entry.format("INC-0", team))

    def ledger() -> str:
        return next(line for line in bulletin("check").stdout.splitlines() if "ledger" in line)

    assert "ok   ledger" in ledger()
    assert "1 entry, readable; the first edition tries them" in ledger()
    (desk / "ledger.toml").write_text("")
    key = grave(desk)
    (desk / "ledger.toml").write_text(entry.format(key, team) + entry.format(key, "nobody"))
    assert "FAIL ledger" in ledger()
    assert "[[assign]] 2: there is no team 'nobody'" in ledger()
    (desk / "ledger.toml").write_text(entry.format(key, team))
    assert "1 entry, each of them fit to be filed" in ledger()
    assert not words_on_file(desk)
