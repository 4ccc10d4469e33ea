"""Gather, edit, file, render, lay out: the only clock, the only threads, the only wide `except`."""

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
