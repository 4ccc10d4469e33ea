"""Bugsink: groups of errors, and how often they fired in the week."""

from bulletin.collectors.bugsink.collector import BugsinkCollector

__all__ = ["BugsinkCollector"]
