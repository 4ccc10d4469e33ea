"""What axe-core finds in a real browser: nothing, in light and dark, on screen and on paper."""

import pytest

from tests.pages.browser import COLOURS, CONTRAST
from tests.pages.faces import BUNDLE, LOOKS, PRINTED, SHOWN, pages

pytestmark = pytest.mark.e2e
TELEPHONE = 360
SCREEN = [(kind, *look) for kind in SHOWN for look in LOOKS]
SCREEN += [("archive", "everything", language) for language in BUNDLE.languages]
PAPER = [(kind, *look) for kind in PRINTED for look in LOOKS]
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
    "<meta name='viewport' content='width=device-width'><style>{style}</style></head>"
    "<body><main><h1>Journal</h1>{body}</main></body></html>"
)


def each(*face):
    made = pages(*face)
    assert made
    return made.values()


@pytest.mark.parametrize("face", SCREEN, ids="-".join)
def test_a_page_breaks_no_rule_in_light_or_dark(browser, face):
    for page in each(*face):
        browser.open(page)
        light = browser.violations()
        browser.recolour("dark")
        assert (light, browser.violations(*COLOURS)) == ([], [])


@pytest.mark.parametrize("face", PAPER, ids="-".join)
def test_what_is_printed_can_be_read(browser, face):
    for page in each(*face):
        browser.open(page, media="print")
        assert browser.violations(CONTRAST) == []


@pytest.mark.parametrize("face", [f for f in SCREEN if f[0] != "email"], ids="-".join)
def test_nobody_scrolls_sideways_on_a_telephone(browser, face):
    for page in each(*face):
        browser.open(page, width=TELEPHONE)
        assert browser.wider_than_the_screen() == []


@pytest.mark.parametrize(
    ("style", "body", "rule"),
    [
        ("", '<img src="data:," width="9" height="9">', "image-alt"),
        ("p {color: #aaa; background: #fff}", "<p>faint</p>", "color-contrast"),
        ("", '<a href="x"></a>', "link-name"),
    ],
)
def test_a_broken_page_is_noticed(browser, style, body, rule):
    browser.open(PAGE.format(style=style, body=body).encode())
    assert rule in {found[0] for found in browser.violations()}


@pytest.mark.parametrize("media", ["screen", "print"])
def test_a_page_that_only_its_other_colours_break_is_noticed(browser, media):
    other = "(prefers-color-scheme: dark)" if media == "screen" else "print"
    style = f"p {{background: #fff}} @media {other} {{ p {{color: #ddd}} }}"
    browser.open(PAGE.format(style=style, body="<p>faint</p>").encode())
    assert browser.violations(*COLOURS) == []
    browser.recolour("dark", media)
    assert [found[0] for found in browser.violations(*COLOURS)] == ["color-contrast"]


def test_a_page_that_is_too_wide_is_noticed(browser):
    page = PAGE.format(style="p {width: 400px}", body="<p>wide</p>").encode()
    browser.open(page, width=TELEPHONE)
    assert len(browser.wider_than_the_screen()) == 1
