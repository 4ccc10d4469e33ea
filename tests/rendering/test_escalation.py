"""Week by week an item speaks louder, in every face; and what left the list is credited."""

import re
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import pytest

from bulletin.archive.codec import file
from bulletin.editing.desk import REMEMBERED
from bulletin.editing.owners import Territory
from bulletin.model.edition import Filed, ItemState
from bulletin.model.facts import Fact, FactKey, Life, Severity
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import DeckRenderer
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.page import Page
from bulletin.rendering.paper import sheets
from tests.builders import DAY, WEEK, closing, edited, filed, harvest, incident, policy

BUNDLE = Bundle.read()
FACES = ("html", "email", "text", "markdown", "deck", "paper")
TEAM = "wednesday-crew"
WEEKS = ("first", "second", "third", "fourth")
"""How long each incident has been on the list."""
ADVICE = "waive it with a date, or close it"
POLICY = policy(territories=(Territory(team=TEAM, projects=("INC",)),))


def grave(name: str, **fields: object) -> Fact:
    given = {"title": f"The {name} trouble", "severity": Severity.HIGH}
    return incident(f"INC-{name}", **(given | fields))


@cache
def escalated() -> Filed:
    """Print four weeks; each brings one incident more."""
    past: list[Filed] = []
    for back in range(3, -1, -1):
        there = [grave(name) for name in WEEKS[back:]]
        if not back:
            # Old and not grave: neither the lead nor a decision of the meeting.
            quiet = {"severity": Severity.MEDIUM, "opened": closing(WEEK) - 20 * DAY}
            there[0] = replace(there[0], **quiet)
        past.insert(
            0, filed(edited([harvest("jira", there)], past, WEEK.shift(-back), policy=POLICY))
        )
    return past[0]


def printed(made: Filed, face: str, language: str = "en") -> str:
    if face == "paper":
        return sheets(made, BUNDLE, language)
    if face == "deck":
        heard: list[str] = []
        with patch("bulletin.rendering.deck.print_pdf", lambda html, *_: heard.append(html) or b""):
            DeckRenderer().render(made, BUNDLE, language)
        return heard[0]
    renderers = {"html": HtmlRenderer, "markdown": MarkdownRenderer}
    artifacts = {
        one.name: one.body.decode()
        for one in renderers.get(face, EmailRenderer)().render(made, BUNDLE, language)
        if one.name != "email.eml"
    }
    names = {
        "html": "index.html",
        "markdown": "bulletin.md",
        "email": "email.html",
        "text": "email.txt",
    }
    return re.sub(r"\s+", " ", artifacts[names[face]])


def body(face: str, made: Filed | None = None) -> str:
    """Return what a face says behind its styles, its lead and what it asks of the meeting."""
    page = printed(made or escalated(), face)
    return page.rpartition("</style>")[2]


SECTION = {
    "html": 'id="incident"',
    "paper": 'id="incident"',
    "markdown": "## Incidents",
    "email": ">Incidents<",
    "text": "== Incidents",
    "deck": ">Appendix · Incidents<",
}


def split(face: str, made: Filed | None = None) -> tuple[str, str]:
    """Return what stands before the section of incidents, and the section itself."""
    before, found, section = body(face, made).partition(SECTION[face])
    assert found
    return before, section


@pytest.mark.parametrize("face", FACES)
def test_in_its_first_week_an_item_stands_in_its_section_and_nowhere_above(face: str) -> None:
    before, section = split(face)
    assert "The first trouble" in section
    # The paper's front has a line for every item, whatever its age.
    brief = r'<section class="brief.*?</section>'
    assert "The first trouble" not in re.sub(brief, "", before, flags=re.DOTALL)


@pytest.mark.parametrize("face", FACES)
def test_in_its_second_week_it_stands_with_its_owner(face: str) -> None:
    _, section = split(face)
    row = section.split("The second trouble", 1)[1]
    assert TEAM in re.split(r"The \w+ trouble", row)[0]


@pytest.mark.parametrize("face", ["html", "markdown"])
def test_from_the_second_week_on_the_owner_is_bold(face: str) -> None:
    _, section = split(face)
    bold = f"**{TEAM}**" if face == "markdown" else f"<b><bdi>{TEAM}</bdi></b>"
    second = section.index("The second trouble")
    first = section.index("The first trouble")
    assert bold in section[second:first]
    assert bold not in section[first : first + 800]


@pytest.mark.parametrize("face", FACES)
def test_in_its_third_week_it_stands_above_the_sections(face: str) -> None:
    before, _ = split(face)
    assert "The third trouble" in before
    assert TEAM in before


