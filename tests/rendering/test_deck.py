"""The deck: one slide a page, whatever the week, and everything on it large enough to read."""

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache
from html import escape
from itertools import takewhile
from math import hypot

import pypdf
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.editing.headings import headings
from bulletin.editing.picture import list_weeks
from bulletin.editing.questions import questions
from bulletin.model.edition import Filed, ItemState, Ledger
from bulletin.model.facts import ErrorTrend
from bulletin.model.front import (
    Correction,
    Countdown,
    Headline,
    ListWeek,
    Picture,
    Service,
    Sky,
)
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.deck import ROWS, DeckRenderer
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html
from bulletin.rendering.page import Page
from bulletin.specimens import specimen
from tests.menagerie import EDITIONS, HOSTILE, WEEK, planned

BUNDLE = Bundle.read()
LANGUAGES = ("en", "fr")


def furnished(filed: Filed) -> Filed:
    """The edition with the front page's furniture, judged by the desk itself where it can be."""
    edition = filed.edition
    asked, left_out = questions(edition.items, edition.coverage, edition.figures)
    error = next((fact for fact in edition.facts if isinstance(fact, ErrorTrend)), None)
    names = HOSTILE if len(edition.items) > 50 else ("search", "payments", "checkout", "stock")
    skies = tuple(Sky) if edition.items and edition.ledger.open_now else (Sky.SUN,)
    back = [
        Correction(key=item.key, week=WEEK.shift(-4), state="fixed")
        for item in edition.items
        if item.state is ItemState.REOPENED
    ]
    return file(
        replace(
            edition,
            headings=headings(
                items=edition.items,
                sections=edition.sections,
                figures=edition.figures,
                ledger=edition.ledger,
                states={section.kind: section.state for section in edition.sections},
                first=edition.previous is None,
            ),
            questions=asked,
            questions_left_out=left_out,
            picture=Picture(
                key=error.key if error else None,
                title=error.title if error else "",
                days=(None,) * 3 + tuple(range(400, 2800, 100)) + (9000,),
                until=date(2026, 11, 19),
                so_far=True,
                marked=27,
            )
            if edition.previous
            else None,
            list_weeks=(
                *(
                    ListWeek(week=WEEK.shift(-back), ages=(back, 3, 0, back) if back != 3 else None)
                    for back in range(11, 0, -1)
                ),
                *list_weeks(edition.week, edition.items, ()),
            ),
            services=tuple(
                Service(name=name, sky=skies[n % len(skies)], incidents=n % 2, errors=n % 3)
                for n, name in enumerate(names)
            )
            if edition.previous
            else (),
            countdown=Countdown(event="Black Friday", days=8, freeze_days=1, total=87),
            corrections=tuple(back),
        )
    )


def slides(filed: Filed, language: str) -> str:
    words = words_for(filed, BUNDLE, language, Html)
    return fill("deck/deck.html", filed, BUNDLE, words, rows=ROWS, asset=print_asset)


@cache
def kinds() -> dict[str, Filed]:
    """Every edition that must print, by name: bare as an old archive has it, and furnished."""
    bare = {name: made() for name, made in EDITIONS.items()}
    return bare | {f"furnished {name}": furnished(filed) for name, filed in bare.items()}


@cache
def deck(name: str, language: str = "en") -> pypdf.PdfReader:
    return printed(kinds()[name], language)


def printed(filed: Filed, language: str) -> pypdf.PdfReader:
    (artifact,) = DeckRenderer().render(filed, BUNDLE, language)
    return pypdf.PdfReader(io.BytesIO(artifact.body))


def read(name: str, language: str = "en") -> list[str]:
    """The words of each slide, without soft breaks."""
    pages = (page.extract_text() for page in deck(name, language).pages)
    return [re.sub(r"\s+", " ", text.replace("\x00", "")) for text in pages]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*EDITIONS, "furnished everything", "furnished dreadful"])
def test_a_slide_is_a_page_of_the_screens_shape(name, language):
    pages = deck(name, language).pages
    assert len(pages) == slides(kinds()[name], language).count('<section class="slide')
    assert {(float(p.mediabox.width), float(p.mediabox.height)) for p in pages} == {(960.0, 540.0)}


