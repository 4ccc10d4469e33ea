"""The demo company as it stands at any moment: timelines that its services answer from.

A story says when things happened; `at(moment)` says how they stood. Nothing here knows what a
service's answer looks like, and nothing is random: the same moment gives the same state.
"""

from bulletin.sandbox.world.change import Change, digest
from bulletin.sandbox.world.company import Outage, Rename, World
from bulletin.sandbox.world.error import DAY, HOUR, ErrorState, ErrorStory
from bulletin.sandbox.world.incident import RESOLUTIONS, STATUSES, IncidentState, IncidentStory
from bulletin.sandbox.world.pull_request import PullRequestState, PullRequestStory, Review
from bulletin.sandbox.world.reading import STORY, load

__all__ = [
    "DAY",
    "HOUR",
    "RESOLUTIONS",
    "STATUSES",
    "STORY",
    "Change",
    "ErrorState",
    "ErrorStory",
    "IncidentState",
    "IncidentStory",
    "Outage",
    "PullRequestState",
    "PullRequestStory",
    "Rename",
    "Review",
    "World",
    "digest",
    "load",
]
