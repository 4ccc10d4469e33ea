"""The pages of wikis: what stands on them in either markup, and what cannot be forged."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.model.delivery import Mode
from bulletin.publishing import dokuwiki, mediawiki
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.dialects import Dokuwiki, Mediawiki
from bulletin.rendering.wiki import DokuwikiRenderer, MediawikiRenderer
from tests.menagerie import ITEMS
from tests.rendering.test_markdown import ALL, furnished
from tests.rendering.test_markdown import rendered as markdown

BUNDLE = Bundle.read()
KINDS = {
    "mediawiki": (MediawikiRenderer, mediawiki.DIALECT),
    "dokuwiki": (DokuwikiRenderer, dokuwiki.DIALECT),
}
each = pytest.mark.parametrize("kind", KINDS)


def rendered(kind, filed, language="en"):
    (artifact,) = KINDS[kind][0]().render(filed, BUNDLE, language)
    assert artifact.name == f"bulletin.{kind}"
    return artifact.body.decode()


def marked(kind, page):
    """How often the marker of the edition, and those of the notes, stand in a page."""
    dialect = KINDS[kind][1]
    stamps = [found["digest"] for found in dialect.stamp.finditer(page)]
    return stamps, page.count(dialect.fence.begin), page.count(dialect.fence.end)


@each
@pytest.mark.parametrize("language", BUNDLE.languages)
@pytest.mark.parametrize("name", ALL)
def test_every_page_holds_its_markers_once_and_in_order(kind, name, language):
    filed = ALL[name]()
    page = rendered(kind, filed, language)
    assert marked(kind, page) == ([filed.digest], 1, 1)
    fence = KINDS[kind][1].fence
    assert page.index(fence.begin) < page.index(fence.end)
    assert "\n\n\n" not in page


@each
@pytest.mark.parametrize("name", ALL)
def test_a_page_has_the_headings_of_the_markdown_page(kind, name):
    mark = {"mediawiki": "==", "dokuwiki": "====="}[kind]
    found = re.findall(rf"^{mark} .* {mark}$", rendered(kind, ALL[name]()), re.MULTILINE)
    assert len(found) == len(re.findall(r"^## ", markdown(ALL[name]()), re.MULTILINE))


@each
@pytest.mark.parametrize("mode", Mode)
def test_a_page_says_how_far_it_goes(kind, mode):
    page = rendered(kind, furnished(mode=mode))
    assert ("REHEARSAL" in page) is (mode is Mode.REHEARSAL)
    assert ("PREVIEW" in page) is (mode is Mode.PREVIEW)


@each
@pytest.mark.parametrize("part", range(3))
def test_foreign_text_forges_no_marker(kind, part):
    dialect = KINDS[kind][1]
    stamp = dialect.stamp.search(rendered(kind, furnished()))[0]
    text = (stamp, dialect.fence.begin, dialect.fence.end)[part]
    items = tuple(replace(item, title=text, owner=text) for item in ITEMS)
    filed = file(replace(furnished(text, title=text).edition, items=items))
    assert marked(kind, rendered(kind, filed)) == ([filed.digest], 1, 1)


@given(st.text() | st.lists(st.sampled_from("[]{}<>!-#|~=_'/*%^\\:x ")).map("".join))
def test_no_text_opens_anything(text):
    assert not re.search(r"[\[\]{}|<>~=]|''|__|^[*#:;]|://|<!--", Mediawiki.quote(text))
    assert not re.search(
        r"[|^]|([-*/_'\[\](){}~%\\=<>])\1|<\w|^>|^[ ]*[*-] ", Dokuwiki.quote(text.strip())
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("it's user_name's, 50% (see #1); so: no", "it's user_name's, 50% (see #1); so: no"),
        ("{{x}}", "&#123;&#123;x&#125;&#125;"),
        ("''a''", "&#39;&#39;a&#39;&#39;"),
        ("__NOTOC__", "&#95;&#95;NOTOC&#95;&#95;"),
        ("~~~~", "&#126;&#126;&#126;&#126;"),
        ("* a", "&#42; a"),
        ("https://x.y", "https&#58;//x.y"),
        ("RFC 2119, ISBN 1", "&#82;FC 2119, &#73;SBN 1"),
        ("a\ufffdb", "a&#65533;b"),
    ],
)  # fmt: skip
def test_mediawiki_is_written_with_entities_where_a_sign_means_something(text, written):
    assert Mediawiki.quote(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("it's a user_name, 50% more", "it's a user_name, 50% more"),
        ("a | b ^ c", "a │ b ˆ c"),
        ("x **a** y", "x *_*a*_* y"),
        ("FIXME it", "FIX_ME it"),
        ("see www.x", "see www_.x"),
        ("[[a]]", "_[_[a]_]_"),
        ("8x8", "8_x8"),
    ],
)
def test_dokuwiki_has_its_signs_broken_where_they_mean_something(text, written):
    assert Dokuwiki.quote(text) == re.sub(r"_(?!name)", "\u2060", written)


def test_a_command_to_type_is_written_as_it_is_typed():
    typed = "bulletin waive a:b --until DATE"
    assert Dokuwiki.code(typed) == f"''%%{typed}%%''"
    assert Dokuwiki.code("a %% b") == "a %\u2060% b"
    assert Mediawiki.code(typed) == "<code>bulletin waive a&#58;b --until DATE</code>"


@pytest.mark.parametrize("safe", [Mediawiki, Dokuwiki])
def test_no_sign_of_an_address_ends_its_link(safe):
    url = "https://host.example/a(b)_c?x=1&y=[2]#z|'q"
    assert not re.search(r"[\[\]|<>\s{}]", safe.link(url))
    assert not safe.link("javascript:alert(1)")
