"""PagerDuty: incidents that are open, and those that were resolved in the week."""

from bulletin.collectors.pagerduty.collector import PagerdutyCollector

__all__ = ["PagerdutyCollector"]
