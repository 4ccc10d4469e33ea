"""The commands that send, as a person or cron types them: words, colours of modes, exit codes."""

import json
import shlex
from functools import partial

import pytest
from click.testing import CliRunner

from bulletin.archive.lock import run_lock
from bulletin.cli import main
from bulletin.errors import BulletinError
from bulletin.model.delivery import Fate
from bulletin.pipeline import attending, clock, pressing, sending
from tests.builders import WEEK
from tests.delivery import plugs
from tests.delivery.newsroom import NOW


@pytest.fixture
def at_noon(monkeypatch):
    """Every command thinks that it is five minutes after the cut-off."""
    attended = partial(attending.attended_run, clock=lambda: NOW)
    monkeypatch.setattr(attending, "attended_run", attended)
    monkeypatch.setattr(sending, "publish", partial(sending.publish, clock=lambda: NOW))
    monkeypatch.setattr(sending, "plan", partial(sending.plan, clock=lambda: NOW))
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)


@pytest.fixture
def ask(desk, at_noon):
    """Types a command; returns what was said, and the exit code."""

    def asked(*words):
        return CliRunner().invoke(main, ["--config", str(desk.path), *words])

    return asked


def test_cron_starts_it_twice_and_it_is_out_once(desk, ask):
    first, second = ask("run"), ask("run")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.splitlines() == [
        "2026-W47 is out",
        *(f"sent       pigeon     {name}" for name in ("ada", "bob", "eve")),
    ]
    assert second.stdout.splitlines()[0] == "2026-W47 had left already"
    assert desk.arrived() == ["ada", "bob", "eve"]
    assert ask("run", "--quiet").output == ""


def test_a_run_says_what_happened_as_one_line_of_json(ask):
    plugs.SCRIPT["bob"] = [Fate.DEFERRED]

    result = ask("run", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == told["exit_code"] == 4
    assert told["week"] == "2026-W47"
    assert told["skipped"] == []
    assert [one["state"] for one in told["deliveries"]] == ["sent", "deferred", "sent"]
    assert told["deliveries"][1]["next_at"] == "2026-11-19T09:35:00+00:00"
    assert json.loads(ask("run", "--json", "--week", "2026-W48").stdout)["deliveries"] == []


def test_a_week_that_is_skipped_is_told_on_the_other_stream(desk, ask, monkeypatch):
    desk.run(NOW.replace(day=1))

    result = ask("run")

    assert result.stderr.splitlines() == [
        f"2026-{week} is SKIPPED: it would have come too late." for week in ("W45", "W46")
    ]
    assert result.stdout.startswith("2026-W47 is out")


def test_what_is_cancelled_as_too_late_is_told_on_the_other_stream(desk, ask):
    plugs.SCRIPT["bob"] = [Fate.DEFERRED]
    desk.run(NOW.replace(day=12))

    result = ask("run")

    assert result.exit_code == 4
    assert result.stderr.splitlines() == [
        "2026-W46 came too late for what still waited:",
        "cancelled  pigeon     bob",
        "           too late",
    ]
    assert result.stdout.startswith("2026-W47 is out")
    assert ask("run").exit_code == 0


def test_while_another_run_is_at_it_the_exit_code_is_75(desk, ask):
    desk.draft()
    with run_lock(desk.settings.archive):
        for words in (["run"], ["publish", "2026-W47"], ["approve", "2026-W47", "--by", "Bob"]):
            result = ask(*words)
            assert result.exit_code == 75, words
            assert "another run holds the lock" in result.stderr
            assert len(result.stderr.splitlines()) == 2
    assert desk.arrived() == []


def test_a_dry_run_shows_whom_and_what_and_sends_nothing(desk, ask):
    desk.draft()
    before = (desk.folder / "bulletin.db").read_bytes()

    shown = ask("publish", "2026-W47", "--dry-run")
    asked = ask("publish", "2026-W47", "--dry-run", "--json")
    told = [json.loads(line) for line in asked.stdout.splitlines()]

    assert shown.exit_code == 0
    head, *lines = shown.stdout.splitlines()
    assert head.startswith("LIVE 2026-W47, ")
    assert head.endswith(": would leave, and nothing did")
    assert [line.split()[2] for line in lines[::2]] == ["ada", "bob", "eve"]
    assert all(" bytes, The Journal live" in line for line in lines[1::2])
    assert [one["target"] for one in told] == ["ada", "bob", "eve"]
    assert (desk.folder / "bulletin.db").read_bytes() == before
    assert desk.arrived() == []
    ask("publish", "2026-W47")
    with desk.archive() as archive:
        sent = archive.outbox.deliveries()
    assert [len(one.parcel.head + one.parcel.body) for one in sent] == [o["bytes"] for o in told]


def test_a_person_is_told_the_mode_and_the_targets_before_they_get_it(desk, ask):
    desk.draft()

    result = ask("publish", "2026-W47", "--as", "rehearsal")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "REHEARSAL 2026-W47 goes to 1 target now",
        "  pigeon     tess",
        "sent       pigeon     tess",
    ]
    assert ask("publish", "2026-W47").stdout.startswith("LIVE 2026-W47 goes to 3 targets now\n")
    assert ask("publish", "2026-W47", "--quiet").output == ""
    assert desk.arrived() == ["tess", "ada", "bob", "eve"]


def test_what_the_settings_do_not_allow_is_a_mistake_of_the_command_line(desk, ask):
    desk.write(mode="preview")
    desk.draft()

    raised = ask("publish", "2026-W47", "--as", "live")
    unknown = ask("publish", "2026-W47", "--only", "hawk")

    assert (raised.exit_code, unknown.exit_code) == (2, 2)
    assert "the settings let nothing go further than preview" in raised.stderr
    assert "no channel is called 'hawk'" in unknown.stderr
    assert desk.arrived() == []


