"""The table: what was measured, what it may be at most, and whether it is."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Without a limit it stands there to compare with."""

    what: str
    measured: str
    limit: str = ""
    ok: bool | None = None

    @property
    def verdict(self) -> str:
        """Say it in a word."""
        return "" if self.ok is None else "ok" if self.ok else "TOO MUCH"


def at_most(what: str, value: float, limit: float, unit: str = "", more: str = "") -> Row:
    """Return the row of a value that has a limit."""
    shown = f"{value:.2f}" if isinstance(value, float) else str(value)
    said = f"{shown}{unit}{f' ({more})' if more else ''}"
    return Row(what, said, f"{limit:g}{unit}", value <= limit)


def show(rows: Iterable[Row]) -> str:
    """Return the rows in columns."""
    lines = [("measured", "", "at most", "")]
    lines += [(row.what, row.measured, row.limit, row.verdict) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