@pytest.mark.parametrize("face", FACES)
def test_from_the_fourth_week_on_it_is_fixed_waived_or_closed(face: str) -> None:
    said = body(face)
    assert ADVICE in said
    younger = replace(
        escalated().edition,
        items=tuple(i for i in escalated().edition.items if i.weeks < 4),
        sections=tuple(
            replace(s, keys=tuple(k for k in s.keys if k.subject != "INC-fourth"))
            for s in escalated().edition.sections
        ),
        ledger=replace(escalated().edition.ledger, open_then=2, open_now=3),
        headline=replace(escalated().edition.headline, key=None),
        questions=(),
        agenda=None,
        history=None,
        headings=tuple(h for h in escalated().edition.headings if h.place != "history"),
    )
    assert ADVICE not in body(face, file(younger))


@pytest.mark.parametrize(
    ("face", "start", "end"), [("html", "<code>", "</code>"), ("markdown", "`", "`")]
)
def test_the_web_and_the_wiki_say_what_to_type(face: str, start: str, end: str) -> None:
    command = "bulletin waive jira:incident:INC-fourth --until DATE --reason TEXT"
    assert f"{start}{command}{end}" in body(face)
    assert body(face).count("bulletin waive ") == 1


def test_a_key_that_is_no_plain_word_is_not_in_the_command() -> None:
    item = escalated().edition.items[0]
    page = Page(escalated())
    for subject in ("INC-1; rm -rf ~", "`id`", "$(id)", "a'b", "INC-1\n", "x" * 300, "é"):
        hostile = replace(item, weeks=4, key=FactKey("jira", "incident", subject))
        assert page.way_out(hostile) == "bulletin waive KEY --until DATE --reason TEXT"
    quoted = replace(item, weeks=4, key=FactKey("github", "pull_request", "acme/shop#1"))
    assert "'github:pull_request:acme/shop#1'" in page.way_out(quoted)
    assert page.way_out(replace(quoted, state=ItemState.FIXED)) == ""


@pytest.mark.parametrize("face", FACES)
def test_what_is_back_in_its_third_week_stands_above_the_sections_too(face: str) -> None:
    past: list[Filed] = []
    lives = (Life.OPEN, Life.OPEN, Life.DONE, Life.OPEN)
    for back, life in zip((3, 2, 1, 0), lives, strict=True):
        week = WEEK.shift(-back)
        there = grave("restless", life=life, updated=closing(week) - DAY)
        other = grave("fresh", updated=closing(week) - DAY, severity=Severity.CRITICAL)
        facts = [there, other] if not back else [there]
        made = edited([harvest("jira", facts)], past[:REMEMBERED], week, policy=POLICY)
        past.insert(0, filed(made))
    (item,) = [i for i in past[0].edition.items if i.key.subject == "INC-restless"]
    assert (item.state, item.weeks) == (ItemState.REOPENED, 3)
    before, _ = split(face, past[0])
    # The picture of the desk's corrections and the lead do not count: it stands in a list.
    pressing = 'class="pressing"'
    lists = {"html": pressing, "paper": pressing, "deck": 'data-place="crossed"'}
    mark = lists.get(face, "Back, and in the third week or later")
    assert "The restless trouble" in before[before.index(mark) :]


# The credits.


@cache
def thanked() -> Filed:
    """Print a week in which a team fixed one, had one cleared, and one of nobody's was cleared."""
    mine, theirs = {"project": "INC"}, {"project": "OTHER"}
    last = [grave("a", **mine), grave("b", **mine), grave("c", **theirs)]
    before = filed(edited([harvest("jira", last)], (), WEEK.shift(-1), policy=POLICY))
    now = [
        grave("a", life=Life.DONE, **mine),
        grave("b", severity=Severity.LOW, **mine),
        grave("c", severity=Severity.LOW, **theirs),
    ]
    return filed(edited([harvest("jira", now)], [before], WEEK, policy=POLICY))


@pytest.mark.parametrize("face", [face for face in FACES if face != "deck"])
def test_what_was_cleared_is_credited_apart_from_what_was_fixed(face: str) -> None:
    said = re.sub(r"\\", "", body(face, thanked()))
    assert f"Cleared, and still open: {TEAM} (1) and no team (1)." in said
    fixed = said[: said.index("Cleared, and still open")]
    assert re.search(
        rf"{TEAM}(?:</bdi></b>)?.{{0,2000}}?1 item", fixed[fixed.rindex("Out of the list") :]
    )


def test_the_credits_of_many_teams_are_counted_where_they_are_not_named() -> None:
    edition = thanked().edition
    one = next(i for i in edition.items if i.state is ItemState.CLEARED)
    many = tuple(
        replace(one, key=replace(one.key, subject=f"C-{n}"), owner=f"team-{n:02}") for n in range(9)
    )
    page = replace(edition, items=many, history=None, headings=())
    page = replace(page, ledger=replace(edition.ledger, open_then=9, fixed=0, cleared=9))
    said = body("markdown", file(page))
    assert "team-05 (1)" in said
    assert "3 of other teams" in said
