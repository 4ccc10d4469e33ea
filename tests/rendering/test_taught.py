"""What the list teaches, on every face that says it: counts in words, holes named, all escaped."""

import re
from dataclasses import replace
from functools import cache

import pytest

from bulletin.archive.codec import file
from bulletin.model.edition import Filed
from bulletin.model.facts import Severity
from bulletin.model.harvest import State
from bulletin.model.history import Cohort, Tally
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts import cohortbars, fates_of, tallybar
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Plain
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.page import Page
from bulletin.rendering.paper import sheets
from bulletin.rendering.taught import Taught
from tests.builders import DAY, WEEK, closing, edited, filed, gap, harvest, incident, pull_request
from tests.menagerie import HOSTILE

BUNDLE = Bundle.read()
LANGUAGES = ("en", "fr")
TITLE = ">What the list teaches<"


def grave(subject, **fields):
    return incident(subject, **{"severity": Severity.HIGH, **fields})


@cache
def idle() -> Filed:
    """Print five weeks in which nobody merges nine huge changes; the source is dark in one."""
    past: list[Filed] = []
    for back in range(5, -1, -1):
        now = closing(WEEK.shift(-back))
        huge = [
            pull_request(
                f"acme/shop#{n}", additions=9000, created=now - 3 * DAY, last_activity=now - DAY,
                checks_since=now - DAY, last_review=now - DAY, title=HOSTILE[n % len(HOSTILE)],
                default_owner=HOSTILE[n % 3],
            )
            for n in range(9)
        ]  # fmt: skip
        incidents = harvest("jira", [grave("INC-1")])
        if back == 2:
            incidents = harvest("jira", gaps=(gap("jira"),), state=State.UNKNOWN)
        brought = [harvest("github", huge), incidents]
        past.insert(0, filed(edited(brought, past, WEEK.shift(-back))))
    return past[0]


def page(renderer, language="en", made=None, name=None):
    artifacts = renderer().render(made or idle(), BUNDLE, language)
    return next(a.body.decode() for a in artifacts if name in {None, a.name})


def plain(html):
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    return said.replace("&#39;", "'").replace("&nbsp;", " ")


