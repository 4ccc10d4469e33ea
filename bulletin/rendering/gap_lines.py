"""What could not be learnt, in lines: what would read the same is told once, and counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bulletin.model.harvest import Gap


@dataclass(frozen=True, slots=True)
class GapLines:
    """The first lines, each with how many gaps it tells."""

    lines: tuple[tuple[Gap, int], ...]
    left_out: int
    """Gaps that there was no line for."""


def gap_lines(gaps: Sequence[Gap], most: int | None = None) -> GapLines:
    """Return at most so many lines. What one source could not tell for one cause is one line, with
    every part that is missing; whole facts that are missing are not told together with parts.
    """
    groups: dict[tuple[object, ...], list[Gap]] = {}
    for gap in gaps:
        alike = (gap.source, gap.reason, bool(gap.parts), gap.seen, gap.expected)
        groups.setdefault(alike, []).append(gap)
    told = [(_together(group), len(group)) for group in groups.values()][:most]
    return GapLines(tuple(told), len(gaps) - sum(n for _, n in told))


def _together(group: Sequence[Gap]) -> Gap:
    parts = _each(part for gap in group for part in gap.parts)
    return replace(group[0], parts=parts, hint=" ".join(_each(gap.hint for gap in group)))


def _each(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
