import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin.rendering.charts import blocks, sparkline

SVG = "{http://www.w3.org/2000/svg}"
series = st.lists(st.none() | st.integers(0, 10**9), max_size=12)


@given(series)
def test_a_drawing_stays_in_its_frame_and_says_its_numbers(values):
    root = ET.fromstring(sparkline(values, "a <title> & more", 120, 28))  # noqa: S314  (ours)
    assert root.findtext(f"{SVG}title") == "a <title> & more"
    path = root.find(f"{SVG}path").attrib["d"]
    for stroke in path.replace("h0", "").replace("M", "L").split("L")[1:]:
        x, y = map(float, stroke.split())
        assert 0 <= x <= 120
        assert 0 <= y <= 28


@given(series)
def test_blocks_show_a_value_each_and_holes_for_the_unknown(values):
    drawn = blocks(values)
    assert len(drawn) == len(values)
    assert [c == "·" for c in drawn] == [value is None for value in values]


def test_the_line_breaks_at_a_hole():
    assert sparkline([1, 2, None, 4, 5], "t").split(' d="')[1].count("M") == 2


@pytest.mark.parametrize(("values", "drawn"), [([0, 0, 0], "▁▁▁"), ([100, 101, 100], None)])
def test_noise_does_not_look_like_news(values, drawn):
    """The scale spans at least half of the mean, so one in a hundred is no mountain."""
    heights = ["▁▂▃▄▅▆▇█".index(c) for c in blocks(values)]
    assert max(heights) - min(heights) <= 1
    assert drawn is None or blocks(values) != "███"


def test_a_rise_is_drawn_as_a_rise():
    assert blocks([1, 5, 9]) == "▁▄█" or blocks([1, 5, 9])[0] < blocks([1, 5, 9])[2]
