"""Gather, edit, file, render, lay out: the clock, the threads, and the nets that catch all."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bulletin.pipeline.drafting import current_week, draft
    from bulletin.pipeline.gathering import Report, build, silent
    from bulletin.pipeline.pressing import Printed
    from bulletin.pipeline.printing import engine, render_all

__all__ = [
    "Printed",
    "Report",
    "build",
    "current_week",
    "draft",
    "engine",
    "render_all",
    "silent",
]
HOMES = {
    "drafting": ("current_week", "draft"),
    "gathering": ("Report", "build", "silent"),
    "pressing": ("Printed",),
    "printing": ("engine", "render_all"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: `bulletin status` needs the calendar alone."""
    for module, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"bulletin.pipeline.{module}"), name)
    raise AttributeError(name)
