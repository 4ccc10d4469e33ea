"""GlitchTip: groups of errors, and how often they fired in the week."""

from bulletin.collectors.glitchtip.collector import GlitchtipCollector

__all__ = ["GlitchtipCollector"]