@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_however_much_there_is_a_slide_is_a_page(data):
    """The dreadful week, cut to any number of rows, numbers, services and questions."""
    full = kinds()["furnished dreadful"].edition
    few = st.integers(0, 9)
    cut = replace(
        full,
        sections=tuple(
            replace(one, keys=one.keys[: data.draw(few)], left_out=data.draw(few))
            for one in full.sections
        ),
        figures=full.figures[: data.draw(few)],
        services=full.services[: data.draw(few)],
        questions=full.questions[: data.draw(few)],
        gaps=full.gaps[: data.draw(few)],
        waived=full.waived[: data.draw(few)],
        tone=data.draw(st.sampled_from(["off", "dry"])),
        picture=data.draw(st.sampled_from([None, full.picture])),
        countdown=data.draw(st.sampled_from([None, full.countdown])),
    )
    filed = file(replace(cut, agenda=data.draw(st.sampled_from([None, planned(cut)]))))
    html = slides(filed, "fr")
    assert len(printed(filed, "fr").pages) == html.count('<section class="slide')


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("first_seen", [0, 5])
def test_the_fullest_front_slide_stays_one_page(gaps, first_seen):
    full = EDITIONS["dreadful"]().edition
    ledger = Ledger(
        open_then=1080, new=20, first_seen=first_seen, reopened=3, unwaived=4, fixed=50,
        cleared=60, dropped=70, waived=80, open_now=847 + first_seen,
    )  # fmt: skip
    front = replace(
        full, title="The Black Friday Journal", ledger=ledger, sections=(), figures=(), items=(),
        waived=(), previous=None, gaps=full.gaps if gaps else (), headings=(), questions=(),
        picture=None, list_weeks=(), services=(), agenda=None,
        headline=Headline(pattern="headline.grave-incident", words={"title": "MW" * 60, "days": 9}),
        countdown=Countdown(event="the longest sale of them all", days=1000),
    )  # fmt: skip
    assert len(printed(file(front), "fr").pages) == 2


@pytest.mark.parametrize("name", ["furnished everything", "furnished dreadful"])
def test_nothing_on_a_slide_is_set_under_18_points(name):
    small = []

    def look(text, page_matrix, text_matrix, font, size):
        # The names on the wheel lie along their wedges: the height of a turned letter is a length.
        height = size * hypot(*text_matrix[2:4]) * hypot(*page_matrix[2:4])
        # The heads of two tables are for screen readers alone.
        if text.strip() and font is not None and 1.1 < height < 17.9:
            small.append((text, height))

    for page in deck(name).pages:
        page.extract_text(visitor_text=look)
    assert not small


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["everything", "quiet", "first", "dreadful"])
def test_a_slide_has_one_heading_and_every_drawing_its_words(name, language):
    html = slides(kinds()[f"furnished {name}"], language)
    fronts, *others = re.findall(r"<section .*?</section>", html, re.DOTALL)
    assert re.findall(r"<h\d", fronts) == ["<h1"]
    assert all(re.findall(r"<h\d", one) == ["<h2"] for one in others)
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert drawings
    assert all(re.search(r"<title>[^<]+</title>", one) for one in drawings)
    assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", html))


def test_every_slide_has_a_bookmark():
    made = deck("furnished everything")
    assert len(made.outline) == len(made.pages)
    titles = [mark.title for mark in made.outline[1:3]]
    assert titles == ["6 things to talk about in 45 minutes", "3 of 10 fixed or cleared"]


@pytest.mark.parametrize(("language", "words"), [("en", "So what."), ("fr", "En clair.")])
@pytest.mark.parametrize("name", ["everything", "dreadful"])
def test_a_slide_ends_in_what_follows(name, language, words):
    html = slides(kinds()[f"furnished {name}"], language)
    _, *others = re.findall(r"<section .*?</section>", html, re.DOTALL)
    without = [one for one in others if words not in one]
    # Decisions follow from all of it, the picture ends in one, the countdown and the wheel in
    # nothing.
    ends = (
        *('class="questions', 'class="slide dark', 'class="slide spun', 'class="ask"'),
        *("page suivante", "next slide"),
    )
    assert all(any(end in one for end in ends) for one in without)
    assert len(without) < len(others) / 2


def test_the_list_adds_up_on_the_front():
    front, *_ = read("furnished everything")
    assert "first seen*" in front
    assert "sentry: the service asked us to stop" in front
    (countdown,) = [text for text in read("furnished everything") if "days spent" in text]
    assert "Code freeze in 1 day." in countdown
    assert "79 days spent, 8 to go" in countdown


