"""Jira's JSON as the model's facts: pure functions that raise one of `UNREADABLE` where the JSON is
not what it is documented to be.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bulletin.collectors.jira.words import (
    SERVICE_FIELDS,
    SEVERITY_FIELDS,
    is_declined,
    parse_severity,
    parse_word,
)
from bulletin.collectors.pointing import find_pages
from bulletin.model.facts import FactKey, Incident, Life, Severity
from bulletin.model.text import clean

Json = dict[str, Any]

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What the functions below raise for JSON that is not in its documented form."""

KEY = re.compile(r"([A-Za-z0-9_]{1,255})-\d{1,18}")
ORDER = re.compile(r"""(?is)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\border\s+by\b.*""")
TITLE_LENGTH = 300
NAME_LENGTH = 100
MILLISECONDS = 10**11
"""Seconds since 1970 do not reach this before the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Ids of the custom fields to read."""

    severity: tuple[str, ...] = ()
    """In order: the first that an incident has filled decides."""
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """What Jira calls the severity fields."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything to ask for, and nothing about people but whether somebody is assigned."""
        plain = (
            *("summary", "status", "resolution", "resolutiondate", "created", "updated"),
            *("assignee", "components", "labels", "issuelinks", "priority"),
            *("description", "environment"),
        )
        return tuple(dict.fromkeys((*plain, *self.severity, *self.services)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of an issue's history: the ids before and after, None where it was empty."""

    at: datetime
    field: str
    before: str | None
    after: str | None
    word: str = ""
    """What Jira calls the new value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one source needs for reading its issues."""

    source: str
    base: str
    """The address that people use, for links."""
    fields: Fields
    severities: Mapping[str, Severity]
    drill: str | None
    as_of: datetime


def parse_issues(body: Json) -> list[Json]:
    """Return the issues of a page, without looking into them."""
    issues = body["issues"]
    if not isinstance(issues, list) or not all(isinstance(issue, dict) for issue in issues):
        msg = "a list of issues was expected"
        raise TypeError(msg)
    return issues


def parse_clause(jql: str) -> str:
    """Return the JQL without its ORDER BY, in brackets, ready to be joined to another."""
    return f"({ORDER.sub(lambda match: match[1] or '', jql).strip()})"


def parse_moment(value: Any) -> datetime:
    """Read ISO 8601 with an offset, or seconds or milliseconds since 1970; returns UTC.

    The bulk changelog is documented as the first, and its example shows the second.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        msg = "a moment was expected"
        raise TypeError(msg)
    try:
        if not isinstance(value, str):
            return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS else value, UTC)
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (OverflowError, OSError) as error:
        msg = "a moment out of range"
        raise ValueError(msg) from error
    msg = "a moment without a time zone"
    raise ValueError(msg)


def parse_fields(listed: Sequence[Any], severity: str) -> Fields:
    """Find the custom fields in Jira's list. `severity` is the name or id that the settings want:
    where there is none of them, the result has no severity field at all.
    """
    names = {field["id"]: clean(field["name"], NAME_LENGTH) for field in listed}
    words = {one: parse_word(name) for one, name in names.items()}
    if severity:
        wanted = parse_word(severity)
        found = [one for one, word in words.items() if one == severity or word == wanted]
    else:
        found = [one for best in SEVERITY_FIELDS for one, word in words.items() if word == best]
        found.append("priority")
    return Fields(
        severity=tuple(found),
        services=tuple(one for one, word in words.items() if word in SERVICE_FIELDS),
        names=tuple(names.get(one, one) for one in found),
    )


def parse_changes(histories: Iterable[Any]) -> tuple[Change, ...]:
    """Read an issue's history of statuses and resolutions, oldest first."""
    changes = [
        Change(
            at=parse_moment(entry["created"]),
            field=item.get("fieldId") or item["field"],
            before=item.get("from") or None,
            after=item.get("to") or None,
            word=clean(f"{item.get('toString') or ''}", NAME_LENGTH),
        )
        for entry in histories
        for item in entry["items"]
    ]
    wanted = [change for change in changes if change.field in {"status", "resolution"}]
    return tuple(sorted(wanted, key=lambda change: change.at))


def parse_done(issues: Iterable[Json]) -> frozenset[str]:
    """Return the ids of the closed statuses among those that the issues are in."""
    statuses = [issue["fields"]["status"] for issue in issues]
    return frozenset(s["id"] for s in statuses if s["statusCategory"]["key"] == "done")


def parse_key(issue: Json) -> str:
    """Return the issue's key, such as `INC-42`: safe in an address."""
    if not KEY.fullmatch(issue["key"]):
        msg = "an issue's key was expected"
        raise ValueError(msg)
    return str(issue["key"])


def parse_handle(issue: Json) -> str:
    """Return the issue's immutable id, a number."""
    handle = str(issue["id"])
    if not (handle.isascii() and handle.isdigit()):
        msg = "an issue's id was expected"
        raise ValueError(msg)
    return handle


def parse_labels(value: Any) -> tuple[str, ...]:
    """Read a field of one or several texts or options: its words, cleaned, empty ones left out."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(word for one in value for word in parse_labels(one))
    if isinstance(value, dict):
        return parse_labels(value.get("value") or value.get("name"))
    word = clean(value if isinstance(value, str) else f"{value}", NAME_LENGTH)
    return (word,) if word else ()


def severity_word(issue: Json, fields: Fields) -> str | None:
    """Return the word in the first of the severity fields that is filled."""
    for name in fields.severity:
        words = parse_labels(issue["fields"].get(name))
        if words:
            return words[0]
    return None


def parse_incident(
    issue: Json, reading: Reading, changes: tuple[Change, ...] | None, done: frozenset[str]
) -> Incident:
    """Read one issue. `changes` is None where its history is unknown; `done` are the ids of the
    statuses known to be closed.
    """
    fields, key = issue["fields"], parse_key(issue)
    status = fields["status"]
    life = _life(status, fields.get("resolution"))
    opened = parse_moment(fields["created"])
    moved = max((c.at for c in changes or () if c.field == "status"), default=None)
    word = severity_word(issue, reading.fields)
    labels = fields.get("labels") or ()
    services = (fields.get("components"), *(fields.get(s) for s in reading.fields.services))
    return Incident(
        key=FactKey(reading.source, "incident", key),
        handle=parse_handle(issue),
        title=clean(fields.get("summary") or "", TITLE_LENGTH) or key,
        url=f"{reading.base}/browse/{key}",
        life=life,
        assigned=bool(fields["assignee"]) if "assignee" in fields else None,
        project=key.rpartition("-")[0],
        severity=parse_severity(word, reading.severities) if word else None,
        status=clean(status["name"], NAME_LENGTH),
        opened=opened,
        resolved=_resolved(life, fields.get("resolutiondate"), moved),
        reopened=None if changes is None else _reopened(changes, done),
        status_since=None if changes is None else moved or opened,
        updated=parse_moment(fields["updated"]) if fields.get("updated") else None,
        services=tuple(sorted({word for value in services for word in parse_labels(value)})),
        links=_links(fields),
        drill=bool(reading.drill)
        and parse_word(reading.drill or "") in {parse_word(label) for label in labels},
    )


def _life(status: Json, resolution: Json | None) -> Life:
    if status["statusCategory"]["key"] != "done":
        return Life.OPEN
    said = resolution["name"] if resolution else status["name"]
    return Life.DECLINED if is_declined(said) else Life.DONE


def _resolved(life: Life, said: Any, moved: datetime | None) -> datetime | None:
    if life is Life.OPEN:  # a workflow that forgets to clear the resolution keeps the old date
        return None
    return parse_moment(said) if said else moved


def _reopened(changes: tuple[Change, ...], done: frozenset[str]) -> datetime | None:
    """Return when it last lost its resolution or left a closed status for one that is not."""
    return max(
        (
            c.at
            for c in changes
            if (c.field == "resolution" and c.before and not c.after)
            or (c.field == "status" and c.before in done and c.after not in done)
        ),
        default=None,
    )


def _links(fields: Json) -> tuple[str, ...]:
    """Return the keys of linked issues and the addresses that stand in the text, of which nothing
    else is kept.
    """
    links: Iterable[Any] = fields.get("issuelinks") or ()
    ends = (link.get("outwardIssue") or link.get("inwardIssue") or {} for link in links)
    keys = (end.get("key") for end in ends)
    linked = {key for key in keys if isinstance(key, str) and KEY.fullmatch(key)}
    texts = [fields.get("description"), fields.get("environment")]
    return tuple(sorted({*linked, *find_pages(texts)}))
