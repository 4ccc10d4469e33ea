"""Every line of every language, held to what docs/voice.md says of it."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from bulletin.errors import BulletinError
from bulletin.model.front import Headline, Remark
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import lead
from bulletin.rendering.escape import Html, Markdown, Plain
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from bulletin.rendering.words import Catalogue, Words, read_catalogue
from tests.menagerie import everything, file, quiet

BUNDLE = Bundle.read()
LANGUAGES = BUNDLE.languages
VOICE = {language: BUNDLE.voice(language) for language in LANGUAGES}
DOC = (Path(__file__).parents[2] / "docs" / "voice.md").read_text("utf-8")
ROW = re.compile(r"^\| `([\w-]+)` \| [^|]+ \| ([^|]*)\| (\d+) \| (\d+) \|$", re.MULTILINE)
EVERY_EDITION = ("motto", "price", "colophon")


@dataclass(frozen=True)
class Situation:
    words: frozenset[str]
    letters: int
    lines: int


SITUATIONS = {
    name: Situation(frozenset(re.findall(r"`(\w+)`", words)), int(letters), int(lines))
    for name, words, letters, lines in ROW.findall(DOC)
}
each_situation = pytest.mark.parametrize(
    ("language", "situation"), [(one, name) for one in LANGUAGES for name in SITUATIONS]
)


def words(language, safe=Plain):
    return Words(read_catalogue(BUNDLE, language), safe, ZoneInfo("Europe/Paris"))


def filled(line):
    """A line with a number in the place of each placeholder."""
    return re.sub(r"\{\w+(:\w+)?\}", "7", line["text"])


def test_the_document_has_every_situation_and_no_other():
    assert len(SITUATIONS) == DOC.count("\n| `") >= 20
    for language in LANGUAGES:
        assert set(VOICE[language]) == set(SITUATIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_lines_and_a_quarter_of_them_is_merry(language):
    voice = VOICE[language]
    short = {s: len(voice[s]) for s, rule in SITUATIONS.items() if len(voice[s]) < rule.lines}
    assert not short
    tones = Counter(line["tone"] for line in chain(*voice.values()))
    assert tones.total() >= 280
    assert 0.15 < tones["merry"] / tones.total() < 0.3
    assert all(any(line["tone"] == "dry" for line in lines) for lines in voice.values())


@pytest.mark.parametrize("situation", EVERY_EDITION)
def test_what_every_edition_has_never_runs_out(situation):
    """Twelve lines are worn; the thirteenth is for this week."""
    dry = [line for line in BUNDLE.voice_lines()[situation] if line.tone == "dry"]
    assert len(dry) >= 13


def test_ids_tones_and_situations_are_the_same_in_every_language():
    told = [
        [(s, x["id"], x["tone"]) for s, lines in VOICE[one].items() for x in lines]
        for one in LANGUAGES
    ]
    assert told.count(told[0]) == len(told)
    ids = [id_ for _, id_, _ in told[0]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_lines_are_the_same(language):
    texts = Counter(line["text"].lower() for line in chain(*VOICE[language].values()))
    assert not [text for text, n in texts.items() if n > 1]


def test_the_languages_do_not_say_the_same():
    texts = [
        {line["id"]: line["text"] for line in chain(*VOICE[one].values())} for one in LANGUAGES
    ]
    first, *others = texts
    assert not [id_ for other in others for id_ in first if first[id_] == other[id_]]


@each_situation
def test_a_line_is_well_made(language, situation):
    furniture = situation in {"motto", "price"} or situation.startswith("headline-")
    for line in VOICE[language][situation]:
        assert line.keys() == {"id", "tone", "text"}
        assert line["tone"] in {"dry", "merry"}
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", line["id"])
        text = filled(line)
        assert text == text.strip()
        assert not set(text) & set("!{}<>\"'`*_#\t\n\u00a0\u202f\u2026"), text
        assert "  " not in text
        # A sentence has its full stop, a motto and a headline have none, a price follows a colon.
        assert text.endswith((".", "?")) is not furniture, text
        assert text[0].islower() if situation == "price" else not text[0].islower(), text


@each_situation
def test_a_line_has_its_language_s_punctuation(language, situation):
    for line in VOICE[language][situation]:
        text = filled(line)
        if language == "fr":
            assert not re.search(r"[^ ][:;?»]|«[^ ]|[“”]| [,.]", text), text
            assert text.count("«") == text.count("»")
            said = words("fr").line(line["id"], **dict.fromkeys(SITUATIONS[situation].words, 2))
            assert not re.search(r" [:;?»]|« ", said), "each is a no-break space"
        else:
            assert not re.search(r" [:;?,.”]|“ |[«»]", text), text
            assert text.count("“") == text.count("”")


@each_situation
def test_a_line_is_short_whatever_the_number(language, situation):
    rule = SITUATIONS[situation]
    for line in VOICE[language][situation]:
        for number in (0, 1, 2, 1000):
            said = words(language).line(line["id"], **dict.fromkeys(rule.words, number))
            assert 3 < len(said) <= rule.letters, said
            assert not set(said) & set("{}")


@each_situation
def test_a_line_asks_for_what_its_situation_has(language, situation):
    stated = situation.startswith("headline-") or situation == "small-ad"
    for line in VOICE[language][situation]:
        asked = {name for _, name, *_ in Formatter().parse(line["text"]) if name is not None}
        assert asked <= SITUATIONS[situation].words
        assert asked == SITUATIONS[situation].words or not stated, "they state the number"


COUNTED = re.compile(r"\{fixed\} of \{n:items\}|\{fixed:items\} sur \{n\}|\{\w+:(?:items|days)\}")


@each_situation
def test_a_number_has_its_own_plural(language, situation):
    """`{n}` beside a word would need one, and `{n:items}` brings it along."""
    for line in VOICE[language][situation]:
        assert "{" not in COUNTED.sub("", line["text"])


# What no line speaks of. A word that stands in `FINE` is there for the reason beside it.
PERSONS = {
    "en": r"""he|she|him|her|his|hers|himself|herself|guy|guys|dude|man|men|woman|women|people|
        persons?|somebody|someone|anybody|anyone|nobody|everybody|everyone|teams?|dev|devs|
        developers?|engineers?|programmers?|coders?|authors?|reviewers?|colleagues?|employees?|
        interns?|juniors?|seniors?|boss|bosses|managers?|management|owners?|leads?|staff|
        customers?|clients?|users?|company|companies|vendors?|consultants?|french|english|german|
        american|british|european|lazy|stupid|incompetent|blame|guilty|your fault""",
    "fr": r"""il|ils|elle|elles|lui|mec|mecs|gars|homme|hommes|femme|femmes|gens|personnes?|
        quelqu’un|chacun|équipes?|dév|dévs|développeu(?:r|rs|se|ses)|ingénieure?s?|auteure?s?|
        relecteurs?|relectrices?|collègues?|employée?s?|stagiaires?|chefs?|patrons?|managers?|
        direction|responsables?|clients?|clientes?|utilisateurs?|utilisatrices?|sociétés?|
        entreprises?|fournisseurs?|prestataires?|français|anglais|allemand|belge|suisse|américain|
        paresseu(?:x|se)|stupide|nul|nulle|coupables?|la faute""",
}
GRAVE = {
    "en": r"""dead|death|deaths|die|dies|died|dying|kill|kills|killed|killer|blood|bloody|murder|
        corpse|funeral|obituary|bury|buried|coffin|tomb|victims?|wound|wounded|hurt|pain|fire|fires|
        burn|burns|burnt|crash|crashed|bomb|war|wars|attack|disaster|catastrophe|outage|tragedy|
        tragic|hell|damn|god|suicide|execution|hang|hanged|drown|drowned|sick|ill|cancer|bankrupt""",
    "fr": r"""mort|morts|morte|mourir|meurt|tuer|tue|tué|tués|décès|décédé|sang|meurtre|cadavre|
        obsèques|nécrologie|enterrer|enterré|cercueil|tombe|victimes?|blessé|blessés|douleur|feu|
        incendie|brûler|brûle|accident|bombe|guerre|attaque|catastrophe|panne|drame|tragique|
        tragédie|enfer|merde|putain|diable|dieu|suicide|exécution|pendu|noyé|malade|faillite""",
}
FINE = {
    ("stuck-patience", "elle"): "the list",
    ("shrank-wash", "elle"): "the list",
    ("shrank-column", "elle"): "the list",
    ("grew-tide", "elle"): "the tide",
    ("fog-hand", "elle"): "the hand",
    ("colophon-back", "elle"): "the week",
    ("dark-fog", "il"): "the fog",
    ("motto-chips", "il"): "the paper",
    ("fair-washing", "hang"): "to hang out the washing",
    ("reopened-encore", "personne"): "nobody at all, which is nobody in particular",
    ("red-lights", "feu"): "a traffic light",
    ("some-simmer", "feu"): "a kitchen stove",
}
IMPERSONAL = re.compile(
    r"\bil (?:y a|n’y a|y en|y fait|faut|fallait|a fallu|suffit|reste|n’est point|en)\b"
)
BESIDE = ("-item", "-pull-request")
"""Beside an item, the French `il` and `elle` are the item."""


def unfit(language, situation, line):
    """The words of a line that no line should have, and that nobody has a reason for."""
    text = line["text"].lower()
    text = IMPERSONAL.sub("", text) if language == "fr" else text
    banned = re.compile(rf"\b(?:{PERSONS[language]}|{GRAVE[language]})\b", re.VERBOSE)
    found = {word for word in banned.findall(text) if (line["id"], word) not in FINE}
    return found - {"il", "elle"} if situation.endswith(BESIDE) else found


@each_situation
def test_a_line_is_about_no_person_and_nothing_grave(language, situation):
    lines = VOICE[language][situation]
    assert not {line["id"]: bad for line in lines if (bad := unfit(language, situation, line))}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The team is asleep."),
        ("en", "He forgot."),
        ("en", "Killed by a typo."),
        ("en", "The build is DEAD."),
        ("fr", "L’équipe dort."),
        ("fr", "Il a oublié."),
        ("fr", "Le chef n’est pas content."),
        ("fr", "Mort de rire."),
    ],
)
def test_the_bans_bite(language, text):
    assert unfit(language, "motto", {"id": "x", "text": text})


def test_every_exception_is_one():
    texts = {
        (line["id"], language): line["text"].lower()
        for language in LANGUAGES
        for line in chain(*VOICE[language].values())
    }
    for id_, word in FINE:
        assert any(re.search(rf"\b{word}\b", texts[id_, one]) for one in LANGUAGES), id_


@pytest.mark.parametrize("safe", [Html, Markdown, Plain])
def test_a_line_and_its_words_are_escaped(safe):
    hostile = {"en": {"hostile": "<b> {days} *{title}* {count:days}"}}
    catalogue = read_catalogue(BUNDLE, "en")
    held = Catalogue("en", catalogue.forms, catalogue.plural, hostile["en"])
    said = Words(held, safe, ZoneInfo("UTC")).line("hostile", days="a < b", title="*c*", count=1)
    if safe is Html:
        assert said == "&lt;b&gt; a &lt; b **c** 1 day"
    if safe is Markdown:
        assert said == "&#60;b&#62; a &#60; b \\*\\*c\\*\\* 1 day"
    if safe is Plain:
        assert said == "<b> a < b **c** 1 day"


def test_what_a_line_lacks_is_an_error():
    with pytest.raises(BulletinError, match="voice 'fr' has no line 'nonsense'"):
        words("fr").line("nonsense")
    with pytest.raises(BulletinError, match="asks for 'days'"):
        words("en").line("ad-lost")


@pytest.mark.parametrize(
    ("language", "line", "said"),
    [
        ("en", "lead-fixed-struck", "Struck off the list: 6 of 11 items"),
        ("fr", "lead-fixed-struck", "D’un trait de plume\u00a0: 6\u00a0points sur 11"),
        ("en", None, "6 of 11 fixed or cleared"),
        ("en", "a-line-of-long-ago", "6 of 11 fixed or cleared"),
    ],
)
def test_a_headline_is_said_by_the_voice_or_else_by_the_catalogue(language, line, said):
    """An old edition's headline is listed among newer ones, with the templates of the newest."""
    front = Headline(pattern="headline.fixed", words={"fixed": 6, "n": 11}, line=line)
    edition = file(replace(quiet().edition, headline=front))
    assert lead(edition, words(language), 100) == said


@pytest.mark.parametrize("renderer", [HtmlRenderer, MarkdownRenderer])
def test_a_remark_is_printed_with_its_words(renderer):
    held = everything().edition
    item = next(item for item in held.items if item.state.on_list)
    ad = Remark(situation="small-ad", line="ad-lost", key=item.key, words={"days": 12})
    pages = renderer().render(file(replace(held, remarks=(ad,))), BUNDLE, "en")
    assert "Lost, 12 days ago: momentum. Reward." in pages[0].body.decode()
