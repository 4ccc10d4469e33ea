"""No foreign text changes the structure of a page, whatever the format."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError
from markdown_it import MarkdownIt
from markupsafe import Markup

from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import environment
from bulletin.rendering.escape import LIMIT, Html, Markdown, Plain, clip, is_link
from tests.menagerie import HOSTILE

BITS = (
    *HOSTILE,
    *"\\`*_{}[]()#+-.!|<>~$^=&@:;\"'/ \t\n0129aZé",
    "www.", "http://x.y", "mailto:", "a@b.c", "GH-1", "#12", "```", "~~~", "<!--", "-->", "&lt;",
    "&#35;", "[x]: /y", "![](z)", "---", "===", ":--", "| --- |", "1. ", "- [ ] ", "{{ x }}",
    "\u202e", "\u200b", "<script>", "</b>", "]]>", "javascript:", ":tada:", "xmpp:a@b.c", "ftp://",
)  # fmt: skip
hostile = st.lists(st.sampled_from(BITS), min_size=1, max_size=8).map("".join) | st.text()

GFM = MarkdownIt("gfm-like")
GFM.linkify.set({"fuzzy_link": False, "fuzzy_email": False})

CONTEXTS = {
    "paragraph": "{{ x }}",
    "sentence": "before {{ x }} after",
    "heading": "## {{ x }}",
    "strong": "**{{ x }}** end",
    "item": "- {{ x }}\n- two",
    "below an item": "- one\n  {{ x }}\n",
    "cell": "| a | b |\n| --- | --- |\n| {{ x }} | two |\n",
    "link": "[{{ x }}](https://services.example/)",
}
BUNDLE = Bundle.of({})


def shape(source):
    """What a Markdown parser sees, without the text."""

    def walk(tokens):
        for token in tokens:
            if token.type not in {"text", "inline", "text_special", "softbreak"}:
                yield token.type, token.tag, tuple(sorted(token.attrs.items()))
            yield from walk(token.children or ())

    return list(walk(GFM.parse(source)))


def written(source):
    """The letters that a reader sees."""

    def walk(tokens):
        for token in tokens:
            if token.type in {"text", "text_special", "code_inline"}:
                yield token.content
            yield from walk(token.children or ())

    return "".join(walk(GFM.parse(source)))


@pytest.mark.parametrize("context", CONTEXTS)
@given(hostile)
@example("@team")
@example("a\n===")
@example(":--")
@example("1. x")
@example("www.evil.example")
def test_markdown_keeps_its_structure(context, text):
    template = environment(BUNDLE, Markdown).from_string(CONTEXTS[context])
    assert shape(template.render(x=text or "x")) == shape(template.render(x="x")) or not (
        Plain.escape(text)
    )


def test_the_parser_would_notice_text_that_is_not_escaped():
    """A control: the laws above can fail."""
    noticed = [t for t in BITS if shape(f"before {t} after") != shape("before x after")]
    assert len(noticed) > 5


@given(hostile)
def test_markdown_mentions_nobody_and_refers_to_nothing(text):
    """Hosts look for these in the finished text, where no backslash helps."""
    seen = written(f"x {Markdown.escape(text)} x")
    assert not re.search(r"@\w", seen)
    assert not re.search(r"(#|GH-)\d", seen, re.IGNORECASE)


@given(st.text())
def test_markdown_shows_the_text_that_was_given(text):
    seen = written(f"x{Markdown.escape(text)}x").replace("\u2060", "")
    assert seen == f"x{Plain.escape(text)}x"


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag):
        self.seen.append(tag)

    def handle_comment(self, data):
        self.seen.append("comment")


def tags(source):
    parser = _Tags()
    parser.feed(source)
    parser.close()
    return parser.seen


@given(hostile)
def test_html_keeps_its_structure_in_text_and_in_attributes(text):
    template = environment(BUNDLE, Html).from_string('<p title="{{ x }}">a {{ x }} <b>z</b></p>')
    assert tags(template.render(x=text)) == tags(template.render(x="x"))


@given(hostile)
def test_plain_text_stays_on_its_line(text):
    assert len(Plain.escape(text).splitlines()) <= 1


@pytest.mark.parametrize("safe", [Html, Markdown, Plain])
@pytest.mark.parametrize("text", ["\u200b", "\x00\x1b", "\u202e\u2066", " "])
def test_text_of_which_nothing_can_be_printed_leaves_a_sign(safe, text):
    assert safe.escape(text) == clip(text, 9) == "…"
    assert not safe.escape("")


@pytest.mark.parametrize("safe", [Html, Markdown, Plain])
def test_foreign_text_is_bounded(safe):
    assert len(safe.escape("x" * 10_000)) == LIMIT


@pytest.mark.parametrize("safe", [Html, Markdown])
@pytest.mark.parametrize(
    "template",
    [
        "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(x) }}",
        "{% set s %}{{ x }}{% endset %}{{ s }}",
        "{{ x + '' }}",
        "{{ [x]|first }}",
    ],
)
def test_text_is_escaped_once_however_it_gets_there(safe, template):
    made = environment(BUNDLE, safe).from_string(template).render(x="<a> | *b*")
    assert made == safe.escape("<a> | *b*")


@pytest.mark.parametrize("name", ["safe", "join", "e", "escape", "forceescape", "urlize", "format"])
def test_filters_that_would_escape_for_html_alone_are_not_there(name):
    with pytest.raises(TemplateSyntaxError):
        environment(BUNDLE, Markdown).from_string(f"{{{{ x|{name} }}}}")


def test_the_tilde_is_refused():
    with pytest.raises(TemplateSyntaxError, match="instead of a ~ b"):
        environment(BUNDLE, Markdown).from_string("{{ '**' ~ x }}")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "//evil.example", "/x", "", "https://",
        "https://user:pass@host/", "https://host/a b", 'https://host/"x', "https://host/\n",
        "https://host/<x>", "HTTPS:evil", "https://[::1", "https://host/" + "x" * 3000,
        "file:///etc/passwd", "ftp://host/", "https://host/\x9b31m", "https://host/\u202egnp.exe",
        "https://host/\ufffe",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_no_link(url):
    assert not is_link(url)
    assert not Html.link(url)
    assert not Markdown.link(url)


def test_a_link_is_written_as_its_format_wants_it():
    url = "https://host.example/a(b)_c?x=1&y=[2]#z"
    assert Html.link(url) == Markup("https://host.example/a(b)_c?x=1&amp;y=[2]#z")
    assert Markdown.link(url) == "https://host.example/a%28b%29_c?x=1&y=%5B2%5D#z"
    made = GFM.render(f"[x]({Markdown.link(url)})")
    assert made.count("<a ") == 1
