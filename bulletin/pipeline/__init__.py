"""Gather, edit, file, render, lay out: the clock, the threads, and the nets that catch all."""

from bulletin.pipeline.drafting import Printed, current_week, draft
from bulletin.pipeline.gathering import Report, build, silent
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