def test_what_is_uncertain_is_shown_with_the_words_that_decide_on_it(desk, ask):
    plugs.SCRIPT["bob"] = [Fate.UNCERTAIN]
    result = ask("run")
    hint = result.stderr.splitlines()[-1].strip()

    assert result.exit_code == 4
    assert "uncertain  pigeon     bob" in result.stderr
    reference = hint.partition("'")[2].partition("'")[0]
    assert hint == (
        "Look whether it arrived, then: "
        f"bulletin resolve '{reference}' --arrived | --resend | --drop"
    )
    shown = ask("status").stdout.splitlines()
    assert hint in [line.strip() for line in shown]
    assert ask("resolve", reference).exit_code == 2
    resolved = ask("resolve", reference, "--resend", "--by", "Ada")
    assert resolved.stdout == "pigeon to bob is ready now; `bulletin publish 2026-W47` sends it.\n"
    assert ask("publish", "2026-W47").exit_code == 0
    assert desk.arrived() == ["ada", "eve", "bob"]
    assert ask("resolve", reference, "--arrived").exit_code == 1


def test_what_is_refused_is_shown_with_what_to_do_and_one_word_means_one_delivery(desk, ask):
    """Also where the target has no reference of its own: its key is quoted for the shell."""
    plugs.SCRIPT["bob"] = [Fate.REFUSED]

    desk.draft()

    hint = ask("publish", "2026-W47")

    words = shlex.split(hint.stderr.splitlines()[-1].partition(": bulletin ")[2])
    assert "Mend what refused it, then" in hint.stderr
    assert words[0] == "resolve"
    assert words[2:] == ["--arrived", "|", "--resend", "|", "--drop"]
    assert ask(*words[:2], "--drop").exit_code == 0
    assert desk.states()["bob"] == "cancelled"


def test_a_week_that_is_not_over_is_refused_and_the_dry_run_says_so(desk, ask):
    desk.draft(NOW, week=WEEK.shift(1))

    shown = ask("publish", "2026-W48", "--dry-run")
    refused = ask("publish", "2026-W48")

    assert (shown.exit_code, refused.exit_code) == (4, 1)
    assert refused.stderr.splitlines()[0] in shown.stderr
    assert ask("publish", "2026-W48", "--dry-run", "--early").exit_code == 0
    assert desk.arrived() == []


def test_what_could_not_be_printed_is_told_with_the_approval(desk, ask, monkeypatch):
    desk.write(more='approval = "four-eyes"')
    desk.draft(author="Ada")
    broken = BulletinError("the deck could not be made", "Report it.")
    plain = pressing.render_all
    monkeypatch.setattr(pressing, "render_all", lambda *given: (plain(*given)[0], (broken,)))

    told = ask("approve", "2026-W47", "--by", "Bob")

    assert told.exit_code == 4
    assert "the deck could not be made" in told.stderr
    assert told.stdout.startswith("Bob approved 2026-W47: ")


def test_two_people_let_an_edition_go(desk, ask):
    desk.write(more='approval = "four-eyes"')
    desk.draft(author="Ada")

    own = ask("approve", "2026-W47", "--by", "ada")
    other = ask("approve", "2026-W47", "--by", "Bob")

    assert own.exit_code == 1
    assert "these are the same two" in own.stderr
    assert other.stdout.splitlines()[0].startswith("Bob approved 2026-W47: ")
    assert ask("run").exit_code == 0


def test_without_an_approval_cron_hears_no(desk, ask):
    desk.write(more='approval = "four-eyes"')
    desk.draft(author="Ada")

    result = ask("run")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "bulletin: 2026-W47 was not approved: nothing is sent",
        "Whoever did not draft it reads it and runs `bulletin approve 2026-W47`.",
    ]


def test_a_correction_has_to_be_called_one(desk, ask):
    desk.run()
    desk.draft(NOW.replace(hour=11), week=WEEK)

    refused = ask("publish", "2026-W47")
    shown = ask("publish", "2026-W47", "--correction", "--dry-run")
    sent = ask("publish", "2026-W47", "--correction")

    assert refused.exit_code == 1
    assert "Add --correction" in refused.stderr
    assert shown.exit_code == sent.exit_code == 0
    assert desk.arrived() == ["ada", "bob", "eve"] * 2


def test_an_archive_moves_to_another_machine_once_somebody_says_so(desk, ask):
    desk.run()
    desk.write(instance="there")

    refused = ask("publish", "2026-W47")
    adopted = ask("adopt", "--by", "Ada")

    assert refused.exit_code == 1
    assert "`bulletin adopt`" in refused.stderr
    assert adopted.stdout == (
        "This archive sends from this machine now (there).\n"
        "Switch the old machine off: its own copy does not know of this.\n"
    )  # fmt: skip
    assert ask("publish", "2026-W47").exit_code == 0


def test_a_target_cannot_paint_the_terminal(desk, ask):
    desk.tables = (desk.tables[0].replace('"ada"', '"ada\\u001b[31m"'),)
    desk.write()

    result = ask("run")

    assert result.exit_code == 0
    assert "\x1b" not in result.output


def test_a_delivery_is_decided_in_one_way_and_by_somebody(desk, ask):
    desk.draft()

    both = ask("resolve", "ada", "--arrived", "--resend")
    nobody = ask("resolve", "ada", "--arrived", "--by", "  ")

    assert (both.exit_code, nobody.exit_code) == (2, 2)
    assert "one of --arrived, --resend and --drop" in both.output
    assert "a blank is nobody" in nobody.output
