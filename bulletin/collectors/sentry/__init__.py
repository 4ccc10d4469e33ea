"""Sentry: groups of errors, and how often they fired in the week."""

from bulletin.collectors.sentry.collector import SentryCollector

__all__ = ["SentryCollector"]
