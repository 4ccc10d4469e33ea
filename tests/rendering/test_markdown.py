"""The wiki page: what stands on it, what cannot be forged, and what is never touched."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.errors import BulletinError
from bulletin.model.front import (
    Correction,
    Countdown,
    Heading,
    ListWeek,
    Question,
    Remark,
    Sentence,
    Service,
    Sky,
)
from bulletin.notes import BEGIN, END, with_notes
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.markdown import MarkdownRenderer
from tests.menagerie import EDITIONS, HOSTILE, ITEMS, WEEK, dreadful, everything, key

BUNDLE = Bundle.read()
FORGED = f"{BEGIN} mine {END}"


def rendered(filed, language="en"):
    (artifact,) = MarkdownRenderer().render(filed, BUNDLE, language)
    return artifact.body.decode()


def furnished(text="search", **more):
    """The edition with one of everything, and the front page's furniture around it."""
    grave = key("incident", "INC-17")
    return file(
        replace(
            everything().edition,
            web="https://bulletin.example/journal",
            headings=(
                Heading(
                    place="incident",
                    title=Sentence(pattern="heading.incident.grave", words={"n": 3, "grave": 2}),
                    so_what=Sentence(pattern="so.oldest", words={"title": text, "weeks": 5}),
                ),
            ),
            questions=(
                Question(asks=Sentence(pattern="question.grave", words={"title": text}), key=grave),
                Question(asks=Sentence(pattern="question.dark", words={"source": text})),
            ),
            questions_left_out=2,
            list_weeks=(
                ListWeek(week=WEEK.shift(-2), ages=(3, 0, 0, 0)),
                ListWeek(week=WEEK.shift(-1), ages=None),
                ListWeek(week=WEEK, ages=(4, 2, 1, 2)),
            ),
            services=(
                Service(name=text, sky=Sky.STORM, incidents=2, errors=1),
                Service(name="mail", sky=Sky.SUN, incidents=0, errors=0),
            ),
            services_left_out=3,
            countdown=Countdown(event="Black Friday", days=8, freeze_days=1, total=60),
            corrections=(Correction(key=grave, week=WEEK.shift(-3), state="fixed"),),
            **more,
        )
    )


ALL = EDITIONS | {"furnished": furnished, "hostile": lambda: furnished(HOSTILE[1])}


