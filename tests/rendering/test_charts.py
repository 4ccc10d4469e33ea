import xml.etree.ElementTree as ET
from itertools import groupby, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bulletin.model.text import clean
from bulletin.rendering.charts import blocks, sparkline
from bulletin.rendering.charts.days import daybars
from bulletin.rendering.charts.wheel import LINE, lines_of

SVG = "{http://www.w3.org/2000/svg}"
series = st.lists(st.none() | st.integers(0, 10**9), max_size=12)


drawn = series.filter(lambda values: sum(value is not None for value in values) > 1)


@given(drawn)
def test_a_drawing_stays_in_its_frame_and_says_its_numbers(values):
    root = ET.fromstring(sparkline(values, "a <title> & more", 120, 28))  # noqa: S314  (ours)
    assert root.findtext(f"{SVG}title") == "a <title> & more"
    path = root.find(f"{SVG}path").attrib["d"]
    for stroke in path.replace("M", "L").split("L")[1:]:
        x, y = map(float, stroke.split())
        assert 0 <= x <= 120
        assert 0 <= y <= 28


@given(series)
def test_blocks_show_a_value_each_and_holes_for_the_unknown(values):
    drawn = blocks(values)
    assert len(drawn) == len(values)
    assert [c == "·" for c in drawn] == [value is None for value in values]


@given(drawn)
def test_every_hole_is_shaded_and_every_value_is_inked(values):
    root = ET.fromstring(sparkline(values, "t", 120, 28))  # noqa: S314  (ours)
    holes = [band.attrib for band in root.findall(f"{SVG}rect")]
    assert len(holes) == sum(1 for unknown, _ in groupby(v is None for v in values) if unknown)
    assert all(float(h["x"]) >= 0 and float(h["width"]) > 0 for h in holes)
    assert all(float(h["x"]) + float(h["width"]) <= 120.1 for h in holes)
    joined = sum(a is not None and b is not None for a, b in pairwise(values))
    assert root.find(f"{SVG}path").attrib["d"].count("L") == joined
    padded = [None, *values, None]
    alone = {
        i
        for i, (before, value, after) in enumerate(zip(padded, values, padded[2:], strict=False))
        if value is not None and before is None and after is None
    }
    last = max(i for i, value in enumerate(values) if value is not None)
    assert len(root.findall(f"{SVG}circle")) == len(alone | {last})


@pytest.mark.parametrize("values", [[], [None], [7], [None, 7, None]])
def test_fewer_than_two_values_are_no_drawing(values):
    assert sparkline(values, "t") == ""


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


@given(st.text(max_size=60))
@example("ä\u200dl\u200där\u200dt")
@example("नमस्ते दुनिया क्षत्रिय ॸशॻूँम२०ीोस")
def test_a_name_that_is_broken_over_two_lines_loses_no_letter(foreign):
    name = clean(foreign, 24)
    lines = lines_of(name)
    assert "".join(lines) == name
    assert len(lines) <= 2
    assert len(name) > LINE or lines == (name,)
    told = "".join(clean(line, 60) for line in lines)
    assert told.replace(" ", "") == name.replace(" ", "")


WEEKS = ("3 weeks ago", "2 weeks ago", "last week", "this week")


@pytest.mark.parametrize(
    ("highest", "labels"), [(400, WEEKS), (400_000, ("2 weeks ago", "this week"))]
)
def test_labels_of_weeks_leave_each_other_room(highest, labels):
    """The wider the numbers of the scale, the less is left for the weeks."""
    root = ET.fromstring(daybars((highest,) * 28, "t", WEEKS, str, 744, 388, 27))  # noqa: S314  (ours)
    written = tuple(text.text for text in root.iter(f"{SVG}text") if "w" in (text.text or ""))
    assert written == labels
