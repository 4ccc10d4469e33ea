"""`bulletin.toml` as frozen settings: all mistakes at once, secrets only by reference."""

from bulletin.config.reading import Kinds, load
from bulletin.config.secret import REVEALED, NearPath, Secret, Settings
from bulletin.config.tables import Bulletin, Monitor, Plug, Schedule, Season, Team

__all__ = [
    "REVEALED",
    "Bulletin",
    "Kinds",
    "Monitor",
    "NearPath",
    "Plug",
    "Schedule",
    "Season",
    "Secret",
    "Settings",
    "Team",
    "load",
]
