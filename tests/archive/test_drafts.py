"""The whole line on either database: drafted, listed, shown and verified with the same bytes."""

import json

import pytest
from click.testing import CliRunner

from bulletin import pipeline
from bulletin.cli import main
from bulletin.demo import LAST
from tests.archive import company

WEEKS = [LAST.shift(-back) for back in (2, 1, 0)]
ASKED = [
    ("list", "--json"),
    ("show",),
    *(
        words
        for week in map(str, WEEKS)
        for words in (
            ("show", week, "--json"),
            ("ledger", week),
            ("ledger", week, "--json"),
            ("verify", week, "--json"),
        )
    ),
]


def print_weeks(folder, address):
    """Draft three weeks and ask for them; return every answer and every file."""
    with company.opened() as opened:
        settings = company.write_settings(opened, folder, address)
        for week in WEEKS:
            moment = company.closing(week)
            opened.travel(moment)
            pipeline.draft(company.load_settings(settings), week=week, now=moment)
    answers = {}
    for words in ASKED:
        result = CliRunner().invoke(main, ["--config", str(settings), *words])
        assert (result.exit_code, result.stderr) == (0, ""), (words, result.output)
        answers[words] = result.stdout
    out = folder / "out"
    return answers, {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


@pytest.fixture
def both(tmp_path, sqlite, postgresql, text_only):
    return [
        print_weeks(tmp_path / name, address)
        for name, address in (("file", sqlite), ("server", postgresql))
    ]


def test_both_databases_print_the_same_bytes(both):
    """Every answer and every file; and the pages are the ones that were filed."""
    (answers, files), (others, other_files) = both
    assert answers == others
    assert files == other_files

    assert len(files) >= 3 * 5
    for week in map(str, WEEKS):
        pages = json.loads(answers["verify", week, "--json"])["artifacts"]
        assert {page["name"] for page in pages} == {
            name.removeprefix(f"{week}/") for name in files if name.startswith(week)
        }
        assert all(page["same"] for page in pages)
    listed = [json.loads(line) for line in answers["list", "--json"].splitlines()]
    assert [entry["week"] for entry in listed] == [str(week) for week in reversed(WEEKS)]
    last = json.loads(answers["show", str(LAST), "--json"])
    assert last["previous"] == listed[1]["digest"]
    assert last["ledger"]["open_then"] > 0