PROPOSAL = {
    "en": "pull-request-big(lines=1000, days=1) pointed 9 times in 6 weeks; nobody fixed or cleared"
    " what it pointed at. Retune lines and days, or switch it off.",
    "fr": "pull-request-big(lines=1000, days=1) : 9 signalements en 6 semaines, jamais suivis d’une"
    " correction. Revoir lines et days, ou désactiver la règle.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proposal_to_retune_is_on_every_face(language):
    told = PROPOSAL[language]
    web = plain(page(HtmlRenderer, language))
    wiki = re.sub(r"[\\\u2060]", "", page(MarkdownRenderer, language))
    mail = plain(page(EmailRenderer, language, name="email.html"))
    text = re.sub(r"\s+", " ", page(EmailRenderer, language, name="email.txt"))
    paper = plain(sheets(idle(), BUNDLE, language))
    for said in (web, wiki, mail, text, paper):
        assert told in said.replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_web_page_names_every_hole(language):
    said = plain(page(HtmlRenderer, language)).replace("\u00a0", " ")
    dark = {"en": "In week 45 a source was dark", "fr": "Semaine 45 : une source manquait"}
    assert dark[language] in said


def test_the_shelf_of_back_issues_says_it_too():
    made = render_back_issues([idle()], BUNDLE, "en", 0)
    index = next(a.body.decode() for a in made if a.name == "index.html")
    assert PROPOSAL["en"] in plain(index)
    assert TITLE in index
    assert "<script>alert" not in index


def test_an_edition_of_before_the_history_was_kept_is_printed_as_it_was():
    old = file(replace(idle().edition, history=None, headings=()))
    for renderer in (HtmlRenderer, MarkdownRenderer, EmailRenderer):
        assert TITLE not in page(renderer, made=old)
    made = render_back_issues([old], BUNDLE, "en", 0)
    assert all(TITLE not in a.body.decode() for a in made)


def test_two_editions_teach_nothing_yet():
    first = filed(edited([harvest("jira", [grave("INC-1")])], (), WEEK.shift(-1)))
    second = filed(edited([harvest("jira", [grave("INC-1")])], [first], WEEK))
    assert second.edition.history is not None
    assert TITLE not in page(HtmlRenderer, made=second)


def taught(made=None):
    filed_ = made or idle()
    found = Taught.by(filed_.edition, words_for(filed_, BUNDLE, "en", Plain))
    assert found is not None
    return found


def test_a_tally_is_said_without_its_zeros():
    said = taught().tally(Tally(joined=4, fixed=2, open=1, unknown=1))
    assert said == "2 fixed, 1 still here, and 1 not known"
    assert taught().tally(Tally()) == "nothing"


def test_what_stood_there_before_and_what_is_not_due_are_said():
    history = replace(
        taught().history,
        before=Tally(joined=2, open=2),
        cohorts=(
            Cohort(week=WEEK.shift(-2), tally=Tally(joined=3, fixed=3), soon=3),
            Cohort(week=WEEK.shift(-1), tally=None),
            Cohort(week=WEEK, tally=Tally(joined=1, open=1)),
        ),
        due=3,
        soon=3,
    )
    notes = " ".join(replace(taught(), history=history).notes())
    assert notes == (
        "1 more joined: its following week is still to come, or is not known. Week 46 had no "
        "edition. 2 items were on the list before the first of these weeks."
    )


def heights(svg, colour):
    return [
        float(h) for h in re.findall(rf'height="([\d.]+)" class="f-{colour}" fill="[^"]+"/>', svg)
    ]


def test_a_column_is_as_tall_as_what_joined_and_cut_by_what_became_of_it():
    cohorts = (
        Cohort(week=WEEK.shift(-1), tally=Tally(joined=8, fixed=4, dropped=1, open=3), soon=3),
        Cohort(week=WEEK, tally=Tally(joined=4, open=4)),
    )
    svg = str(cohortbars([*cohorts], ["a", "b"], "t", 200, 100, 10))
    whole = 100 - 19 - 16
    (old, young), (blue,), (sky,), (light,) = (
        heights(svg, colour) for colour in ("ink", "blue", "sky", "light")
    )
    assert old == pytest.approx(whole * 3 / 8, abs=0.1)
    assert young == pytest.approx(whole * 4 / 8, abs=0.1)
    assert blue == pytest.approx(whole * 3 / 8, abs=0.1)
    assert sky == light == pytest.approx(whole / 8, abs=0.1)


def test_what_is_there_for_four_weeks_is_red_and_what_nobody_can_date_is_later():
    tally = Tally(joined=3, fixed=2, open=1)
    names = [fate.name for fate in fates_of(Cohort(week=WEEK, tally=tally, soon=None), 3)]
    assert names == ["old", "later"]
    names = [fate.name for fate in fates_of(Cohort(week=WEEK, tally=tally, soon=2), 2)]
    assert names == ["open", "soon"]
    assert fates_of(Cohort(week=WEEK, tally=None), 2) == ()


def test_a_week_without_an_edition_is_a_band_and_no_column():
    hole = Cohort(week=WEEK, tally=None)
    svg = str(cohortbars([hole], ["W47"], "t", 100, 100, 10))
    assert heights(svg, "ink") == []
    assert 'opacity=".22"' in svg
    dark = replace(hole, tally=Tally(joined=1, open=1), is_whole=False)
    assert 'opacity=".22"' in str(cohortbars([dark], ["W47"], "t", 100, 100, 10))


def test_a_bar_is_as_long_as_its_number():
    svg = str(tallybar(Tally(joined=4, fixed=1, cleared=1, open=2), 8, "t", 80, 10))
    assert 'width="20" height="10" class="f-blue"' in svg
    assert 'width="20" height="10" class="f-ink"' in svg


def test_the_numbers_of_the_lists_past_are_no_tiles():
    shown = Page(idle())
    assert {f.name for f in shown.of_the_list} == {"weeks_median"}
    assert not {f.name for f in shown.tiles} & {"weeks_median", "reopened"}
    assert {f.name for f in (*shown.tiles, *shown.of_the_list)} == {
        f.name for f in idle().edition.figures
    }


def test_a_median_of_what_is_known_is_not_at_least_so_much():
    figure = replace(Page(idle()).of_the_list[0], state=State.PARTIAL, value=2)
    others = tuple(f for f in idle().edition.figures if f.name != "weeks_median")
    made = file(replace(idle().edition, figures=(*others, figure)))
    web, wiki = plain(page(HtmlRenderer, made=made)), page(MarkdownRenderer, made=made)
    assert "Median age on the list 2 weeks" in web
    assert "| Median age on the list | **2 weeks of what is known** |" in wiki
