"""Every cell of the matrix: H01 to H52 at each of the three sources."""

from tests.faults import paging, refusals, shapes, values, wires
from tests.faults.cell import Cell
from tests.faults.stage import SOURCES

ROWS = (
    *wires.CONNECTION,
    *wires.TLS,
    *wires.BODY,
    *refusals.SIGNED_OUT,
    *refusals.REFUSALS,
    *refusals.THROTTLING,
    *refusals.STORMS,
    *paging.PAGING,
    *shapes.SHAPE,
    *values.NUMBERS,
    *values.CLOCK,
)
CELLS = tuple(Cell(row, source) for row in ROWS for source in SOURCES)
FAMILIES = tuple(dict.fromkeys(row.family for row in ROWS))
