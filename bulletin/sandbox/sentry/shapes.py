"""Sentry's JSON: an organization, a project, an issue as listed and as looked at."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug import Request

from bulletin.sandbox.sentry.query import Issue, Refusal
from bulletin.sandbox.world import DAY, HOUR, World, digest

RETENTION = 90 * DAY
FOUNDED = datetime(2019, 3, 4, 9, tzinfo=UTC)
FEATURES = (
    *("Feedbacks", "Flags", "InsightsAgentMonitoring", "InsightsAppStart", "InsightsAssets"),
    *("InsightsCaches", "InsightsDb", "InsightsHttp", "InsightsMCP", "InsightsQueues"),
    *("InsightsScreenLoad", "InsightsVitals", "Logs", "MinifiedStackTrace", "Monitors"),
    *("NewFeedbacks", "Profiles", "Replays", "Sessions", "TraceMetrics", "UserReports"),
)
"""What a project may send beside errors, and none here does."""
ROLLUPS = ((29, 1), (58, 2), (87, 3), (174, 6), (420, 12), (696, 24))
"""Spans below so many hours are counted in steps of so many hours."""

Span = tuple[datetime, datetime]


def organization(request: Request, world: World) -> dict[str, Any]:
    """Return the organization; its region is the sandbox itself."""
    host = request.host_url.rstrip("/")
    return {
        "id": number(world.organization),
        "slug": world.organization,
        "name": world.organization.title(),
        "status": {"id": "active", "name": "active"},
        "links": {"organizationUrl": host, "regionUrl": host},
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": None, "avatarUrl": None},
        "dateCreated": _iso(FOUNDED),
        "allowMemberInvite": True,
        "allowMemberProjectCreation": False,
        "allowSuperuserAccess": False,
        "hasAuthProvider": False,
        "isEarlyAdopter": False,
        "require2FA": False,
    }


def project(slug: str) -> dict[str, Any]:
    """Return one project."""
    return {
        "id": number(slug),
        "slug": slug,
        "name": slug.replace("-", " ").title(),
        "platform": "python",
        "platforms": ["python"],
        "dateCreated": _iso(FOUNDED),
        "access": ["event:read", "org:read", "project:read"],
        "hasAccess": True,
        "isMember": True,
        "isBookmarked": False,
        "environments": ["production"],
        "features": [],
        "firstEvent": _iso(FOUNDED),
        "firstTransactionEvent": False,
        "latestRelease": None,
        "team": None,
        "teams": [],
        **{f"has{feature}": False for feature in FEATURES},
    }


def listed(request: Request, issue: Issue, counted: Span, charted: Span) -> dict[str, Any]:
    """Return an issue of a listing: its numbers over `counted`, its series over `charted`."""
    story, state, home = issue.story, issue.state, request.path.split("/")[4]
    period = request.args.get("groupStatsPeriod", "24h")
    lifetime = _numbers(issue, (issue.now - RETENTION, issue.now))
    return {
        **_seen(issue, counted),
        "id": story.number,
        "shareId": None,
        "shortId": story.short_id,
        "title": story.title,
        "culprit": story.culprit,
        "permalink": f"{request.host_url}organizations/{home}/issues/{story.number}/",
        "logger": None,
        "level": story.level,
        "status": state.status,
        "statusDetails": _resolution(issue),
        "substatus": state.substatus,
        "isPublic": False,
        "platform": "python",
        "project": {key: project(story.project)[key] for key in ("id", "name", "slug", "platform")},
        "type": "error",
        "metadata": {"title": story.title},
        "numComments": 0,
        "assignedTo": story.team and {"type": "team", "id": number(story.team), "name": story.team},
        "isBookmarked": False,
        "isSubscribed": False,
        "subscriptionDetails": None,
        "hasSeen": False,
        "annotations": _annotations(story.ticket, home),
        "issueType": "error",
        "issueCategory": "error",
        "priority": "high" if story.level in {"error", "fatal"} else "medium",
        "priorityLockedAt": None,
        "seerAutofixLastTriggered": None,
        "seerExplorerAutofixLastTriggered": None,
        "seerFixabilityScore": None,
        "isUnhandled": True,
        "stats": {period: _series(issue, period, charted)} if period else {},
        "lifetime": {"stats": None, **lifetime},
        "filtered": None,
        "matchingEventEnvironment": None,
        "matchingEventId": None,
    }


def detail(request: Request, issue: Issue) -> dict[str, Any]:
    """Return an issue by itself, with its history and releases."""
    now, state = issue.now, issue.state
    shown = listed(request, issue, (now - RETENTION, now), (now - DAY, now))
    activity = [_activity("first_seen", issue.story.first_seen)]
    if state.resolved is not None:
        kind = "set_resolved_in_release" if shown["statusDetails"] else "set_resolved"
        activity.insert(0, _activity(kind, state.resolved))
    if state.ignored is not None:
        activity.insert(0, _activity("set_ignored", state.ignored))
    for only_listed in ("lifetime", "filtered", "matchingEventEnvironment", "matchingEventId"):
        del shown[only_listed]
    return shown | {
        "activity": activity,
        "firstRelease": {"version": issue.story.release},
        "lastRelease": {"version": state.release},
        "stats": {period: _series(issue, period, (now, now)) for period in ("24h", "14d")},
        "participants": [],
        "seenBy": [],
        "tags": [],
        "userReportCount": 0,
    }


def _annotations(ticket: str, home: str) -> list[dict[str, str]]:
    """Return the tickets that an issue is linked to, as the Jira integration tells them."""
    url = f"https://jira.{home}.example/browse/{ticket}"
    return [{"displayName": ticket, "url": url}] if ticket else []


def _activity(kind: str, at: datetime) -> dict[str, Any]:
    return {"id": "0", "type": kind, "dateCreated": _iso(at), "user": None, "data": {}}


def _resolution(issue: Issue) -> dict[str, Any]:
    # What is resolved outright comes back as regressed with its next event; only what was
    # resolved in a release may go on firing, from the older ones.
    resolved = issue.state.resolved
    if issue.state.next_release:
        return {"inNextRelease": True}
    fires = resolved is not None and issue.events(resolved + HOUR, issue.now) > 0
    return {"inRelease": issue.state.release} if fires else {}


def _seen(issue: Issue, span: Span) -> dict[str, Any]:
    numbers = _numbers(issue, span)
    return numbers | {"firstSeen": _iso(max(issue.story.first_seen, span[0]))}


def _numbers(issue: Issue, span: Span) -> dict[str, Any]:
    events = issue.events(*span)
    return {
        "count": str(events),
        "userCount": round(events * issue.story.users_share),
        "firstSeen": _iso(issue.story.first_seen),
        "lastSeen": _iso(issue.last_seen(span[1])),
    }


def _series(issue: Issue, period: str, span: Span) -> list[list[int]]:
    step, start, end = _steps(period, span, issue.now)
    first = int(start.timestamp() // step) * step
    series = []
    for epoch in range(first, int(end.timestamp()), step):
        at = datetime.fromtimestamp(epoch, UTC)
        series.append([epoch, issue.events(at, at + timedelta(seconds=step))])
    return series


def _steps(period: str, span: Span, now: datetime) -> tuple[int, datetime, datetime]:
    """Return the seconds between two points of a series, its start and its end."""
    match period:
        case "auto":
            hours = (span[1] - span[0]) / HOUR
            if hours < 24:  # noqa: PLR2004  (a day)
                return max(1, int(hours * 3600 / 29)), *span
            step = next((hour for limit, hour in ROLLUPS if hours < limit), 24)
            return step * 3600, *span
        case "24h":
            return 3600, now - 23 * HOUR, now
        case "14d":
            return 86400, now - 13 * DAY, now
        case _:
            raise Refusal(400, "Invalid stats_period. Valid choices are '', '24h', and '14d'")


def number(name: str) -> str:
    """Return a stable numeric id."""
    return str(4_500_000 + int(digest(name)[:5], 16))


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
