"""Where a template is wrong, in two lines: which file, which line, what to do."""

import pytest

from bulletin.errors import BulletinError
from bulletin.rendering import page
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.proof import proofread
from tests.menagerie import EDITIONS
from tests.rendering.themes import theme

FILED = EDITIONS["everything"]()
PAGE = "<p>\n{}\n</p>\n"

WRONG = {
    "variable": ("{{ editon.title }}", "there is no 'editon'", "Did you mean edition?"),
    "attribute": (
        "{{ edition.titel }}", "Edition has no 'titel'", "Did you mean title or items?",
    ),
    "method": ("{{ t.dya(edition.as_of) }}", "Words has no 'dya'", "Did you mean day?"),
    "far off": ("{{ edition.xyzxyz }}", "Edition has no 'xyzxyz'", "Known here: afterwards"),
    "syntax": ("{% if edition %}", "Unexpected end of template", "Correct that line"),
    "tag": ("{% fro x in y %}", "Encountered unknown tag 'fro'", "Correct that line"),
    "filter": ("{{ edition.title|clop(3) }}", "No filter named 'clop'", "Did you mean clip?"),
    "include": (
        "{% include 'html/jurnal.html' %}",
        "there is no template 'html/jurnal.html'",
        "Did you mean html/journal.html",
    ),
    "asset": (
        "{{ asset('fonts/mine.woff2') }}", "there is no file 'fonts/mine.woff2'", "Known here:",
    ),
    "unsafe": ("{{ edition.__class__ }}", "'__class__' of Edition is out of reach", "reads"),
    "type": ("{{ 1 + 'a' }}", "TypeError: unsupported operand", "docs/themes.md"),
    "call": ("{{ t.moment('x') }}", "AttributeError", "docs/themes.md"),
    "arguments": ("{{ headline() }}", "TypeError", "docs/themes.md"),
    "sentence": ("{{ t('title.' + 'gasp') }}",
        "the catalogue 'en' has no words for 'title.gasp'",
        "locale/en.po",
    ),
    "round": ("{% include 'html/index.html' %}", "it goes round in circles", "must not"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "problem", "hint"), WRONG.values(), ids=WRONG)
def test_the_file_of_the_theme_and_the_line_are_named(tmp_path, source, problem, hint):
    made = Bundle.read(theme=theme(tmp_path, html__index_html=PAGE.format(source)))
    with pytest.raises(BulletinError) as caught:
        HtmlRenderer().render(FILED, made, "en")
    told, do = str(caught.value).splitlines()
    line = 3 if "end of template" in problem else 2
    assert told.startswith(f"{tmp_path}/html/index.html, line {line}: {problem}")
    assert hint in do


def test_a_macro_in_a_file_of_ours_is_named_where_it_breaks(tmp_path):
    parts = Bundle.read().text("html/parts.html").replace("item.title|clip", "item.titel|clip", 1)
    made = Bundle.read(theme=theme(tmp_path, html__parts_html=parts))
    with pytest.raises(BulletinError) as caught:
        HtmlRenderer().render(FILED, made, "en")
    line = next(n for n, text in enumerate(parts.splitlines(), 1) if "item.titel" in text)
    assert caught.value.problem == f"{tmp_path}/html/parts.html, line {line}: Item has no 'titel'"
    assert caught.value.hint == "Did you mean title or state?"


def test_an_edition_from_the_archive_names_the_template_it_was_printed_with(tmp_path):
    made = Bundle.read(theme=theme(tmp_path, html__index_html=PAGE.format("{{ edtion }}")))
    with pytest.raises(BulletinError, match=r"^templates/html/index\.html, line 2: "):
        HtmlRenderer().render(FILED, Bundle.loads(made.dumps()), "en")


def test_a_wrong_call_and_a_late_filter_in_a_template_from_the_archive():
    for source, said in (
        ("{{ headline() }}", "line 2: TypeError"),
        ("{% if edition %}{{ edition.title|clop }}{% endif %}", "No filter named 'clop'"),
    ):
        files = {**Bundle.read().files, "html/index.html": PAGE.format(source).encode()}
        with pytest.raises(BulletinError, match=said) as caught:
            HtmlRenderer().render(FILED, Bundle.of(files), "en")
        assert caught.value.hint in {
            "Did you mean clip?",
            "Correct that line; docs/themes.md says what a template is given.",
        }


def test_the_shelf_of_back_issues_says_it_too(tmp_path):
    made = Bundle.read(theme=theme(tmp_path, archive__feed_xml="{{ issuse }}"))
    with pytest.raises(BulletinError, match=r"feed\.xml, line 1: there is no 'issuse'"):
        render_back_issues([FILED], made, "en", 0)


def test_a_fault_of_ours_is_not_blamed_on_a_template_of_ours(monkeypatch):
    monkeypatch.setattr(page, "PRESSING", None)
    with pytest.raises(TypeError):
        HtmlRenderer().render(FILED, Bundle.read(), "en")


def test_foreign_text_in_a_message_is_cleaned(tmp_path):
    source = "{% for item in edition.items %}{{ item.title + 1 }}{% endfor %}"
    made = Bundle.read(theme=theme(tmp_path, html__index_html=PAGE.format(source)))
    with pytest.raises(BulletinError) as caught:
        HtmlRenderer().render(FILED, made, "en")
    assert len(str(caught.value).splitlines()) == 2


def test_our_own_templates_have_no_fault():
    assert list(proofread(Bundle.read())) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{% if false %}{{ t('title.gasp') }}{% endif %}", "there is no sentence 'title.gasp'"),
        ("{% if false %}{% include 'style/wbe.css' %}{% endif %}", "no template 'style/wbe.css'"),
        ("{% if false %}{{ asset('logo.png') }}{% endif %}", "there is no file 'logo.png'"),
        ("{% if false %}{{ x|safe }}{% endif %}", "there is no filter 'safe'"),
        ("{% if false %}{{ x ~ y }}{% endif %}", "instead of a ~ b"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_proofreading_looks_where_no_week_has_been(tmp_path, source, told):
    made = Bundle.read(theme=theme(tmp_path, markdown__bulletin_md=PAGE.format(source)))
    (fault,) = proofread(made)
    assert fault.problem.startswith(f"{tmp_path}/markdown/bulletin.md, line 2: ")
    assert told in fault.problem
    assert fault.hint
