"""Incidents in the shapes of Jira's REST API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bulletin.sandbox.jira.jql import Ticket
from bulletin.sandbox.world import RESOLUTIONS, STATUSES, World, digest

SEVERITY = "customfield_10042"
CATEGORIES = {
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}
PRIORITIES = {"SEV1": "Highest", "SEV2": "High", "SEV3": "Medium", "SEV4": "Low"}
SYSTEM = {
    "summary": "Summary",
    "status": "Status",
    "resolution": "Resolution",
    "resolutiondate": "Resolved",
    "created": "Created",
    "updated": "Updated",
    "assignee": "Assignee",
    "priority": "Priority",
    "components": "Components",
    "labels": "Labels",
    "issuelinks": "Linked Issues",
    "description": "Description",
    "environment": "Environment",
    "project": "Project",
    "issuetype": "Issue Type",
}
ISSUE_TYPES = {"Incident": "10004", "Task": "10002"}
STATUS_IDS = {name: str(number) for number, name in enumerate(STATUSES, start=1)}
RESOLUTION_IDS = {
    name: str(number) for number, name in enumerate(RESOLUTIONS.values(), start=10001)
}

Json = dict[str, Any]


def base_url(world: World) -> str:
    """Return the address that the company's people use: a reserved name, which answers nothing."""
    return f"https://jira.{world.organization}.example"


def server_info(world: World, moment: datetime, *, cloud: bool) -> Json:
    """Describe the server."""
    version = [1001, 0, 0] if cloud else [9, 12, 4]
    return {
        "baseUrl": base_url(world),
        "version": ".".join(map(str, version)) + ("-SNAPSHOT" if cloud else ""),
        "versionNumbers": version,
        "deploymentType": "Cloud" if cloud else "Server",
        "buildNumber": 100277 if cloud else 912004,
        "buildDate": "2026-10-05T00:00:00.000+0000",
        "serverTime": stamp(moment, world),
        "scmInfo": digest("build")[:40],
        "serverTitle": "Jira",
    }


def myself(world: World, root: str, *, cloud: bool) -> Json:
    """Describe the account that asks."""
    name = {"accountId": digest("bot")[:24], "accountType": "atlassian"}
    account = name if cloud else {"key": "JIRAUSER10100", "name": "bulletin-bot"}
    return account | {
        "self": f"{root}user?accountId={digest('bot')[:24]}"
        if cloud
        else f"{root}user?username=bot",
        "emailAddress": f"bot@{world.organization}.example",
        "displayName": "Bulletin Bot",
        "active": True,
        "timeZone": world.user_zone,
    }


def fields() -> list[Json]:
    """List every field."""
    severity = {
        "type": "option",
        "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select",
        "customId": 10042,
    }
    system = [
        {
            "id": one,
            "key": one,
            "name": name,
            "custom": False,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": [one],
            "schema": {"type": "string", "system": one},
        }
        for one, name in SYSTEM.items()
    ]
    custom = {
        "id": SEVERITY,
        "key": SEVERITY,
        "name": "Severity",
        "custom": True,
        "clauseNames": ["cf[10042]", "Severity"],
        "schema": severity,
    }
    return [*system, system[0] | custom]


def issue(ticket: Ticket, world: World, root: str, wanted: Sequence[str], *, cloud: bool) -> Json:
    """Show an issue with the fields that were asked for; unknown ones are passed over."""
    everything = _fields(ticket, world, root, cloud=cloud)
    is_all = {"*all", "*navigable"} & {*wanted}
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": ticket.story.number,
        "self": f"{root}issue/{ticket.story.number}",
        "key": ticket.story.key,
        "fields": {k: v for k, v in everything.items() if is_all or k in wanted},
    }


