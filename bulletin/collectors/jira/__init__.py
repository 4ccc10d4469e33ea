"""Jira, Cloud and Data Center: incidents as tickets."""

from bulletin.collectors.jira.collector import JiraCollector

__all__ = ["JiraCollector"]
