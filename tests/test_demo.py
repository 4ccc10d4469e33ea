"""The demo: the whole line over real HTTP, and two editions that hold together."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfWriter

from bulletin.cli import main
from bulletin.demo_delivery import deliver_demo
from bulletin.errors import BulletinError
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.pdf import print_pdf

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "index.html", "email.html", "email.txt", "email.eml", "deck.pdf", "paper.pdf",
    "bulletin.md", "edition.json", "speaker.html",
}  # fmt: skip
STATES = {
    "new", "first_seen", "reopened", "carried", "unknown", "persisting", "fixed", "cleared",
    "dropped", "waived",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """Run the command as a person would, and return its folder."""
    folder = tmp_path_factory.mktemp("demo one")
    run(folder, "en")
    return folder


def run(folder: Path, language: str, **environment: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "bulletin.cli", "demo", "--output", str(folder),
         "--language", language],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert made.stderr == "", "progress is for terminals"
    return made.stdout


def edition(folder: Path, week: str) -> dict:
    return json.loads((folder / week / "edition.json").read_text())


def ask(folder: Path, *words: str):
    return CliRunner().invoke(main, ["--config", str(folder / "bulletin.toml"), *words])


needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="there is no pdftotext")


def begins_outside(path: Path) -> list[str]:
    """Every word that begins to the right of its sheet, where no printer reaches it."""
    writer = PdfWriter(clone_from=path)
    widths = [float(page.mediabox.right) for page in writer.pages]
    for page in writer.pages:  # poppler tells nothing of what lies outside
        page.mediabox.right = page.cropbox.right = 5000
    writer.write(path.with_suffix(".wide.pdf"))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(path.with_suffix(".wide.pdf")), "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    sheets = re.findall(r"<page .*?</page>", boxes, re.DOTALL)
    return [
        word
        for width, sheet in zip(widths, sheets, strict=True)
        for start, word in re.findall(r'<word xMin="(.*?)".*?>(.*?)</word>', sheet)
        if float(start) >= width
    ]


@needs_poppler
def test_nothing_that_is_printed_leaves_its_sheet(demo, tmp_path):
    """Decisions among the sections once pushed a column over the paper's edge."""
    shutil.copy(demo / "2026-W47" / "paper.pdf", tmp_path)
    assert begins_outside(tmp_path / "paper.pdf") == []
    front = subprocess.run(
        ["pdftotext", "-l", "1", str(tmp_path / "paper.pdf"), "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    decided = [item for item in edition(demo, "2026-W47")["items"] if item["kind"] == "decision"]
    standing = [item["title"] for item in decided if item["state"] not in {"fixed", "dropped"}]
    assert len(standing) == 3
    assert all(title[:24] in front for title in standing)


@needs_poppler
def test_what_leaves_its_sheet_is_noticed(tmp_path):
    html = (
        '<!doctype html><html lang="en"><title>t</title><style>@page { size: A4; margin: 0 }'
        ".row { display: table; table-layout: fixed; width: 100% }"
        ".row p { display: table-cell; width: 60% }</style>"
        '<div class="row"><p>one<p>two<p>three</div>'
    )
    (tmp_path / "wide.pdf").write_bytes(print_pdf(html, Bundle.read()))
    assert begins_outside(tmp_path / "wide.pdf") == ["three"]


def test_the_sum_that_the_readme_shows_is_the_demos(demo):
    said = " ".join((demo / "2026-W47" / "email.txt").read_text().split())
    readme = " ".join((ROOT / "README.md").read_text().split())
    (shown,) = re.findall(r"`(\d+ on last week’s list [^`]*)`", readme)
    assert shown in said


def test_two_consecutive_editions_lie_there_whole(demo):
    assert sorted(p.name for p in demo.iterdir() if p.is_dir()) == ["2026-W46", "2026-W47"]
    for week in ("2026-W46", "2026-W47"):
        assert {path.name for path in (demo / week).iterdir()} == NAMES
        assert all(path.stat().st_size > 500 for path in (demo / week).iterdir())
    assert edition(demo, "2026-W47")["previous"] == edition(demo, "2026-W46")["digest"]


@pytest.mark.parametrize("week", ["2026-W46", "2026-W47"])
def test_the_arithmetic_agrees_with_the_items(demo, week):
    made = edition(demo, week)
    states = Counter(item["state"] for item in made["items"])
    ledger = made["ledger"]
    assert set(states) <= STATES
    for state in ("new", "first_seen", "reopened", "fixed", "cleared", "dropped", "waived"):
        assert ledger[state] == states[state]
    stays = ("new", "first_seen", "reopened", "carried", "unknown", "persisting")
    assert ledger["open_now"] == sum(states[state] for state in stays)
    came = ledger["new"] + ledger["first_seen"] + ledger["reopened"] + ledger["unwaived"]
    left = ledger["fixed"] + ledger["cleared"] + ledger["dropped"] + ledger["waived"]
    assert ledger["open_now"] == ledger["open_then"] + came - left


def test_each_week_starts_where_the_last_one_ended(demo):
    before, after = edition(demo, "2026-W46"), edition(demo, "2026-W47")
    assert after["ledger"]["open_then"] == before["ledger"]["open_now"]
    gone = {"fixed", "cleared", "dropped", "waived"}
    listed = {item["key"] for item in before["items"] if item["state"] not in gone}
    followed = {key for i in after["items"] for key in (i["key"], *i["formerly"])}
    assert listed <= followed


def test_the_story_shows_what_the_product_is_for(demo):
    before, after = edition(demo, "2026-W46"), edition(demo, "2026-W47")
    states = {item["state"] for made in (before, after) for item in made["items"]}
    assert states >= STATES - {"unknown"}
    assert any(item["formerly"] for item in after["items"])
    assert any(item["weeks"] >= 5 for item in after["items"])
    assert any(len(item["reasons"]) > 1 for item in after["items"])
    assert any(item["owner"] is None for item in after["items"])
    assert {item["trend"] for item in after["items"]} == {"worse", "better", "same", None}
    assert after["ledger"]["fixed"] >= 4


def test_one_thing_is_told_once_and_a_fix_that_is_not_deployed_is_not_called_fixed(demo):
    made = edition(demo, "2026-W47")
    told = {one["head"]: [part["key"] for part in one["parts"]] for one in made["folds"]}
    assert told["jira:incident:INC-423"] == [
        "sentry:error:SEARCH-8A",
        "github:pull_request:recircle/search-index#615",
    ]
    said = [sentence["pattern"] for one in made["folds"] for sentence in one["said"]]
    assert said == ["fold.merged.error"]
    assert sum(section["folded"] for section in made["sections"]) == 3
    (waits,) = [item for item in made["items"] if item["why"] == "undeployed"]
    assert (waits["key"], waits["state"]) == ("sentry:error:MOBILE-APP-5W", "unknown")


def test_the_week_in_which_a_source_was_dark_is_on_file(demo):
    lines = [
        json.loads(line)
        for line in ask(demo, "ledger", "2026-W45", "--json").output.split("\n")
        if line
    ]
    unknown = {line["why"] for line in lines if line["state"] == "unknown"}
    assert unknown == {"server_error"}
    figures = {f["name"]: f for f in edition(demo, "2026-W46")["figures"]}
    assert figures["errors_new"]["history"][-2] is None


def test_the_pages_name_no_port_and_no_machine(demo):
    for path in demo.glob("2026-*/*.*"):
        assert b"localhost:" not in path.read_bytes(), path.name


def test_printed_again_it_has_the_same_bytes_anywhere(demo, tmp_path):
    """Another zone, another locale, another hash seed, another folder, other ports."""
    run(tmp_path / "x", "en", TZ="Asia/Tokyo", LANG="C", PYTHONHASHSEED="7")
    for path in sorted(demo.glob("2026-*/*")):
        assert (tmp_path / "x" / path.relative_to(demo)).read_bytes() == path.read_bytes(), path


def test_verify_says_same(demo):
    made = ask(demo, "verify", "2026-W47", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert {row["name"] for row in told["artifacts"]} == NAMES
    assert all(row["same"] for row in told["artifacts"])


def test_list_show_and_ledger_read_the_archive(demo):
    listed = ask(demo, "list")
    assert listed.exit_code == 0
    assert [line[:8] for line in listed.output.splitlines()][:2] == ["2026-W47", "2026-W46"]
    assert len(listed.output.splitlines()) == 10
    shown = ask(demo, "show", "2026-W46")
    assert shown.output == (demo / "2026-W46" / "email.txt").read_text()
    as_json = ask(demo, "show", "--json")
    assert json.loads(as_json.output) == edition(demo, "2026-W47")
    ledger = ask(demo, "ledger")
    made = edition(demo, "2026-W47")
    assert len(ledger.output.splitlines()) == len(made["items"]) + 1
    assert f"= {made['ledger']['open_now']}" in ledger.output.splitlines()[-1]


def test_what_the_meeting_let_rest_is_told_with_who_and_until_when(demo):
    told = ask(demo, "ledger", "--explain", "recircle/storefront-web#1533").output
    assert "2026-W46  new" in told
    assert "the meeting: waived until 2026-12-10: after the sale; it changes a label" in told
    assert "2026-W47  resting" in told
    page = (demo / "2026-W47" / "index.html").read_text()
    assert "after the sale; it changes a label" in page


def test_the_index_and_the_feed_list_what_lies_there(demo):
    index = (demo / "index.html").read_text()
    feed = (demo / "feed.xml").read_text()
    for week in ("2026-W46", "2026-W47"):
        assert f'href="{week}/index.html"' in index
        assert f'href="{week}/index.html"' in feed
    assert "2026-W45/" not in index


def test_every_id_on_a_page_leads_to_the_items_life(demo):
    rows = set(re.findall(r'<(?:li|span) id="(i[0-9a-f]{12})"', (demo / "items.html").read_text()))
    for week in ("2026-W46", "2026-W47"):
        named = re.findall(r'"../items.html#(\w+)"', (demo / week / "index.html").read_text())
        assert len(named) >= len(edition(demo, week)["items"])
        assert set(named) <= rows


def test_it_speaks_french_and_runs_again_over_itself(demo, tmp_path):
    folder = shutil.copytree(demo, tmp_path / "again")
    said = run(folder, "fr")
    assert "Le journal du Black Friday" in said
    assert 'lang="fr"' in (folder / "2026-W47" / "index.html").read_text()
    assert len(ask(folder, "list").output.splitlines()) == 10


def test_it_does_not_write_over_a_bulletin_of_ones_own(tmp_path):
    (tmp_path / "bulletin.toml").write_text('title = "Mine"\n')
    made = CliRunner().invoke(main, ["demo", "--output", str(tmp_path)])
    assert made.exit_code == 1
    assert (tmp_path / "bulletin.toml").read_text() == 'title = "Mine"\n'
    assert len(made.stderr.strip().splitlines()) == 2


def test_the_demo_is_really_delivered_and_nothing_twice(demo, tmp_path):
    """To a mail server and a git wiki, both read from the other side."""
    demo = shutil.copytree(demo, tmp_path / "sent")
    delivered = deliver_demo(demo, [Week(2026, 46), Week(2026, 47)])
    assert delivered.again == 0
    assert len(delivered.letters) == 6
    letters = [
        message_from_bytes(one.path.read_bytes(), policy=policy.SMTP) for one in delivered.letters
    ]
    assert len({letter["Message-ID"] for letter in letters}) == 6
    assert all(letter["Auto-Submitted"] == "auto-generated" for letter in letters)
    assert "X-Unsent" not in letters[0]
    page = (demo / "2026-W47" / "email.txt").read_text()
    (whole,) = (one for one in letters[3:] if one["To"] == "engineering@recircle.example")
    text = whole.get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n").strip() == page.strip()
    owned = [one for one in edition(demo, "2026-W47")["items"] if one["owner"] == "payments"]
    (theirs,) = (one for one in letters[3:] if one["To"] == "payments@recircle.example")
    told = " ".join(theirs.get_body(("plain",)).get_content().split())
    assert owned
    assert [one["key"] for one in owned if one["key"] not in told] == []
    assert len({one["X-Bulletin-Edition"] for one in letters[3:]}) == 1
    assert [commit[-8:] for commit in delivered.commits] == ["2026-W46", "2026-W47"]
    (wiki,) = delivered.wiki.glob("*2026-W47.md")
    assert "Catalogue file without prices" in wiki.read_text()


def test_the_demo_delivers_into_no_folder_of_somebody_else(demo, tmp_path):
    demo = shutil.copytree(demo, tmp_path / "mine")
    (demo / "delivered").mkdir()
    (demo / "delivered" / "my thesis").write_text("all of it")
    with pytest.raises(BulletinError, match="no demo made it"):
        deliver_demo(demo, [Week(2026, 47)])
    assert (demo / "delivered" / "my thesis").exists()