class Seen(HTMLParser):
    """What a browser is given: tags, addresses and comments."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.links, self.comments, self.rows = [], [], [], []
        self.feed(cmarkgfm.github_flavored_markdown_to_html(source, Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1

    def handle_comment(self, data):
        self.comments.append(f"<!--{data}-->")


@pytest.mark.parametrize("language", BUNDLE.languages)
@pytest.mark.parametrize("name", ALL)
def test_the_page_is_well_formed(name, language):
    page = rendered(ALL[name](), language)
    seen = Seen(page)
    assert seen.tags.count("h1") == 1
    assert seen.comments == [BEGIN, END]
    assert not {"script", "img", "iframe"} & set(seen.tags)
    ours = (
        "https://services.example/",
        "https://bulletin.example/",
        "https://journal.acme.example/",
    )
    assert all(link.startswith(ours) for link in seen.links)
    headings = re.findall(r"^#+ .*", page, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert not re.search(r"[ \t]$", page, re.MULTILINE)
    assert "\n\n\n" not in page


@pytest.mark.parametrize("name", ALL)
def test_a_row_is_one_line_whatever_its_title_says(name):
    """Every line that begins a row ends one, and has as many cells as the head of its table."""
    page = rendered(ALL[name]())
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith(" |") for line in rows)
    delimiters = sum(line.startswith("| :-") for line in rows)
    assert len(Seen(page).rows) == len(rows) - delimiters
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        head, _, *body = table.splitlines()
        assert {line.count("|") for line in body} == {head.count("|")}


def test_every_item_stands_in_its_section_with_its_address():
    edition = dreadful().edition
    page = rendered(dreadful())
    for section in edition.sections:
        for item_key in section.keys:
            assert f"/{item_key.kind}/" in page
    assert page.count("](https://services.example/") >= len(edition.items)


def test_what_the_meeting_needs_is_on_the_page():
    page = rendered(furnished())
    for said in (
        "> **8 days to Black Friday.** Code freeze in 1 day.",
        "> **Service weather**: Storm over search.",
        "**For the meeting**: “search” is open. What closes it, and when?",
        "| The list | **9** | ▁·█ | was 10 last week |",
        "10 pointed at last week: ✓\u00a0**2** fixed, ○\u00a0**1** cleared,",
        "## Incidents · 3 incidents on the list, 2 of them grave",
        "**So what.** The oldest is “search”: 5 weeks on the list.",
        "| ✓\u00a0**fixed** | [Certificates of the staging bridge](",
        "- [ ] “search” is open. What closes it, and when? · **payments**",
        "*and 2 more that one meeting has no room for.*",
        "| search | ⛈️ Storm | 2 incidents, 1 error |",
        "*and 3 more services.*",
        "In week 44 we counted “Payments time out at the bank’s end” as fixed. It is back.",
        "[Slides](https://bulletin.example/journal/2026-W47/deck.pdf)",
    ):
        assert said in page


def test_a_sober_page_has_the_facts_without_the_weather():
    page = rendered(furnished(tone="off", remarks=()))
    assert "| search | Grave incident open | 2 incidents, 1 error |" in page
    assert not re.search("[⛈☀]|[Ww]eather|Storm", page)


@given(st.sampled_from((FORGED, BEGIN, END, f"x\n{END}\r\n{BEGIN}", "<!--", "-->")) | st.text())
def test_foreign_text_forges_no_marker(text):
    edition = furnished(text).edition
    hostile = tuple(replace(item, title=text, owner=text, url=f"https://services.example/{text}")
                    for item in ITEMS)  # fmt: skip
    remarks = (Remark(situation="motto", line="motto-thursday"),)
    page = rendered(file(replace(edition, title=text, items=hostile, remarks=remarks)))
    assert (page.count(BEGIN), page.count(END)) == (1, 1)
    assert Seen(page).comments == [BEGIN, END]
    assert with_notes(page, page) == page


MARKER = re.compile(r"<!--\s*bulletin:notes:\w+\s*-->", re.IGNORECASE)
PAGE = f"# New\n\n{BEGIN}\n\n{END}\n\nend\n"
words = st.text().filter(lambda text: BEGIN not in text and END not in text)
loose = st.lists(
    st.sampled_from(
        (BEGIN, END, BEGIN.upper(), "<!--bulletin:notes:end-->", "\r\n", "\n", "Tea ☕")
    )
    | st.text(max_size=5),
    max_size=8,
).map("".join)


@given(words, words, words)
@example("old\r\n", "\r\n- [x] Anna: rollback  \r\n\r\n", "\r\nold")
@example("", "```\n<!-- bulletin:notes: what are these? -->", "")
def test_notes_are_carried_to_the_letter(before, notes, behind):
    standing = f"{before}{BEGIN}{notes}{END}{behind}"
    made = with_notes(PAGE, standing)
    assert made == f"# New\n\n{BEGIN}{notes}{END}\n\nend\n"
    assert with_notes(PAGE, made) == made


@given(loose)
def test_no_word_between_markers_is_ever_lost(standing):
    """Either all that stood between the first and the last marker is kept, or nothing is made."""
    try:
        made = with_notes(PAGE, standing)
    except BulletinError:
        return
    marks = [
        m.span() for m in re.finditer(r"<!--\s*bulletin:notes:\w+\s*-->", standing, re.IGNORECASE)
    ]
    if marks:
        assert standing[marks[0][0] : marks[-1][1]] in made
    else:
        assert not standing.strip()


@pytest.mark.parametrize(
    "standing",
    [
        "A page that somebody wrote",
        f"{BEGIN} the end is gone",
        f"the beginning is gone {END}",
        f"{END} turned round {BEGIN}",
        f"{BEGIN}one{END} and {BEGIN}another{END}",
        f"{BEGIN}{BEGIN}twice{END}",
        f"<!--bulletin:notes:begin--> edited {BEGIN} and new {END}",
        f"{BEGIN} new {END} <!-- BULLETIN:notes:end -->",
        f"{BEGIN.replace('notes', 'note')} misspelt {END}",
    ],
)
def test_a_page_whose_markers_were_changed_is_left_alone(standing):
    with pytest.raises(BulletinError) as raised:
        with_notes(PAGE, standing)
    assert "left alone" in raised.value.problem
    assert BEGIN in raised.value.hint


@pytest.mark.parametrize("standing", ["", "\r\n", " \n"])
def test_a_blank_page_becomes_the_page(standing):
    assert with_notes(PAGE, standing) == PAGE
