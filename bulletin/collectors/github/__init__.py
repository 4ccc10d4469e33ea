"""GitHub: open pull requests of an organization or of single repositories."""

from bulletin.collectors.github.collector import GithubCollector
from bulletin.collectors.github.settings import App, Settings

__all__ = ["App", "GithubCollector", "Settings"]
