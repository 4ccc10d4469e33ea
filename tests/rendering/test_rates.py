"""The share that was fixed, drawn."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bulletin.rendering.charts import Limits, Point, ratechart

SVG = "{http://www.w3.org/2000/svg}"
series = st.lists(st.none() | st.integers(0, 100), max_size=26)


def drawn(values, limits=None):
    points = [Point(f"W{n}", value, f"{value}%") for n, value in enumerate(values)]
    return ET.fromstring(ratechart(points, "a <title> & more", limits, 400, 150, 11, 80))  # noqa: S314  (ours)


@given(series, st.none() | st.builds(Limits, st.floats(0, 50), st.floats(50, 100), st.text("ab")))
def test_a_dot_a_value_and_a_band_a_hole(values, limits):
    root = drawn(values, limits)
    assert root.findtext(f"{SVG}title") == "a <title> & more"
    assert len(root.findall(f"{SVG}circle")) == sum(value is not None for value in values)
    bands = len(root.findall(f"{SVG}rect")) - (limits is not None)
    assert bands == sum(value is None for value in values)
    assert all(0 <= float(dot.attrib["cy"]) <= 150 for dot in root.findall(f"{SVG}circle"))


def test_only_what_leaves_the_limits_is_coloured():
    root = drawn((50, 10, 95, None, 60), Limits(20, 90, "usual"))
    colours = [dot.attrib["class"] for dot in root.findall(f"{SVG}circle")]
    assert colours == ["f-ink", "f-red", "f-blue", "f-ink"]
    said = [text.text for text in root.findall(f"{SVG}text")]
    assert {"10%", "95%", "60%"} <= set(said)
    assert "50%" not in said
