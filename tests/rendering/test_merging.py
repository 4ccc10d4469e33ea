"""Sentences and remarks of a theme among ours."""

import pytest

from bulletin.errors import SettingsError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.words import read_catalogue
from tests.rendering.themes import bundle

OURS = Bundle.read()
LINE = '[[{}]]\nid = "{}"\ntext = "{}"\n'
SENTENCE = 'msgid "{}"\nmsgstr "{}"\n'


def forms(made, language):
    return dict(read_catalogue(made, language).forms)


def refused(tmp_path, **files):
    with pytest.raises(SettingsError) as caught:
        bundle(tmp_path, **files)
    assert len(str(caught.value).splitlines()) == 2
    assert str(tmp_path) in str(caught.value)
    return str(caught.value)


def test_a_sentence_replaces_that_sentence_alone(tmp_path):
    mine = bundle(tmp_path, locale__en_po=SENTENCE.format("title.gaps", "In the dark"))
    assert forms(mine, "en") == forms(OURS, "en") | {"title.gaps": ("In the dark",)}
    assert forms(mine, "fr") == forms(OURS, "fr")
    assert mine.files["locale/en.po"].startswith(OURS.files["locale/en.po"].partition(b"\n\n")[0])


def test_plural_forms_are_kept_and_may_be_replaced(tmp_path):
    given = 'msgid "count.days"\nmsgid_plural "count.days"\nmsgstr[0] "{n} d"\nmsgstr[1] "{n} dd"\n'
    mine = read_catalogue(bundle(tmp_path, locale__fr_po=given), "fr")
    ours = read_catalogue(OURS, "fr")
    assert mine.sentence("count.days", 1) == "{n} d".replace(" ", "\u00a0")
    assert mine.sentence("count.days", 3) == "{n} dd".replace(" ", "\u00a0")
    for id_ in ours.forms.keys() - {"count.days"}:
        for n in (0, 1, 2, 1000):
            assert mine.sentence(id_, n) == ours.sentence(id_, n)


def test_the_same_theme_is_the_same_bytes(tmp_path):
    given = SENTENCE.format("title.gaps", 'Dark “night” \\\\ \\"x\\"')
    one = bundle(tmp_path / "a", locale__en_po=given)
    assert one.dumps() == bundle(tmp_path / "b", locale__en_po=given).dumps()
    assert b"Babel" not in one.files["locale/en.po"]
    assert forms(one, "en")["title.gaps"] == ('Dark “night” \\ "x"',)


def test_a_sentence_of_the_themes_own_is_in_every_language(tmp_path):
    page = '{{ t("acme.desk") }}'
    en, fr = SENTENCE.format("acme.desk", "Desk"), SENTENCE.format("acme.desk", "Bureau")
    one = bundle(tmp_path / "one", locale__en_po=en, html__index_html=page)
    both = bundle(tmp_path / "two", locale__en_po=en, locale__fr_po=fr, html__index_html=page)
    said = [forms(made, tongue)["acme.desk"][0] for made in (one, both) for tongue in ("en", "fr")]
    assert said == ["Desk", "Desk", "Desk", "Bureau"]


def test_a_rule_from_another_package_may_have_its_sentence(tmp_path):
    mine = bundle(tmp_path, locale__en_po=SENTENCE.format("rule.acme-odd", "Odd for {days:days}"))
    assert forms(mine, "en")["rule.acme-odd"] == ("Odd for {days:days}",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (SENTENCE.format("title.gasp", "x"), "did you mean 'title.gaps'?"),
        (SENTENCE.format("title.gaps", ""), "lacks a form"),
        (SENTENCE.format("mast.number", "No. {nubmer}"), "It gets {number}."),
        (SENTENCE.format("title.gaps", "{x}"), "no value at all"),
        (SENTENCE.format("mast.number", "No. {number"), "cannot be read"),
        ("msgid title.gaps\n", "no catalogue"),
        (b'msgid "a"\nmsgstr "\xff"\n', "not UTF-8"),
    ],
)
def test_a_sentence_that_cannot_be_said(tmp_path, given, said):
    assert said in refused(tmp_path, locale__en_po=given)


def lines(made, language):
    return {x["id"]: x["text"] for several in made.voice(language).values() for x in several}


def test_a_remark_replaces_that_remark_alone(tmp_path):
    mine = bundle(tmp_path, voice__fr_toml=LINE.format("motto", "motto-list", 'Une \\"liste\\"'))
    assert lines(mine, "fr") == lines(OURS, "fr") | {"motto-list": 'Une "liste"'}
    assert lines(mine, "en") == lines(OURS, "en")
    assert mine.voice_lines() == OURS.voice_lines()


def test_a_new_remark_stands_in_every_language_until_it_is_translated(tmp_path):
    new = LINE.format("motto", "acme", "Ours")
    mine = bundle(tmp_path / "one", voice__en_toml=new)
    assert lines(mine, "fr") == lines(OURS, "fr") | {"acme": "Ours"}
    assert [x.tone for x in mine.voice_lines()["motto"] if x.id == "acme"] == ["dry"]
    both = bundle(
        tmp_path / "two",
        voice__en_toml=new + 'tone = "merry"\n',
        voice__fr_toml=LINE.format("motto", "acme", "Le nôtre"),
    )
    assert (lines(both, "en")["acme"], lines(both, "fr")["acme"]) == ("Ours", "Le nôtre")
    assert both.voice("fr")["motto"][-1]["tone"] == "merry"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_remark_that_is_taken_out_is_out_in_every_language(tmp_path, language):
    files = {f"voice__{language}_toml": LINE.format("motto", "motto-list", "")}
    other = {"en": "fr", "fr": "en"}[language]
    files[f"voice__{other}_toml"] = LINE.format("motto", "motto-list", "Still?")
    mine = bundle(tmp_path, **files)
    assert "motto-list" not in lines(mine, "en") | lines(mine, "fr")
    assert len(lines(mine, "en")) == len(lines(OURS, "en")) - 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (LINE.format("moto", "x", "y"), "did you mean 'motto'?"),
        (LINE.format("motto", "motto-lits", ""), "did you mean 'motto-list'?"),
        (LINE.format("motto", "quiet-short", "y"), "stands under all-quiet"),
        (LINE.format("motto", "Not an id", "y"), "small letters"),
        (LINE.format("motto", "x", "y" * 121), "does not fit"),
        (LINE.format("motto", "x", "a\\nb"), "does not fit"),
        (LINE.format("motto", "x", "y") + 'tone = "wild"', "no such tone"),
        (LINE.format("motto", "x", "y") + 'tune = "dry"', "did you mean 'tone'?"),
        ('[[motto]]\nid = "x"', "lacks its id or its text"),
        ('motto = "x"', "a table of its own"),
        ("motto = [1]", "lacks its id or its text"),
        ("[[motto]\n", "not TOML"),
    ],
)
def test_a_remark_that_cannot_be_printed(tmp_path, given, said):
    assert said in refused(tmp_path, voice__en_toml=given)
