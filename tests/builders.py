"""Facts, harvests and editions in one line each, for tests that are about something else."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bulletin.archive import codec
from bulletin.editing.desk import Policy, edit
from bulletin.editing.rules import Rule
from bulletin.model.edition import Edition, Filed
from bulletin.model.facts import (
    Decision,
    ErrorTrend,
    Fact,
    FactKey,
    Incident,
    Life,
    PullRequest,
    Severity,
)
from bulletin.model.harvest import Cause, Coverage, Gap, Harvest, State
from bulletin.model.week import Cutoff, Week, Window
from bulletin.model.word import DECISION, decision_key

ZONE = ZoneInfo("Europe/Paris")
CUTOFF = Cutoff.parse("Thursday 10:00")
WEEK = Week(2026, 47)
NOW = WEEK.closes(ZONE, CUTOFF)
DAY = timedelta(days=1)


def window(week: Week = WEEK) -> Window:
    return week.window(ZONE, CUTOFF)


def closing(week: Week) -> datetime:
    return week.closes(ZONE, CUTOFF)


def incident(subject: str = "INC-1", **fields: Any) -> Incident:
    given: dict[str, Any] = {
        "key": FactKey("jira", "incident", subject),
        "handle": subject,
        "title": f"Incident {subject}",
        "url": f"https://jira.example/browse/{subject}",
        "life": Life.OPEN,
        "assigned": True,
        "project": "INC",
        "severity": Severity.MEDIUM,
        "status": "Open",
        "opened": NOW - 2 * DAY,
        "updated": NOW - DAY,
    }
    return Incident(**(given | fields))


def error(subject: str = "SHOP-1", **fields: Any) -> ErrorTrend:
    given: dict[str, Any] = {
        "key": FactKey("sentry", "error", subject),
        "handle": subject,
        "title": f"Error {subject}",
        "url": f"https://sentry.example/issues/{subject}/",
        "life": Life.OPEN,
        "project": "shop",
        "level": "error",
        "substatus": "ongoing",
        "first_seen": NOW - 60 * DAY,
        "last_seen": NOW - timedelta(hours=1),
        "events": 40,
        "events_before": 38,
        "users": 12,
    }
    return ErrorTrend(**(given | fields))


def pull_request(subject: str = "acme/shop#1", **fields: Any) -> PullRequest:
    given: dict[str, Any] = {
        "key": FactKey("github", "pull_request", subject),
        "handle": f"PR_{subject}",
        "title": f"Change {subject}",
        "url": "https://github.example/" + subject.replace("#", "/pull/"),
        "life": Life.OPEN,
        "repository": subject.partition("#")[0],
        "review": "approved",
        "checks": "passing",
        "checks_since": NOW - DAY,
        "mergeable": "mergeable",
        "additions": 10,
        "deletions": 2,
        "files": 1,
        "reviews": 1,
        "created": NOW - 2 * DAY,
        "last_activity": NOW - DAY,
        "last_review": NOW - DAY,
    }
    return PullRequest(**(given | fields))


def decision(number: int = 1, week: Week | None = None, **fields: Any) -> Decision:
    week = week or WEEK.shift(-1)
    key = decision_key(week, number)
    given: dict[str, Any] = {
        "key": key,
        "handle": key.subject,
        "title": f"Decision {number}",
        "url": "",
        "life": Life.OPEN,
        "owner": "search",
        "due": week.shift(1),
        "decided": week.closes(ZONE, CUTOFF) + timedelta(hours=1),
    }
    return Decision(**(given | fields))


KINDS = {"jira": "incident", "sentry": "error", "github": "pull_request"}


def gap(source: str, **fields: Any) -> Gap:
    given: dict[str, Any] = {"reason": Cause.SERVER_ERROR, "detail": "503", "hint": "Wait."}
    return Gap(source=source, **(given | fields))


def harvest(source: str, facts: Sequence[Fact] = (), **fields: Any) -> Harvest:
    gaps = fields.get("gaps", ())
    dark = any(not one.parts for one in gaps)
    kind = KINDS.get(source, DECISION)
    coverage = Coverage(
        source=source,
        kinds=(kind,),
        state=fields.pop("state", State.PARTIAL if dark else State.KNOWN),
        seen=len(facts),
        expected=len(facts),
        unit=f"{kind}s",
        as_of=fields.pop("as_of", NOW),
        requests=1,
    )
    return Harvest(source=source, facts=tuple(facts), coverage=coverage, **fields)


def rules() -> tuple[Rule, ...]:
    from bulletin import registry  # noqa: PLC0415  (the registry imports every rule on demand)

    return tuple(registry.find("rules", name)() for name in registry.names("rules"))


def policy(**fields: Any) -> Policy:
    given: dict[str, Any] = {
        "title": "The Journal",
        "zone": ZONE,
        "tone": "off",
        "room": 20,
        "rules": rules(),
        "waivers": {},
        "lines": {},
        "bundle": "0" * 64,
    }
    return Policy(**(given | fields))


def edited(
    harvests: Sequence[Harvest], past: Sequence[Filed] = (), week: Week = WEEK, **fields: Any
) -> Edition:
    return edit(
        week=week,
        window=window(week),
        as_of=fields.pop("as_of", closing(week)),
        harvests=harvests,
        past=past,
        policy=fields.pop("policy", None) or policy(),
        **fields,
    )


def filed(edition: Edition) -> Filed:
    return codec.file(edition)


def at(text: str) -> datetime:
    """Read `2026-11-19 09:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
