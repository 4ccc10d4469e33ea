"""The drawings: what they show, that they say it in words, and that they are drawn to scale."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.archive.codec import file
from bulletin.model.edition import ItemState, Ledger
from bulletin.model.facts import Life
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts import Column, Part, agebars, daybars, fatebar, icon
from bulletin.rendering.charts.icons import ICONS
from bulletin.rendering.charts.ink import COLOURS
from bulletin.rendering.drawings import Drawings
from bulletin.rendering.environment import words_for
from bulletin.rendering.escape import Html, Plain
from bulletin.rendering.furniture import Furniture
from bulletin.rendering.page import Page
from tests.menagerie import FACTS, ITEMS, WEEK, everything, item, key, quiet

BUNDLE = Bundle.read()
SVG = "{http://www.w3.org/2000/svg}"


def tree(drawing):
    return ET.fromstring(str(drawing))  # noqa: S314  (ours)


def rects(drawing, colour):
    found = [r for r in tree(drawing).iter(f"{SVG}rect") if r.get("class") == f"f-{colour}"]
    return [r for r in found if r.get("opacity") is None]


def bars(days, marked=None, *, so_far=False):
    weeks = ["w", "x", "y", "z"]
    return daybars(days, "a & b", weeks, str, 280, 100, 10, marked, "<m>", so_far=so_far)


def texts(drawing):
    return [text.text or "" for text in tree(drawing).iter(f"{SVG}text")]


def page_of(filed, language="en"):
    page, words = Page(filed), words_for(filed, BUNDLE, language, Html)
    return Drawings(page, words), Furniture(page, words)


@given(st.lists(st.integers(0, 10**6), min_size=28, max_size=28))
def test_bars_are_as_tall_as_their_numbers_from_zero(days):
    drawn = [*rects(bars(days), "grey"), *rects(bars(days), "ink")]
    heights = [float(r.get("height")) for r in sorted(drawn, key=lambda r: float(r.get("x")))]
    scale = max(heights) / max(*days, 1)
    assert len(heights) == 28
    for day, height in zip(days, heights, strict=True):
        assert height == pytest.approx(day * scale, abs=0.11)


def test_this_week_is_ink_the_weeks_before_grey_and_the_peak_red():
    drawn = bars([*[5] * 21, 6, 7, 8, 30, 8, 7, 6], marked=24)
    assert len(rects(drawn, "grey")) == 21
    assert len(rects(drawn, "ink")) == 6
    assert len(rects(drawn, "red")) == 1
    assert "&lt;m&gt;" in drawn
    assert tree(drawn).find(f"{SVG}title").text == "a & b"


def gutter(drawn):
    (beside,) = drawn.findall(f"{SVG}g")
    return float(re.search(r"translate\(([\d.]+) 0\)", beside.get("transform"))[1])


def test_a_day_that_is_not_known_is_a_band_and_never_a_bar_of_zero():
    drawn = tree(bars([None] * 14 + [3] * 14))
    bands = [r for r in drawn.iter(f"{SVG}rect") if r.get("opacity")]
    (band,) = bands
    assert float(band.get("width")) == pytest.approx((280 - gutter(drawn)) / 2, abs=0.1)
    assert len([r for r in drawn.iter(f"{SVG}rect") if not r.get("opacity")]) == 14


def test_a_day_that_is_not_over_is_an_outline():
    drawn = tree(bars([3] * 28, so_far=True))
    (outline,) = [r for r in drawn.iter(f"{SVG}rect") if r.get("fill") == "none"]
    assert float(outline.get("x")) == max(float(r.get("x")) for r in drawn.iter(f"{SVG}rect"))


def test_the_numbers_of_the_scale_stand_beside_the_bars():
    drawn = tree(bars([12871] * 28))
    (beside,) = drawn.findall(f"{SVG}g")
    assert gutter(drawn) > 5 * 10 * 0.5
    assert not [t for t in beside.iter(f"{SVG}text") if t.text == "10000"]


@pytest.mark.parametrize("highest", [1, 3, 9, 12, 47, 99, 100, 12871, 10**6])
def test_the_grid_has_one_or_two_round_numbers_within_the_drawing(highest):
    numbers = [int(text) for text in texts(bars([highest] * 28)) if text.isdigit()]
    assert highest == 1 or 1 <= len(numbers) <= 2
    assert all(0 < n <= highest and re.fullmatch(r"[1-9]0*", str(n)) for n in numbers)


def test_each_column_has_its_sum_above_and_a_hole_has_none():
    columns = [Column("W1", (1, 0, 0, 2)), Column("W2", None), Column("W3", (0, 4, 0, 0))]
    drawn = agebars(columns, "t", ("a", "b", "c", "d"), 300, 120, 10, 60)
    assert texts(drawn) == ["W1", "3", "W2", "W3", "4", "b"]
    red, light = rects(drawn, "red"), rects(drawn, "light")
    assert float(red[0].get("height")) == pytest.approx(2 * float(light[0].get("height")), abs=0.2)


def test_labels_that_would_touch_are_left_out_from_the_last_one_back():
    columns = [Column(f"W{n}", (1, 0, 0, 0)) for n in range(12)]
    drawn = agebars(columns, "t", "abcd", 120, 90, 10)
    shown = [text for text in texts(drawn) if text.startswith("W")]
    assert shown[-1] == "W11"
    assert 2 < len(shown) < 12


@given(st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_the_bar_of_fates_is_cut_in_proportion(counts):
    names = ("fixed", "cleared", "dropped", "waived", "stayed", "unknown")
    parts = [Part(n, c, str(c)) for n, c in zip(names, counts, strict=True) if c]
    wide = [float(r.get("width")) for r in tree(fatebar(parts, "t", 600)).iter(f"{SVG}rect")]
    if parts:
        assert sum(wide) == pytest.approx(600, abs=1)
        for part, width in zip(parts, wide, strict=True):
            assert width == pytest.approx(600 * part.count / sum(counts), abs=0.06)
    fluid = fatebar(parts, "t", None)
    assert "viewBox" not in fluid
    assert "%" in fluid


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_drawn_in_our_colours_and_says_its_word(name):
    drawn = icon(name, "the <word>", 24)
    assert tree(drawn).find(f"{SVG}title").text == "the <word>"
    assert set(re.findall(r"#[0-9a-f]{6}", drawn)) <= set(COLOURS.values())


def test_the_picture_of_an_edition_without_one_is_the_lists_history():
    filed = everything()
    assert 'class="days"' in page_of(filed)[0].picture(300, 200, 10)
    without = file(replace(filed.edition, picture=None))
    assert 'class="ages"' in page_of(without)[0].picture(300, 200, 10)


@pytest.mark.parametrize("language", BUNDLE.languages)
def test_every_drawing_says_its_numbers_in_words(language):
    draw, _ = page_of(everything(), language)
    assert "4" in draw.pictured()
    assert "100" in draw.pictured().replace("\xa0", "").replace(",", "")
    assert re.findall(r"\d+(?=[,.])", draw.aged())[-2:] == ["15", "15"]
    drawn = draw.fates(600, 30, 12)
    assert tree(drawn).find(f"{SVG}title").text


def test_what_became_of_last_weeks_list_adds_up():
    page = Page(everything())
    assert sum(n for _, n in page.fates) == everything().edition.ledger.open_then
    assert dict(page.fates)["unknown"] == 1
    empty = Page(file(replace(everything().edition, ledger=Ledger(), items=(), waived=())))
    assert empty.fates == ()


def test_credits_are_by_team_the_most_first_and_for_what_was_fixed_alone():
    fixed, cleared = ItemState.FIXED, ItemState.CLEARED
    told = (("a", fixed), ("b", fixed), ("b", fixed), (None, fixed), ("a", cleared))
    items = tuple(item("error", f"E{n}", "t", state, owner=o) for n, (o, state) in enumerate(told))
    page = Page(file(replace(everything().edition, items=items)))
    assert [(team, len(done)) for team, done in page.credits] == [("b", 2), ("a", 1)]
    assert (page.credited, page.uncredited) == (3, 1)


def test_what_is_open_and_on_no_list_is_counted_without_drills():
    full = everything().edition
    quiet = replace(FACTS[0], key=key("incident", "INC-900"), life=Life.OPEN)
    drill = replace(quiet, key=key("incident", "INC-901"), drill=True)
    done = replace(quiet, key=key("incident", "INC-902"), life=Life.DONE)
    section = full.sections[0]
    before = Page(file(full)).unlisted(section)
    page = Page(file(replace(full, facts=(*full.facts, quiet, drill, done))))
    assert page.unlisted(section) == before + 1


def test_an_item_that_was_away_says_in_all():
    page, words = Page(everything()), words_for(everything(), BUNDLE, "en", Plain)
    held = item("error", "A", "a", weeks=3)
    away = replace(held, since=WEEK.shift(-6))
    said = Furniture(page, words).lasted
    assert (said(held), said(away)) == ("3 weeks, since W45", "3 weeks in all, first in W41")


def test_an_errors_days_are_whole_days():
    draw, _ = page_of(everything())
    drawn = draw.trend_of(ITEMS[3], 80, 16)
    assert "20, 30, 400, 600, 100" in tree(drawn).find(f"{SVG}title").text
    assert draw.trend_of(item("error", "nobody", "t"), 80, 16) == ""


@pytest.mark.parametrize(
    ("days", "freeze", "said"),
    [
        (8, 1, ("8 days", "days to Black Friday", "Code freeze in 1 day.")),
        (1, None, ("1 day", "day to Black Friday", "")),
        (0, -7, ("0 days", "Black Friday is today", "The code freeze holds.")),
        (-3, None, ("3 days", "days since Black Friday", "")),
    ],
)
def test_the_countdown_in_words(days, freeze, said):
    edition = everything().edition
    countdown = replace(edition.countdown, days=days, freeze_days=freeze)
    _, front = page_of(file(replace(edition, countdown=countdown)))
    assert (front.days(), front.event(), front.freeze()) == said


@pytest.mark.parametrize("tone", ["off", "dry"])
def test_a_sober_page_has_the_same_services_and_no_weather(tone):
    _, front = page_of(file(replace(everything().edition, tone=tone)))
    assert ("Rain" in front.forecast()) == (tone == "dry")
    assert "shop" in front.forecast()
    assert ("weather" in front.weather_title()) == (tone == "dry")


def test_a_forecast_names_two_and_counts_the_rest():
    edition = everything().edition
    (one,) = edition.services
    named = tuple(replace(one, name=f"<s{n}>") for n in range(5))
    _, front = page_of(file(replace(edition, services=named)))
    assert front.forecast() == "Rain over &lt;s0&gt;, &lt;s1&gt;, and 3 more."
    assert page_of(quiet())[1].forecast() == "No service was named this week."