def test_a_full_slide_says_how_much_it_leaves_out():
    text = " ".join(read("furnished dreadful", "fr")).replace("\xa0", " ")
    assert "et 14 autres, dans l’édition web" in text
    assert "et 12 autres, dans l’édition web" in text
    assert "et 4 autres, à la page suivante" in text
    assert "et 1 000 autres, dans le seul fichier edition.json" in text
    assert "et 6 autres, dans l’édition web ; et 41 autres, pour lesquelles une" in text


@pytest.mark.parametrize("name", ["everything", "dreadful"])
def test_the_title_counts_what_is_talked_about_and_the_appendix_begins_with_the_rest(name):
    filed = kinds()[f"furnished {name}"]
    html = slides(filed, "en")
    sections = re.findall(
        r'<section [^>]*data-place="([a-z]+)"[^>]*>(.*?)</section>', html, re.DOTALL
    )
    stayed = [body for place, body in sections if place == "stayed"]
    rows = sum(body.count("<tr data-item") for body in stayed)
    assert stayed
    assert all(f"{rows} thing" in re.search("<h2.*?>(.*?)</h2>", body)[1] for body in stayed)
    told = {talk.key for slot in filed.edition.agenda.slots for talk in slot.talks}
    appendix = " ".join(body for place, body in sections if place == "appendix")
    page = Page(filed)
    for section in filed.edition.sections:
        calm = [
            i
            for i in page.items(section)
            if i.key not in told and i.title.isascii() and i.title.isprintable()
        ]
        shown = [f"<bdi>{escape(item.title)[:20]}" in appendix for item in calm[:4]]
        assert all(shown), section.kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_week_without_news_has_few_slides(language):
    assert 2 <= len(deck("first", language).pages) <= 6
    assert 2 <= len(deck("furnished first", language).pages) <= 6


def test_a_journal_without_humour_has_tables_and_no_weather():
    sober = file(replace(furnished(EDITIONS["everything"]()).edition, tone="off", remarks=()))
    html = slides(sober, "en")
    assert 'class="wanted"' not in html
    assert "at large" not in html
    assert "Storm" not in html
    assert not re.search(r'class="icon (sun|rain|cloud|storm|fog)"', html)
    assert "Grave incident open" in html
    assert "Retry with jitter" in html


def test_an_error_shows_its_days_where_they_are_known():
    html = slides(kinds()["furnished everything"], "en")
    assert "events a day: 20, 30, 400, 600, 100" in html
    assert html.count("events a day: ") == 1


@pytest.mark.parametrize(
    ("countdown", "expected"),
    [
        (Countdown(event="Sale", days=-3, total=87), ("days since Sale", False)),
        (Countdown(event="Sale", days=0, total=87), ("Sale is today", True)),
        (Countdown(event="Sale", days=90, total=87), ("days to Sale", False)),
        (Countdown(event="Sale", days=9), ("days to Sale", False)),
        (Countdown(event="Sale", days=9, freeze_days=-2, total=9), ("days to Sale", True)),
    ],
)
def test_the_tape_is_drawn_while_the_season_lasts(countdown, expected):
    words, has_tape = expected
    html = slides(file(replace(EDITIONS["quiet"]().edition, countdown=countdown)), "en")
    last = html[html.index('class="slide dark') :]
    assert words in last
    assert ('class="tape"' in last) is has_tape


def squeezed(text: str) -> str:
    return "".join(text.split())


def common(one: str, other: str) -> str:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(letter for letter, _ in same)


def cut_without_a_sign(bundle: Bundle) -> list[str]:
    """Return what stands of each title that a slide neither ends nor says that it goes on."""
    filed = specimen("dreadful", BUNDLE)
    titles = {squeezed(item.title) for item in filed.edition.items}
    body = DeckRenderer().render(filed, bundle, "en")[0].body
    lost = []
    for page in pypdf.PdfReader(io.BytesIO(body)).pages:
        text = squeezed(page.extract_text())
        for start in {title[:12] for title in titles}:
            for found in re.finditer(re.escape(start), text):
                rest = text[found.start() :]
                mine = (title for title in titles if title.startswith(start))
                shown = max((common(title, rest) for title in mine), key=len)
                if shown not in titles and not rest[len(shown) :].startswith("…"):
                    lost.append(shown)
    return lost


def test_no_title_on_a_slide_is_cut_without_a_sign():
    """Slides with one, three and six items: each sets titles in its own size."""
    assert cut_without_a_sign(BUNDLE) == []
    style = BUNDLE.files["style/deck.css"].replace(b"text-overflow: clip; continue", b"continue")
    assert cut_without_a_sign(Bundle.of({**BUNDLE.files, "style/deck.css": style}))
