"""Both languages say everything that the model, the rules and the templates can ask for."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from bulletin.editing import desk
from bulletin.editing.corrections import GONE
from bulletin.errors import BulletinError
from bulletin.masking.rules import read_rules
from bulletin.model.edition import ItemState, Ledger, Trend
from bulletin.model.facts import Severity
from bulletin.model.front import Sky
from bulletin.model.harvest import Cause, State
from bulletin.model.history import Tally
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts.fates import LOOKS
from bulletin.rendering.charts.icons import ICONS
from bulletin.rendering.escape import Html, Markdown, Plain
from bulletin.rendering.page import AGES
from bulletin.rendering.taught import LEGEND
from bulletin.rendering.words import Words, read_catalogue

BUNDLE = Bundle.read()
CATALOGUES = {language: read_catalogue(BUNDLE, language) for language in BUNDLE.languages}
PARIS = ZoneInfo("Europe/Paris")

RULES = {
    "incident-severe": {"severity": "critical", "days": 3},
    "incident-old": {"days": 1},
    "incident-unowned": {"days": 2},
    "incident-silent": {"days": 2},
    "incident-reopened": {"days": 0},
    "error-new": {"events": 1204, "users": 1},
    "error-new.bare": {"events": 3},
    "error-regressed": {"events": 3, "release": "shop@1"},
    "error-regressed.bare": {"events": 3},
    "error-escalating": {"events": 3},
    "error-rising": {"events": 900, "before": 240, "limit": 410},
    "error-firing-after-close": {"events": 3, "days": 2},
    "pull-request-labelled": {"label": "hold"},
    "pull-request-stale": {"days": 9},
    "pull-request-unreviewed": {"days": 9},
    "pull-request-changes-idle": {"days": 9},
    "pull-request-red": {"days": 9},
    "pull-request-big": {"lines": 4100, "files": 1},
    "pull-request-conflicting": {"days": 9},
}
HEADLINES = {
    "grave-incident": {"title": "T", "days": 3},
    "grave-incident.new": {"title": "T", "days": 3},
    "grave-incident.reopened": {"title": "T", "days": 3},
    "grave-incident.reopened.today": {"title": "T", "days": 0},
    "grave-incident.silent": {"title": "T", "days": 3},
    "errors-rising": {"title": "T", "events": 3},
    "firing-after-close": {"title": "T", "events": 3},
    "worse": {"n": 1},
    "fixed": {"fixed": 6, "n": 11},
    "quiet": {},
    "first": {"n": 4},
    "dark": {"n": 2},
}
FIGURES = (
    "incidents_open",
    "incidents_opened",
    "incidents_resolved",
    "errors_events",
    "errors_new",
    "pull_requests_open",
    "settled",
    "weeks_median",
    "reopened",
)
ASKED = {
    *(f"state.{state}" for state in ItemState),
    *(f"trend.{trend}" for trend in Trend),
    *(f"severity.{severity.name.lower()}" for severity in Severity),
    *(f"cause.{cause}" for cause in Cause),
    *(f"hint.{cause}" for cause in Cause),
    *(f"section.state.{state}" for state in State),
    *(f"figure.state.{state}" for state in State),
    *(f"ledger.{name}" for name in Ledger.__dataclass_fields__),
    *(f"term.{name}" for name in Ledger.__dataclass_fields__),
    *(f"section.{kind}" for kind in ("incident", "error", "pull_request")),
    *(f"count.{unit}" for unit in ("incidents", "projects", "pull_requests", "things")),
    *(
        f"dropped.{why}"
        for why in ("declined", "deleted", "unreadable", "moved_away", "merged_into")
    ),
    *(f"figure.{name}" for name in (*FIGURES, "count", "percent", "weeks")),
    *(f"rule.{rule}" for rule in RULES),
    *(f"headline.{pattern}" for pattern in HEADLINES),
    *(f"masked.{rule.what}" for rule in read_rules()),
    *(f"sky.{sky}{tone}" for sky in Sky for tone in ("", ".off")),
    *(f"weather.{sky}{tone}" for sky in Sky for tone in ("", ".off")),
    *(f"age.{age}" for age in AGES),
    *(f"icon.{name}" for name in ICONS),
    *(f"fate.{fate}" for fate in LOOKS),
    *(f"correction.{state}" for state in GONE),
    *(f"cohort.{name}" for name in (*LEGEND, "none", "dark", "unsure", "before", "due", "week")),
    *(f"tally.{name}" for name in Tally.__dataclass_fields__ if name != "joined"),
    *("taught.retune", "taught.retune.off", "taught.rule", "taught.rule.weeks"),
    *("taught.team", "taught.team.soon", "taught.team.oldest", "cohort.told", "tally.nothing"),
    *("credits.cleared", "credits.each", "credits.others"),
    "cause.not_answered",
}
SAID = re.compile(r'(?<=")(?:heading|so|question)\.[\w.-]+(?=")')
"""Patterns that the desk writes out; those that it puts together are in `FAMILIES`."""
FAMILIES = {
    *(f"heading.incident.{which}" for which in ("grave", "all-grave")),
    *(f"heading.unsure.{state}" for state in (State.KNOWN, State.PARTIAL, State.STALE)),
    *(f"heading.{kind}" for kind in ("incident", "error", "pull_request")),
    *(f"so.settled.{which}" for which in ("usual", "wide", "above", "below")),
    *(f"question.{name}" for name in ("grave", "grave-unowned", "persisting", "old", "unowned")),
}


def words(language, safe=Plain):
    return Words(CATALOGUES[language], safe, PARIS)


def called():
    """Ids that the templates and the program name outright."""
    text = "".join(
        body.decode()
        for path, body in BUNDLE.files.items()
        if path.endswith((".html", ".md", ".txt"))
    )
    return set(re.findall(r'\bt\(\s*"([\w.-]+[\w])"', text))


def placeholders(forms):
    return {(name, spec) for form in forms for _, name, spec, _ in Formatter().parse(form) if name}


def written():
    """Patterns that the desk writes out, each as a string of its own."""
    paths = (Path(desk.__file__).parent).glob("*.py")
    return {id_ for path in paths for id_ in SAID.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_heading_conclusion_and_question_has_words(language):
    assert len(written()) > 20
    assert not (written() | FAMILIES) - CATALOGUES[language].forms.keys()


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_id_that_can_be_asked_for_has_words(language):
    assert not (ASKED | called()) - CATALOGUES[language].forms.keys()


def test_the_templates_name_ids():
    """A control: an empty set would make the test above say nothing."""
    assert {"title.ledger", "advice.four", "more.web"} <= called()


def test_every_language_has_the_same_ids_placeholders_and_plurals():
    reference = CATALOGUES["en"].forms
    for catalogue in CATALOGUES.values():
        assert catalogue.forms.keys() == reference.keys()
        for id_, forms in catalogue.forms.items():
            assert placeholders(forms) == placeholders(reference[id_]), id_
            assert (len(forms) > 1) == (len(reference[id_]) > 1), id_


@pytest.mark.parametrize(
    ("strange", "but"),
    [
        (r"\b(élément|fiche|entrée|cas)s?\b", {"count.things"}),  # point
        (r"\bsujets?\b(?<!son sujet)(?<!ce sujet)",  # of the meeting, numbers among them
         {"agenda.found", "agenda.crossed.found", "wheel.free"}),
        (r"\baffaires?\b", {"fold.with", "fold.things", "fold.left-out"}),  # told as one
        (r"\bnuméros?\b", {"masked.iban", "masked.card"}),  # édition
        (r"\bévénements?\b", set()),  # occurrence
        (r"\b(fermé|fermer|ferme)\b|suspendre", set()),  # clos, endormir
    ],
)  # fmt: skip
def test_french_has_one_word_for_one_thing(strange, but):
    forms = CATALOGUES["fr"].forms.items()
    assert {id_ for id_, said in forms if re.search(strange, " ".join(said), re.IGNORECASE)} == but


def test_the_two_languages_differ():
    same = [i for i, f in CATALOGUES["fr"].forms.items() if f == CATALOGUES["en"].forms[i]]
    assert len(same) < len(CATALOGUES["fr"].forms) / 10


@pytest.mark.parametrize("language", CATALOGUES)
@pytest.mark.parametrize(("rule", "given"), RULES.items())
def test_every_rule_makes_a_sentence(language, rule, given):
    said = words(language)(f"rule.{rule}", **given)
    assert said[0].isupper() or said[0].isdigit()
    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize("language", CATALOGUES)
@pytest.mark.parametrize(("pattern", "given"), HEADLINES.items())
def test_every_headline_makes_a_line(language, pattern, given):
    assert "{" not in words(language)(f"headline.{pattern}", **given)


@pytest.mark.parametrize("language", CATALOGUES)
@pytest.mark.parametrize("cause", Cause)
def test_every_hint_is_a_sentence(language, cause):
    said = words(language)(f"hint.{cause}")
    assert said[0].isupper()
    assert said.endswith(".")


def test_plurals_follow_each_language():
    assert words("en").counted(0, "days") == "0 days"
    assert words("en").counted(1, "days") == "1 day"
    assert words("fr").counted(0, "days") == "0\u00a0jour"
    assert words("fr").counted(2, "days") == "2\u00a0jours"
    assert words("en").counted(2, "unheard_of") == "2 things"


def test_french_punctuation_stays_with_its_word():
    said = words("fr")("headline.grave-incident", title="Panne : tout", days=3)
    assert said == "Toujours ouvert après 3\u00a0jours\u00a0: «\u00a0Panne : tout\u00a0»"
    assert words("fr").number(48210) == "48\u00a0210"


def test_dates_are_in_the_zone_and_the_language():
    moment = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert words("en").day(moment) == "Thursday, November 26, 2026"
    assert words("fr").day(moment) == "jeudi 26 novembre 2026"
    assert words("en").moment(moment) == "Nov 26, 2026, 00:30 CET"
    assert words("fr").clock(moment) == "jeudi à 00:30"
    assert words("en").short_day(date(2027, 1, 15)) == "Jan 15, 2027"


def test_foreign_words_are_escaped_and_ours_too():
    assert "&lt;b&gt;" in words("en", Html)("headline.grave-incident", title="<b>", days=1)
    said = words("en", Markdown)("headline.grave-incident", title="*a*", days=1)
    assert said == "Still open after 1 day: “\\*a\\*”"


def test_braces_in_foreign_words_mean_nothing():
    assert "{days} {0}" in words("en")("headline.grave-incident", title="{days} {0}", days=1)


def test_lists_end_with_and():
    assert words("en").listing(["a", "b", "c"]) == "a, b, and c"
    assert words("fr", Html).listing(["a", "<", "c"]) == "a, &lt; et c"


def test_what_is_missing_is_an_error():
    with pytest.raises(BulletinError, match="no words for 'nonsense'"):
        words("en")("nonsense")
    with pytest.raises(BulletinError, match="asks for 'days'"):
        words("en")("rule.incident-old")
    with pytest.raises(BulletinError, match="no catalogue for 'xx'"):
        read_catalogue(BUNDLE, "xx")