def _fields(ticket: Ticket, world: World, root: str, *, cloud: bool) -> Json:
    story, state = ticket.story, ticket.state
    resolution = state.resolution
    return {
        "summary": story.summary,
        "status": _status(state.status, root),
        "resolution": resolution
        and {
            "self": f"{root}resolution/{RESOLUTION_IDS[resolution]}",
            "id": RESOLUTION_IDS[resolution],
            "name": resolution,
        },
        "resolutiondate": state.resolved and stamp(state.resolved, world),
        "created": stamp(story.created, world),
        "updated": stamp(state.updated, world),
        "assignee": state.assignee and _person(state.assignee, cloud=cloud),
        "priority": {"id": state.severity[-1], "name": PRIORITIES[state.severity]},
        "components": [
            {"id": str(int(digest(part)[:4], 16)), "name": part} for part in story.components
        ],
        "labels": [*story.labels],
        "issuelinks": [_link(key, root) for key in story.links],
        "description": _description(story.about, world, cloud=cloud),
        "environment": None,
        "project": {"key": story.project, "name": story.project},
        "issuetype": {"id": ISSUE_TYPES[story.kind], "name": story.kind},
        SEVERITY: {"id": f"1010{state.severity[-1]}", "value": state.severity},
    }


def _description(short_id: str, world: World, *, cloud: bool) -> Json | str | None:
    """Describe it by the error that it is about: a document on Cloud, wiki markup elsewhere."""
    numbers = [error.number for error in world.errors if error.short_id == short_id]
    if not numbers:
        return None
    home = world.organization
    url = f"https://sentry.{home}.example/organizations/{home}/issues/{numbers[0]}/"
    if not cloud:
        return f"Sentry: [{short_id}|{url}]"
    link = {"type": "link", "attrs": {"href": url}}
    text = {"type": "text", "text": short_id, "marks": [link]}
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}


def _person(name: str, *, cloud: bool) -> Json:
    """Show somebody: Cloud tells no names to sign in with, Data Center has no account ids."""
    known = {"accountId": digest(name)[:24]} if cloud else {"key": name, "name": name}
    return {**known, "displayName": name.title(), "active": True}


def _status(name: str, root: str) -> Json:
    key = STATUSES[name]
    number, colour, category = CATEGORIES[key]
    return {
        "self": f"{root}status/{STATUS_IDS[name]}",
        "id": STATUS_IDS[name],
        "name": name,
        "description": "",
        "iconUrl": f"{root}images/icons/statuses/generic.png",
        "statusCategory": {
            "self": f"{root}statuscategory/{number}",
            "id": number,
            "key": key,
            "colorName": colour,
            "name": category,
        },
    }


def _link(key: str, root: str) -> Json:
    number = str(int(digest(key)[:6], 16))
    return {
        "id": number,
        "type": {"id": "10003", "name": "Relates", "inward": "relates to", "outward": "relates to"},
        "outwardIssue": {"id": number, "key": key, "self": f"{root}issue/{number}"},
    }


def histories(ticket: Ticket, world: World) -> list[Json]:
    """Return the changes of status and resolution, oldest first."""
    return [
        {
            "id": str(int(digest(ticket.story.key, at.isoformat())[:8], 16)),
            "created": stamp(at, world),
            "items": [
                _item("status", before, after, STATUS_IDS),
                *_resolution(RESOLUTIONS.get(before), RESOLUTIONS.get(after)),
            ],
        }
        for at, before, after in ticket.state.history
    ]


def _resolution(before: str | None, after: str | None) -> list[Json]:
    return [] if before == after else [_item("resolution", before, after, RESOLUTION_IDS)]


def _item(field: str, before: str | None, after: str | None, ids: dict[str, str]) -> Json:
    return {
        "field": field,
        "fieldtype": "jira",
        "fieldId": field,
        "from": ids[before] if before else None,
        "fromString": before,
        "to": ids[after] if after else None,
        "toString": after,
    }


def stamp(moment: datetime, world: World) -> str:
    """Write a moment as Jira does: in the account's time zone, with an offset without a colon."""
    there = moment.astimezone(ZoneInfo(world.user_zone))
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03}{there:%z}"
