"""What a template may do, checked in its syntax tree."""

import re

import pytest
from jinja2 import meta, nodes

from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import NEUTRAL_FILTERS, environment
from bulletin.rendering.escape import Html

BUNDLE = Bundle.read()
FOLDERS = (
    "html/",
    "email/",
    "deck/",
    "paper/",
    "markdown/",
    "style/",
    "wiki/",
    "mediawiki/",
    "dokuwiki/",
)
TEMPLATES = [path for path in BUNDLE.files if path.startswith(FOLDERS)]
GIVEN = {
    "page", "edition", "digest", "language", "t", "remark", "sentences", "hint", "state",
    "headline", "say", "draw", "front", "blocks", "totals", "rows", "room", "asset", "part",
    "sizes", "logo", "piece", "mail", "pictures", "told",
    "block", "is_web", "anchor", "brief_rows", "front_gaps", "taught", "lesson", "meeting",
    "mark", "marks", "history", "share", "team", "ours", "said", "gap_lines",
}  # fmt: skip
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(["']?)[^"'<>=]*$""")


def tree(path):
    return environment(BUNDLE, Html).parse(BUNDLE.text(path))


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_asks_only_for_what_it_is_given(path):
    parsed = tree(path)
    set_here = {node.target.name for node in parsed.find_all((nodes.Assign, nodes.AssignBlock))}
    assert meta.find_undeclared_variables(parsed) - set_here <= GIVEN


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_calls_nothing_safe(path):
    used = {node.name for node in tree(path).find_all(nodes.Filter)}
    assert used <= {*NEUTRAL_FILTERS, "link", "clip"}
    assert not list(
        tree(path).find_all((nodes.Concat, nodes.MarkSafe, nodes.ScopedEvalContextModifier))
    )


def attribute_values(source):
    """Every `{{ }}` inside a tag: the attribute's name, its quote, and the expression."""
    bare = re.sub(r"{%.*?%}|{#.*?#}", "", source, flags=re.DOTALL)
    for tag in re.finditer(r"<[a-z][^<>]*?(?:{{[^}]*}}[^<>]*?)+>", bare, re.IGNORECASE):
        for print_ in re.finditer(r"{{(.*?)}}", tag[0]):
            before = re.sub(r"{{.*?}}", "", tag[0][: print_.start()])
            found = ATTRIBUTE.search(before)
            yield (found[1], found[2], print_[1].strip()) if found else ("", "", print_[1])


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.endswith(".html")])
def test_a_value_in_an_attribute_is_quoted_and_never_code(path):
    for name, quote, expression in attribute_values(BUNDLE.text(path)):
        assert quote, (path, expression)
        assert name not in {"style", "srcset"}
        assert name != "src" or expression == "asset(logo.path)"
        assert not name.startswith("on")
        if name == "href":
            assert expression.endswith("|link") or expression == "anchor(item.key)"
        if name == "id":
            assert expression == "section.kind"


def test_the_check_sees_attributes():
    """A control: each of these must be noticed."""
    seen = list(
        attribute_values('<a href="{{ x }}" class={{ y }} style="color:{{ z }}">{{ t }}</a>')
    )
    assert seen == [("href", '"', "x"), ("class", "", "y"), ("style", '"', "z")]


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.endswith(".css")])
def test_a_style_sheet_loads_nothing_from_elsewhere(path):
    text = BUNDLE.text(path)
    assert "@import" not in text
    assert all("asset(" in url for url in re.findall(r"url\((.*?)\)\s*;", text))
