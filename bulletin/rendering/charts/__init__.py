"""The charts: small drawings made of numbers, with the numbers in their title.

One drawing serves the web page, the PDFs and, as a picture, the e-mail: it is given its size, and
never scaled. Every shape has its colour as an attribute, for the printers, and a class, for the
web page's dark scheme to override it.
"""

from bulletin.rendering.charts.ages import Column, agebars
from bulletin.rendering.charts.cohorts import cohortbars, fates_of, swatch, tallybar
from bulletin.rendering.charts.days import daybars
from bulletin.rendering.charts.fates import Part, fatebar
from bulletin.rendering.charts.icons import icon
from bulletin.rendering.charts.rates import Limits, Point, ratechart
from bulletin.rendering.charts.spark import blocks, sparkline
from bulletin.rendering.charts.tape import tape
from bulletin.rendering.charts.wheel import Share, wheel

__all__ = [
    "Column",
    "Limits",
    "Part",
    "Point",
    "Share",
    "agebars",
    "blocks",
    "cohortbars",
    "daybars",
    "fatebar",
    "fates_of",
    "icon",
    "ratechart",
    "sparkline",
    "swatch",
    "tallybar",
    "tape",
    "wheel",
]
