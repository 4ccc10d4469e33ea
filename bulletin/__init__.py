"""A weekly engineering health bulletin that checks whether what it pointed at got fixed."""

__version__ = "0.2.0"
