"""The sizes in which a face prints its drawings, in CSS pixels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Width and height of each drawing, and the size of its letters where it has any."""

    picture: tuple[int, int, float]
    fates: tuple[int | None, int, float]
    """No width takes all that there is."""
    spark: tuple[int, int]
    rate: tuple[int, int]
    trend: tuple[int, int]
    ages: tuple[int, int, float, int]
    """The last is the margin for the names of the parts."""
    services: int
    """Services that the weather names."""
    sky: int
    """The icon of a service's weather."""
    gaps: int
    """Gaps that are told before the others are counted."""
    fold: int
    """Parts of a fold that are told before the others are counted."""
